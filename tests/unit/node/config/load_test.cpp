#include "node/config/load.hpp"

#include <fstream>

#include "node/config/settings.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::node;

namespace {

/// A file in a folder of its own that goes with the test.
class ConfigFile {
  public:
    explicit ConfigFile(const std::string& text) {
        std::string pattern = (std::filesystem::temp_directory_path() / "tallyd-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        std::ofstream{path()} << text;
    }
    ~ConfigFile() { std::filesystem::remove_all(folder_); }
    ConfigFile(const ConfigFile&) = delete;
    ConfigFile& operator=(const ConfigFile&) = delete;

    [[nodiscard]] std::filesystem::path path() const { return folder_ / "tallyd.toml"; }

  private:
    std::filesystem::path folder_;
};

std::string only_error(const ConfigInput& input) {
    const auto loaded = load_config(input);
    REQUIRE_FALSE(loaded);
    REQUIRE(loaded.error().size() == 1);
    return loaded.error().front().sentence;
}

std::string only_error_of(const std::string& text) {
    const ConfigFile file{text};
    const auto sentence = only_error({file.path(), {}, {}});
    REQUIRE(sentence.starts_with(file.path().string()));
    return sentence.substr(file.path().string().size());
}

}  // namespace

TEST_CASE("a flag is stronger than the environment, which is stronger than the file", "[config]") {
    const ConfigFile file{"[api]\nthreads = 3\nidle_seconds_max = 7\nrequests_burst = 9\n"};
    const auto loaded =
        load_config({file.path(),
                     {{"TALLYD_API_THREADS", "4"}, {"TALLYD_API_IDLE_SECONDS_MAX", "8"}},
                     {{"api.threads", "5"}}});
    REQUIRE(loaded);
    CHECK(loaded->config.api.threads == 5);
    CHECK(loaded->config.api.idle_seconds_max == 8);
    CHECK(loaded->config.api.requests_burst == 9);
    CHECK(loaded->config.ops.listen == "127.0.0.1:7711");
    CHECK(loaded->sources.at("api.threads") == ConfigSource::flag);
    CHECK(loaded->sources.at("api.idle_seconds_max") == ConfigSource::environment);
    CHECK(loaded->sources.at("api.requests_burst") == ConfigSource::file);
    CHECK(loaded->sources.at("ops.listen") == ConfigSource::built_in);
}

TEST_CASE("an unknown key is an error that names key, line and the nearest known key", "[config]") {
    CHECK(only_error_of("[api]\n\nlisten_on = \"127.0.0.1:1\"\n") ==
          ":3: there is no setting \"api.listen_on\"; did you mean \"api.listen\"?");
    CHECK(only_error_of("[zzzzzzzzzzzzzzzzzzzzzzzzzz]\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq = 1\n") ==
          ":2: there is no setting "
          "\"zzzzzzzzzzzzzzzzzzzzzzzzzz.qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\"");
    CHECK(only_error({std::nullopt, {{"TALLYD_API_LISTENS", "x"}}, {}}) ==
          "environment: TALLYD_API_LISTENS sets nothing (did you mean TALLYD_API_LISTEN?); unset "
          "it or correct its name");
    CHECK(only_error({std::nullopt, {}, {{"api.listn", "x"}}}) ==
          "flags: there is no setting \"api.listn\"; did you mean \"api.listen\"?");
}

TEST_CASE("a value of the wrong kind or out of bounds says what it must be", "[config]") {
    CHECK(only_error_of("[api]\nthreads = 0\n") ==
          ":2: api.threads must be a whole number from 1 to 64, not 0");
    CHECK(only_error_of("[api]\nthreads = \"2\"\n") ==
          ":2: api.threads must be a whole number from 1 to 64");
    CHECK(only_error_of("[api]\nthreads = -1\n") ==
          ":2: api.threads must be a whole number from 1 to 64");
    CHECK(only_error_of("data = 1\n") == ":1: data must be a text in quotation marks");
    CHECK(only_error_of("data = 1.5\n") ==
          ":1: data must be a text, a whole number or a list of texts");
    CHECK(only_error_of("[log]\nlevel = \"loud\"\n") ==
          ":2: log.level must be one of \"debug\", \"info\", \"warning\", \"error\", not \"loud\"");
    CHECK(only_error_of("[api]\nlisten = \"localhost:1\"\n") ==
          ":2: api.listen must be an IP address and a port, such as \"127.0.0.1:7710\" or "
          "\"[::1]:7710\", not \"localhost:1\"");
    CHECK(only_error_of("[ops]\nlisten = \"0.0.0.0:7711\"\n") ==
          ":2: ops.listen must be a loopback address and a port, such as \"127.0.0.1:7711\", not "
          "\"0.0.0.0:7711\"");
    CHECK(only_error_of("[api]\ntrusted_proxies = [\"proxy\"]\n") ==
          ":2: api.trusted_proxies must be a list of IP addresses, not \"proxy\"");
    CHECK(only_error_of("[api]\ntrusted_proxies = \"127.0.0.1\"\n") ==
          ":2: api.trusted_proxies must be a list of texts, such as [\"127.0.0.1\"]");
    CHECK(only_error({std::nullopt, {{"TALLYD_API_THREADS", "2x"}}, {}}) ==
          "environment: TALLYD_API_THREADS must be a whole number from 1 to 64");
}

TEST_CASE("a file that is no TOML, or not there, is an error that names it", "[config]") {
    CHECK(only_error_of("[api\n").starts_with(":1: this is not TOML: "));
    const auto sentence = only_error({"/nowhere/tallyd.toml", {}, {}});
    CHECK(sentence.find("/nowhere/tallyd.toml") != std::string::npos);
}

TEST_CASE("every error of a configuration is told at once", "[config]") {
    const ConfigFile file{"[api]\nthreads = 0\nlissten = 1\n"};
    const auto loaded = load_config({file.path(), {{"TALLYD_X", ""}}, {{"y", ""}}});
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().size() == 4);
}

