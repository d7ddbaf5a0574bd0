#pragma once

#include <set>
#include <string>
#include <vector>

#include "ledger/actions/accept_redemption.hpp"
#include "ledger/actions/cancel_redemption.hpp"
#include "ledger/actions/confirm_delivery.hpp"
#include "ledger/actions/decline_redemption.hpp"
#include "ledger/actions/dispute.hpp"
#include "ledger/actions/record_delivery.hpp"
#include "ledger/actions/redeem.hpp"
#include "ledger/actions/resolve_dispute.hpp"
#include "ledger/actions/return_awarded.hpp"
#include "ledger/actions/return_credits.hpp"
#include "ledger/actions/transfer.hpp"
#include "ledger/actions/transfer_awarded.hpp"
#include "ledger/actions/verify_delivery.hpp"
#include "ledger/allocation.hpp"
#include "ledger/due.hpp"
#include "ledger/reports/leaf_source.hpp"
#include "unit/ledger/laws_of.hpp"
#include "unit/ledger/support.hpp"

/// A small world in which time passes: who does what when, what the ledger does by itself, and the
/// laws after every step.
namespace tallystick::ledger::test {

/// When the standard award is issued, and its lines pass on.
inline constexpr std::uint64_t issued_at = reveal_ends + standstill_seconds;
inline constexpr std::uint64_t passes_on_at = issued_at + 30 * day;
inline constexpr std::uint64_t answering = 14 * day;
inline constexpr std::uint64_t undelivered = 60 * day;

/// A test's leaves, walked in order.
class TestLeaves final : public LeafSource {
  public:
    explicit TestLeaves(const MemoryState& state) : state_(state) {}
    [[nodiscard]] ValuePtr find(const std::string& key,
                                const google::protobuf::Message& prototype) const override {
        return state_.find(key, prototype);
    }
    void for_each(std::string_view prefix, const Visit& visit) const override {
        for (auto leaf = state_.leaves().lower_bound(prefix);
             leaf != state_.leaves().end() && leaf->first.starts_with(prefix); ++leaf)
            if (!visit(leaf->first, leaf->second)) return;
    }

  private:
    const MemoryState& state_;
};

class Story {
  public:
    Story() : state_(standard_world()) {}

    [[nodiscard]] MemoryState& state() { return state_; }
    [[nodiscard]] std::uint64_t now() const { return now_; }

    /// Someone acts: "done" or "refused: ...". `id` names what it creates. The laws hold after.
    template <class Action>
    std::string does(std::string_view who, const Action& action,
                     std::vector<std::string> co_signers = {}, std::string_view id = "envelope") {
        const Scene scene{std::string{who}, now_, std::move(co_signers), bytes32(id)};
        REQUIRE(told(check(action, scene.check_context())) == "well-formed");
        const auto before = state_.leaves();
        const auto verdict = run(state_, scene, action);
        if (verdict) CHECK(state_.leaves() == before);
        check_laws();
        return told(verdict);
    }

    /// Time passes; what falls due until then is done in order, and the laws hold after each item.
    /// What was done comes back as "kind: done" or "kind: refused: ...".
    std::vector<std::string> wait_until(std::uint64_t time) {
        std::vector<std::string> done;
        now_ = time;
        for (auto items = due(); !items.empty() && items.begin()->time <= time; items = due()) {
            REQUIRE(done.size() < 1000);
            Draft draft{state_};
            const auto verdict = execute_due(*items.begin(), {1, "east-anglia-1"}, draft);
            state_.apply(draft.changes());
            done.push_back(name_of(items.begin()->kind) + ": " + told(verdict));
            check_laws();
        }
        return done;
    }

    /// Every due item of the state, in order.
    [[nodiscard]] std::set<DueItem> due() const {
        std::set<DueItem> items;
        for (const auto& [key, value] : state_.leaves())
            for (auto& item : due_items_of(test_ledger(), key, state_)) items.insert(item);
        return items;
    }

    /// All laws hold, and nothing that was issued is forgotten.
    void check_laws() {
        const LawsOf laws{state_.leaves()};
        CHECK(laws.broken() == std::vector<std::string>{});
        const auto issued = totals().issued();
        CHECK(issued >= issued_before_);
        issued_before_ = issued;
    }

