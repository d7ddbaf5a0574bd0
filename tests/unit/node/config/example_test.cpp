#include <fstream>
#include <iterator>

#include "node/config/load.hpp"
#include "node/config/settings.hpp"
#include "unit/catch.hpp"

using namespace tallystick::node;

TEST_CASE("the example configuration shows every setting with its default", "[config]") {
    // This file is tests/unit/node/config/example_test.cpp of the repository.
    const auto root = std::filesystem::path{__FILE__}.parent_path() / "../../../..";
    const auto example = root / "config" / "tallyd.toml";
    const auto loaded = load_config({example, {}, {}});
    REQUIRE(loaded);
    const Config built_in;
    for (const auto& setting : settings()) {
        INFO(setting.key);
        CHECK(loaded->sources.find(setting.key)->second == ConfigSource::file);
        CHECK(value_text(setting, loaded->config) == value_text(setting, built_in));
    }
}
