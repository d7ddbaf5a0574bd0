#include "ledger/store/late_begin.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "ledger/block_stages.hpp"
#include "ledger/changed_leaf.hpp"
#include "ledger/store/record.hpp"
#include "protocol/canonical.hpp"
#include "protocol/merkle.hpp"
#include "protocol/state_proof.hpp"

namespace tallystick::ledger {

namespace {

void load_leaves(const std::filesystem::path& file, LateBegin& begun) {
    const auto place = "copies/" + file.filename().string();
    if (!std::filesystem::exists(file))
        fail_damaged(place, "the state that this node began with is missing");
    Lmdb copy{file, place, {.single_file = true}};
    const auto leaves = copy.table("leaves");
    std::vector<TreeChange> hashes;
    copy.read().ascend(leaves, {}, [&](auto key, auto value) {
        const auto* prototype = prototype_of(key);
        std::shared_ptr<google::protobuf::Message> message{prototype ? prototype->New() : nullptr};
        if (!message || !decode_canonical(value, *message))
            fail_damaged(place_of("copies", "leaves", key), "not a leaf");
        hashes.push_back({sparse::path_of(key), sha256(value)});
        begun.leaves.emplace(std::string{key}, std::move(message));
        return true;
    });
    std::ranges::sort(hashes, {}, &TreeChange::path);
    begun.tree.update(hashes);
}

void load_entry(const ChainReader& chain, std::uint64_t index, LateBegin& begun) {
    const auto bytes = chain.entry(index);
    const auto entry = decode_canonical_as<pb::LogEntry>(bytes);
    const auto id = entry ? EnvelopeId::from(entry->id()) : std::nullopt;
    if (!id) fail_damaged("chain/entries " + std::to_string(index), "not an entry");
    const auto leaf = merkle::leaf_hash(bytes);
    for (auto& node : begun.log.append({&leaf, 1})) begun.nodes.push_back(node);
    begun.terms.push_back({term_of_id(*id), index});
    if (entry->valid_until() == 0) return;
    if (chain.find_used(*id, entry->valid_until()) != index)
        fail_damaged("chain/ids " + to_hex(id->view()),
                     "does not name entry " + std::to_string(index));
    begun.used.emplace_back(*id, entry->valid_until());
}

}  // namespace

LateBegin load_late_begin(const ChainReader& chain, const std::filesystem::path& copy) {
    LateBegin begun;
    load_leaves(copy, begun);
    const auto& shape = chain.shape();
    std::vector<Hash> edge;
    for (const auto id : log_edge(shape.first_entry)) {
        edge.push_back(chain.node(id));
        begun.nodes.push_back({id, edge.back()});
    }
    begun.log = LogTree{shape.first_entry, std::move(edge)};
    for (auto index = shape.first_entry; index < shape.first_entry_with_block; ++index)
        load_entry(chain, index, begun);
    return begun;
}

}  // namespace tallystick::ledger
