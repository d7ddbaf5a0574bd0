#pragma once

#include <string>
#include <vector>

#include "protocol/block.hpp"
#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/header.hpp"
#include "protocol/keys.hpp"
#include "protocol/receipt.hpp"
#include "protocol/refusal.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/trust.hpp"
#include "protocol/validator_set.hpp"
#include "unit/protocol/bodies.hpp"
#include "unit/protocol/trees.hpp"

/// Small chains that are really signed, with keys that are the same in every run.
namespace tallystick::test {

inline constexpr std::int64_t chain_begins = 1'790'000'000;

/// A validator set of these keys, `power` each.
[[nodiscard]] inline pb::ValidatorSet set_of(const std::vector<std::uint8_t>& keys,
                                             std::int64_t power = 10) {
    pb::ValidatorSet set;
    for (const auto number : keys) {
        auto& validator = *set.add_validators();
        validator.set_public_key(key_of(number).public_key().str());
        validator.set_power(power);
    }
    sort_validators(set);
    return set;
}

/// Signs a header by those of `set` whose key is in `signers`; the other slots stay blank.
[[nodiscard]] inline pb::LightBlock signed_block(const MadeBlock& made, const pb::ValidatorSet& set,
                                                 const std::vector<std::uint8_t>& signers) {
    pb::LightBlock block;
    *block.mutable_header() = made.header;
    *block.mutable_validators() = set;
    auto& commit = *block.mutable_commit();
    commit.set_height(made.header.height());
    *commit.mutable_block_id() = made.block_id;
    for (const auto& validator : set.validators()) {
        pb::CommitSig slot;
        slot.set_block_id_flag(pb::BLOCK_ID_FLAG_ABSENT);
        for (const auto number : signers) {
            const auto key = key_of(number);
            if (key.public_key().text() != validator.public_key()) continue;
            auto time = made.header.time();
            time.set_nanos(time.nanos() + 1000000 + number);
            slot =
                sign_commit({made.header.chain_id(), commit.height(), 0, made.block_id}, key, time)
                    .signatures(0);
        }
        *commit.add_signatures() = slot;
    }
    return block;
}

/// A block of `chain_id`, `height` seconds after the ledger began.
[[nodiscard]] inline MadeBlock block_at(std::int64_t height, const pb::ValidatorSet& set,
                                        const pb::ValidatorSet& next, const Hash& app = Hash{},
                                        const std::string& chain_id = "suffolk-1") {
    BlockParts parts;
    parts.chain_id = chain_id;
    parts.height = height;
    parts.time = make_timestamp(chain_begins + height, 5);
    if (height > 1) {
        parts.last_block_id.set_hash(std::string(32, 'p'));
        parts.last_block_id.mutable_part_set_header()->set_total(1);
        parts.last_block_id.mutable_part_set_header()->set_hash(std::string(32, 'q'));
    }
    parts.validators = set;
    parts.next_validators = next;
    parts.app_hash = app;
    parts.proposer = *address_of(set.validators(0));
    return make_block(parts);
}

/// A ledger of three blocks under four authorities, with a state and a log worth proving.
struct SmallLedger {
    LedgerId ledger_id = *LedgerId::from(std::string(32, 'L'));
    pb::ValidatorSet set = set_of({1, 2, 3, 4});
    pb::Claim claim = transfer_body().transfer().claim();
    SlowState state;
    std::vector<std::string> entries;
    std::vector<Hash> leaves;
    std::string envelope;
    std::string redemption_id = std::string(32, 'R');
    pb::AppState app;
    pb::LightBlock first;
    pb::LightBlock second;
    pb::LightBlock third;
    Trust trust;

    SmallLedger() {
        fill_state();
        fill_log();
        app.set_state_root(state.root().str());
        app.set_log_root(slow_root(leaves).str());
        app.set_log_size(leaves.size());
        const auto hash = app_hash(state.root(), slow_root(leaves), leaves.size());
        first = signed_block(block_at(1, set, set), set, {1, 2, 3, 4});
        second = signed_block(block_at(2, set, set), set, {1, 2, 3});
        third = signed_block(block_at(3, set, set, hash), set, {1, 2, 3});
        fill_trust();
    }

