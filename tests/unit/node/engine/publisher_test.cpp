#include "node/engine/publisher.hpp"

#include "unit/catch.hpp"

using namespace tallystick::node;

TEST_CASE("the end of a segment is told as far as it has come", "[node]") {
    const auto says = [](SegmentEnd end, const char* words) {
        return segment_end_sentence(end).find(words) != std::string::npos;
    };
    // The decision is in block 9; the segment's last block, an empty one, is still to come.
    CHECK(says({10, 9, 9}, "This node is at block 9: leave it running"));
    CHECK_FALSE(says({10, 9, 9}, "tallyd handover"));
    CHECK(says({10, 10, 9}, "The signatures under block 10 are not here yet"));
    CHECK_FALSE(says({10, 10, 9}, "tallyd handover"));
    CHECK(says({10, 10, 10}, "This node has all of it"));
    CHECK(says({10, 10, 10}, "run tallyd handover"));
}
