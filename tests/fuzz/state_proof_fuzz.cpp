// The state's proofs against a judge written from the definition of the compact sparse tree.
#include "fuzz/fuzz.hpp"
#include "unit/protocol/trees.hpp"

using namespace tallystick;
using fuzz::check;

namespace {

/// A tree whose keys are few bits apart somewhere: two keys of each length.
const test::SlowState& standing_tree() {
    static const auto tree = [] {
        test::SlowState state;
        for (int i = 0; i < 24; ++i) state.values["key " + std::to_string(i)] = std::to_string(i);
        return state;
    }();
    return tree;
}

bool is_hash(const std::string& bytes) {
    return bytes.size() == Hash::size;
}

/// The root to which a proof leads by the definition, from the leaf up; nothing where the tree
/// could not look like that.
std::optional<Hash> naive_root(const pb::StateItem& item) {
    if (!item.has_proof()) return std::nullopt;
    const auto& proof = item.proof();
    const auto depth = proof.siblings_size();
    const auto path = sha256(item.key());
    Hash node;
    if (item.present()) {
        if (!proof.other_path().empty() || !proof.other_value_hash().empty()) return std::nullopt;
        node = sha256(std::string(1, '\0') + path.str() + sha256(item.value()).str());
    } else {
        if (item.value() != path.text()) return std::nullopt;
        if (!proof.other_path().empty() || !proof.other_value_hash().empty()) {
            if (!is_hash(proof.other_path()) || !is_hash(proof.other_value_hash()))
                return std::nullopt;
            if (proof.other_path() == path.text()) return std::nullopt;
            const auto other = *Hash::from(proof.other_path());
            for (int i = 0; i < depth && i < 256; ++i)
                if (sparse::bit(path, static_cast<std::size_t>(i)) !=
                    sparse::bit(other, static_cast<std::size_t>(i)))
                    return std::nullopt;
            node = sha256(std::string(1, '\0') + proof.other_path() + proof.other_value_hash());
        }
    }
    if (depth > 256) return std::nullopt;
    for (int i = depth - 1; i >= 0; --i) {
        const auto& sibling = proof.siblings(i);
        if (!is_hash(sibling)) return std::nullopt;
        // The lowest sibling cannot be nothing: what is below it would stand one level up.
        if (i == depth - 1 && sibling == std::string(Hash::size, '\0')) return std::nullopt;
        const bool right = sparse::bit(path, static_cast<std::size_t>(i));
        node = sha256(std::string(1, '\1') + (right ? sibling + node.str() : node.str() + sibling));
    }
    return node;
}

/// Is what the item says true of the standing tree?
bool is_true(const pb::StateItem& item) {
    const auto& values = standing_tree().values;
    const auto found = values.find(item.key());
    return item.present() ? found != values.end() && found->second == item.value()
                          : found == values.end();
}

/// Changes an honest proof as the input says.
pb::StateItem altered(fuzz::Choices& choices) {
    const auto key = "key " + std::to_string(choices.below(32));
    auto item = standing_tree().item(key);
    auto& proof = *item.mutable_proof();
    for (auto changes = choices.below(4); changes > 0; --changes) {
        const auto siblings = proof.siblings_size();
        const auto place = static_cast<int>(choices.below(256));
        switch (choices.below(9)) {
            case 0:
                if (siblings > 0) proof.mutable_siblings()->RemoveLast();
                break;
            case 1: proof.add_siblings(std::string(Hash::size, '\0')); break;
            case 2:
                if (siblings > 0)
                    proof.set_siblings(place % siblings, std::string{choices.text(Hash::size)});
                break;
            case 3: item.set_present(!item.present()); break;
            case 4: item.set_value(std::string{choices.text(Hash::size)}); break;
            case 5: item.set_key("key " + std::to_string(choices.below(32))); break;
            case 6: proof.set_other_path(sha256("key " + std::to_string(place % 32)).str()); break;
            case 7: proof.set_other_value_hash(sha256(std::to_string(place % 32)).str()); break;
            default: item.set_value(sha256(item.key()).str()); break;
        }
    }
    return item;
}

void judge(const pb::StateItem& item) {
    static const auto root = standing_tree().root();
    if (verify_state_proof(root, item))
        check(is_true(item), "what is proved under the root of a tree is true of it");
    const auto naive = naive_root(item);
    const auto said = verify_state_proof(naive.value_or(Hash{}), item);
    check(said.ok() == naive.has_value(), "the verifier accepts what the definition does");
    if (!said)
        check(!state_proof_fault_name(said.error()).empty() &&
                  !state_proof_fault_sentence(said.error()).empty(),
              "a fault has a name and a sentence");
    if (!naive) return;
    auto other_root = *naive;
    other_root.bytes[0] ^= 1;
    check(!verify_state_proof(other_root, item), "a proof leads to one root");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Choices choices{fuzz::text_of_input(data, size)};
    if (choices.byte() % 2 == 0) {
        judge(altered(choices));
        return 0;
    }
    pb::StateItem item;
    const auto rest = choices.rest();
    if (item.ParseFromArray(rest.data(), static_cast<int>(rest.size()))) judge(item);
    return 0;
}
