#pragma once

#include <string>
#include <string_view>

#include "ledger/context.hpp"
#include "ledger/state_view.hpp"

/// Who is an authority now, and who answers for one that left. A removed authority's account names
/// its successor, which was an authority then; the links end at one that is an authority now.
namespace tallystick::ledger {

/// Most authorities of a ledger at one time.
inline constexpr int authorities_max = 100;

/// The list of the current authorities. @pre `view` is the state of a ledger.
[[nodiscard]] std::shared_ptr<const pb::Authorities> authorities_of(const StateView& view);

[[nodiscard]] bool is_listed(const pb::Authorities& authorities, std::string_view handle);

/// Is it one of the current authorities?
[[nodiscard]] bool is_authority(const StateView& view, std::string_view handle);

/// The authority that answers for `handle` now: itself, or whoever took over, link by link. A
/// handle that the ledger does not know answers for itself.
[[nodiscard]] std::string current_authority(const StateView& view, std::string_view handle);

/// Does the acting account answer for the authority `named` (a contract's)? No look-up where it is
/// the same. @pre the acting account is no removed authority.
[[nodiscard]] bool acts_for(std::string_view named, const Context& context, const StateView& view);

/// Has whoever answers for the authority `named` agreed, as the acting account or by co-signing? No
/// look-up where it has signed itself. @pre none of those who signed is a removed authority.
[[nodiscard]] bool has_signed_for(std::string_view named, const Context& context,
                                  const StateView& view);

}  // namespace tallystick::ledger
