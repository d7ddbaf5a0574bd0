#include "protocol/log_proof.hpp"

#include "unit/catch.hpp"
#include "unit/protocol/trees.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

std::vector<Hash> leaves_of(std::size_t count) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < count; ++i)
        leaves.push_back(merkle::leaf_hash("entry " + std::to_string(i)));
    return leaves;
}

}  // namespace

TEST_CASE("every leaf of every small tree proves its place, and no other", "[log_proof]") {
    for (std::size_t size = 1; size <= 17; ++size) {
        const auto leaves = leaves_of(size);
        const auto root = slow_root(leaves);
        for (std::size_t index = 0; index < size; ++index) {
            const auto path = slow_path(index, leaves);
            REQUIRE(verify_inclusion(leaves[index], index, size, path, root));
            for (std::size_t other = 0; other < size + 2; ++other)
                if (other != index)
                    REQUIRE_FALSE(verify_inclusion(leaves[index], other, size, path, root));
            auto longer = path;
            longer.push_back(root);
            CHECK_FALSE(verify_inclusion(leaves[index], index, size, longer, root));
            for (std::size_t i = 0; i < path.size(); ++i) {
                auto bent = path;
                bent[i].bytes[7] ^= 1;
                REQUIRE_FALSE(verify_inclusion(leaves[index], index, size, bent, root));
            }
            if (!path.empty()) {
                const auto shorter = std::span{path}.first(path.size() - 1);
                CHECK_FALSE(verify_inclusion(leaves[index], index, size, shorter, root));
            }
        }
        CHECK_FALSE(verify_inclusion(leaves[0], 0, 0, {}, merkle::empty_root()));
    }
}

TEST_CASE("an index at the edge of 64 bits is judged, not looped over", "[log_proof]") {
    const std::vector<Hash> path(64, Hash{});
    CHECK_FALSE(verify_inclusion(Hash{}, UINT64_MAX - 1, UINT64_MAX, path, Hash{}));
    CHECK_FALSE(verify_inclusion(Hash{}, UINT64_MAX, UINT64_MAX, path, Hash{}));
    CHECK_FALSE(verify_consistency({UINT64_MAX - 1, Hash{}}, {UINT64_MAX, Hash{}}, path));
}

TEST_CASE("a log proves to extend each of its earlier roots", "[log_proof]") {
    for (std::size_t second = 0; second <= 17; ++second) {
        const auto leaves = leaves_of(second);
        const LogHead after{second, slow_root(leaves)};
        for (std::size_t first = 0; first <= second; ++first) {
            const std::span<const Hash> start{leaves.data(), first};
            const LogHead before{first, slow_root(start)};
            const auto path = first == 0 ? std::vector<Hash>{} : slow_subproof(first, leaves, true);
            REQUIRE(verify_consistency(before, after, path));
            auto wrong = before;
            wrong.root.bytes[0] ^= 1;
            REQUIRE_FALSE(verify_consistency(wrong, after, path));
            auto longer = path;
            longer.push_back(Hash{});
            REQUIRE_FALSE(verify_consistency(before, after, longer));
            for (std::size_t i = 0; i < path.size(); ++i) {
                auto bent = path;
                bent[i].bytes[31] ^= 1;
                REQUIRE_FALSE(verify_consistency(before, after, bent));
            }
            if (first < second && first > 0) {
                CHECK_FALSE(verify_consistency(before, after, {}));
                CHECK_FALSE(verify_consistency(after, before, path));
            }
        }
    }
}

TEST_CASE("hashes of a repeated field are taken only whole and in number", "[log_proof]") {
    pb::LogItem item;
    item.add_path(std::string(32, 'a'));
    CHECK(hashes_from(item.path(), 1));
    CHECK_FALSE(hashes_from(item.path(), 0));
    item.add_path(std::string(31, 'a'));
    CHECK_FALSE(hashes_from(item.path(), 8));
}
