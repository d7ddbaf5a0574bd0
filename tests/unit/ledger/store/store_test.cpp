#include "ledger/store/store.hpp"

#include <algorithm>
#include <fstream>

#include "ledger/store/verify.hpp"
#include "protocol/log_proof.hpp"
#include "protocol/merkle.hpp"
#include "protocol/state_proof.hpp"
#include "unit/ledger/store/store_fixture.hpp"

namespace tallystick::ledger::test {

namespace {

std::string app_bytes(const Store& store) {
    return store.app_state().SerializeAsString();
}

/// Nothing to report, or what was found first.
std::string verified(const std::filesystem::path& folder) {
    const auto verification = verify_folder(folder, {});
    if (!verification) return verification.error().what;
    if (verification->findings.empty()) return "sound";
    return verification->findings[0].place + ": " + verification->findings[0].what;
}

}  // namespace

TEST_CASE("a new folder holds the genesis; a second ledger cannot be made in it", "[store]") {
    StoreFixture data;
    CHECK(data.store().height() == 0);
    CHECK(data.store().chain_id() == store_chain_id);
    CHECK(data.store().genesis().authorities_size() == 1);
    CHECK_FALSE(data.store().signing_barred());
    const auto again = Store::create(data.path(), store_genesis(), store_chain_id);
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().fault == StoreFault::exists);
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE("a folder that is not there, of another ledger or in use is said to be so", "[store]") {
    StoreFixture data;
    const auto in_use = Store::open(data.path(), {});
    REQUIRE_FALSE(in_use.ok());
    CHECK(in_use.error().fault == StoreFault::in_use);
    data.close();
    const auto missing = Store::open(data.path() / "none", {});
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().fault == StoreFault::not_found);
    const auto other = Store::open(data.path(), {}, test_ledger());
    REQUIRE_FALSE(other.ok());
    CHECK(other.error().fault == StoreFault::other_ledger);
}

