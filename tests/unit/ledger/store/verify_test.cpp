#include "ledger/store/verify.hpp"

#include <fstream>
#include <iterator>

#include "ledger/store/chain_store.hpp"
#include "ledger/store/record.hpp"
#include "protocol/state_proof.hpp"
#include "unit/ledger/store/store_fixture.hpp"

namespace tallystick::ledger::test {

namespace {

std::string whole_file(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(const std::filesystem::path& file, const std::string& content) {
    std::ofstream{file, std::ios::binary} << content;
}

/// Flips one bit in the middle of `content` wherever it stands in the file, also in pages that LMDB
/// no longer uses; false if it is nowhere.
bool flip_in(const std::filesystem::path& file, std::string_view content) {
    auto bytes = whole_file(file);
    bool any = false;
    for (auto at = bytes.find(content); at != std::string::npos; at = bytes.find(content, at + 1)) {
        auto& byte = bytes[at + content.size() / 2];
        byte = static_cast<char>(byte ^ 0x10);
        any = true;
    }
    write_file(file, bytes);
    return any;
}

std::size_t findings(const std::filesystem::path& folder) {
    const auto verification = verify_folder(folder, {});
    INFO((verification ? std::string{} : verification.error().what));
    REQUIRE(verification.ok());
    for (const auto& finding : verification->findings) {
        CHECK_FALSE(finding.place.empty());
        CHECK_FALSE(finding.what.empty());
    }
    return verification->findings.size();
}

}  // namespace

TEST_CASE("verify counts what it saw and is silent about a sound folder", "[store][verify]") {
    StoreFixture data;
    data.grow(4);
    data.close();
    std::uint64_t told = 0;
    VerifyOptions options;
    options.progress = [&](std::uint64_t height, std::uint64_t of) {
        told = height;
        CHECK(of == 4);
    };
    const auto verification = verify_folder(data.path(), options);
    REQUIRE(verification.ok());
    CHECK(verification->findings.empty());
    CHECK(verification->height == 4);
    CHECK(verification->entries == 8);
    CHECK(verification->leaves == 1 + 7 + 8 * 3);
    CHECK(told == 4);
}

TEST_CASE("verify says so when there is nothing, or a node has it open", "[store][verify]") {
    StoreFixture data;
    const auto in_use = verify_folder(data.path(), {});
    REQUIRE_FALSE(in_use.ok());
    CHECK(in_use.error().fault == StoreFault::in_use);
    const auto none = verify_folder(data.path() / "none", {});
    REQUIRE_FALSE(none.ok());
    CHECK(none.error().fault == StoreFault::not_found);
}

TEST_CASE("a flipped bit in each kind of record is found, and never served", "[store][verify]") {
    StoreFixture data;
    data.grow(70);
    auto snapshot = data.snapshot();
    const auto chain = data.path() / "chain" / "data.mdb";
    const auto state = data.path() / "state" / "data.mdb";
    const auto block = *snapshot->block(30);
    const auto entry = *snapshot->entry(33);
    const auto envelope = **snapshot->envelope_of_entry(33);
    const auto key = account_key("suffolk/project-9").bytes;
    const auto value = **snapshot->value(key);
    const auto id = registration(data.store().ledger_id(), "project-30")->id;
    const auto root = *Hash::from(block.app_state().log_root());
    const auto term = number_bytes(term_of_id(id));
    auto id_key = number_bytes(opened_at + day);
    id_key.append(id.text());
    std::string file;
    std::string content;
    SECTION("header") {
        content = block.header().last_commit_hash();
    }
    SECTION("commit") {
        content = block.commit().signatures(0).signature();
    }
    SECTION("app state") {
        content = root.str();
    }
    SECTION("bundle") {
        content = block.bundles(0);
    }
    SECTION("envelope in a bundle") {
        content = envelope;
    }
    SECTION("entry") {
        content = entry;
    }
    SECTION("used id") {
        content = id_key;
    }
    SECTION("term of a run") {
        content = term;
    }
    SECTION("genesis") {
        content = data.store().genesis_file().genesis();
    }
    SECTION("chain id") {
        content = store_chain_id;
    }
    SECTION("value of the state") {
        content = value;
        file = state;
    }
    SECTION("key of the state") {
        content = key;
        file = state;
    }
    if (file.empty()) file = chain;
    snapshot.reset();
    data.close();
    REQUIRE(flip_in(file, content));
    CHECK(findings(data.path()) > 0);
}

TEST_CASE("a value of the state that was altered is rebuilt at the start, not served",
          "[store][verify]") {
    StoreFixture data;
    data.grow(5);
    REQUIRE(data.store().checkpoint().ok());
    const auto key = account_key("suffolk/project-2").bytes;
    const auto value = **data.snapshot()->value(key);
    data.close();
    REQUIRE(flip_in(data.path() / "state" / "data.mdb", value));
    data.open();
    CHECK_FALSE(data.said().empty());
    CHECK(**data.snapshot()->value(key) == value);
}

TEST_CASE("an entry that was altered is reported with its place when it is read, and at a start",
          "[store][verify]") {
    StoreFixture data;
    data.grow(5);
    REQUIRE(data.store().checkpoint().ok());
    const auto entry = *data.snapshot()->entry(3);
    REQUIRE(flip_in(data.path() / "chain" / "data.mdb", entry));
    const auto read = data.snapshot()->entry(3);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().fault == StoreFault::damaged);
    CHECK(read.error().what.find("chain/entries") != std::string::npos);
    CHECK(data.snapshot()->entry(2).ok());
    // A start reads the ids that can still be taken against their entries: a hidden one would let
    // its envelope take effect twice.
    data.close();
    const auto opened = Store::open(data.path(), {});
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().what.find("chain/entries") != std::string::npos);
}

}  // namespace tallystick::ledger::test
