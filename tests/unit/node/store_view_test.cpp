#include "node/store_view.hpp"

#include "ledger/store/lmdb.hpp"
#include "unit/catch.hpp"
#include "unit/ledger/store/store_fixture.hpp"

namespace tallystick::node::test {

TEST_CASE("a snapshot that met a damaged record says so, so that no answer leaves it out",
          "[node][store]") {
    ledger::test::StoreFixture data;
    data.grow(2);
    data.close();
    {
        ledger::Lmdb environment{data.path() / "chain", "chain", {1 << 20, true, false}};
        const auto table = environment.table("bundles");
        auto write = environment.write();
        std::pair<std::string, std::string> first;
        write.ascend(table, {}, [&](auto key, auto record) {
            first = std::pair{std::string{key}, std::string{record}};
            return false;
        });
        first.second[9] = static_cast<char>(first.second[9] ^ 1);
        write.put(table, first.first, first.second);
        write.commit();
    }
    data.open();
    const auto snapshot = make_snapshot(data.snapshot(), 0, [](const ledger::StoreError& error) {
        return error.fault == ledger::StoreFault::damaged ? ReadError::damaged
                                                          : ReadError::unavailable;
    });
    CHECK(snapshot->entry(0).ok());
    CHECK(snapshot->envelope(2).ok());
    CHECK_FALSE(snapshot->is_damaged());
    const auto damaged = snapshot->envelope(0);
    REQUIRE_FALSE(damaged.ok());
    CHECK(damaged.error() == ReadError::damaged);
    CHECK(snapshot->is_damaged());
}

}  // namespace tallystick::node::test
