#include "ledger/governance/change.hpp"

#include "ledger/authorities.hpp"
#include "ledger/governance/admit_authority.hpp"
#include "ledger/governance/hand_over.hpp"
#include "ledger/governance/remove_authority.hpp"
#include "ledger/governance/set_authority_policy.hpp"
#include "ledger/governance/set_node.hpp"
#include "ledger/governance/set_parameter.hpp"
#include "ledger/governance/take_power.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

/// Else one authority alone would decide about another.
constexpr int others_min = 2;

/// Calls `visitor` with the change: the one place that lists them all. @pre it is one.
template <class Visitor>
auto visit_change(const pb::Change& change, const Visitor& visitor) {
    switch (change.change_case()) {
        case pb::Change::kAdmitAuthority: return visitor(change.admit_authority());
        case pb::Change::kRemoveAuthority: return visitor(change.remove_authority());
        case pb::Change::kSetAuthorityPolicy: return visitor(change.set_authority_policy());
        case pb::Change::kSetNode: return visitor(change.set_node());
        case pb::Change::kSetParameter: return visitor(change.set_parameter());
        case pb::Change::kTakePower: return visitor(change.take_power());
        case pb::Change::kHandOver: return visitor(change.hand_over());
        case pb::Change::CHANGE_NOT_SET: break;
    }
    stop_on_bug("check_change refuses a proposal without a change");
}

}  // namespace

Form check_change(const pb::Change& change, const CheckContext& context) {
    if (change.change_case() == pb::Change::CHANGE_NOT_SET) return Malformed::missing_field;
    return visit_change(change, [&](const auto& each) { return check(each, context); });
}

Verdict judge_change(const pb::Change& change, const StateView& view) {
    if (const auto concerned = authority_concerned_by(change); !concerned.empty()) {
        const auto authorities = authorities_of(view);
        if (!is_listed(*authorities, concerned)) return Refusal::unknown_authority;
        if (authorities->handles_size() - 1 < others_min) return Refusal::too_few_authorities;
    }
    return visit_change(change, [&](const auto& each) { return judge(each, view); });
}

void make_change(const pb::Change& change, const ChangePoint& point, Draft& draft) {
    visit_change(change, [&](const auto& each) { make(each, point, draft); });
}

std::string_view authority_concerned_by(const pb::Change& change) noexcept {
    switch (change.change_case()) {
        case pb::Change::kRemoveAuthority: return change.remove_authority().authority();
        case pb::Change::kSetAuthorityPolicy: return change.set_authority_policy().authority();
        case pb::Change::kSetNode: return change.set_node().authority();
        case pb::Change::kTakePower: return change.take_power().authority();
        case pb::Change::kAdmitAuthority:
        case pb::Change::kSetParameter:
        case pb::Change::kHandOver:
        case pb::Change::CHANGE_NOT_SET: break;
    }
    return {};
}

}  // namespace tallystick::ledger
