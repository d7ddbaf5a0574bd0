#include "protocol/receipt.hpp"

namespace tallystick {

std::string_view receipt_error_name(const ReceiptError& error) noexcept {
    switch (error.fault) {
        case ReceiptFault::too_large: return "too_large";
        case ReceiptFault::not_a_receipt: return "not_a_receipt";
        case ReceiptFault::not_canonical: return "not_canonical";
        case ReceiptFault::incomplete: return "incomplete";
        case ReceiptFault::other_ledger: return "other_ledger";
        case ReceiptFault::unknown_chain: return "unknown_chain";
        case ReceiptFault::chain: return error.chain ? chain_fault_name(*error.chain) : "chain";
        case ReceiptFault::not_trusted: return "not_trusted";
        case ReceiptFault::fork: return "fork";
        case ReceiptFault::listed_set_differs: return "listed_set_differs";
        case ReceiptFault::app_hash_mismatch: return "app_hash_mismatch";
        case ReceiptFault::state_proof:
            return error.state_proof ? state_proof_fault_name(*error.state_proof) : "state_proof";
        case ReceiptFault::log_proof: return "log_proof";
        case ReceiptFault::entry_not_canonical: return "entry_not_canonical";
        case ReceiptFault::envelope_mismatch: return "envelope_mismatch";
        case ReceiptFault::bad_key: return "bad_key";
        case ReceiptFault::value_not_canonical: return "value_not_canonical";
        case ReceiptFault::redemption_incomplete: return "redemption_incomplete";
        case ReceiptFault::segment_ended: return "segment_ended";
        case ReceiptFault::handover:
            return error.handover ? handover_error_name(*error.handover) : "handover";
        case ReceiptFault::handover_out_of_place: return "handover_out_of_place";
    }
    return "unknown";
}

std::string_view receipt_error_sentence(const ReceiptError& error) noexcept {
    switch (error.fault) {
        case ReceiptFault::too_large: return "The file is larger than any receipt can be.";
        case ReceiptFault::not_a_receipt: return "The file is not a Tallystick receipt.";
        case ReceiptFault::not_canonical:
            return "The receipt is damaged: it was cut short, extended or altered.";
        case ReceiptFault::incomplete: return "A part of the receipt is missing or damaged.";
        case ReceiptFault::other_ledger:
            return "The receipt is of another ledger than the trust file.";
        case ReceiptFault::unknown_chain:
            return "The receipt's block is of a chain that the trust file does not know: a newer "
                   "trust file is needed, or the handover record that leads to that chain.";
        case ReceiptFault::chain:
            return error.chain ? chain_fault_sentence(*error.chain)
                               : "The receipt's block is not valid.";
        case ReceiptFault::not_trusted:
            return "Nothing leads from the trust file to the authorities that signed this receipt: "
                   "a newer trust file is needed.";
        case ReceiptFault::fork:
            return "The receipt has another block in the place of the one that the trust file "
                   "trusts: keep both files, they are evidence that authorities signed twice.";
        case ReceiptFault::listed_set_differs:
            return "The block is signed by others than the authorities that the trust file lists.";
        case ReceiptFault::app_hash_mismatch:
            return "The receipt's state is not the one that the authorities signed.";
        case ReceiptFault::state_proof:
            return error.state_proof ? state_proof_fault_sentence(*error.state_proof)
                                     : "The state entry's proof is not valid.";
        case ReceiptFault::log_proof:
            return "The entry does not stand in the ledger's log at the place that the receipt "
                   "says.";
        case ReceiptFault::entry_not_canonical: return "The receipt's log entry is malformed.";
        case ReceiptFault::envelope_mismatch:
            return "The envelope in the receipt is not the one whose outcome it proves.";
        case ReceiptFault::bad_key:
            return "The receipt proves something else than what it says it proves.";
        case ReceiptFault::value_not_canonical: return "The value in the receipt is malformed.";
        case ReceiptFault::redemption_incomplete:
            return "The receipt does not hold every line of the redemption.";
        case ReceiptFault::segment_ended:
            return "The block stands in a chain that had ended by then: another went on in its "
                   "place. Keep the file, it is evidence against those who signed it.";
        case ReceiptFault::handover:
            return error.handover ? handover_error_sentence(*error.handover)
                                  : "A handover from one chain to the next is not valid.";
        case ReceiptFault::handover_out_of_place:
            return "A handover in the receipt does not lie on the way to its block.";
    }
    return "The receipt is not valid.";
}

}  // namespace tallystick