    /// Puts an award in standstill as the action does: `lines` for `supplier`, named `award`.
    void award(std::string_view supplier, std::string_view award,
               const std::vector<pb::CommitmentLine>& lines,
               std::uint64_t standstill_ends = issued_at) {
        pb::AwardRecord record;
        *record.mutable_claim() = claim_on(bridge(), supplier);
        record.set_status(pb::AWARD_STATUS_STANDSTILL);
        record.set_awarded_at(now_);
        record.set_standstill_ends(standstill_ends);
        Draft draft{state_};
        std::uint64_t value = 0;
        for (const auto& line : lines) {
            pb::AwardedLine awarded;
            *awarded.mutable_line() = line;
            awarded.set_unit_value(line.resource() == laptop ? laptop_value : bid_writer_value);
            value += line.quantity() * awarded.unit_value();
            draft.put(awarded_line_key(bytes32(award), record.lines()), awarded);
            record.set_lines(record.lines() + 1);
        }
        record.set_value(value);
        set_aside(draft, record.claim(), *Amount::from(value));
        draft.put(award_key(bytes32(award)), std::move(record));
        state_.apply(draft.changes());
        state_.with_side(bridge(), supplier, pb::ROLE_SUPPLIER);
        check_laws();
    }

    [[nodiscard]] pb::Balance balance(std::string_view account,
                                      std::string_view supplier = builders) const {
        return state_.get_or_default(balance_key(account, claim_on(bridge(), supplier)));
    }
    [[nodiscard]] pb::Totals totals() const {
        return state_.get_or_default(contract_totals_key(bridge()));
    }
    [[nodiscard]] pb::Totals totals(std::string_view supplier) const {
        return state_.get_or_default(claim_totals_key(claim_on(bridge(), supplier)));
    }
    [[nodiscard]] pb::RedemptionLine line(std::string_view redemption,
                                          std::uint32_t number = 0) const {
        return state_.get_or_default(redemption_line_key(bytes32(redemption), number));
    }
    [[nodiscard]] pb::Redemption redemption(std::string_view name) const {
        return state_.get_or_default(redemption_key(bytes32(name)));
    }
    [[nodiscard]] pb::AwardedLine awarded(std::string_view award, std::uint32_t number = 0) const {
        return state_.get_or_default(awarded_line_key(bytes32(award), number));
    }
    [[nodiscard]] pb::Promise promise(std::string_view resource,
                                      std::string_view supplier = builders) const {
        return state_.get_or_default(promise_key(claim_on(bridge(), supplier), resource));
    }

  private:
    static std::string name_of(pb::DueKind kind) {
        const auto& name = pb::DueKind_Name(kind);
        return name.substr(std::string_view{"DUE_KIND_"}.size());
    }

