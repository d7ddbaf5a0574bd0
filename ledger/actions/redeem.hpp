#pragma once

#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

/// bad_contract_id, bad_claim; bad_size unless 1 to 64 lines; for each bad_code (resource),
/// bad_quantity, bad_code (outcome, ward); bad_time (wanted by).
[[nodiscard]] Form check(const pb::Redeem& action, const CheckContext& context);

/// Sum of units times unit value; 0 if the contract or a resource is unknown.
[[nodiscard]] std::uint64_t value_moved(const pb::Redeem& action, const StateView& view,
                                        const Context& context);

/// A project asks the supplier whose credits it holds for listed resources: available -> reserved,
/// the units outstanding. Signs: the project. Refusals, in order:
/// - unknown_contract, contract_not_open
/// - date_out_of_range: wanted by now or before, or not before the deadline
/// - not_accredited
/// - for each line in turn: unknown_resource (not in the price list), unknown_outcome,
///   unknown_ward (not of the accreditation), resource_not_promised (by an issued award of this
///   supplier), amount_too_large (the lines together)
/// - insufficient_credits, balance_overflow
/// Effect: a redemption named by the envelope's id, requested, one line a request; unanswered, each
/// lapses after the answering time.
[[nodiscard]] Verdict execute(const pb::Redeem& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
