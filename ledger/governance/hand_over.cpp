#include "ledger/governance/hand_over.hpp"

#include <string>

#include "ledger/validators.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

/// The segment that the chain is in.
std::uint32_t segment_of(const StateView& view) {
    const auto handover = view.get(handover_key());
    return handover ? handover->segment() : 1;
}

/// The ledger's name: what stands before the segment's number in the chain id.
std::string_view name_in(std::string_view chain_id, std::uint32_t segment) {
    const auto ending = "-" + std::to_string(segment);
    ensure(chain_id.ends_with(ending), "a block bears the chain id of its segment");
    return chain_id.substr(0, chain_id.size() - ending.size());
}

}  // namespace

Form check(const pb::HandOver& change, const CheckContext& /*context*/) {
    if (change.engine() == pb::ENGINE_UNSPECIFIED || !pb::Engine_IsValid(change.engine()))
        return Malformed::bad_enum;
    if (change.segment() < 2) return Malformed::bad_quantity;
    return std::nullopt;
}

Verdict judge(const pb::HandOver& change, const StateView& view) {
    // Of two that were decided for the same segment the second comes to nothing by this.
    if (change.segment() != std::uint64_t{segment_of(view)} + 1)
        return Refusal::not_the_next_segment;
    if (change.engine() == pb::ENGINE_SOLO && validators_of(view).validators_size() != 1)
        return Refusal::solo_needs_one_node;
    return std::nullopt;
}

void make(const pb::HandOver& change, const ChangePoint& point, Draft& draft) {
    pb::Handover handover;
    handover.set_segment(change.segment());
    handover.set_chain_id(std::string{name_in(point.chain_id, segment_of(draft))} + "-" +
                          std::to_string(change.segment()));
    // The block between is the old segment's last: it proves the record, and changes nothing.
    handover.set_initial_height(point.height + 2);
    *handover.mutable_validators() = validators_of(draft);
    handover.set_engine(change.engine());
    handover.set_decided_at(point.time);
    draft.put(handover_key(), std::move(handover));
}

}  // namespace tallystick::ledger
