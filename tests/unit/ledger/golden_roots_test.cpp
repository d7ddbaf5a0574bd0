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
          "0976e53871bfc41a8d1f0a46b51d3ac7db40211389871cd22f4c21c002b6eb60");
    story.award(builders, "award",
                {commitment(food_bank, laptop, 20), commitment(youth_club, bid_writer, 3)});
    story.wait_until(issued_at);
    REQUIRE(story.does(builders, transfer_awarded("award", 0, 15, food_bank)) == "done");
    REQUIRE(story.does(food_bank, transfer(5'000, youth_club)) == "done");
    story.wait_until(passes_on_at);
    CHECK(root_of({story.state().leaves().begin(), story.state().leaves().end()}) ==
          "eb5bf0efba8ac6d508ad9dea8db6313d9d78c5fe20186d8411e1beafe9e5fbf1");
    story.wait_until(settling_ends);
    CHECK(root_of({story.state().leaves().begin(), story.state().leaves().end()}) ==
          "9d9cf0a7158108d8d00bd442c67bafa1d3396a575d3c8c880fbf4fc5dba57d26");
}

TEST_CASE("a chain from its genesis has the roots that are kept", "[ledger][golden]") {
    StoreFixture data;
    const auto roots = [&] {
        const auto& app = data.store().app_state();
        return to_hex(bytes_of(app.state_root())) + " " + to_hex(bytes_of(app.log_root())) + " " +
               std::to_string(app.log_size());
    };
    CHECK(roots() ==
          "0ca35163af8b6d3d542fcc290adebfc373186e571b326e31b6c62eef39d1f29c "
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0");
    data.grow(3);
    CHECK(roots() ==
          "f2e4fa343a93d9b4ff7530ca30fb73f3580535c605d3c9176055b2e04dc476cc "
          "59e3d047b28782d26924950b717087198e65b06667953215b34b2a6419dca216 6");
}

}  // namespace tallystick::ledger::test
