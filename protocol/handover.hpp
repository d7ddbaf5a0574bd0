#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/chain_fault.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"
#include "protocol/state_proof.hpp"

/// The handover record: that one segment of the chain ended, and which one goes on. As a file: the
/// magic, then a canonical pb::HandoverRecord. See docs/FORMATS.md.
namespace tallystick {

inline constexpr std::string_view handover_magic = "tallystick handover 1\n";
inline constexpr std::size_t handover_bytes_max = 1048576;

/// Why a handover record proves nothing.
enum class HandoverFault : std::uint8_t {
    too_large = 1,
    not_a_handover = 2,  ///< the magic is missing
    not_canonical = 3,   ///< bytes that do not re-encode to themselves
    incomplete = 4,      ///< a part is missing or of the wrong length
    last_block = 5,      ///< the old segment's last block is not signed as it must be: see `chain`
    first_block = 6,     ///< the new segment's first block is not: see `chain`
    app_hash_mismatch = 7,  ///< the roots are not those in the last block's header
    state_proof = 8,        ///< the record is not in that state: see `state_proof`
    not_the_record = 9,     ///< another entry of the state, none, or a malformed one
    not_the_last_block =
        10,  ///< the record ends another chain than the last block's, or at another height
    other_chain = 11,       ///< the first block is of another chain than the record says
    other_height = 12,      ///< the first block stands at another height than the record says
    other_validators = 13,  ///< the first block is signed by others than the record says
    other_state = 14,       ///< the first block begins with another state than the old segment left
    time_not_increasing = 15,
};

struct HandoverError {
    HandoverFault fault;
    std::optional<ChainFault> chain;             ///< with last_block and first_block
    std::optional<StateProofFault> state_proof;  ///< with HandoverFault::state_proof
};

/// Stable name of the reason, such as `handover_other_state`.
[[nodiscard]] std::string_view handover_error_name(const HandoverError& error) noexcept;
/// One plain sentence for people.
[[nodiscard]] std::string_view handover_error_sentence(const HandoverError& error) noexcept;

/// The file's bytes for a record.
[[nodiscard]] std::string handover_file(const pb::HandoverRecord& record);

/// Reads the file's form. Faults: too_large, not_a_handover, not_canonical.
[[nodiscard]] Result<pb::HandoverRecord, HandoverError> decode_handover(std::string_view file);

/// What the record says, if all of it holds together: both blocks are signed by the sets they name,
/// the state that the last header carries holds the handover, it ends the last block's chain just
/// there, and the first block is the one it announces and begins with the same state. Whether the
/// old segment's last block itself deserves trust is the caller's question. Every byte is
/// authenticated once that is answered. Faults in the order of the list from incomplete on.
[[nodiscard]] Result<pb::Handover, HandoverError> verify_handover(const pb::HandoverRecord& record);

/// The number at the end of a chain id NAME-SEGMENT, and the name before it. Nothing for any other
/// text. `name` is a part of `chain_id`.
struct SegmentName {
    std::string_view name;
    std::uint32_t segment = 0;
};
[[nodiscard]] std::optional<SegmentName> segment_name(std::string_view chain_id) noexcept;

}  // namespace tallystick
