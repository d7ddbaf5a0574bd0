#include "ledger/store/state_store.hpp"

#include <fstream>
#include <stdexcept>

#include "ledger/store/verify.hpp"
#include "protocol/canonical.hpp"
#include "protocol/keys.hpp"
#include "unit/ledger/store/store_fixture.hpp"

namespace tallystick::ledger::test {

TEST_CASE("a state that is being made is not sound until a checkpoint or this boot's marker",
          "[store]") {
    StoreFixture data;
    data.grow(2);
    REQUIRE(data.store().checkpoint().ok());
    data.close();
    CHECK(StateStore::is_sound(data.path()));

    StateStore::begin_anew(data.path());
    CHECK_FALSE(std::filesystem::exists(data.path() / "state"));
    {
        // Its tables are there, but nothing of them is durable: as a power cut finds it.
        StateStore state{data.path(), 1 << 20, false};
        CHECK_FALSE(StateStore::is_sound(data.path()));
        state.apply({}, 0, LedgerId{});
        CHECK(StateStore::is_sound(data.path()));  // this boot's kernel holds its pages
        state.checkpoint();
        CHECK(StateStore::is_sound(data.path()));
        CHECK_FALSE(std::filesystem::exists(data.path() / "state.marker"));
    }
    data.open();
    CHECK_FALSE(data.said().empty());  // of another ledger: rebuilt
    CHECK(data.store().height() == 2);
}

TEST_CASE("a height or owner of the state that does not fit its check is not believed", "[store]") {
    StoreFixture data;
    data.grow(2);
    REQUIRE(data.store().checkpoint().ok());
    const auto ledger_id = data.store().ledger_id();
    data.close();
    const auto* const name = GENERATE("height", "ledger_id");
    {
        Lmdb environment{data.path() / "state", "state", {1 << 20, true, false}};
        const auto table = environment.table("meta");
        auto write = environment.write();
        std::string record{*write.get(table, name)};
        record[7] = static_cast<char>(record[7] ^ 1);
        write.put(table, name, record);
        write.commit();
    }
    CHECK_FALSE(StateStore(data.path(), 1 << 20, true).height(ledger_id).has_value());
    const auto verification = verify_folder(data.path(), {});
    REQUIRE(verification.ok());
    REQUIRE(verification->findings.size() == 1);
    CHECK(verification->findings[0].place == "state/meta");
    data.open();
    CHECK_FALSE(data.said().empty());
    CHECK(data.store().height() == 2);
}

TEST_CASE("a state that ended the process which read it is not read again", "[store]") {
    StoreFixture data;
    data.grow(2);
    REQUIRE(data.store().checkpoint().ok());
    data.close();
    StoreOptions options;
    options.progress = [](std::string_view what) { throw std::runtime_error{std::string{what}}; };
    {
        // Dies after it has begun to read: here, because a leaf is not what the chain says.
        Lmdb environment{data.path() / "state", "state", {1 << 20, true, false}};
        const auto table = environment.table("leaves");
        auto write = environment.write();
        write.put(table, "\x01 no such leaf", "x");
        write.commit();
    }
    CHECK_THROWS(Store::open(data.path(), options));
    CHECK_FALSE(StateStore::is_sound(data.path()));
    data.open();
    CHECK(data.store().height() == 2);
    data.open();
    CHECK(data.said().empty());
}

TEST_CASE("a state with deadlines that does not fit is closed before another takes its place",
          "[store]") {
    StoreFixture data;
    data.grow(2);
    REQUIRE(data.store().checkpoint().ok());
    data.close();
    {
        // Looked up for its deadline, so that the writer's view holds a version open.
        pb::AwardRecord award;
        award.set_status(pb::AWARD_STATUS_STANDSTILL);
        award.set_standstill_ends(opened_at + day);
        Lmdb environment{data.path() / "state", "state", {1 << 20, true, false}};
        const auto table = environment.table("leaves");
        auto write = environment.write();
        write.put(table, award_key(std::string(32, 'a')).bytes, canonical_bytes(award));
        write.commit();
    }
    data.open();
    CHECK_FALSE(data.said().empty());
    CHECK(data.store().height() == 2);
    CHECK(data.store().due().size() == 0);
}

TEST_CASE("no rule sees a state that the chain does not vouch for", "[store]") {
    StoreFixture data;
    data.grow(2);
    REQUIRE(data.store().checkpoint().ok());
    data.close();
    {
        // Looked up for its deadline: no rule ever leaves an awarded line without its award.
        pb::AwardedLine line;
        line.set_pass_on_at(opened_at + day);
        line.mutable_line()->set_quantity(3);
        Lmdb environment{data.path() / "state", "state", {1 << 20, true, false}};
        const auto table = environment.table("leaves");
        auto write = environment.write();
        write.put(table, awarded_line_key(std::string(32, 'a'), 0).bytes, canonical_bytes(line));
        write.commit();
    }
    data.open();
    CHECK_FALSE(data.said().empty());
    CHECK(data.store().height() == 2);
}

TEST_CASE("a state that proved damaged when it was read is rebuilt at the next start", "[store]") {
    StoreFixture data;
    data.grow(2);
    {
        // Under the reader's feet, so that what it reads is not what the tree says.
        const auto key = account_key(suffolk).bytes;
        Lmdb environment{data.path() / "state", "state", {1 << 20, true, false}};
        const auto table = environment.table("leaves");
        auto write = environment.write();
        write.put(table, key, "x");
        write.commit();
        const auto snapshot = data.snapshot();
        CHECK_FALSE(snapshot->value(key).ok());
    }
    // Not even a checkpoint makes it sound again.
    REQUIRE(data.store().checkpoint().ok());
    data.close();
    CHECK_FALSE(StateStore::is_sound(data.path()));
    data.open();
    CHECK_FALSE(data.said().empty());
    CHECK(data.snapshot()->value(account_key(suffolk).bytes).ok());
}

TEST_CASE("a state that will be rebuilt anyway is no finding", "[store]") {
    StoreFixture data;
    data.grow(2);
    data.close();
    std::ofstream{data.path() / "state.marker"} << "boot 0\ndevice 1\ninode 2\n";
    std::filesystem::resize_file(data.path() / "state" / "data.mdb", 12288);
    const auto verification = verify_folder(data.path(), {});
    REQUIRE(verification.ok());
    CHECK(verification->findings.empty());
    CHECK(verification->height == 2);
}

TEST_CASE("a damaged record of the chain is found at its place", "[store]") {
    StoreFixture data;
    data.grow(2);
    data.close();
    {
        Lmdb environment{data.path() / "chain", "chain", {1 << 20, true, false}};
        const auto table = environment.table("entries");
        auto write = environment.write();
        const std::string key(8, '\0');
        std::string record{*write.get(table, key)};
        record.back() = static_cast<char>(record.back() ^ 1);
        write.put(table, key, record);
        write.commit();
    }
    const auto verification = verify_folder(data.path(), {});
    REQUIRE(verification.ok());
    REQUIRE(verification->findings.size() == 1);
    CHECK(verification->findings[0].place == "chain/entries key 0000000000000000");
}

}  // namespace tallystick::ledger::test
