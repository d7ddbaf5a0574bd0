#include "protocol/handover.hpp"

#include <charconv>

#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/envelope.hpp"
#include "protocol/header.hpp"
#include "protocol/keys.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick {

namespace {

Failure<HandoverError> failure(HandoverFault fault) {
    return Failure{HandoverError{fault, std::nullopt, std::nullopt}};
}

/// The handover as the state under the last header holds it.
Result<pb::Handover, HandoverError> proved_handover(const pb::HandoverRecord& record) {
    const auto& app = record.app_state();
    const auto state_root = Hash::from(app.state_root());
    const auto log_root = Hash::from(app.log_root());
    if (!state_root || !log_root) return failure(HandoverFault::incomplete);
    if (app_hash(*state_root, *log_root, app.log_size()).text() !=
        record.last().header().app_hash())
        return failure(HandoverFault::app_hash_mismatch);
    if (const auto proved = verify_state_proof(*state_root, record.record()); !proved)
        return Failure{HandoverError{HandoverFault::state_proof, std::nullopt, proved.error()}};
    pb::Handover handover;
    if (!record.record().present() || record.record().key() != handover_key().bytes ||
        !decode_canonical(record.record().value(), handover))
        return failure(HandoverFault::not_the_record);
    return handover;
}

/// Does the record end the chain of `last` right behind it?
bool is_last_of(const pb::Handover& handover, const pb::Header& last) {
    const auto before = segment_name(last.chain_id());
    const auto after = segment_name(handover.chain_id());
    return before && after && before->name == after->name && after->segment == handover.segment() &&
           before->segment + 1 == after->segment &&
           handover.initial_height() == static_cast<std::uint64_t>(last.height()) + 1;
}

}  // namespace

std::optional<SegmentName> segment_name(std::string_view chain_id) noexcept {
    const auto dash = chain_id.rfind('-');
    if (dash == std::string_view::npos || dash == 0) return std::nullopt;
    const auto digits = chain_id.substr(dash + 1);
    SegmentName found{chain_id.substr(0, dash), 0};
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), found.segment);
    const bool plain = !digits.empty() && digits.front() != '0';
    if (!plain || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return found;
}

std::string handover_file(const pb::HandoverRecord& record) {
    return std::string{handover_magic} + canonical_bytes(record);
}

Result<pb::HandoverRecord, HandoverError> decode_handover(std::string_view file) {
    if (file.size() > handover_bytes_max) return failure(HandoverFault::too_large);
    if (!file.starts_with(handover_magic)) return failure(HandoverFault::not_a_handover);
    auto record = decode_canonical_as<pb::HandoverRecord>(file.substr(handover_magic.size()));
    if (!record) return failure(HandoverFault::not_canonical);
    return std::move(*record);
}

Result<pb::Handover, HandoverError> verify_handover(const pb::HandoverRecord& record) {
    if (!record.has_record() || !record.has_app_state() || !record.has_last() ||
        !record.has_first())
        return failure(HandoverFault::incomplete);
    if (const auto last = verify_commit(record.last(), SlotRule::blank); !last)
        return Failure{HandoverError{HandoverFault::last_block, last.error(), std::nullopt}};
    if (const auto first = verify_commit(record.first(), SlotRule::blank); !first)
        return Failure{HandoverError{HandoverFault::first_block, first.error(), std::nullopt}};
    auto handover = proved_handover(record);
    if (!handover) return handover;

    const auto& last = record.last().header();
    const auto& first = record.first().header();
    if (!is_last_of(*handover, last)) return failure(HandoverFault::not_the_last_block);
    if (first.chain_id() != handover->chain_id()) return failure(HandoverFault::other_chain);
    if (static_cast<std::uint64_t>(first.height()) != handover->initial_height())
        return failure(HandoverFault::other_height);
    if (validators_hash(handover->validators()).text() != first.validators_hash())
        return failure(HandoverFault::other_validators);
    if (first.app_hash() != last.app_hash()) return failure(HandoverFault::other_state);
    if (compare(first.time(), last.time()) <= 0) return failure(HandoverFault::time_not_increasing);
    return handover;
}

std::string_view handover_error_name(const HandoverError& error) noexcept {
    switch (error.fault) {
        case HandoverFault::too_large: return "handover_too_large";
        case HandoverFault::not_a_handover: return "not_a_handover";
        case HandoverFault::not_canonical: return "handover_not_canonical";
        case HandoverFault::incomplete: return "handover_incomplete";
        case HandoverFault::last_block: return "handover_last_block";
        case HandoverFault::first_block: return "handover_first_block";
        case HandoverFault::app_hash_mismatch: return "handover_app_hash_mismatch";
        case HandoverFault::state_proof: return "handover_state_proof";
        case HandoverFault::not_the_record: return "handover_not_the_record";
        case HandoverFault::not_the_last_block: return "handover_not_the_last_block";
        case HandoverFault::other_chain: return "handover_other_chain";
        case HandoverFault::other_height: return "handover_other_height";
        case HandoverFault::other_validators: return "handover_other_validators";
        case HandoverFault::other_state: return "handover_other_state";
        case HandoverFault::time_not_increasing: return "handover_time_not_increasing";
    }
    return "unknown";
}

std::string_view handover_error_sentence(const HandoverError& error) noexcept {
    switch (error.fault) {
        case HandoverFault::too_large: return "The file is larger than any handover record can be.";
        case HandoverFault::not_a_handover: return "The file is not a Tallystick handover record.";
        case HandoverFault::not_canonical:
            return "The handover record is damaged: it was cut short, extended or altered.";
        case HandoverFault::incomplete:
            return "A part of the handover record is missing or damaged.";
        case HandoverFault::last_block:
            return error.chain ? chain_fault_sentence(*error.chain)
                               : "The old chain's last block is not valid.";
        case HandoverFault::first_block:
            return error.chain ? chain_fault_sentence(*error.chain)
                               : "The new chain's first block is not valid.";
        case HandoverFault::app_hash_mismatch:
            return "The state in the handover record is not the one that the old chain's "
                   "authorities signed.";
        case HandoverFault::state_proof:
            return "The handover does not stand in the state that the old chain's authorities "
                   "signed.";
        case HandoverFault::not_the_record:
            return "What the handover record proves is not a handover.";
        case HandoverFault::not_the_last_block:
            return "The handover does not end the old chain at the block that the record shows.";
        case HandoverFault::other_chain:
            return "The new chain is not the one to which the old one was handed over.";
        case HandoverFault::other_height:
            return "The new chain does not begin right where the old one ended.";
        case HandoverFault::other_validators:
            return "The new chain's first block is signed by others than the handover names.";
        case HandoverFault::other_state:
            return "The new chain does not begin with the state that the old one left.";
        case HandoverFault::time_not_increasing:
            return "The new chain's first block is dated before the old chain's last one.";
    }
    return "The handover record is not valid.";
}

}  // namespace tallystick
