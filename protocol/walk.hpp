#pragma once

#include <vector>

#include "protocol/handover.hpp"
#include "protocol/light_client.hpp"
#include "protocol/receipt.hpp"

/// From a trust file over headers and handovers to a block: the part of a receipt's verification
/// that decides whom to believe. Pure functions; any thread.
namespace tallystick {

/// One block on the way, in the order of heights. Lives as long as the receipt.
struct WalkedBlock {
    const pb::LightBlock* block = nullptr;
    bool begins_segment = false;  ///< the first block after a handover
};

/// How the walk went.
struct Walk {
    std::vector<WalkedBlock> blocks;  ///< those of trail and handovers, and at last the receipt's
    CommitPower power;                ///< who signed the receipt's block
};

/// Walks from the trust file over the receipt's trail and handovers to its block. The first block
/// of all must be vouched for by the trust file: it stands at the trusted height with the trusted
/// hash, or is signed by the very set that is listed for its height. Every other follows by a step
/// (protocol/light_client.hpp) or is the first block of a segment to which a valid handover leads.
/// A handover stands where its last block's height puts it; none may be left over. A block behind
/// the end of its segment, as a handover on the way or the trust file says, is refused.
///
/// With a clock, as those who follow the head of a chain need it, every step is timely too, the
/// first from the trusted header of its segment.
///
/// The receipt's statement and app state are not looked at. Faults: incomplete, other_ledger,
/// unknown_chain, then by block chain, segment_ended, fork, listed_set_differs, not_trusted, and
/// handover; at last handover_out_of_place.
[[nodiscard]] Result<Walk, ReceiptError> walk(const pb::Receipt& receipt, const Trust& trust,
                                              const FollowingClock* clock = nullptr);

/// The pieces of the app hash in the receipt's block. Faults: incomplete, app_hash_mismatch.
/// @pre `walk` accepted the receipt.
[[nodiscard]] Result<void, ReceiptError> check_app_state(const pb::Receipt& receipt);

/// What one who has walked may trust from then on: the trust file, its newest trusted header moved
/// to the receipt's block if that is later, with each set of validators met on the way from the
/// first block that it was seen to sign, the one before it until right before that, and each
/// segment to which a handover led. Keys that the file does not name get no authority's name.
/// @pre `walk` accepted the receipt under `trust`.
[[nodiscard]] Trust extend_trust(Trust trust, const pb::Receipt& receipt);

/// The trust file with the segment to which a handover record leads; the same if it has it already.
/// The record's last block must be vouched for by the trust file itself, since nothing else leads
/// to it. Faults: handover, unknown_chain, chain, fork, listed_set_differs, not_trusted,
/// segment_ended.
[[nodiscard]] Result<Trust, ReceiptError> add_handover(Trust trust,
                                                       const pb::HandoverRecord& record);

}  // namespace tallystick
