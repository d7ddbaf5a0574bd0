#include <algorithm>

#include "protocol/governing.hpp"
#include "protocol/receipt_words.hpp"
#include "protocol/timestamp.hpp"

/// What an envelope asked for; one function an action.
namespace tallystick {

namespace {

std::string claim_words(const pb::Claim& claim) {
    return "from " + printable(claim.supplier()) + " under " + contract_in_words(claim.contract());
}

/// The first bytes of an id are enough to find it again.
std::string id_words(std::string_view id) {
    return to_hex(bytes_of(id.substr(0, 8))) + "...";
}

std::string day(std::uint64_t seconds) {
    return seconds <= seconds_max ? day_in_words(seconds) : "a day that does not exist";
}

std::string count(std::uint64_t number, std::string_view noun) {
    return std::to_string(number) + ' ' + std::string{noun} + (number == 1 ? "" : "s");
}

std::string units_of(std::uint64_t quantity, std::uint32_t line, std::string_view of,
                     std::string_view id) {
    return count(quantity, "unit") + " of line " + std::to_string(line) + " of " + std::string{of} +
           ' ' + id_words(id);
}

std::string resources_words(std::uint64_t quantity, const std::string& resource) {
    return std::to_string(quantity) + " x " + printable(resource);
}

std::string words(const pb::Register& action) {
    return "register the account " + printable(action.handle());
}
std::string words(const pb::SetPolicy& action) {
    return "change who signs for it, to " +
           count(static_cast<std::uint64_t>(action.policy().keys_size()), "key");
}
std::string words(const pb::OpenContract& action) {
    return "open " + contract_in_words(action.contract());
}
std::string words(const pb::CloseContract& action) {
    return "close " + contract_in_words(action.contract());
}
std::string words(const pb::ApplyForAccreditation& action) {
    return "be accredited to " + contract_in_words(action.contract());
}
std::string words(const pb::DeclineApplication& action) {
    return "decline the application of " + printable(action.project()) + " to " +
           contract_in_words(action.contract());
}
std::string words(const pb::Accredit& action) {
    return "accredit " + printable(action.project()) + " to " +
           contract_in_words(action.contract()) + " until " + day(action.expires());
}
std::string words(const pb::PublishNeed& action) {
    return "publish a need for " + resources_words(action.quantity(), action.resource()) + " by " +
           day(action.by_when()) + " under " + contract_in_words(action.contract());
}
std::string words(const pb::WithdrawNeed& action) {
    return "withdraw the need " + id_words(action.need());
}
std::string words(const pb::SealLines& action) {
    return "seal a bid on " + contract_in_words(action.contract());
}
std::string words(const pb::RevealLines& action) {
    return "reveal its bid of " + count(static_cast<std::uint64_t>(action.lines_size()), "line") +
           " on " + contract_in_words(action.contract());
}
std::string words(const pb::WithdrawLines& action) {
    return "withdraw its bid on " + contract_in_words(action.contract());
}
std::string words(const pb::Award& action) {
    const auto lines = static_cast<std::uint64_t>(action.revealed_size()) +
                       static_cast<std::uint64_t>(action.lines_size());
    return "award " + count(lines, "line") + " to " + printable(action.supplier()) + " under " +
           contract_in_words(action.contract()) + ", issued when the standstill ends on " +
           day(action.standstill_ends());
}
std::string words(const pb::CancelAward& action) {
    return "cancel the award " + id_words(action.award());
}
std::string words(const pb::TransferAwarded& action) {
    return "transfer " + units_of(action.quantity(), action.line(), "award", action.award()) +
           " to " + printable(action.to());
}
std::string words(const pb::Transfer& action) {
    return "transfer " + credits_in_words(action.amount()) + ' ' + claim_words(action.claim()) +
           " to " + printable(action.to());
}
std::string words(const pb::ReturnCredits& action) {
    return "return " + credits_in_words(action.amount()) + ' ' + claim_words(action.claim());
}
std::string words(const pb::ReturnAwarded& action) {
    return "return " + units_of(action.quantity(), action.line(), "award", action.award());
}
std::string words(const pb::Redeem& action) {
    std::string asked;
    for (const auto& line : action.lines())
        asked += (asked.empty() ? "" : ", ") + resources_words(line.quantity(), line.resource());
    return "redeem credits for " + asked + ' ' + claim_words(action.claim()) + ", wanted by " +
           day(action.wanted_by());
}
std::string words(const pb::AcceptRedemption& action) {
    return "accept the redemption " + id_words(action.redemption()) + " for " + day(action.date());
}
std::string words(const pb::DeclineRedemption& action) {
    return "decline the redemption " + id_words(action.redemption());
}
std::string words(const pb::CancelRedemption& action) {
    return "cancel " + count(static_cast<std::uint64_t>(action.lines_size()), "line") +
           " of the redemption " + id_words(action.redemption());
}
std::string words(const pb::RecordDelivery& action) {
    return "record the delivery of " +
           units_of(action.quantity(), action.line(), "redemption", action.redemption()) +
           " with " + count(static_cast<std::uint64_t>(action.evidence_size()), "evidence tag");
}

template <class Lines>
std::string lines_words(const Lines& lines) {
    std::string all;
    for (const auto& line : lines)
        all += (all.empty() ? "" : ", ") +
               units_of(line.quantity(), line.line(), "redemption", line.redemption());
    return all;
}

std::string words(const pb::ConfirmDelivery& action) {
    return "confirm the delivery of " + lines_words(action.lines());
}
std::string words(const pb::VerifyDelivery& action) {
    return "verify the delivery of " + lines_words(action.lines());
}
std::string words(const pb::Dispute& action) {
    return "dispute " +
           units_of(action.quantity(), action.line(), "redemption", action.redemption());
}
std::string words(const pb::ResolveDispute& action) {
    return "resolve the dispute on line " + std::to_string(action.line()) + " of redemption " +
           id_words(action.redemption()) + ": " + count(action.to_project(), "unit") +
           " back to the project, " + count(action.to_retire(), "unit") + " retired";
}

std::string words(const pb::Propose& action) {
    const auto words = "propose to " + change_in_words(action.change());
    if (action.effective_at() == 0) return words + ", as soon as it is decided";
    return words + ", not before " +
           (action.effective_at() <= seconds_max ? instant_in_words(action.effective_at())
                                                 : "a time that does not exist");
}
std::string words(const pb::Vote& action) {
    return std::string{action.choice() == pb::CHOICE_YES ? "vote for" : "vote against"} +
           " the proposal " + id_words(action.proposal());
}

}  // namespace

std::string action_in_words(const pb::Body& body) {
    switch (body.action_case()) {
        case pb::Body::kPropose: return words(body.propose());
        case pb::Body::kVote: return words(body.vote());
        case pb::Body::kRegister: return words(body.register_());
        case pb::Body::kSetPolicy: return words(body.set_policy());
        case pb::Body::kOpenContract: return words(body.open_contract());
        case pb::Body::kCloseContract: return words(body.close_contract());
        case pb::Body::kApplyForAccreditation: return words(body.apply_for_accreditation());
        case pb::Body::kDeclineApplication: return words(body.decline_application());
        case pb::Body::kAccredit: return words(body.accredit());
        case pb::Body::kPublishNeed: return words(body.publish_need());
        case pb::Body::kWithdrawNeed: return words(body.withdraw_need());
        case pb::Body::kSealLines: return words(body.seal_lines());
        case pb::Body::kRevealLines: return words(body.reveal_lines());
        case pb::Body::kWithdrawLines: return words(body.withdraw_lines());
        case pb::Body::kAward: return words(body.award());
        case pb::Body::kCancelAward: return words(body.cancel_award());
        case pb::Body::kTransferAwarded: return words(body.transfer_awarded());
        case pb::Body::kTransfer: return words(body.transfer());
        case pb::Body::kReturnCredits: return words(body.return_credits());
        case pb::Body::kReturnAwarded: return words(body.return_awarded());
        case pb::Body::kRedeem: return words(body.redeem());
        case pb::Body::kAcceptRedemption: return words(body.accept_redemption());
        case pb::Body::kDeclineRedemption: return words(body.decline_redemption());
        case pb::Body::kCancelRedemption: return words(body.cancel_redemption());
        case pb::Body::kRecordDelivery: return words(body.record_delivery());
        case pb::Body::kConfirmDelivery: return words(body.confirm_delivery());
        case pb::Body::kVerifyDelivery: return words(body.verify_delivery());
        case pb::Body::kDispute: return words(body.dispute());
        case pb::Body::kResolveDispute: return words(body.resolve_dispute());
        case pb::Body::ACTION_NOT_SET: break;
    }
    return "do nothing";
}

std::string key_in_words(const ParsedKey& key) {
    const auto part = [&](std::size_t number) { return printable(key.parts[number]); };
    const auto contract = [&](std::size_t first) {
        return contract_in_words(contract_of_parts(key, first));
    };
    const auto number = [&](std::size_t at) {
        return std::to_string(number_of_part(key.parts[at]));
    };
    switch (key.kind) {
        case Kind::parameters: return "the ledger's parameters";
        case Kind::account: return "the account " + part(0);
        case Kind::identifier: return "the identifier " + part(0) + ' ' + part(1);
        case Kind::public_key: return "the public key " + id_words(key.parts[0]);
        case Kind::authority_node: return "the node of " + part(0);
        case Kind::contract: return contract(0);
        case Kind::contract_totals: return "the totals of " + contract(0);
        case Kind::claim_totals: return "the totals of " + part(3) + " under " + contract(0);
        case Kind::participant: return "the part of " + part(3) + " in " + contract(0);
        case Kind::accreditation: return "the accreditation of " + part(3) + " to " + contract(0);
        case Kind::need: return "the need " + id_words(key.parts[0]);
        case Kind::bid: return "the bid of " + part(3) + " on " + contract(0);
        case Kind::revealed_line:
            return "line " + number(4) + " of the bid of " + part(3) + " on " + contract(0);
        case Kind::award: return "the award " + id_words(key.parts[0]);
        case Kind::awarded_line:
            return "line " + number(1) + " of the award " + id_words(key.parts[0]);
        case Kind::balance:
            return "the balance of " + part(0) + " from " + part(4) + " under " + contract(1);
        case Kind::promise:
            return "the promise of " + part(4) + " by " + part(3) + " under " + contract(0);
        case Kind::redemption: return "the redemption " + id_words(key.parts[0]);
        case Kind::redemption_line:
            return "line " + number(1) + " of the redemption " + id_words(key.parts[0]);
        case Kind::evidence: return "the evidence tag " + id_words(key.parts[0]);
        case Kind::authorities: return "the list of authorities";
        case Kind::proposal: return "the proposal " + id_words(key.parts[0]);
        case Kind::misbehaviour: return "the misbehaviour of the node of " + part(0);
        case Kind::handover: return "the handover to the next segment of the chain";
        case Kind::node_address: return "the node with the address " + id_words(key.parts[0]);
    }
    return "a state entry";
}

}  // namespace tallystick
