#include "protocol/receipt_words.hpp"

#include <algorithm>

#include "protocol/canonical.hpp"
#include "protocol/governing.hpp"
#include "protocol/refusal.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick {

namespace {

std::string time_words(std::uint64_t seconds) {
    return seconds <= seconds_max ? instant_in_words(seconds) : "a time that does not exist";
}

std::string claim_words(const pb::Claim& claim) {
    return printable(claim.supplier()) + " under " + contract_in_words(claim.contract());
}

std::string_view pocket_words(pb::Pocket pocket) {
    switch (pocket) {
        case pb::POCKET_UNSPECIFIED: return "nowhere";
        case pb::POCKET_ISSUE: return "newly issued";
        case pb::POCKET_AVAILABLE: return "available";
        case pb::POCKET_RESERVED: return "reserved";
        case pb::POCKET_DISPUTED: return "disputed";
        case pb::POCKET_CONFIRMED: return "confirmed";
        case pb::POCKET_RETIRED: return "retired";
        case pb::POCKET_EXPIRED: return "expired";
        case pb::POCKET_RETURNED: return "returned";
        case pb::Pocket_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Pocket_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return "nowhere";
}

std::string_view redemption_status_words(pb::RedemptionStatus status) {
    switch (status) {
        case pb::REDEMPTION_STATUS_UNSPECIFIED: return "of no known status";
        case pb::REDEMPTION_STATUS_REQUESTED: return "requested, not answered yet";
        case pb::REDEMPTION_STATUS_ACCEPTED: return "accepted";
        case pb::REDEMPTION_STATUS_DECLINED: return "declined";
        case pb::REDEMPTION_STATUS_CANCELLED: return "cancelled";
        case pb::REDEMPTION_STATUS_LAPSED: return "lapsed unanswered";
        case pb::REDEMPTION_STATUS_ENDED: return "ended";
        case pb::RedemptionStatus_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::RedemptionStatus_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return "of no known status";
}

std::string cells_words(const pb::Cells& cells) {
    std::string words;
    const auto add = [&](std::uint64_t units, std::string_view cell) {
        if (units == 0) return;
        words += (words.empty() ? "" : ", ") + std::to_string(units) + ' ' + std::string{cell};
    };
    add(cells.outstanding(), "outstanding");
    add(cells.delivered(), "delivered, not confirmed yet");
    add(cells.disputed_delivered(), "disputed before confirmation");
    add(cells.disputed_confirmed(), "disputed after confirmation");
    add(cells.confirmed(), "confirmed");
    add(cells.retired(), "verified and retired");
    add(cells.released(), "released");
    add(cells.expired(), "expired");
    return words.empty() ? "nothing" : words;
}

std::string statement_words(const ProvedOutcome& proved) {
    const auto& entry = proved.entry;
    const auto& outcome = entry.outcome();
    const auto id = to_hex(bytes_of(entry.id()));
    std::string words = "Proved: ";
    if (outcome.has_due()) {
        words += "by itself, at its time, the ledger had to " + due_in_words(outcome.due()) + ".\n";
        words += "Due since: " + time_words(outcome.due().time()) + ".\n";
    } else if (proved.envelope) {
        const auto& body = proved.envelope->body;
        words += printable(body.account()) + " asked to " + action_in_words(body) + ".\n";
        std::string also;
        for (const auto& account : body.co_signers())
            also += (also.empty() ? "" : ", ") + printable(account);
        if (!also.empty()) words += "Named as signing too: " + also + ".\n";
    } else {
        words += "an envelope of which the receipt gives only the id.\n";
    }
    words += "Entry: " + id + ", number " + std::to_string(entry.index()) + " of block " +
             std::to_string(entry.height()) + ", on " + time_words(entry.time()) + ".\n";
    if (outcome.status() == pb::STATUS_REFUSED) {
        const auto refusal = refusal_from(outcome.refusal());
        words += "Outcome: refused";
        if (refusal)
            words += " (" + std::string{refusal_name(*refusal)} + "). " +
                     std::string{refusal_sentence(*refusal)};
        return words + '\n';
    }
    words += "Outcome: done.\n";
    for (const auto& movement : outcome.movements())
        words += "  - " + movement_in_words(movement) + ".\n";
    if (outcome.movements().empty()) words += "  No credits moved.\n";
    return words;
}

std::string statement_words(const ProvedBalance& proved) {
    auto words = "Proved: what " + printable(proved.account) + " holds of credits from " +
                 claim_words(proved.claim) + ".\n";
    if (!proved.present) return words + "  Nothing: there is no such balance.\n";
    const auto& balance = proved.balance;
    words += "  available " + credits_in_words(balance.available()) + "\n";
    words += "  reserved  " + credits_in_words(balance.reserved()) + "\n";
    words += "  disputed  " + credits_in_words(balance.disputed()) + "\n";
    words += "  confirmed " + credits_in_words(balance.confirmed()) + "\n";
    return words;
}

std::string statement_words(const ProvedRedemption& proved) {
    const auto& redemption = proved.redemption;
    auto words = "Proved: the redemption " + to_hex(bytes_of(proved.id)) + ", requested by " +
                 printable(redemption.project()) + " from " + claim_words(redemption.claim()) +
                 " on " + time_words(redemption.requested_at()) + ".\n";
    words += "Status: " + std::string{redemption_status_words(redemption.status())};
    if (redemption.agreed_date() != 0 && redemption.agreed_date() <= seconds_max)
        words += ", agreed for " + day_in_words(redemption.agreed_date());
    words += ".\n";
    std::size_t number = 0;
    for (const auto& line : proved.lines) {
        words += "  Line " + std::to_string(number++) + ": " + std::to_string(line.requested()) +
                 " x " + printable(line.resource()) + " at " + credits_in_words(line.unit_value()) +
                 " each: " + cells_words(line.cells()) + ".\n";
    }
    return words;
}

std::string totals_words(const pb::Totals& totals) {
    std::string words;
    const auto add = [&](std::string_view name, std::uint64_t hundredths) {
        words += "  " + std::string{name} + ' ' + credits_in_words(hundredths) + "\n";
    };
    add("awarded in standstill", totals.awarded());
    add("issued", totals.issued());
    add("available", totals.available());
    add("reserved", totals.reserved());
    add("disputed", totals.disputed());
    add("confirmed", totals.confirmed());
    add("retired", totals.retired());
    add("expired", totals.expired());
    add("returned", totals.returned());
    return words;
}

/// The field names of the published format are the words for what people rarely ask about.
std::string fields_words(const google::protobuf::Message& message) {
    std::string words;
    for (const char c : message.DebugString()) {
        if (words.empty() || words.back() == '\n') words += "  ";
        words += c;
    }
    return words;
}

template <class Message>
std::string fields_of(const std::string& value) {
    const auto message = decode_canonical_as<Message>(value);
    return message ? fields_words(*message) : std::string{};
}

/// The same for what people do ask about.
template <class Message>
std::string words_of(const std::string& value) {
    const auto message = decode_canonical_as<Message>(value);
    return message ? value_in_words(*message) : std::string{};
}

std::string value_words(Kind kind, const std::string& value) {
    switch (kind) {
        case Kind::contract_totals:
        case Kind::claim_totals: {
            const auto totals = decode_canonical_as<pb::Totals>(value);
            return totals ? totals_words(*totals) : std::string{};
        }
        case Kind::parameters: return words_of<pb::Parameters>(value);
        case Kind::account: return fields_of<pb::Account>(value);
        case Kind::identifier:
        case Kind::public_key:
        case Kind::node_address: return fields_of<pb::Owner>(value);
        case Kind::authorities: return words_of<pb::Authorities>(value);
        case Kind::proposal: return words_of<pb::Proposal>(value);
        case Kind::misbehaviour: return words_of<pb::MisbehaviourRecord>(value);
        case Kind::handover: return words_of<pb::Handover>(value);
        case Kind::authority_node: return words_of<pb::AuthorityNode>(value);
        case Kind::contract: return fields_of<pb::Contract>(value);
        case Kind::participant: return fields_of<pb::Participant>(value);
        case Kind::accreditation: return fields_of<pb::Accreditation>(value);
        case Kind::need: return fields_of<pb::Need>(value);
        case Kind::bid: return fields_of<pb::Bid>(value);
        case Kind::revealed_line: return fields_of<pb::RevealedLine>(value);
        case Kind::award: return fields_of<pb::AwardRecord>(value);
        case Kind::awarded_line: return fields_of<pb::AwardedLine>(value);
        case Kind::balance: return fields_of<pb::Balance>(value);
        case Kind::promise: return fields_of<pb::Promise>(value);
        case Kind::redemption: return fields_of<pb::Redemption>(value);
        case Kind::redemption_line: return fields_of<pb::RedemptionLine>(value);
        case Kind::evidence: return fields_of<pb::EvidenceUse>(value);
    }
    return {};
}

std::string statement_words(const ProvedEntry& proved) {
    const auto what = key_in_words(proved.key);
    if (!proved.value) return "Proved: the ledger does not hold " + what + ". It is absent.\n";
    return "Proved: the ledger holds " + what + ":\n" + value_words(proved.key.kind, *proved.value);
}

std::string signers_words(const VerifiedReceipt& receipt) {
    std::string names;
    for (const auto& signer : receipt.signers) {
        if (!names.empty()) names += ", ";
        names += signer.authority.empty()
                     ? "an authority that the trust file does not name (key " +
                           to_hex(signer.public_key.view()).substr(0, 16) + "...)"
                     : printable(signer.authority);
    }
    return "Signed by: " + names + ": " + std::to_string(receipt.signers.size()) + " of " +
           std::to_string(receipt.validators) +
           (receipt.validators == 1 ? " authority" : " authorities") + ", " +
           std::to_string(receipt.signed_power) + " of " + std::to_string(receipt.total_power) +
           (receipt.total_power == 1 ? " vote" : " votes") + ", under block " +
           std::to_string(receipt.height) + " of " + printable(receipt.chain_id) + ".\n";
}

std::string span_words(std::uint64_t seconds) {
    const auto say = [](std::uint64_t number, std::string_view unit) {
        return std::to_string(number) + ' ' + std::string{unit} + (number == 1 ? "" : "s");
    };
    if (seconds < 60) return say(seconds, "second");
    if (seconds < 3600) return say(seconds / 60, "minute");
    if (seconds < 86400) return say(seconds / 3600, "hour");
    return say(seconds / 86400, "day");
}

std::string age_words(std::uint64_t then, std::uint64_t now) {
    if (then > now) return " That is " + span_words(then - now) + " in the future of this clock.";
    return " That is " + span_words(now - then) + " ago.";
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown{text};
    std::ranges::replace_if(
        shown, [](char c) { return c < ' ' || c > '~'; }, '?');
    return shown;
}

std::string credits_in_words(std::uint64_t hundredths) {
    const auto amount = Amount::from(hundredths);
    return amount ? to_text(*amount) + " credits" : "an amount above the bound";
}

std::string contract_in_words(const pb::ContractId& contract) {
    auto words = "contract " + printable(contract.ocid());
    if (!contract.lot().empty()) words += " lot " + printable(contract.lot());
    return words + " of " + printable(contract.authority());
}

std::string movement_in_words(const pb::Movement& movement) {
    const auto amount = credits_in_words(movement.amount());
    const auto claim = " (from " + claim_words(movement.claim()) + ")";
    const auto to = printable(movement.to_account());
    if (movement.from() == pb::POCKET_ISSUE) return amount + " issued to " + to + claim;
    return amount + " of " + printable(movement.from_account()) + ", " +
           std::string{pocket_words(movement.from())} + ", became " +
           std::string{pocket_words(movement.to())} +
           (movement.to_account() == movement.from_account() ? "" : " to " + to) + claim;
}

std::string due_in_words(const pb::DueItem& due) {
    const auto key = parse_key(due.object());
    const auto object =
        key && is_well_formed(*key) ? key_in_words(*key) : std::string{"a state entry"};
    switch (due.kind()) {
        case pb::DUE_KIND_UNSPECIFIED: break;
        case pb::DUE_KIND_ISSUE: return "issue the credits of " + object;
        case pb::DUE_KIND_PASS_ON: return "pass on to its project what is left of " + object;
        case pb::DUE_KIND_LAPSE: return "let lapse what is outstanding of " + object;
        case pb::DUE_KIND_EXPIRE: return "let expire what is left of " + object;
        case pb::DUE_KIND_PROPOSAL: return "bring into force, or let lapse, " + object;
        case pb::DUE_KIND_MISBEHAVIOUR:
            return "record " + object + ", which the block brought the evidence of";
        case pb::DueKind_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::DueKind_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return "do nothing";
}

std::string receipt_in_words(const VerifiedReceipt& receipt,
                             std::optional<std::uint64_t> now_seconds) {
    auto words =
        std::visit([](const auto& proved) { return statement_words(proved); }, receipt.statement);
    words += "Ledger: " + receipt.ledger_name + ", " + to_hex(receipt.ledger_id.view()) + ".\n";
    words += signers_words(receipt);
    const auto seconds = static_cast<std::uint64_t>(receipt.time.seconds());
    words += "As of: " + time_words(seconds) + '.';
    if (now_seconds) words += age_words(seconds, *now_seconds);
    return words + '\n';
}

}  // namespace tallystick