TEST_CASE("what was committed is there after a restart, with the same roots", "[store]") {
    StoreFixture data;
    data.grow(5);
    const auto before = app_bytes(data.store());
    data.open();
    CHECK(data.said().empty());
    CHECK(data.store().height() == 5);
    CHECK(app_bytes(data.store()) == before);
    CHECK(data.store().sign_state() == SignState{5, 0, 3});
    data.grow(1);
    CHECK(data.engine().last_result().entries.size() == 2);

    // The same envelope again, after a restart and in a later block.
    data.open();
    const auto again = registration(data.store().ledger_id(), "project-2");
    REQUIRE(data.engine().block({again}).ok());
    CHECK(data.engine().last_result().envelopes[0].skip == Skip::id_used);
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE("a death between the steps of a block leaves a block boundary", "[store]") {
    StoreFixture data;
    data.grow(3);
    const auto before = app_bytes(data.store());
    const auto next = registration(data.store().ledger_id(), "next");
    SECTION("before it is appended: it never was") {
        REQUIRE(data.engine().block({next}, TestEngine::Until::advanced).ok());
        data.open();
        CHECK(data.store().height() == 3);
        CHECK(app_bytes(data.store()) == before);
        REQUIRE(data.engine().block({next}).ok());
        CHECK(data.engine().last_result().envelopes[0].entry == 0);
    }
    SECTION("after it is appended, before the state has it: the state catches up") {
        REQUIRE(data.engine().block({next}, TestEngine::Until::appended).ok());
        const auto after = app_bytes(data.store());
        data.open();
        CHECK(data.store().height() == 4);
        CHECK(app_bytes(data.store()) == after);
        CHECK(data.store().sign_state().height == 4);
        REQUIRE(data.engine().block({next}).ok());
        CHECK(data.engine().last_result().envelopes[0].skip == Skip::id_used);
    }
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE("a state is trusted with this boot's marker or none, and rebuilt with another's",
          "[store]") {
    StoreFixture data;
    data.grow(4);
    const auto before = app_bytes(data.store());
    const auto marker = data.path() / "state.marker";
    CHECK(std::filesystem::exists(marker));
    SECTION("this boot and file: sound") {
        data.open();
        CHECK(data.said().empty());
    }
    SECTION("after a checkpoint there is none: sound") {
        REQUIRE(data.store().checkpoint().ok());
        CHECK_FALSE(std::filesystem::exists(marker));
        data.open();
        CHECK(data.said().empty());
    }
    SECTION("of another boot: rebuilt") {
        data.close();
        std::ofstream{marker} << "boot 0\ndevice 1\ninode 2\n";
        data.open();
        CHECK_FALSE(data.said().empty());
    }
    SECTION("a copied file: rebuilt") {
        data.close();
        const auto file = data.path() / "state" / "data.mdb";
        std::filesystem::copy_file(file, data.path() / "copy");
        std::filesystem::remove(file);
        std::filesystem::rename(data.path() / "copy", file);
        data.open();
        CHECK_FALSE(data.said().empty());
    }
    SECTION("no state at all: rebuilt") {
        data.close();
        std::filesystem::remove_all(data.path() / "state");
        data.open();
        CHECK_FALSE(data.said().empty());
    }
    CHECK(data.store().height() == 4);
    CHECK(app_bytes(data.store()) == before);
    data.grow(1);
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE("a state that is ahead of the chain is thrown away", "[store]") {
    StoreFixture data;
    data.grow(2);
    REQUIRE(data.store().checkpoint().ok());
    data.close();
    std::filesystem::copy(data.path() / "chain", data.path() / "chain-before");
    data.open();
    const auto before = app_bytes(data.store());
    data.grow(2);
    REQUIRE(data.store().checkpoint().ok());
    data.close();
    std::filesystem::remove_all(data.path() / "chain");
    std::filesystem::rename(data.path() / "chain-before", data.path() / "chain");
    data.open();
    CHECK_FALSE(data.said().empty());
    CHECK(data.store().height() == 2);
    CHECK(app_bytes(data.store()) == before);
}

TEST_CASE("the state is rebuilt from the newest copy that is sound, else from the genesis",
          "[store]") {
    StoreOptions options;
    options.copy_blocks = 2;
    StoreFixture data{options};
    for (int i = 0; i < 4; ++i) {
        data.grow(2);
        CHECK(data.store().copy_is_due());
        REQUIRE(data.store().copy_state().ok());
        CHECK_FALSE(data.store().copy_is_due());
    }
    data.grow(1);
    const auto before = app_bytes(data.store());
    std::vector<std::filesystem::path> copies;
    for (const auto& file : std::filesystem::directory_iterator(data.path() / "copies"))
        copies.push_back(file.path());
    std::ranges::sort(copies);
    REQUIRE(copies.size() == 2);
    data.close();
    std::filesystem::remove_all(data.path() / "state");
    SECTION("the newest") {
        data.open();
        CHECK(data.said().size() == 2);
    }
    SECTION("the older one") {
        std::filesystem::resize_file(copies[1], 100);
        data.open();
        CHECK(data.said().size() >= 3);
    }
    SECTION("the genesis") {
        std::filesystem::remove_all(data.path() / "copies");
        data.open();
        CHECK(data.said().size() == 2);
    }
    CHECK(data.store().height() == 9);
    CHECK(app_bytes(data.store()) == before);
}

TEST_CASE("a snapshot reads state, chain and log, each with its proof", "[store]") {
    StoreFixture data;
    data.grow(70);
    const auto snapshot = data.snapshot();
    CHECK(snapshot->state_height() == 70);
    CHECK(snapshot->chain_height() == 70);
    CHECK(snapshot->log_size() == 140);
    const auto app = *snapshot->app_state(70);

    for (const auto* handle : {"suffolk/project-7", "suffolk/nobody"}) {
        const auto item = snapshot->prove(account_key(handle).bytes);
        REQUIRE(item.ok());
        CHECK(item->present() == (std::string_view{handle} != "suffolk/nobody"));
        CHECK(verify_state_proof(*Hash::from(app.state_root()), *item).ok());
    }
    CHECK(snapshot->state().get(account_key("suffolk/project-7")) != nullptr);
    CHECK_FALSE(snapshot->damage());

    const auto envelope = registration(data.store().ledger_id(), "project-31");
    const auto index = snapshot->find_entry(envelope->id);
    REQUIRE(index.ok());
    REQUIRE(index->has_value());
    CHECK(**index == 60);
    CHECK(*snapshot->find_entry(envelope->id, envelope->body.valid_until()) == *index);
    CHECK(*snapshot->envelope_of_entry(**index) == envelope->bytes);
    CHECK_FALSE(snapshot->find_entry(EnvelopeId{})->has_value());
    const auto item = snapshot->prove_entry(**index, 140);
    REQUIRE(item.ok());
    const auto path = hashes_from(item->path(), 64);
    CHECK(verify_inclusion(merkle::leaf_hash(item->entry()), 60, 140, *path,
                           *Hash::from(app.log_root())));
    const auto older = *snapshot->app_state(40);
    const auto extension = snapshot->prove_consistency(older.log_size(), app.log_size());
    REQUIRE(extension.ok());
    CHECK(verify_consistency({older.log_size(), *Hash::from(older.log_root())},
                             {app.log_size(), *Hash::from(app.log_root())}, *extension));

    const auto mine = snapshot->entries_of_account(suffolk, 140, 1000);
    REQUIRE(mine.ok());
    CHECK(mine->size() == 140);
    CHECK(std::ranges::is_sorted(*mine, std::ranges::greater{}));
    CHECK(snapshot->entries_of_account(suffolk, 100, 3)->front() == 99);
    CHECK(snapshot->entries_of_account("suffolk/nobody", 140, 10)->empty());
    CHECK(snapshot->block(70)->entries_size() == 2);

    std::size_t accounts = 0;
    const auto walked = snapshot->for_each_leaf(prefix_of(Kind::account), {}, [&](auto, auto) {
        ++accounts;
        return true;
    });
    CHECK(walked.ok());
    CHECK(accounts == 141);
}

TEST_CASE("runs are merged when enough have gathered, and nothing is lost", "[store]") {
    StoreFixture data;
    const auto first = registration(data.store().ledger_id(), "first");
    REQUIRE(data.engine().block({first}).ok());
    for (int i = 0; i < 600; ++i) {
        // A refused registration a block: small entries, many runs.
        const auto again = registration(data.store().ledger_id(), "first",
                                        opened_at + day + 1 + static_cast<std::uint64_t>(i));
        REQUIRE(data.engine().block({again}).ok());
    }
    CHECK(data.snapshot()->entries_of_account(suffolk, 601, 1000)->size() == 601);
    CHECK(**data.snapshot()->find_entry(first->id) == 0);
    data.open();
    data.grow(1);
    CHECK(data.snapshot()->entries_of_account(suffolk, 603, 1000)->size() == 603);
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE("an older moment is read while the writer goes on", "[store]") {
    StoreFixture data;
    data.grow(3);
    const auto old = data.snapshot();
    const auto root = old->tree().root();
    data.grow(20);
    CHECK(old->state_height() == 3);
    CHECK(old->tree().root() == root);
    CHECK(old->state().get(account_key("suffolk/project-3")) != nullptr);
    CHECK(old->state().get(account_key("suffolk/project-4")) == nullptr);
    CHECK_FALSE(old->damage());
    const auto item = old->prove(account_key("suffolk/project-4").bytes);
    CHECK(verify_state_proof(root, *item).ok());
}

TEST_CASE("a backup opens elsewhere, barred from signing until its height is confirmed",
          "[store]") {
    StoreFixture data;
    data.grow(3);
    const auto target = data.path().parent_path() / "backup";
    REQUIRE(data.store().backup_to(target).ok());
    const auto again = data.store().backup_to(target);
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().fault == StoreFault::exists);
    CHECK(verified(target) == "sound");
    auto opened = Store::open(target, {});
    REQUIRE(opened.ok());
    auto& copy = **opened;
    CHECK(copy.height() == 3);
    CHECK(app_bytes(copy) == app_bytes(data.store()));
    CHECK(copy.signing_barred());
    CHECK_FALSE(*copy.confirm_highest_height(4));
    CHECK(copy.signing_barred());
    CHECK(*copy.confirm_highest_height(3));
    CHECK_FALSE(copy.signing_barred());
}

TEST_CASE("a store whose map is full refuses writes, goes on reading and loses nothing",
          "[store]") {
    StoreOptions options;
    options.chain_map_bytes = 300'000;
    StoreFixture data{options};
    StoreResult<void> last;
    std::uint64_t committed = 0;
    for (int i = 0; i < 400 && last; ++i) {
        last = data.engine().block(
            {registration(data.store().ledger_id(), "full-" + std::to_string(i))});
        if (last) committed = data.store().height();
    }
    REQUIRE_FALSE(last.ok());
    CHECK(last.error().fault == StoreFault::out_of_space);
    const auto after = data.engine().block({});
    REQUIRE_FALSE(after.ok());
    CHECK(after.error().fault == StoreFault::read_only);
    data.open();
    CHECK(data.store().height() == committed);
    // It grew with the start.
    data.grow(1);
    data.close();
    CHECK(verified(data.path()) == "sound");
}

}  // namespace tallystick::ledger::test
