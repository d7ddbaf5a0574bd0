#include "ledger/store/used_ids.hpp"

#include "unit/ledger/store/store_fixture.hpp"

namespace tallystick::ledger::test {

TEST_CASE("a used id that is missing from its index stops the start: it could be used again",
          "[store]") {
    StoreFixture data;
    data.grow(2);
    data.close();
    {
        Lmdb environment{data.path() / "chain", "chain", {1 << 20, true, false}};
        const auto table = environment.table("ids");
        auto write = environment.write();
        std::string first;
        write.ascend(table, {}, [&](auto key, auto) {
            first = key;
            return false;
        });
        write.erase(table, first);
        write.commit();
    }
    const auto opened = Store::open(data.path(), {});
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().fault == StoreFault::damaged);
    CHECK(opened.error().what.find("chain/ids ") == 0);
}

}  // namespace tallystick::ledger::test