TEST_CASE("the environment can name the file", "[config]") {
    const ConfigFile file{"[api]\nthreads = 3\n"};
    const auto loaded = load_config({std::nullopt, {{"TALLYD_CONFIG", file.path().string()}}, {}});
    REQUIRE(loaded);
    CHECK(loaded->config.api.threads == 3);
    CHECK(loaded->file == file.path());
}

TEST_CASE("the effective configuration reads back to itself", "[config]") {
    const auto loaded =
        load_config({std::nullopt,
                     {{"TALLYD_API_TRUSTED_PROXIES", "127.0.0.1,::1"}, {"TALLYD_DATA", "a\"b\\c"}},
                     {{"api.threads", "7"}}});
    REQUIRE(loaded);
    const auto text = effective_config(*loaded);
    CHECK(text.find("threads = 7  # flag\n") != std::string::npos);
    CHECK(text.find("trusted_proxies = [\"127.0.0.1\", \"::1\"]  # environment, "
                    "TALLYD_API_TRUSTED_PROXIES\n") != std::string::npos);
    CHECK(text.find("listen = \"127.0.0.1:7711\"  # default\n") != std::string::npos);

    const ConfigFile file{text};
    const auto again = load_config({file.path(), {}, {}});
    REQUIRE(again);
    for (const auto& setting : settings())
        CHECK(value_text(setting, again->config) == value_text(setting, loaded->config));
}

TEST_CASE("addresses to listen on are IP addresses with a port", "[config]") {
    REQUIRE(endpoint_from("127.0.0.1:0"));
    CHECK(endpoint_from("127.0.0.1:7710")->port == 7710);
    CHECK(endpoint_from("[::1]:80")->address == "::1");
    for (const auto* text : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:8x",
                             "::1:80", "[::1:80", "::1]:80", "localhost:80", "256.0.0.1:80"})
        CHECK_FALSE(endpoint_from(text));
}
