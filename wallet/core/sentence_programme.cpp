// Sentences of accounts, contracts, accreditation, needs, bids and awards.
#include <vector>

#include "wallet/core/sentence_parts.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

template <class Texts>
std::string codes(const Texts& texts, std::string_view noun) {
    std::vector<std::string> safe;
    for (const auto& text : texts) safe.push_back(shown(text));
    return std::string{noun} + (safe.size() == 1 ? " " : "s ") + joined(safe);
}

std::string allocation_text(const pb::OpenContract& action) {
    switch (action.allocation_case()) {
        case pb::OpenContract::kAllocationFixed: return credits_text(action.allocation_fixed());
        case pb::OpenContract::kAllocationRate: {
            const auto& rate = action.allocation_rate();
            const auto divisor = multiply_divide(rate.pence_per_credit(), 100, 1);
            const auto hundredths =
                divisor ? multiply_divide(action.value_pence(), rate.basis_points(), *divisor)
                        : std::nullopt;
            return hundredths ? credits_text(*hundredths) : "an amount that cannot be worked out";
        }
        case pb::OpenContract::kAllocationBands: {
            std::uint64_t allocation = 0;
            for (const auto& band : action.allocation_bands().bands()) {
                if (band.from_pence() <= action.value_pence()) allocation = band.allocation();
            }
            return credits_text(allocation);
        }
        case pb::OpenContract::ALLOCATION_NOT_SET: break;
    }
    return "no credits";
}

std::string role_text(int role) {
    switch (role) {
        case pb::ROLE_AUTHORITY: return "authority";
        case pb::ROLE_SUPPLIER: return "supplier";
        case pb::ROLE_PROJECT: return "project";
        default: return "nothing";  // a number that no action of this version may hold
    }
}

template <class Lines>
std::string lines_text(const pb::ContractId& contract, const Lines& lines, const Facts& facts) {
    std::vector<std::string> words;
    for (const auto& line : lines) words.push_back(line_text(contract, line, facts));
    return joined(words, 16);
}

}  // namespace

std::string policy_text(const pb::Policy& policy) {
    std::vector<std::string> keys;
    for (const auto& key : policy.keys()) keys.push_back(short_id(key) + "…");
    const auto of = " of " + std::to_string(policy.keys_size());
    // Above the largest amount nothing can move: such a limit is none.
    const auto above = policy.amount_limit() == Amount::hundredths_max
                           ? std::string{}
                           : ", " + std::to_string(policy.above_threshold()) + of +
                                 " what moves more than " + credits_text(policy.amount_limit());
    return counted(static_cast<std::uint64_t>(policy.keys_size()), "key") + " (" +
           joined(keys, 16) + "); " + std::to_string(policy.routine_threshold()) + of +
           " must sign" + above + ", " + std::to_string(policy.policy_threshold()) + of +
           " a change of this rule";
}

std::string say(const pb::Register& action, const Facts& /*facts*/) {
    std::vector<std::string> roles;
    for (const auto role : action.roles()) roles.push_back(role_text(role));
    std::vector<std::string> names;
    for (const auto& name : action.names()) names.push_back("\"" + shown(name.text()) + "\"");
    std::vector<std::string> identifiers;
    for (const auto& identifier : action.identifiers())
        identifiers.push_back(shown(identifier.scheme()) + " " + shown(identifier.id()));
    return "register " + joined(names) + " as " + shown(action.handle()) + ", a " + joined(roles) +
           " known as " + joined(identifiers) + ", with " + policy_text(action.policy());
}

std::string say(const pb::SetPolicy& action, const Facts& /*facts*/) {
    return "change who signs for you to " + policy_text(action.policy());
}

