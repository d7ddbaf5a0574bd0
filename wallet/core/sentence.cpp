#include "wallet/core/sentence.hpp"

#include <vector>

#include "wallet/core/sentence_parts.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

std::string words_of(const pb::Body& body, const Facts& facts) {
    switch (body.action_case()) {
        case pb::Body::kRegister: return say(body.register_(), facts);
        case pb::Body::kSetPolicy: return say(body.set_policy(), facts);
        case pb::Body::kOpenContract: return say(body.open_contract(), facts);
        case pb::Body::kCloseContract: return say(body.close_contract(), facts);
        case pb::Body::kApplyForAccreditation: return say(body.apply_for_accreditation(), facts);
        case pb::Body::kDeclineApplication: return say(body.decline_application(), facts);
        case pb::Body::kAccredit: return say(body.accredit(), facts);
        case pb::Body::kPublishNeed: return say(body.publish_need(), facts);
        case pb::Body::kWithdrawNeed: return say(body.withdraw_need(), facts);
        case pb::Body::kSealLines: return say(body.seal_lines(), facts);
        case pb::Body::kRevealLines: return say(body.reveal_lines(), facts);
        case pb::Body::kWithdrawLines: return say(body.withdraw_lines(), facts);
        case pb::Body::kAward: return say(body.award(), facts);
        case pb::Body::kCancelAward: return say(body.cancel_award(), facts);
        case pb::Body::kTransferAwarded: return say(body.transfer_awarded(), facts);
        case pb::Body::kTransfer: return say(body.transfer(), facts);
        case pb::Body::kReturnCredits: return say(body.return_credits(), facts);
        case pb::Body::kReturnAwarded: return say(body.return_awarded(), facts);
        case pb::Body::kRedeem: return say(body.redeem(), facts);
        case pb::Body::kAcceptRedemption: return say(body.accept_redemption(), facts);
        case pb::Body::kDeclineRedemption: return say(body.decline_redemption(), facts);
        case pb::Body::kCancelRedemption: return say(body.cancel_redemption(), facts);
        case pb::Body::kRecordDelivery: return say(body.record_delivery(), facts);
        case pb::Body::kConfirmDelivery: return say(body.confirm_delivery(), facts);
        case pb::Body::kVerifyDelivery: return say(body.verify_delivery(), facts);
        case pb::Body::kDispute: return say(body.dispute(), facts);
        case pb::Body::kResolveDispute: return say(body.resolve_dispute(), facts);
        case pb::Body::kPropose: return say(body.propose(), facts);
        case pb::Body::kVote: return say(body.vote(), facts);
        case pb::Body::ACTION_NOT_SET: break;
    }
    return "ask for nothing";
}

}  // namespace

std::string sentence_of(const pb::Body& body, const Facts& facts) {
    auto made = "You, " + shown(body.account()) + ", " + words_of(body, facts) + ".";
    if (body.co_signers().empty()) return made;
    std::vector<std::string> others;
    for (const auto& account : body.co_signers()) others.push_back(shown(account));
    return made + " It takes effect only if " + joined(others) + " " +
           (others.size() == 1 ? "signs" : "sign") + " it too.";
}

std::string_view action_title(const pb::Body& body) noexcept {
    switch (body.action_case()) {
        case pb::Body::kPropose: return "proposal make";
        case pb::Body::kVote: return "proposal vote";
        case pb::Body::kRegister: return "account register";
        case pb::Body::kSetPolicy: return "account policy set";
        case pb::Body::kOpenContract: return "contract open";
        case pb::Body::kCloseContract: return "contract close";
        case pb::Body::kApplyForAccreditation: return "accreditation apply";
        case pb::Body::kDeclineApplication: return "accreditation decline";
        case pb::Body::kAccredit: return "accreditation grant";
        case pb::Body::kPublishNeed: return "need publish";
        case pb::Body::kWithdrawNeed: return "need withdraw";
        case pb::Body::kSealLines: return "bid seal";
        case pb::Body::kRevealLines: return "bid reveal";
        case pb::Body::kWithdrawLines: return "bid withdraw";
        case pb::Body::kAward: return "award make";
        case pb::Body::kCancelAward: return "award cancel";
        case pb::Body::kTransferAwarded: return "transfer pass";
        case pb::Body::kTransfer: return "transfer send";
        case pb::Body::kReturnCredits:
        case pb::Body::kReturnAwarded: return "credits return";
        case pb::Body::kRedeem: return "redemption request";
        case pb::Body::kAcceptRedemption: return "redemption accept";
        case pb::Body::kDeclineRedemption: return "redemption decline";
        case pb::Body::kCancelRedemption: return "redemption cancel";
        case pb::Body::kRecordDelivery: return "delivery record";
        case pb::Body::kConfirmDelivery: return "delivery confirm";
        case pb::Body::kVerifyDelivery: return "delivery verify";
        case pb::Body::kDispute: return "dispute open";
        case pb::Body::kResolveDispute: return "dispute resolve";
        case pb::Body::ACTION_NOT_SET: break;
    }
    return "nothing";
}

}  // namespace tallystick::wallet
