#include "ledger/store/snapshot_format.hpp"

#include "ledger/state_view.hpp"
#include "ledger/store/store_parts.hpp"

namespace tallystick::ledger {

std::filesystem::path chunk_file(const std::filesystem::path& folder, std::size_t chunk) {
    constexpr std::size_t digits_min = 6;
    auto digits = std::to_string(chunk);
    if (digits.size() < digits_min) digits.insert(0, digits_min - digits.size(), '0');
    return folder / ("chunk-" + digits);
}

std::filesystem::path manifest_file(const std::filesystem::path& folder) {
    return folder / "manifest";
}

pb::Segment segment_at(std::uint64_t height, const StateView& state, const pb::Genesis& genesis) {
    const auto handover = state.get(handover_key());
    if (!handover || handover->initial_height() > height)
        return first_segment(genesis, genesis_block(genesis), genesis.name() + "-1");
    pb::Segment segment;
    segment.set_chain_id(handover->chain_id());
    segment.set_first_height(handover->initial_height());
    *segment.mutable_validators() = handover->validators();
    segment.set_engine(handover->engine());
    return segment;
}

}  // namespace tallystick::ledger
