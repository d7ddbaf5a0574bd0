#include "ledger/merkle/state_tree.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "protocol/crypto.hpp"
#include "protocol/state_proof.hpp"
#include "unit/catch.hpp"

namespace tallystick::ledger {

namespace {

using Leaves = std::map<Hash, Hash>;  // path to value hash

/// The tree by its definition: a subtree with one leaf is that leaf.
Hash plain_root(Leaves::const_iterator begin, Leaves::const_iterator end, std::size_t depth) {
    if (begin == end) return sparse::empty_hash;
    if (std::next(begin) == end) return sparse::leaf_hash(begin->first, begin->second);
    auto middle = begin;
    while (middle != end && !sparse::bit(middle->first, depth)) ++middle;
    return sparse::inner_hash(plain_root(begin, middle, depth + 1),
                              plain_root(middle, end, depth + 1));
}

Hash number_hash(std::uint64_t number) {
    return sha256(std::to_string(number));
}

/// Paths that share all but their last bits too.
Hash path_number(std::uint64_t number) {
    if (number % 3 != 0) return number_hash(number);
    Hash path;
    path.bytes[31] = static_cast<std::uint8_t>(number);
    return path;
}

/// A sequence of numbers, the same each time.
struct Numbers {
    std::uint64_t state = 1;
    std::uint64_t next(std::uint64_t below) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state >> 33) % below;
    }
};

std::vector<TreeChange> random_batch(Numbers& numbers, Leaves& leaves) {
    std::map<Hash, std::optional<Hash>> batch;
    const auto size = 1 + numbers.next(30);
    for (std::uint64_t i = 0; i < size; ++i) {
        const auto path = path_number(numbers.next(120));
        if (numbers.next(3) == 0)
            batch[path] = std::nullopt;
        else
            batch[path] = number_hash(numbers.next(1000));
    }
    std::vector<TreeChange> changes;
    for (const auto& [path, value] : batch) {
        changes.push_back({path, value});
        if (value)
            leaves[path] = *value;
        else
            leaves.erase(path);
    }
    return changes;
}

}  // namespace

TEST_CASE("the tree in memory is the tree of the definition, whatever is written and removed",
          "[ledger][merkle]") {
    Numbers numbers;
    Leaves leaves;
    StateTree tree;
    CHECK(tree.root() == sparse::empty_hash);
    for (int round = 0; round < 300; ++round) {
        tree.update(random_batch(numbers, leaves));
        REQUIRE(tree.root() == plain_root(leaves.begin(), leaves.end(), 0));
        REQUIRE(tree.size() == leaves.size());
    }
    StateTree built;
    std::vector<TreeChange> all;
    for (const auto& [path, value] : leaves) all.push_back({path, value});
    built.update(all);
    CHECK(built.root() == tree.root());
}

TEST_CASE("a snapshot stays as it was while the tree goes on, and its proofs verify",
          "[ledger][merkle]") {
    Numbers numbers;
    Leaves leaves;
    StateTree tree;
    std::vector<std::pair<TreeSnapshot, Leaves>> kept;
    for (int round = 0; round < 120; ++round) {
        tree.update(random_batch(numbers, leaves));
        kept.emplace_back(tree.snapshot(), leaves);
        // Released out of order, so that nodes are used again under the others.
        if (kept.size() > 4)
            kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(numbers.next(kept.size())));
        for (const auto& [snapshot, then] : kept) {
            REQUIRE(snapshot.root() == plain_root(then.begin(), then.end(), 0));
            const auto path = path_number(numbers.next(120));
            const auto found = snapshot.find(path);
            const auto expected = then.find(path);
            REQUIRE(found.has_value() == (expected != then.end()));
            if (found) REQUIRE(*found == expected->second);
        }
    }
}

TEST_CASE("inclusion and absence are proved to whoever has the root", "[ledger][merkle]") {
    StateTree tree;
    std::vector<TreeChange> changes;
    for (int i = 0; i < 50; ++i)
        changes.push_back(
            {sparse::path_of("key " + std::to_string(i)), sha256("value " + std::to_string(i))});
    std::ranges::sort(changes, {}, &TreeChange::path);
    tree.update(changes);
    const auto snapshot = tree.snapshot();
    for (int i = 0; i < 100; ++i) {
        pb::StateItem item;
        item.set_key("key " + std::to_string(i));
        item.set_present(i < 50);
        item.set_value(i < 50 ? "value " + std::to_string(i) : sparse::path_of(item.key()).str());
        *item.mutable_proof() = snapshot.prove(sparse::path_of(item.key()));
        CHECK(verify_state_proof(snapshot.root(), item).ok());
        item.set_present(!item.present());
        CHECK_FALSE(verify_state_proof(snapshot.root(), item).ok());
    }
}

}  // namespace tallystick::ledger
