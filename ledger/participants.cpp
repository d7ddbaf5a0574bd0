#include "ledger/participants.hpp"

#include <algorithm>

#include "protocol/ensure.hpp"

namespace tallystick::ledger {

bool has_role(const StateView& view, std::string_view account, pb::Role role) {
    const auto found = view.get(account_key(account));
    return found && std::ranges::find(found->roles(), role) != found->roles().end();
}

pb::Role side_of(const StateView& view, const pb::ContractId& contract, std::string_view account) {
    const auto participant = view.get(participant_key(contract, account));
    return participant ? participant->role() : pb::ROLE_UNSPECIFIED;
}

bool is_on_the_other_side(const StateView& view, const pb::ContractId& contract,
                          std::string_view account, pb::Role role) {
    const auto side = side_of(view, contract, account);
    return side != pb::ROLE_UNSPECIFIED && side != role;
}

void take_side(Draft& draft, const pb::ContractId& contract, std::string_view account,
               pb::Role role) {
    ensure(role == pb::ROLE_SUPPLIER || role == pb::ROLE_PROJECT, "a contract has two sides");
    const auto side = side_of(draft, contract, account);
    if (side == role) return;
    ensure(side == pb::ROLE_UNSPECIFIED, "on_the_other_side is refused before");
    pb::Participant participant;
    participant.set_role(role);
    draft.put(participant_key(contract, account), std::move(participant));
}

}  // namespace tallystick::ledger
