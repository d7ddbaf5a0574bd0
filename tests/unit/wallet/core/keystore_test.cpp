#include "wallet/core/keystore.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "temporary_folder.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

namespace {

SecretBytes secret(std::string_view text) {
    SecretBytes made{text.size()};
    std::copy(text.begin(), text.end(), made.data());
    return made;
}

/// The lowest costs that libsodium takes, so that tests are quick.
PassphraseParameters cheap() {
    auto parameters = new_passphrase_parameters();
    parameters.operations = 1;
    parameters.memory_bytes = 8192;
    return parameters;
}

SigningKey a_key() {
    return SigningKey::from_seed(bytes_of("0123456789abcdef0123456789abcdef"));
}

std::string sealed_file() {
    return *seal_key(a_key(), "my-key", secret("correct horse"), cheap());
}

std::string with_mended_check(std::string file) {
    const auto second = file.find('\n', file.find('\n') + 1);
    const auto two_lines = file.substr(0, second + 1);
    return two_lines + to_hex(sha256(two_lines).view()) + "\n";
}

}  // namespace

TEST_CASE("a key comes back under its passphrase", "[wallet][keystore]") {
    REQUIRE(initialise_crypto());
    const auto sealed = parse_key_file(sealed_file());
    REQUIRE(sealed);
    CHECK(sealed->info.name == "my-key");
    CHECK(sealed->info.public_key == a_key().public_key());
    const auto opened = open_key(*sealed, secret("correct horse"));
    REQUIRE(opened);
    CHECK(opened->public_key() == a_key().public_key());
    CHECK(opened->sign(bytes_of("message")) == a_key().sign(bytes_of("message")));
}

TEST_CASE("a wrong passphrase is told apart from a damaged file", "[wallet][keystore]") {
    REQUIRE(initialise_crypto());
    const auto sealed = parse_key_file(sealed_file());
    REQUIRE(sealed);
    for (const auto* wrong : {"correct hors", "correct horse ", "Correct horse", "x"}) {
        const auto opened = open_key(*sealed, secret(wrong));
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == "wrong_passphrase");
        CHECK(opened.error().exit == Exit::locked);
    }
}

TEST_CASE("every flipped bit of a key's file is found before the passphrase is used",
          "[wallet][keystore]") {
    REQUIRE(initialise_crypto());
    const auto file = sealed_file();
    for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
        auto altered = file;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
        const auto parsed = parse_key_file(altered);
        INFO("bit " << bit);
        REQUIRE_FALSE(parsed);
        CHECK(
            (parsed.error().code == "key_file_damaged" || parsed.error().code == "not_a_key_file"));
    }
    for (std::size_t size = 0; size < file.size(); ++size) {
        INFO("cut to " << size);
        CHECK_FALSE(parse_key_file(file.substr(0, size)));
    }
    CHECK_FALSE(parse_key_file(file + "\n"));
}

TEST_CASE("a file altered with its check line mended does not open", "[wallet][keystore]") {
    REQUIRE(initialise_crypto());
    const auto file = sealed_file();
    SECTION("another byte of the sealed seed") {
        auto altered = file;
        const auto at = altered.find('\n') + 5;
        altered[at] = altered[at] == '0' ? '1' : '0';
        const auto parsed = parse_key_file(with_mended_check(altered));
        REQUIRE(parsed);
        CHECK(open_key(*parsed, secret("correct horse")).error().code == "wrong_passphrase");
    }
    SECTION("another name in the header") {
        auto altered = file;
        altered.replace(altered.find("my-key"), 6, "no-key");
        const auto parsed = parse_key_file(with_mended_check(altered));
        REQUIRE(parsed);
        CHECK(open_key(*parsed, secret("correct horse")).error().code == "wrong_passphrase");
    }
    SECTION("costs that would exhaust the machine") {
        auto altered = file;
        altered.replace(altered.find("8192"), 4, "9999999999999");
        const auto parsed = parse_key_file(with_mended_check(altered));
        if (parsed) CHECK_FALSE(open_key(*parsed, secret("correct horse")));
    }
}

TEST_CASE("keys are files of their owner alone and are not replaced", "[wallet][keystore]") {
    REQUIRE(initialise_crypto());
    const TemporaryFolder folder;
    const Keystore keys{folder.path / "wallet"};
    REQUIRE(keys.add("my-key", sealed_file()));
    const auto path = keys.path_of("my-key");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    REQUIRE(::stat(path.parent_path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700U);
    CHECK(keys.add("my-key", sealed_file()).error().code == "file_exists");
    CHECK(keys.names() == std::vector<std::string>{"my-key"});
    REQUIRE(keys.find("my-key"));

    for (const auto mode : {0640U, 0604U, 0666U, 0620U}) {
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        CHECK(keys.find("my-key").error().code == "file_open_to_others");
    }
}

TEST_CASE("a key under another name than its file's, or none, is refused", "[wallet][keystore]") {
    REQUIRE(initialise_crypto());
    const TemporaryFolder folder;
    const Keystore keys{folder.path};
    REQUIRE(keys.add("other", sealed_file()));
    CHECK(keys.find("other").error().code == "key_file_damaged");
    CHECK(keys.find("absent").error().code == "no_such_key");
    CHECK(keys.find("../absent").error().code == "bad_key_name");
    CHECK(seal_key(a_key(), "Bad Name", secret("passphrase"), cheap()).error().code ==
          "bad_key_name");
}
