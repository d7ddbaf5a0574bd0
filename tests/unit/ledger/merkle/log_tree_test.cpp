#include "ledger/merkle/log_tree.hpp"

#include <map>
#include <string>

#include "protocol/log_proof.hpp"
#include "protocol/merkle.hpp"
#include "unit/catch.hpp"

namespace tallystick::ledger {

namespace {

/// A log whose nodes are kept as the store keeps them.
struct Log {
    LogTree tree;
    std::vector<Hash> leaves;
    std::map<LogNodeId, Hash> nodes;

    void append(std::size_t count) {
        std::vector<Hash> added;
        for (std::size_t i = 0; i < count; ++i)
            added.push_back(merkle::leaf_hash("entry " + std::to_string(leaves.size() + i)));
        leaves.insert(leaves.end(), added.begin(), added.end());
        for (const auto& [id, hash] : tree.append(added)) nodes[id] = hash;
    }
    std::optional<Hash> read(LogNodeId id) const {
        if (id.level == 0)
            return id.index < leaves.size() ? std::optional{leaves[id.index]} : std::nullopt;
        if (id.level >= log_level_stored_min) {
            const auto found = nodes.find(id);
            return found != nodes.end() ? std::optional{found->second} : std::nullopt;
        }
        const auto left = read({id.level - 1, id.index * 2});
        const auto right = read({id.level - 1, id.index * 2 + 1});
        if (!left || !right) return std::nullopt;
        return merkle::inner_hash(*left, *right);
    }
    [[nodiscard]] LogNodeReader reader() const {
        return [this](LogNodeId id) { return read(id); };
    }
};

}  // namespace

TEST_CASE("the log's root is that of RFC 6962 at every size, and continues from its edge",
          "[ledger][merkle]") {
    Log log;
    for (std::size_t size = 0; size < 300; ++size) {
        const auto root = merkle::root_of_leaf_hashes(log.leaves);
        REQUIRE(log.tree.root() == root);
        REQUIRE(log_root_at(size, log.reader()) == root);
        std::vector<Hash> edge;
        for (const auto id : log_edge(size)) edge.push_back(*log.read(id));
        log.tree = LogTree{size, std::move(edge)};
        log.append(1);
    }
}

TEST_CASE("entries and extensions of the log are proved from what is stored", "[ledger][merkle]") {
    Log log;
    log.append(333);
    const auto reader = log.reader();
    for (const std::uint64_t size : {1U, 2U, 63U, 64U, 65U, 127U, 128U, 200U, 333U}) {
        const auto root = *log_root_at(size, reader);
        for (std::uint64_t index = 0; index < size; index += 7) {
            const auto path = log_inclusion_path(index, size, reader);
            REQUIRE(path);
            CHECK(verify_inclusion(log.leaves[index], index, size, *path, root));
        }
        for (std::uint64_t first = 0; first <= size; first += 5) {
            const auto path = log_consistency_path(first, size, reader);
            REQUIRE(path);
            CHECK(verify_consistency({first, *log_root_at(first, reader)}, {size, root}, *path));
        }
    }
}

}  // namespace tallystick::ledger
