#include "ledger/actions/accept_redemption.hpp"
#include "ledger/actions/accredit.hpp"
#include "ledger/actions/action.hpp"
#include "ledger/actions/apply_for_accreditation.hpp"
#include "ledger/actions/award.hpp"
#include "ledger/actions/cancel_award.hpp"
#include "ledger/actions/cancel_redemption.hpp"
#include "ledger/actions/close_contract.hpp"
#include "ledger/actions/confirm_delivery.hpp"
#include "ledger/actions/decline_application.hpp"
#include "ledger/actions/decline_redemption.hpp"
#include "ledger/actions/dispute.hpp"
#include "ledger/actions/open_contract.hpp"
#include "ledger/actions/propose.hpp"
#include "ledger/actions/publish_need.hpp"
#include "ledger/actions/record_delivery.hpp"
#include "ledger/actions/redeem.hpp"
#include "ledger/actions/register.hpp"
#include "ledger/actions/resolve_dispute.hpp"
#include "ledger/actions/return_awarded.hpp"
#include "ledger/actions/return_credits.hpp"
#include "ledger/actions/reveal_lines.hpp"
#include "ledger/actions/seal_lines.hpp"
#include "ledger/actions/set_policy.hpp"
#include "ledger/actions/transfer.hpp"
#include "ledger/actions/transfer_awarded.hpp"
#include "ledger/actions/verify_delivery.hpp"
#include "ledger/actions/vote.hpp"
#include "ledger/actions/withdraw_lines.hpp"
#include "ledger/actions/withdraw_need.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {

namespace {

/// Calls `visitor` with the action that the body holds: the one place that lists them all.
/// @pre it holds one.
template <class Visitor>
auto visit_action(const pb::Body& body, const Visitor& visitor) {
    switch (body.action_case()) {
        case pb::Body::kPropose: return visitor(body.propose());
        case pb::Body::kVote: return visitor(body.vote());
        case pb::Body::kRegister: return visitor(body.register_());
        case pb::Body::kSetPolicy: return visitor(body.set_policy());
        case pb::Body::kOpenContract: return visitor(body.open_contract());
        case pb::Body::kCloseContract: return visitor(body.close_contract());
        case pb::Body::kApplyForAccreditation: return visitor(body.apply_for_accreditation());
        case pb::Body::kDeclineApplication: return visitor(body.decline_application());
        case pb::Body::kAccredit: return visitor(body.accredit());
        case pb::Body::kPublishNeed: return visitor(body.publish_need());
        case pb::Body::kWithdrawNeed: return visitor(body.withdraw_need());
        case pb::Body::kSealLines: return visitor(body.seal_lines());
        case pb::Body::kRevealLines: return visitor(body.reveal_lines());
        case pb::Body::kWithdrawLines: return visitor(body.withdraw_lines());
        case pb::Body::kAward: return visitor(body.award());
        case pb::Body::kCancelAward: return visitor(body.cancel_award());
        case pb::Body::kTransferAwarded: return visitor(body.transfer_awarded());
        case pb::Body::kTransfer: return visitor(body.transfer());
        case pb::Body::kReturnCredits: return visitor(body.return_credits());
        case pb::Body::kReturnAwarded: return visitor(body.return_awarded());
        case pb::Body::kRedeem: return visitor(body.redeem());
        case pb::Body::kAcceptRedemption: return visitor(body.accept_redemption());
        case pb::Body::kDeclineRedemption: return visitor(body.decline_redemption());
        case pb::Body::kCancelRedemption: return visitor(body.cancel_redemption());
        case pb::Body::kRecordDelivery: return visitor(body.record_delivery());
        case pb::Body::kConfirmDelivery: return visitor(body.confirm_delivery());
        case pb::Body::kVerifyDelivery: return visitor(body.verify_delivery());
        case pb::Body::kDispute: return visitor(body.dispute());
        case pb::Body::kResolveDispute: return visitor(body.resolve_dispute());
        case pb::Body::ACTION_NOT_SET: break;
    }
    stop_on_bug("check_action refuses a body without an action");
}

}  // namespace

Form check_action(const pb::Body& body) {
    if (body.action_case() == pb::Body::ACTION_NOT_SET) return Malformed::missing_field;
    const auto ledger_id = LedgerId::from(body.ledger_id());
    if (!ledger_id) return Malformed::bad_hash;
    const CheckContext context{*ledger_id, body.account()};
    return visit_action(body, [&](const auto& action) { return check(action, context); });
}

std::uint64_t value_moved(const pb::Body& body, const StateView& view, const Context& context) {
    return visit_action(body,
                        [&](const auto& action) { return value_moved(action, view, context); });
}

bool changes_policy(const pb::Body& body) {
    return body.has_set_policy() || body.has_propose() || body.has_vote();
}

Verdict execute_action(const pb::Body& body, const Context& context, Draft& draft) {
    return visit_action(body, [&](const auto& action) { return execute(action, context, draft); });
}

std::string_view action_name(const pb::Body& body) noexcept {
    const auto* field = pb::Body::descriptor()->FindFieldByNumber(body.action_case());
    return field != nullptr ? std::string_view{field->name()} : "none";
}

}  // namespace tallystick::ledger
