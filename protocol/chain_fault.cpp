#include "protocol/chain_fault.hpp"

namespace tallystick {

std::string_view chain_fault_name(ChainFault fault) noexcept {
    switch (fault) {
        case ChainFault::incomplete: return "incomplete_block";
        case ChainFault::bad_height: return "bad_height";
        case ChainFault::bad_time: return "bad_time";
        case ChainFault::bad_version: return "bad_version";
        case ChainFault::bad_validator_set: return "bad_validator_set";
        case ChainFault::height_mismatch: return "height_mismatch";
        case ChainFault::block_id_mismatch: return "block_id_mismatch";
        case ChainFault::validators_mismatch: return "validators_mismatch";
        case ChainFault::wrong_number_of_slots: return "wrong_number_of_slots";
        case ChainFault::wrong_address: return "wrong_address";
        case ChainFault::slot_not_blank: return "slot_not_blank";
        case ChainFault::bad_slot: return "bad_slot";
        case ChainFault::false_signature: return "false_signature";
        case ChainFault::too_few_signatures: return "too_few_signatures";
        case ChainFault::other_chain: return "other_chain";
        case ChainFault::height_not_increasing: return "height_not_increasing";
        case ChainFault::time_not_increasing: return "time_not_increasing";
        case ChainFault::next_validators_mismatch: return "next_validators_mismatch";
        case ChainFault::not_enough_trust: return "not_enough_trust";
        case ChainFault::trust_expired: return "trust_expired";
        case ChainFault::from_the_future: return "from_the_future";
    }
    return "unknown";
}

std::string_view chain_fault_sentence(ChainFault fault) noexcept {
    switch (fault) {
        case ChainFault::incomplete:
            return "A part of the block's header or of its signatures is missing or damaged.";
        case ChainFault::bad_height: return "The block's number is not one that a block can have.";
        case ChainFault::bad_time: return "A time in the block is not one that a block can have.";
        case ChainFault::bad_version: return "The block is of a version that is not known here.";
        case ChainFault::bad_validator_set:
            return "The list of authorities that should have signed is malformed.";
        case ChainFault::height_mismatch:
            return "The signatures are under a block with another number.";
        case ChainFault::block_id_mismatch:
            return "The signatures are under another block than this one: its header was altered.";
        case ChainFault::validators_mismatch:
            return "The authorities listed are not those that the block names.";
        case ChainFault::wrong_number_of_slots:
            return "There is not one place for a signature for each authority.";
        case ChainFault::wrong_address: return "A signature stands in another authority's place.";
        case ChainFault::slot_not_blank:
            return "The place of an authority that did not sign is not blank.";
        case ChainFault::bad_slot: return "The place of an authority's signature is malformed.";
        case ChainFault::false_signature:
            return "An authority's signature is false: it, or what it signs, was altered.";
        case ChainFault::too_few_signatures:
            return "Too few authorities signed: more than two thirds of their votes are needed.";
        case ChainFault::other_chain: return "The block is of another chain.";
        case ChainFault::height_not_increasing:
            return "The block does not come after the one that is trusted.";
        case ChainFault::time_not_increasing:
            return "The block is dated before the one that is trusted, though it comes after it.";
        case ChainFault::next_validators_mismatch:
            return "The block is signed by others than those whom the block before it announced.";
        case ChainFault::not_enough_trust:
            return "Too few of the authorities that are trusted signed the block: one in between "
                   "is needed.";
        case ChainFault::trust_expired:
            return "The trusted block is older than the trusting period: get a fresh trust file "
                   "from an authority.";
        case ChainFault::from_the_future:
            return "The block is dated in the future: check this machine's clock.";
    }
    return "The block is not valid.";
}

}  // namespace tallystick