    MemoryState state_;
    std::uint64_t now_ = reveal_ends;
    std::uint64_t issued_before_ = 0;
};

/// The units of a line, cell by cell, those that hold any: "outstanding 4, delivered 3".
inline std::string told(const pb::Cells& cells) {
    std::string text;
    const auto say = [&](std::string_view name, std::uint64_t units) {
        if (units == 0) return;
        if (!text.empty()) text += ", ";
        text += std::string{name} + " " + std::to_string(units);
    };
    say("outstanding", cells.outstanding());
    say("delivered", cells.delivered());
    say("disputed-delivered", cells.disputed_delivered());
    say("disputed-confirmed", cells.disputed_confirmed());
    say("confirmed", cells.confirmed());
    say("retired", cells.retired());
    say("released", cells.released());
    say("expired", cells.expired());
    return text;
}

/// What people send.
inline pb::TransferAwarded transfer_awarded(std::string_view award, std::uint32_t line,
                                            std::uint64_t quantity, std::string_view to) {
    pb::TransferAwarded action;
    action.set_award(bytes32(award));
    action.set_line(line);
    action.set_quantity(quantity);
    action.set_to(std::string{to});
    return action;
}
inline pb::Transfer transfer(std::uint64_t amount, std::string_view to,
                             std::string_view supplier = builders) {
    pb::Transfer action;
    *action.mutable_claim() = claim_on(bridge(), supplier);
    action.set_amount(amount);
    action.set_to(std::string{to});
    return action;
}
inline pb::ReturnCredits return_credits(std::uint64_t amount,
                                        std::string_view supplier = builders) {
    pb::ReturnCredits action;
    *action.mutable_claim() = claim_on(bridge(), supplier);
    action.set_amount(amount);
    return action;
}
inline pb::ReturnAwarded return_awarded(std::string_view award, std::uint32_t line,
                                        std::uint64_t quantity) {
    pb::ReturnAwarded action;
    action.set_award(bytes32(award));
    action.set_line(line);
    action.set_quantity(quantity);
    return action;
}
struct Wanted {
    std::string resource;
    std::uint64_t quantity;
    std::string outcome = "skills";
    std::string ward = "orwell";
};
inline pb::Redeem redeem(const std::vector<Wanted>& wanted, std::uint64_t wanted_by,
                         std::string_view supplier = builders) {
    pb::Redeem action;
    *action.mutable_claim() = claim_on(bridge(), supplier);
    for (const auto& each : wanted) {
        auto* line = action.add_lines();
        line->set_resource(each.resource);
        line->set_quantity(each.quantity);
        line->set_outcome(each.outcome);
        line->set_ward(each.ward);
    }
    action.set_wanted_by(wanted_by);
    return action;
}
inline pb::AcceptRedemption accept(std::string_view redemption, std::uint64_t date) {
    pb::AcceptRedemption action;
    action.set_redemption(bytes32(redemption));
    action.set_date(date);
    return action;
}
inline pb::DeclineRedemption decline(std::string_view redemption) {
    pb::DeclineRedemption action;
    action.set_redemption(bytes32(redemption));
    *action.mutable_reason() = reason(pb::REASON_CODE_NO_CAPACITY);
    return action;
}
inline pb::CancelRedemption cancel(std::string_view redemption,
                                   const std::vector<std::uint32_t>& lines) {
    pb::CancelRedemption action;
    action.set_redemption(bytes32(redemption));
    for (const auto line : lines) action.add_lines(line);
    return action;
}
inline pb::RecordDelivery record(std::string_view redemption, std::uint32_t line,
                                 std::uint64_t quantity, std::string_view evidence) {
    pb::RecordDelivery action;
    action.set_redemption(bytes32(redemption));
    action.set_line(line);
    action.set_quantity(quantity);
    action.add_evidence(bytes32(evidence));
    return action;
}
template <class Action>
Action of_lines(const std::vector<std::tuple<std::string, std::uint32_t, std::uint64_t>>& lines) {
    Action action;
    for (const auto& [redemption, number, quantity] : lines) {
        auto* line = action.add_lines();
        line->set_redemption(bytes32(redemption));
        line->set_line(number);
        line->set_quantity(quantity);
    }
    return action;
}
inline pb::ConfirmDelivery confirm(std::string_view redemption, std::uint32_t line,
                                   std::uint64_t quantity) {
    return of_lines<pb::ConfirmDelivery>({{std::string{redemption}, line, quantity}});
}
inline pb::VerifyDelivery verify(std::string_view redemption, std::uint32_t line,
                                 std::uint64_t quantity) {
    return of_lines<pb::VerifyDelivery>({{std::string{redemption}, line, quantity}});
}
inline pb::Dispute dispute(std::string_view redemption, std::uint32_t line, std::uint64_t quantity,
                           pb::Cell from) {
    pb::Dispute action;
    action.set_redemption(bytes32(redemption));
    action.set_line(line);
    action.set_quantity(quantity);
    action.set_from(from);
    *action.mutable_reason() = reason(pb::REASON_CODE_NOT_AS_AGREED);
    return action;
}
inline pb::ResolveDispute resolve(std::string_view redemption, std::uint32_t line,
                                  std::uint64_t to_project, std::uint64_t to_retire) {
    pb::ResolveDispute action;
    action.set_redemption(bytes32(redemption));
    action.set_line(line);
    action.set_to_project(to_project);
    action.set_to_retire(to_retire);
    return action;
}

}  // namespace tallystick::ledger::test
