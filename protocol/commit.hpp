#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/chain_fault.hpp"
#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

namespace tallystick {

/// The bytes that a validator signs for the commit's block at `timestamp`: a length-delimited
/// CanonicalVote (precommit).
[[nodiscard]] std::string vote_sign_bytes(std::string_view chain_id, const pb::Commit& commit,
                                          const pb::Timestamp& timestamp);

/// One CommitSig as CometBFT encodes it: the timestamp always stands; a slot without one has Go's
/// zero time (0001-01-01).
[[nodiscard]] std::string encode_commit_sig(const pb::CommitSig& slot);

/// A whole commit as CometBFT encodes it in a block.
[[nodiscard]] std::string encode_commit(const pb::Commit& commit);

/// `last_commit_hash` of the next header: tree over the encoded slots. SHA-256("") without slots.
[[nodiscard]] Hash commit_hash(const pb::Commit& commit);

/// What a commit is signed for.
struct CommitFor {
    std::string chain_id;
    std::int64_t height = 0;
    std::int32_t round = 0;
    pb::BlockId block_id;
};

/// The commit of a chain with one validator: one slot, signed at `timestamp` (a vote's timestamp
/// must be at least 1 ms after its block's). Ed25519 signatures are deterministic: the same input
/// gives the same bytes.
[[nodiscard]] pb::Commit sign_commit(const CommitFor& what, const SigningKey& key,
                                     const pb::Timestamp& timestamp);

/// What may stand in slots that do not count for the block.
enum class SlotRule : std::uint8_t {
    as_signed,  ///< as an engine recorded them: absent and nil votes as they are, not verified
    blank,      ///< in receipts: flag 1 and nothing else, so that every byte is authenticated
};

/// Writes absent and nil slots blank, as receipts carry them.
void blank_slots(pb::Commit& commit);

/// Who signed, as indices into the validator set, ascending, and their power.
struct CommitPower {
    std::vector<int> signers;
    std::int64_t signed_power = 0;
    std::int64_t total_power = 0;
};

/// `verify_commit` but for its last rule: how much power signed is for the caller to judge.
[[nodiscard]] Result<CommitPower, ChainFault> verify_signatures_of(const pb::LightBlock& block,
                                                                   SlotRule rule);

/// Rules 1 to 4 of what a verifier does: is the header well-formed, is the commit for it, the set
/// the one that it names, does every slot belong to its validator, is every signature that counts
/// true (ZIP-215), and is their power strictly more than two thirds? All signatures are checked.
/// Faults in this order: those of `check_header`, incomplete (commit), height_mismatch,
/// block_id_mismatch, bad_validator_set, validators_mismatch, wrong_number_of_slots, then by slot
/// bad_slot, slot_not_blank, wrong_address, false_signature, and at last too_few_signatures.
[[nodiscard]] Result<CommitPower, ChainFault> verify_commit(const pb::LightBlock& block,
                                                            SlotRule rule);

}  // namespace tallystick
