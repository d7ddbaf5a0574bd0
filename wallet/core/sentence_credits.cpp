// Sentences of credits, redemptions, deliveries and disputes; and what the sentences share.
#include <algorithm>
#include <vector>

#include "wallet/core/sentence_parts.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

std::string worth(std::optional<std::uint64_t> unit_value, std::uint64_t quantity) {
    const auto unit = unit_value ? Amount::from(*unit_value) : std::nullopt;
    const auto value = unit ? unit->times(quantity) : std::nullopt;
    return value ? " (worth " + credits_text(value->hundredths()) + ")" : "";
}

/// `3 × laptop (worth 750.00 credits)` of a line of a redemption.
std::string units_text(const std::string& redemption, std::uint32_t number, std::uint64_t quantity,
                       const Facts& facts) {
    const auto line = facts.get(redemption_line_key(redemption, number));
    if (!line)
        return counted(quantity, "unit") + " of line " + std::to_string(number) +
               " of redemption " + short_id(redemption) + "…";
    const auto head = facts.get(redemption_key(redemption));
    auto unit = pb::RESOURCE_UNIT_UNSPECIFIED;
    if (head) {
        if (const auto price = facts.price(head->claim().contract(), line->resource()))
            unit = price->price().unit();
    }
    return quantity_text(quantity, line->resource(), unit) + worth(line->unit_value(), quantity);
}

/// What is outstanding of the given lines, or of all.
std::string outstanding_text(const std::string& id, std::vector<std::uint32_t> numbers,
                             const Facts& facts) {
    const auto head = facts.get(redemption_key(id));
    if (!head) return "what is outstanding of redemption " + short_id(id) + "…";
    for (std::uint32_t i = 0; numbers.empty() && i < head->lines(); ++i) numbers.push_back(i);
    std::vector<std::string> words;
    for (const auto number : numbers) {
        const auto line = facts.get(redemption_line_key(id, number));
        words.push_back(units_text(id, number, line ? line->cells().outstanding() : 0, facts));
    }
    return joined(words, 16);
}

/// ` for suffolk/food-bank` or ` from suffolk/acme-build`, where the redemption is known.
std::string other_side(const std::string& id, const Facts& facts, bool project,
                       std::string_view preposition) {
    const auto head = facts.get(redemption_key(id));
    if (!head) return "";
    return std::string{preposition} + shown(project ? head->project() : head->claim().supplier());
}

template <class Lines>
std::string quantities_text(const Lines& lines, const Facts& facts) {
    std::vector<std::string> words;
    for (const auto& one : lines)
        words.push_back(units_text(one.redemption(), one.line(), one.quantity(), facts) +
                        other_side(one.redemption(), facts, false, " from "));
    return joined(words, 16);
}

std::string awarded_units(const std::string& award, std::uint32_t number, std::uint64_t quantity,
                          const Facts& facts) {
    const auto line = facts.get(awarded_line_key(award, number));
    const auto head = facts.get(award_key(award));
    const auto where = " of line " + std::to_string(number) + " of award " + short_id(award) + "…";
    if (!line || !head) return counted(quantity, "unit") + where;
    const auto price = facts.price(head->claim().contract(), line->line().resource());
    return quantity_text(quantity, line->line().resource(),
                         price ? price->price().unit() : pb::RESOURCE_UNIT_UNSPECIFIED) +
           worth(line->unit_value(), quantity) + where;
}

std::string claim_text(const pb::Claim& claim) {
    return "on " + shown(claim.supplier()) + " under " + contract_text(claim.contract());
}

}  // namespace

std::string joined(const std::vector<std::string>& items, std::size_t most) {
    std::string made;
    const auto shown_items = std::min(items.size(), most);
    for (std::size_t i = 0; i < shown_items; ++i) {
        if (i > 0) made += i + 1 == items.size() ? " and " : ", ";
        made += items[i];
    }
    if (items.size() > most) made += " and " + std::to_string(items.size() - most) + " more";
    return made;
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string{noun} + (count == 1 ? "" : "s");
}

std::string resources_text(const pb::ContractId& contract, const std::string& resource,
                           std::uint64_t quantity, const Facts& facts) {
    const auto price = facts.price(contract, resource);
    if (!price) return quantity_text(quantity, resource, pb::RESOURCE_UNIT_UNSPECIFIED);
    return quantity_text(quantity, resource, price->price().unit()) +
           worth(price->unit_value(), quantity);
}