std::string say(const pb::OpenContract& action, const Facts& /*facts*/) {
    return "open " + contract_text(action.contract()) + " for at most " + allocation_text(action) +
           ", with " + counted(static_cast<std::uint64_t>(action.prices_size()), "resource") +
           " on its price list, for " + codes(action.outcomes(), "outcome") + " in " +
           codes(action.wards(), "ward") + "; bids close on " + time_text(action.bids_close()) +
           ", a standstill lasts " + duration_text(action.standstill_seconds()) +
           " and credits can be redeemed until " + time_text(action.redemption_deadline()) +
           "; none of this can be changed afterwards";
}

std::string say(const pb::CloseContract& action, const Facts& /*facts*/) {
    return "close " + contract_text(action.contract()) + " for ever";
}

std::string say(const pb::ApplyForAccreditation& action, const Facts& /*facts*/) {
    return "apply to be accredited to " + contract_text(action.contract()) + " for " +
           codes(action.outcomes(), "outcome") + " in " + codes(action.wards(), "ward");
}

std::string say(const pb::DeclineApplication& action, const Facts& /*facts*/) {
    return "decline the application of " + shown(action.project()) + " to " +
           contract_text(action.contract()) + because(action.reason());
}

std::string say(const pb::Accredit& action, const Facts& /*facts*/) {
    return "accredit " + shown(action.project()) + " to " + contract_text(action.contract()) +
           " until " + time_text(action.expires()) + " for " + codes(action.outcomes(), "outcome") +
           " in " + codes(action.wards(), "ward") + because(action.relevance());
}

std::string say(const pb::PublishNeed& action, const Facts& facts) {
    return "publish to every bidder on " + contract_text(action.contract()) +
           " that you could use " +
           resources_text(action.contract(), action.resource(), action.quantity(), facts) + " by " +
           time_text(action.by_when()) + " in ward " + shown(action.ward());
}

std::string say(const pb::WithdrawNeed& action, const Facts& facts) {
    const auto need = facts.get(need_key(action.need()));
    if (!need) return "withdraw your need " + short_id(action.need()) + "…";
    return "withdraw your need of " +
           resources_text(need->contract(), need->resource(), need->quantity(), facts) + " on " +
           contract_text(need->contract());
}

std::string say(const pb::SealLines& action, const Facts& /*facts*/) {
    return "seal your bid on " + contract_text(action.contract()) +
           "; others see only that you bid until you reveal it after bids close";
}

std::string say(const pb::RevealLines& action, const Facts& facts) {
    return "reveal your bid on " + contract_text(action.contract()) + " to everyone, and promise " +
           lines_text(action.contract(), action.lines(), facts);
}

std::string say(const pb::WithdrawLines& action, const Facts& /*facts*/) {
    return "withdraw your bid on " + contract_text(action.contract()) +
           ", except lines that are awarded already";
}

std::string say(const pb::Award& action, const Facts& facts) {
    std::vector<std::string> words;
    pb::Claim bidder;
    *bidder.mutable_contract() = action.contract();
    bidder.set_supplier(action.supplier());
    for (const auto number : action.revealed()) {
        const auto revealed = facts.get(revealed_line_key(bidder, number));
        words.push_back("line " + std::to_string(number) +
                        (revealed ? ", " + line_text(action.contract(), revealed->line(), facts)
                                  : std::string{}));
    }
    for (const auto& line : action.lines())
        words.push_back(line_text(action.contract(), line, facts));
    return "award " + shown(action.supplier()) + " under " + contract_text(action.contract()) +
           ": " + joined(words, 16) + "; credits are issued when the standstill ends on " +
           time_text(action.standstill_ends());
}

std::string say(const pb::CancelAward& action, const Facts& facts) {
    const auto award = facts.get(award_key(action.award()));
    auto made = "cancel the award " + short_id(action.award()) + "…";
    if (award)
        made += " of " + credits_text(award->value()) + " to " + shown(award->claim().supplier()) +
                " under " + contract_text(award->claim().contract());
    return made + because(action.reason());
}

}  // namespace tallystick::wallet
