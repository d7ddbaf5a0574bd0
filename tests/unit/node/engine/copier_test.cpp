#include "node/engine/copier.hpp"

#include <algorithm>
#include <filesystem>

#include "unit/catch.hpp"
#include "unit/node/small_ledger.hpp"

namespace tallystick::node::test {
namespace {

std::size_t copies_in(const std::filesystem::path& ledger) {
    const auto folder = ledger / "copies";
    if (!std::filesystem::exists(folder)) return 0;
    return static_cast<std::size_t>(std::ranges::count_if(
        std::filesystem::directory_iterator{folder},
        [](const auto& entry) { return entry.path().extension() != ".new"; }));
}

}  // namespace

TEST_CASE("a node copies its state every so many blocks and keeps two copies", "[node][copier]") {
    SmallLedger small;
    ledger::StoreOptions options;
    options.copy_blocks = 4;
    {
        const auto node = small.open({}, options);
        REQUIRE(wait_for_height(*node, 1));
        CHECK(copies_in(small.folder()) == 0);
        // Two blocks each: the envelope's, and the one that makes it provable.
        for (int i = 0; i < 12; ++i) {
            const auto height = node->head().height;
            REQUIRE(
                submit(*node, {small.registration("group-" + std::to_string(100 + i))})[0].status ==
                AnswerStatus::done);
            REQUIRE(wait_for_height(*node, height + 2));
        }
        REQUIRE(node->shut_down(std::chrono::seconds{5}));
    }
    CHECK(copies_in(small.folder()) == 2);
}

}  // namespace tallystick::node::test