    /// A receipt around a statement that the caller fills in.
    [[nodiscard]] pb::Receipt receipt() const {
        pb::Receipt made;
        made.set_ledger_id(ledger_id.str());
        *made.mutable_app_state() = app;
        *made.mutable_block() = third;
        return made;
    }
    [[nodiscard]] pb::Receipt outcome(std::size_t index = 1) const {
        auto made = receipt();
        auto& item = *made.mutable_outcome();
        item.set_entry(entries.at(index));
        item.set_index(index);
        for (const auto& hash : slow_path(index, leaves)) item.add_path(hash.str());
        if (index == 1) made.set_envelope(envelope);
        return made;
    }
    [[nodiscard]] pb::Receipt balance() const {
        auto made = receipt();
        *made.mutable_balance() =
            state.item(balance_key("suffolk/befriending-scheme", claim).bytes);
        return made;
    }
    [[nodiscard]] pb::Receipt absence() const {
        auto made = receipt();
        *made.mutable_entry() = state.item(account_key("suffolk/nobody").bytes);
        return made;
    }
    [[nodiscard]] pb::Receipt redemption() const {
        auto made = receipt();
        auto& items = *made.mutable_redemption();
        *items.add_items() = state.item(redemption_key(redemption_id).bytes);
        for (std::uint32_t i = 0; i < 2; ++i)
            *items.add_items() = state.item(redemption_line_key(redemption_id, i).bytes);
        return made;
    }

  private:
    void fill_state() {
        pb::Balance held;
        held.set_available(1234500);
        held.set_reserved(20000);
        state.values[balance_key("suffolk/befriending-scheme", claim).bytes] =
            canonical_bytes(held);
        pb::Redemption head;
        *head.mutable_claim() = claim;
        head.set_project("suffolk/befriending-scheme");
        head.set_status(pb::REDEMPTION_STATUS_ACCEPTED);
        head.set_requested_at(chain_begins);
        head.set_agreed_date(chain_begins + 864000);
        head.set_lines(2);
        head.set_open_lines(2);
        state.values[redemption_key(redemption_id).bytes] = canonical_bytes(head);
        for (std::uint32_t i = 0; i < 2; ++i) {
            pb::RedemptionLine line;
            line.set_resource(i == 0 ? "laptop" : "bid-writer-day");
            line.set_unit_value(5000);
            line.set_requested(4);
            line.mutable_cells()->set_outstanding(3 - i);
            line.mutable_cells()->set_delivered(1 + i);
            state.values[redemption_line_key(redemption_id, i).bytes] = canonical_bytes(line);
        }
        for (const auto* handle : {"suffolk/one", "suffolk/two", "suffolk/three"}) {
            pb::Participant role;
            role.set_role(pb::ROLE_PROJECT);
            state.values[participant_key(claim.contract(), handle).bytes] = canonical_bytes(role);
        }
    }

    void fill_log() {
        const auto key = key_of(9);
        envelope = sign_envelope(transfer_body(), {&key});
        const auto decoded = decode_envelope(envelope).value();
        for (std::uint8_t i = 0; i < 3; ++i) {
            pb::LogEntry entry;
            entry.set_id(i == 1 ? decoded.id.str() : std::string(32, static_cast<char>('a' + i)));
            entry.set_envelope_hash(i == 1 ? decoded.envelope_hash.str() : std::string(32, '\0'));
            entry.set_time(chain_begins + 2);
            entry.set_height(2);
            entry.set_index(i);
            auto& outcome = *entry.mutable_outcome();
            outcome.set_status(i == 2 ? pb::STATUS_REFUSED : pb::STATUS_DONE);
            if (i == 2) outcome.set_refusal(static_cast<std::uint32_t>(Refusal::not_accredited));
            if (i == 1) {
                entry.set_valid_until(transfer_body().valid_until());
                auto& movement = *outcome.add_movements();
                *movement.mutable_claim() = claim;
                movement.set_from_account("suffolk/befriending-scheme");
                movement.set_from(pb::POCKET_AVAILABLE);
                movement.set_to_account("suffolk/food-bank");
                movement.set_to(pb::POCKET_AVAILABLE);
                movement.set_amount(1234);
            } else {
                outcome.mutable_due()->set_time(chain_begins);
                outcome.mutable_due()->set_kind(pb::DUE_KIND_PASS_ON);
                outcome.mutable_due()->set_object(awarded_line_key(std::string(32, 'A'), 0).bytes);
            }
            entries.push_back(canonical_bytes(entry));
            leaves.push_back(merkle::leaf_hash(entries.back()));
        }
    }

    void fill_trust() {
        trust.ledger_id = ledger_id;
        trust.name = "suffolk";
        trust.trusting_period_seconds = 2592000;
        TrustSegment segment;
        segment.chain_id = "suffolk-1";
        segment.trusted = {1, first.header().time().seconds(), first.header().time().nanos(),
                           header_hash(first.header())};
        TrustedSet listed{1, std::nullopt, {}};
        const char* names[] = {"suffolk", "norwich", "ipswich", "east-suffolk"};
        for (std::uint8_t i = 1; i <= 4; ++i)
            listed.validators.push_back({names[i - 1], key_of(i).public_key(), 10});
        segment.validator_sets.push_back(listed);
        trust.segments.push_back(segment);
    }
};

}  // namespace tallystick::test
