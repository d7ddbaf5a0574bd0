#include <string>

#include "unit/ledger/blocks.hpp"
#include "unit/ledger/store/store_fixture.hpp"
#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {

namespace {

std::string root_of(const Changes& leaves) {
    BlockResult result;
    result.changes = leaves;
    StateTree tree;
    tree.update(tree_changes(encode_block(std::move(result), {})));
    return to_hex(tree.root().view());
}

}  // namespace

// These roots are kept: whichever compiler, build and order of writes, a ledger that executes the
// same blocks has them. A change of them is a change of consensus and calls for a new rule set.
TEST_CASE("a state that the rules made has the root that is kept", "[ledger][golden]") {
    Story story;
    CHECK(root_of({story.state().leaves().begin(), story.state().leaves().end()}) ==
          "ff5860dd2b983eec66923a8ab8c460c8ec54efb82cfec253ce8ec7f98ea0596e");
    story.award(builders, "award",
                {commitment(food_bank, laptop, 20), commitment(youth_club, bid_writer, 3)});
    story.wait_until(issued_at);
    REQUIRE(story.does(builders, transfer_awarded("award", 0, 15, food_bank)) == "done");
    REQUIRE(story.does(food_bank, transfer(5'000, youth_club)) == "done");
    story.wait_until(passes_on_at);
    CHECK(root_of({story.state().leaves().begin(), story.state().leaves().end()}) ==
          "91c91c85ee8d16d8ead78383045ecba2ec9895bbdeb9a5419494231ff9dfe50e");
    story.wait_until(settling_ends);
    CHECK(root_of({story.state().leaves().begin(), story.state().leaves().end()}) ==
          "7ac5a74c90c7759d1b563e563c57f162ed46f3889d494ecc085c9950ff6a0096");
}

TEST_CASE("a chain from its genesis has the roots that are kept", "[ledger][golden]") {
    StoreFixture data;
    const auto roots = [&] {
        const auto& app = data.store().app_state();
        return to_hex(bytes_of(app.state_root())) + " " + to_hex(bytes_of(app.log_root())) + " " +
               std::to_string(app.log_size());
    };
    CHECK(roots() ==
          "8788a2b4f9b823c9c0ba11e15f5a3dd4b5e180a3429e7f0a94c024ecefc7dfda "
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0");
    data.grow(3);
    CHECK(roots() ==
          "26af3d043b29a616e10e60a46f2f51839e0e693d439da8d59e7dfc133353a8db "
          "e5a4017102a28415875370c6e79e6053b34e959351029b95e5ff8c7d7e05943c 6");
}

}  // namespace tallystick::ledger::test
