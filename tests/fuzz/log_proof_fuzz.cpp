// The log's proofs against judges that recompute the roots by recursion, as RFC 6962 defines them.
#include <bit>

#include "fuzz/fuzz.hpp"
#include "protocol/log_proof.hpp"
#include "unit/protocol/trees.hpp"

using namespace tallystick;
using fuzz::check;

namespace {

constexpr std::size_t leaves_max = 70;

std::span<const Hash> leaves(std::size_t size) {
    static const auto all = [] {
        std::vector<Hash> made;
        for (std::size_t i = 0; i < leaves_max; ++i)
            made.push_back(merkle::leaf_hash("entry " + std::to_string(i)));
        return made;
    }();
    return std::span{all}.first(size);
}

/// A path whose last hashes are used up first, as recursion from the root meets them.
class Path {
  public:
    explicit Path(std::span<const Hash> hashes) : rest_(hashes) {}
    std::optional<Hash> take_last() {
        if (rest_.empty()) return std::nullopt;
        const auto last = rest_.back();
        rest_ = rest_.first(rest_.size() - 1);
        return last;
    }
    [[nodiscard]] bool is_used_up() const { return rest_.empty(); }

  private:
    std::span<const Hash> rest_;
};

using MaybeHash = std::optional<Hash>;

MaybeHash joined(const MaybeHash& left, const MaybeHash& right) {
    if (!left || !right) return std::nullopt;
    return merkle::inner_hash(*left, *right);
}

/// The root that has `leaf` as number `index` of `size`. @pre index < size.
MaybeHash root_from(const Hash& leaf, std::uint64_t index, std::uint64_t size, Path& path) {
    if (size == 1) return leaf;
    const auto split = std::bit_floor(size - 1);
    const auto other = path.take_last();
    if (index < split) return joined(root_from(leaf, index, split, path), other);
    return joined(other, root_from(leaf, index - split, size - split, path));
}

struct Roots {
    MaybeHash first;
    MaybeHash second;
};

/// Both roots from RFC 6962's SUBPROOF(first, the tree of second, whole). @pre 1 <= first <=
/// second.
Roots roots_from(std::uint64_t first, std::uint64_t second, bool whole, const Hash& first_root,
                 Path& path) {
    if (first == second) {
        const auto hash = whole ? MaybeHash{first_root} : path.take_last();
        return {hash, hash};
    }
    const auto split = std::bit_floor(second - 1);
    const auto other = path.take_last();
    if (first <= split) {
        const auto below = roots_from(first, split, whole, first_root, path);
        return {below.first, joined(below.second, other)};
    }
    const auto below = roots_from(first - split, second - split, false, first_root, path);
    return {joined(other, below.first), joined(other, below.second)};
}

void judge_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                     std::span<const Hash> hashes, const Hash& root) {
    MaybeHash naive;
    if (index < size) {
        Path path{hashes};
        naive = root_from(leaf, index, size, path);
        if (!path.is_used_up()) naive.reset();
    }
    check(verify_inclusion(leaf, index, size, hashes, root) == (naive == root),
          "inclusion is judged as by recursion");
    // Behind the hash: any root to which a path leads.
    if (naive)
        check(verify_inclusion(leaf, index, size, hashes, *naive), "a whole path is accepted");
    if (size > 0 && size <= leaves_max && root == test::slow_root(leaves(size)) && naive == root)
        check(leaves(size)[index] == leaf, "what is proved to be in the log is there");
}

void judge_consistency(const LogHead& first, const LogHead& second, std::span<const Hash> hashes) {
    bool naive = false;
    auto second_by_path = second;
    if (first.size == 0) {
        naive = hashes.empty() &&
                (second.size == 0 ? first.root == second.root : first.root == merkle::empty_root());
    } else if (first.size <= second.size) {
        Path path{hashes};
        const auto roots = roots_from(first.size, second.size, true, first.root, path);
        naive = path.is_used_up() && roots.first == first.root && roots.second == second.root;
        if (path.is_used_up() && roots.first == first.root && roots.second)
            second_by_path.root = *roots.second;
        check(verify_consistency(first, second_by_path, hashes) ==
                  (path.is_used_up() && roots.first == first.root &&
                   roots.second == second_by_path.root),
              "a path to any second root is judged as by recursion");
    }
    check(verify_consistency(first, second, hashes) == naive,
          "consistency is judged as by recursion");
}

void alter(std::vector<Hash>& path, fuzz::Choices& choices) {
    for (auto changes = choices.below(4); changes > 0; --changes) {
        const auto place = choices.below(256);
        switch (choices.below(5)) {
            case 0:
                if (!path.empty()) path.pop_back();
                break;
            case 1: path.push_back(leaves(leaves_max)[place % leaves_max]); break;
            case 2:
                if (!path.empty()) path[place % path.size()].bytes[place % Hash::size] ^= 1;
                break;
            case 3:
                if (!path.empty()) std::swap(path.front(), path[place % path.size()]);
                break;
            default:
                if (!path.empty())
                    path.erase(path.begin() + static_cast<std::ptrdiff_t>(place % path.size()));
                break;
        }
    }
}

std::vector<Hash> raw_path(std::string_view bytes) {
    std::vector<Hash> path;
    for (; bytes.size() >= Hash::size && path.size() < 80; bytes.remove_prefix(Hash::size))
        path.push_back(*Hash::from(bytes.substr(0, Hash::size)));
    return path;
}

void inclusion(fuzz::Choices& choices) {
    const auto size = 1 + choices.below(leaves_max);
    const auto index = choices.below(size);
    auto path = test::slow_path(index, leaves(size));
    const auto root = test::slow_root(leaves(size));
    check(verify_inclusion(leaves(size)[index], index, size, path, root),
          "an honest proof of inclusion is accepted");
    alter(path, choices);
    const auto said_index = index + choices.below(3);
    const auto said_size = size + choices.below(3);
    const auto said_leaf = leaves(leaves_max)[(index + choices.below(2)) % leaves_max];
    judge_inclusion(said_leaf, said_index, said_size, path, root);
}

void consistency(fuzz::Choices& choices) {
    const auto second = choices.below(leaves_max + 1);
    const auto first = choices.below(second + 1);
    const auto all = leaves(second);
    auto path =
        first == 0 || first == second ? std::vector<Hash>{} : test::slow_subproof(first, all, true);
    const LogHead newer{second, test::slow_root(all)};
    LogHead older{first, test::slow_root(all.first(first))};
    check(verify_consistency(older, newer, path), "an honest proof of growth is accepted");
    alter(path, choices);
    older.size += choices.below(3);
    if (choices.below(4) == 3) older.root = leaves(leaves_max)[choices.below(leaves_max)];
    judge_consistency(older, {second + choices.below(3), newer.root}, path);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Choices choices{fuzz::text_of_input(data, size)};
    switch (choices.byte() % 4) {
        case 0: inclusion(choices); return 0;
        case 1: consistency(choices); return 0;
        case 2: {
            const auto index = choices.number(8);
            const auto log_size = choices.number(8);
            const auto path = raw_path(choices.rest());
            judge_inclusion(leaves(1)[0], index, log_size, path, leaves(2)[1]);
            return 0;
        }
        default: {
            const LogHead first{choices.number(8), leaves(1)[0]};
            const LogHead second{choices.number(8), leaves(2)[1]};
            judge_consistency(first, second, raw_path(choices.rest()));
            return 0;
        }
    }
}
