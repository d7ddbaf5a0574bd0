#include <filesystem>

#include "node/config/load.hpp"
#include "node/config/settings.hpp"
#include "unit/catch.hpp"

using namespace tallystick::node;

TEST_CASE("the example configuration shows every setting with its default", "[config]") {
    // Tests run somewhere under the repository: its example is found upwards.
    auto root = std::filesystem::current_path();
    while (!std::filesystem::exists(root / "config" / "tallyd.toml") && root.has_relative_path())
        root = root.parent_path();
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
