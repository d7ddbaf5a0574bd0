#pragma once

#include <string>
#include <vector>

#include "wallet/core/drafts.hpp"
#include "wallet/core/facts.hpp"

/// Has everybody signed who must?
namespace tallystick::wallet {

/// How far one account is with signing.
struct Approval {
    std::string account;
    bool known = false;  ///< false: the facts hold no such account
    std::uint32_t needed = 0;
    std::uint32_t have = 0;
    std::vector<std::string> not_yet;  ///< its keys that have not signed, 32 bytes each

    [[nodiscard]] bool satisfied() const { return known && have >= needed; }
};

/// The acting account's approval, then those of the co-signing accounts, by the policies that the
/// facts hold. Where the facts do not give the amount that moves, the higher threshold counts.
[[nodiscard]] std::vector<Approval> approvals_of(const HalfSigned& draft, const Facts& facts);

[[nodiscard]] bool all_satisfied(const std::vector<Approval>& approvals);

/// `suffolk: 1 of 2 signatures; can still sign: ab12cd34…, …`, a line an account that lacks some.
[[nodiscard]] std::string missing_text(const std::vector<Approval>& approvals);

}  // namespace tallystick::wallet
