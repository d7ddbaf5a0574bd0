#pragma once

#include "protocol/receipt.hpp"

/// The part of a receipt's verification that judges its statement against the roots. For
/// protocol/receipt.cpp.
namespace tallystick {

/// The roots that a believed header carries.
struct ProvedRoots {
    LedgerId ledger_id;
    Hash state_root;
    Hash log_root;
    std::uint64_t log_size = 0;
};

/// The receipt's statement, proved against the roots. Faults: incomplete, state_proof, log_proof,
/// entry_not_canonical, envelope_mismatch, bad_key, value_not_canonical, redemption_incomplete.
[[nodiscard]] Result<Statement, ReceiptError> prove_statement(const pb::Receipt& receipt,
                                                              const ProvedRoots& roots);

}  // namespace tallystick
