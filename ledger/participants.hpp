#pragma once

#include <string_view>

#include "ledger/draft.hpp"

/// Accounts' roles, and their sides of a contract. On one contract an account is supplier or
/// project for ever, never both: else a supplier could confirm its own deliveries.
namespace tallystick::ledger {

/// Is there an account of this handle with this role?
[[nodiscard]] bool has_role(const StateView& view, std::string_view account, pb::Role role);

/// The account's side of the contract; ROLE_UNSPECIFIED while it has taken none.
[[nodiscard]] pb::Role side_of(const StateView& view, const pb::ContractId& contract,
                               std::string_view account);

/// Has the account taken the other side of the contract than `role`?
/// @pre `role` is supplier or project.
[[nodiscard]] bool is_on_the_other_side(const StateView& view, const pb::ContractId& contract,
                                        std::string_view account, pb::Role role);

/// Fixes the account's side of the contract; nothing changes if it has that side already.
/// @pre it is not on the other side; `role` is supplier or project.
void take_side(Draft& draft, const pb::ContractId& contract, std::string_view account,
               pb::Role role);

}  // namespace tallystick::ledger