std::string because(const pb::Reason& reason) {
    return " (reason: " + std::string{reason_text(reason.code())} +
           (reason.text_hash().empty() ? "" : ", with a text kept off the ledger") + ")";
}

std::string line_text(const pb::ContractId& contract, const pb::CommitmentLine& line,
                      const Facts& facts) {
    return resources_text(contract, line.resource(), line.quantity(), facts) + " for " +
           shown(line.project()) + " by " + time_text(line.due()) + ", for outcome " +
           shown(line.outcome()) + ", ward " + shown(line.ward());
}

std::string say(const pb::TransferAwarded& action, const Facts& facts) {
    return "pass " + awarded_units(action.award(), action.line(), action.quantity(), facts) +
           " on to " + shown(action.to());
}

std::string say(const pb::Transfer& action, const Facts& /*facts*/) {
    return "send " + credits_text(action.amount()) + " (a claim " + claim_text(action.claim()) +
           ") to " + shown(action.to());
}

std::string say(const pb::ReturnCredits& action, const Facts& /*facts*/) {
    return "give back " + credits_text(action.amount()) + " (a claim " +
           claim_text(action.claim()) + ") for ever";
}

std::string say(const pb::ReturnAwarded& action, const Facts& facts) {
    return "give back for ever " +
           awarded_units(action.award(), action.line(), action.quantity(), facts);
}

std::string say(const pb::Redeem& action, const Facts& facts) {
    std::vector<std::string> words;
    for (const auto& line : action.lines())
        words.push_back(
            resources_text(action.claim().contract(), line.resource(), line.quantity(), facts) +
            " for outcome " + shown(line.outcome()) + ", ward " + shown(line.ward()));
    return "ask " + shown(action.claim().supplier()) + " for " + joined(words, 16) + ", by " +
           time_text(action.wanted_by()) + ", under " + contract_text(action.claim().contract());
}

std::string say(const pb::AcceptRedemption& action, const Facts& facts) {
    return "promise " + outstanding_text(action.redemption(), {}, facts) +
           other_side(action.redemption(), facts, true, " to ") + " by " + time_text(action.date());
}

std::string say(const pb::DeclineRedemption& action, const Facts& facts) {
    return "decline to provide " + outstanding_text(action.redemption(), {}, facts) +
           other_side(action.redemption(), facts, true, " to ") + because(action.reason()) +
           "; what your awarded lines promise of it is reported as a broken promise";
}

std::string say(const pb::CancelRedemption& action, const Facts& facts) {
    return "cancel " +
           outstanding_text(action.redemption(), {action.lines().begin(), action.lines().end()},
                            facts) +
           other_side(action.redemption(), facts, true, " asked for by ") +
           other_side(action.redemption(), facts, false, " from ") +
           "; the credits are back with the project";
}

std::string say(const pb::RecordDelivery& action, const Facts& facts) {
    return "record that you delivered " +
           units_text(action.redemption(), action.line(), action.quantity(), facts) +
           other_side(action.redemption(), facts, true, " to ") + ", with " +
           counted(static_cast<std::uint64_t>(action.evidence_size()), "evidence tag");
}

std::string say(const pb::ConfirmDelivery& action, const Facts& facts) {
    return "confirm that you received " + quantities_text(action.lines(), facts);
}

std::string say(const pb::VerifyDelivery& action, const Facts& facts) {
    return "verify the delivery of " + quantities_text(action.lines(), facts) +
           "; the credits are retired and count as achieved, for ever";
}

std::string say(const pb::Dispute& action, const Facts& facts) {
    return "dispute " + units_text(action.redemption(), action.line(), action.quantity(), facts) +
           " that stand as " + (action.from() == pb::CELL_CONFIRMED ? "confirmed" : "delivered") +
           other_side(action.redemption(), facts, false, ", from ") +
           other_side(action.redemption(), facts, true, " to ") + because(action.reason());
}

std::string say(const pb::ResolveDispute& action, const Facts& facts) {
    return "resolve the dispute on line " + std::to_string(action.line()) + " of redemption " +
           short_id(action.redemption()) +
           "…: " + units_text(action.redemption(), action.line(), action.to_project(), facts) +
           " back to the project" + other_side(action.redemption(), facts, true, " ") + ", " +
           units_text(action.redemption(), action.line(), action.to_retire(), facts) +
           " counted as achieved";
}

}  // namespace tallystick::wallet
