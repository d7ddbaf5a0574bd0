#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

/// An authority registers an organisation under its own handle: a supplier, a project or both.
/// Signs: the authority.
///
/// Refusals, in order: not_an_authority; handle_not_yours (the handle's first part is another
/// authority's); account_exists; identifier_taken; key_taken.
///
/// Effect: the account, and its identifiers and keys as its own on the whole ledger.
namespace tallystick::ledger {

/// Malformed, in order: bad_handle (not "authority/name"); bad_size, bad_role, bad_order (roles:
/// supplier, project or both); the forms of identifiers, names and policy; bad_key_proof (not one
/// true proof a key, in the policy's order).
[[nodiscard]] Form check(const pb::Register& action, const CheckContext& context);

/// Moves no credits: always 0.
[[nodiscard]] std::uint64_t value_moved(const pb::Register& action, const StateView& view,
                                        const Context& context);

/// @pre `check` passed; the accounts that the context names have satisfied their policies.
[[nodiscard]] Verdict execute(const pb::Register& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
