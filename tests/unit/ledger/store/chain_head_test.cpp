#include "ledger/store/chain_head.hpp"

#include <fstream>

#include "ledger/store/verify.hpp"
#include "unit/ledger/store/store_fixture.hpp"

namespace tallystick::ledger::test {

TEST_CASE("the head of a chain says the newest height, or nothing", "[store]") {
    const ScratchFolder folder;
    ChainHead head{folder.path()};
    CHECK_FALSE(head.height().has_value());
    head.write(1);
    head.write(300);
    CHECK(head.height() == 300);
    CHECK(ChainHead{folder.path()}.height() == 300);
    {
        std::fstream file{folder.path() / "head", std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(7);
        file.put('\xff');
    }
    CHECK_FALSE(head.height().has_value());
}

TEST_CASE("a chain that ends before a block which was durable in it is not served", "[store]") {
    StoreFixture data;
    data.grow(2);
    data.close();
    // What a flipped bit in the newer meta page does: the version before is back.
    const auto file = data.path() / "chain" / "data.mdb";
    std::filesystem::copy_file(file, data.path() / "before");
    data.open();
    data.grow(1);
    data.close();
    std::filesystem::rename(data.path() / "before", file);

    const auto opened = Store::open(data.path(), {});
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().fault == StoreFault::damaged);
    CHECK(opened.error().what.find("chain/blocks height 3") == 0);
    const auto verification = verify_folder(data.path(), {});
    REQUIRE(verification.ok());
    REQUIRE(verification->findings.size() == 1);
    CHECK(verification->findings[0].place == "chain/blocks height 3");

    // Without the head, as in a backup, it is a chain like any other.
    std::filesystem::remove(data.path() / "chain" / "head");
    data.open();
    CHECK(data.store().height() == 2);
}

}  // namespace tallystick::ledger::test
