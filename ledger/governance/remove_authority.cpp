#include "ledger/governance/remove_authority.hpp"

#include "ledger/actions/form.hpp"
#include "ledger/authorities.hpp"
#include "ledger/governance/nodes.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::RemoveAuthority& change, const CheckContext& /*context*/) {
    if (const auto bad = check_authority_handle(change.authority())) return bad;
    if (const auto bad = check_authority_handle(change.successor())) return bad;
    if (change.authority() == change.successor()) return Malformed::to_oneself;
    return std::nullopt;
}

Verdict judge(const pb::RemoveAuthority& change, const StateView& view) {
    if (!is_authority(view, change.successor())) return Refusal::unknown_successor;
    if (powerful_nodes_without(view, change.authority()) < nodes_with_power_min)
        return Refusal::too_few_nodes_left;
    return std::nullopt;
}

void make(const pb::RemoveAuthority& change, const ChangePoint& /*point*/, Draft& draft) {
    pb::Authorities left;
    for (const auto& handle : authorities_of(draft)->handles())
        if (handle != change.authority()) left.add_handles(handle);
    draft.put(authorities_key(), std::move(left));
    erase_node(draft, change.authority());

    const auto key = account_key(change.authority());
    const auto before = draft.get(key);
    ensure(before != nullptr, "an authority has an account");
    auto account = *before;
    account.set_successor(change.successor());
    draft.put(key, std::move(account));
}

}  // namespace tallystick::ledger
