#pragma once

#include <cstdint>
#include <string_view>

#include "ledger/actions/action.hpp"
#include "ledger/context.hpp"
#include "ledger/draft.hpp"

/// What authorities vote on: one kind of change a file, each with three functions found by
/// overload:
///
///   Form check(const pb::X&, const CheckContext&)        stateless: form, bounds, key proofs
///   Verdict judge(const pb::X&, const StateView&)        refusals in the documented order
///   void make(const pb::X&, const ChangePoint&, Draft&)       writes that cannot fail
///
/// `judge` runs when a change is proposed and again when it takes effect; `make` only after that.
namespace tallystick::ledger {

/// When and where in the chain a change takes effect. A view; valid during the call.
struct ChangePoint {
    std::uint64_t time;         ///< seconds: the due time of what makes it
    std::uint64_t height;       ///< of the block that makes it
    std::string_view chain_id;  ///< of that block
};

/// `check` of whichever change it is; missing_field if it is none.
[[nodiscard]] Form check_change(const pb::Change& change, const CheckContext& context);

/// `judge` of whichever change it is, behind what all that concern one authority share:
/// unknown_authority (it is no current one), too_few_authorities (fewer than two others).
/// @pre check_change passed.
[[nodiscard]] Verdict judge_change(const pb::Change& change, const StateView& view);

/// `make` of whichever change it is. @pre judge_change did not refuse it on this state.
void make_change(const pb::Change& change, const ChangePoint& point, Draft& draft);

/// The authority that a change concerns (its removal, policy, node or power); empty for the others.
[[nodiscard]] std::string_view authority_concerned_by(const pb::Change& change) noexcept;

}  // namespace tallystick::ledger
