#include "protocol/receipt_statement.hpp"

#include "protocol/canonical.hpp"
#include "protocol/crypto.hpp"
#include "protocol/log_proof.hpp"
#include "protocol/refusal.hpp"

namespace tallystick {

namespace {

/// A path in a tree of 2^64 leaves is not longer.
constexpr std::size_t log_path_max = 64;

Failure<ReceiptError> failure(ReceiptFault fault) {
    return Failure{ReceiptError{fault, std::nullopt, std::nullopt}};
}

template <class Message>
bool is_canonical(std::string_view value) {
    return decode_canonical_as<Message>(value).has_value();
}

/// A key of the state, its proof, and a value of the key's kind.
Result<ProvedEntry, ReceiptError> prove_entry(const pb::StateItem& item, const Hash& root) {
    auto key = parse_key(item.key());
    if (!key || !is_well_formed(*key)) return failure(ReceiptFault::bad_key);
    if (const auto proved = verify_state_proof(root, item); !proved)
        return Failure{ReceiptError{ReceiptFault::state_proof, std::nullopt, proved.error()}};
    ProvedEntry entry{item.key(), *key, std::nullopt};
    if (item.present()) {
        if (!is_value_of(key->kind, item.value()))
            return failure(ReceiptFault::value_not_canonical);
        entry.value = item.value();
    }
    return entry;
}

Result<Statement, ReceiptError> prove_balance(const pb::StateItem& item, const Hash& root) {
    auto entry = prove_entry(item, root);
    if (!entry) return Failure{entry.error()};
    if (entry->key.kind != Kind::balance) return failure(ReceiptFault::bad_key);
    ProvedBalance proved;
    proved.account = entry->key.parts[0];
    *proved.claim.mutable_contract() = contract_of_parts(entry->key, 1);
    proved.claim.set_supplier(entry->key.parts[4]);
    proved.present = entry->value.has_value();
    // `prove_entry` has found the value canonical.
    if (proved.present && !decode_canonical(*entry->value, proved.balance))
        return failure(ReceiptFault::value_not_canonical);
    return Statement{std::move(proved)};
}

Result<Statement, ReceiptError> prove_redemption(const pb::RedemptionItems& items,
                                                 const Hash& root) {
    if (items.items().empty()) return failure(ReceiptFault::redemption_incomplete);
    const auto first = prove_entry(items.items(0), root);
    if (!first) return Failure{first.error()};
    if (first->key.kind != Kind::redemption) return failure(ReceiptFault::bad_key);
    if (!first->value) return failure(ReceiptFault::redemption_incomplete);

    ProvedRedemption proved;
    proved.id = first->key.parts[0];
    if (!decode_canonical(*first->value, proved.redemption))
        return failure(ReceiptFault::value_not_canonical);
    // Else a line could be kept back.
    if (static_cast<std::uint64_t>(items.items_size()) !=
        std::uint64_t{proved.redemption.lines()} + 1)
        return failure(ReceiptFault::redemption_incomplete);
    for (int i = 1; i < items.items_size(); ++i) {
        const auto& item = items.items(i);
        const auto key = redemption_line_key(proved.id, static_cast<std::uint32_t>(i - 1));
        if (item.key() != key.bytes || !item.present())
            return failure(ReceiptFault::redemption_incomplete);
        const auto line = prove_entry(item, root);
        if (!line) return Failure{line.error()};
        auto decoded = decode_canonical_as<pb::RedemptionLine>(*line->value);
        if (!decoded) return failure(ReceiptFault::value_not_canonical);
        proved.lines.push_back(std::move(*decoded));
    }
    return Statement{std::move(proved)};
}

/// What a log entry must be so that words can be said of it without surprises.
bool is_well_formed(const pb::LogEntry& entry) {
    if (entry.id().size() != Hash::size || entry.envelope_hash().size() != Hash::size ||
        !entry.has_outcome() || entry.time() > seconds_max || entry.valid_until() > seconds_max)
        return false;
    const auto& outcome = entry.outcome();
    const bool refused = outcome.status() == pb::STATUS_REFUSED;
    if (!refused && outcome.status() != pb::STATUS_DONE) return false;
    if (refused != refusal_from(outcome.refusal()).has_value()) return false;
    if (outcome.has_due() &&
        (outcome.due().kind() == pb::DUE_KIND_UNSPECIFIED || outcome.due().time() > seconds_max))
        return false;
    for (const auto& movement : outcome.movements())
        if (!Amount::from(movement.amount()) || !movement.has_claim() ||
            !movement.claim().has_contract())
            return false;
    return true;
}

/// The envelope beside an entry; empty bytes are none.
Result<std::optional<DecodedEnvelope>, ReceiptError> match_envelope(const std::string& bytes,
                                                                    const pb::LogEntry& entry,
                                                                    const LedgerId& ledger_id) {
    if (bytes.empty()) return std::optional<DecodedEnvelope>{};
    // A due item has no envelope: what stands here would be unauthenticated.
    if (entry.outcome().has_due()) return failure(ReceiptFault::envelope_mismatch);
    auto envelope = decode_envelope(bytes);
    if (!envelope || envelope->envelope_hash.text() != entry.envelope_hash() ||
        envelope->id.text() != entry.id() || envelope->body.ledger_id() != ledger_id.text() ||
        envelope->body.valid_until() != entry.valid_until())
        return failure(ReceiptFault::envelope_mismatch);
    return std::optional<DecodedEnvelope>{std::move(*envelope)};
}

Result<Statement, ReceiptError> prove_outcome(const pb::Receipt& receipt,
                                              const ProvedRoots& roots) {
    const auto& item = receipt.outcome();
    const auto path = hashes_from(item.path(), log_path_max);
    if (!path || !verify_inclusion(merkle::leaf_hash(item.entry()), item.index(), roots.log_size,
                                   *path, roots.log_root))
        return failure(ReceiptFault::log_proof);
    auto entry = decode_canonical_as<pb::LogEntry>(item.entry());
    if (!entry || !is_well_formed(*entry)) return failure(ReceiptFault::entry_not_canonical);
    auto envelope = match_envelope(receipt.envelope(), *entry, roots.ledger_id);
    if (!envelope) return Failure{envelope.error()};
    return Statement{ProvedOutcome{std::move(*entry), item.index(), std::move(*envelope)}};
}

}  // namespace

bool is_well_formed(const ParsedKey& key) noexcept {
    const auto has = [&](std::size_t part, std::size_t size) {
        return key.parts.size() > part && key.parts[part].size() == size;
    };
    constexpr std::size_t number = 4;
    switch (key.kind) {
        case Kind::public_key:
        case Kind::need:
        case Kind::award:
        case Kind::redemption:
        case Kind::proposal:
        case Kind::evidence: return has(0, Hash::size);
        case Kind::misbehaviour: return has(1, sizeof(std::uint64_t));
        case Kind::node_address: return has(0, ValidatorAddress::size);
        case Kind::awarded_line:
        case Kind::redemption_line: return has(0, Hash::size) && has(1, number);
        case Kind::revealed_line: return has(4, number);
        case Kind::parameters:
        case Kind::account:
        case Kind::identifier:
        case Kind::authority_node:
        case Kind::authorities:
        case Kind::handover:
        case Kind::contract:
        case Kind::contract_totals:
        case Kind::claim_totals:
        case Kind::participant:
        case Kind::accreditation:
        case Kind::bid:
        case Kind::balance:
        case Kind::promise: return true;
    }
    return false;
}

bool is_value_of(Kind kind, std::string_view value) {
    switch (kind) {
        case Kind::parameters: return is_canonical<pb::Parameters>(value);
        case Kind::account: return is_canonical<pb::Account>(value);
        case Kind::identifier:
        case Kind::public_key:
        case Kind::node_address: return is_canonical<pb::Owner>(value);
        case Kind::authorities: return is_canonical<pb::Authorities>(value);
        case Kind::proposal: return is_canonical<pb::Proposal>(value);
        case Kind::misbehaviour: return is_canonical<pb::MisbehaviourRecord>(value);
        case Kind::handover: return is_canonical<pb::Handover>(value);
        case Kind::authority_node: return is_canonical<pb::AuthorityNode>(value);
        case Kind::contract: return is_canonical<pb::Contract>(value);
        case Kind::contract_totals:
        case Kind::claim_totals: return is_canonical<pb::Totals>(value);
        case Kind::participant: return is_canonical<pb::Participant>(value);
        case Kind::accreditation: return is_canonical<pb::Accreditation>(value);
        case Kind::need: return is_canonical<pb::Need>(value);
        case Kind::bid: return is_canonical<pb::Bid>(value);
        case Kind::revealed_line: return is_canonical<pb::RevealedLine>(value);
        case Kind::award: return is_canonical<pb::AwardRecord>(value);
        case Kind::awarded_line: return is_canonical<pb::AwardedLine>(value);
        case Kind::balance: return is_canonical<pb::Balance>(value);
        case Kind::promise: return is_canonical<pb::Promise>(value);
        case Kind::redemption: return is_canonical<pb::Redemption>(value);
        case Kind::redemption_line: return is_canonical<pb::RedemptionLine>(value);
        case Kind::evidence: return is_canonical<pb::EvidenceUse>(value);
    }
    return false;
}

Result<Statement, ReceiptError> prove_statement(const pb::Receipt& receipt,
                                                const ProvedRoots& roots) {
    const auto statement = receipt.statement_case();
    // Beside a state entry nothing would authenticate an envelope.
    if (statement != pb::Receipt::kOutcome && !receipt.envelope().empty())
        return failure(ReceiptFault::envelope_mismatch);
    switch (statement) {
        case pb::Receipt::kOutcome: return prove_outcome(receipt, roots);
        case pb::Receipt::kBalance: return prove_balance(receipt.balance(), roots.state_root);
        case pb::Receipt::kRedemption:
            return prove_redemption(receipt.redemption(), roots.state_root);
        case pb::Receipt::kEntry: {
            auto entry = prove_entry(receipt.entry(), roots.state_root);
            if (!entry) return Failure{entry.error()};
            return Statement{std::move(*entry)};
        }
        case pb::Receipt::STATEMENT_NOT_SET: break;
    }
    return failure(ReceiptFault::incomplete);
}

}  // namespace tallystick
