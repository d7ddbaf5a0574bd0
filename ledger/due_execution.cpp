#include "ledger/accreditation.hpp"
#include "ledger/allocation.hpp"
#include "ledger/awarded_lines.hpp"
#include "ledger/cells.hpp"
#include "ledger/due.hpp"
#include "ledger/governance/proposals.hpp"
#include "ledger/movement.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

template <class Value>
std::shared_ptr<const Value> required(const Draft& draft, const Key<Value>& key) {
    auto found = draft.get(key);
    ensure(found != nullptr, "a due item is about something that exists, under a contract");
    return found;
}

Amount amount_of(std::uint64_t hundredths) {
    const auto amount = Amount::from(hundredths);
    ensure(amount.has_value(), "the state holds amounts");
    return *amount;
}

/// What the ledger does by itself was made sure when its deadline was stored.
void move_surely(Draft& draft, const pb::Claim& claim, Place from, Place to, Amount amount) {
    const auto refused = move_credits(draft, claim, from, to, amount);
    ensure(!refused, "credits that fall due are there, and fit the allocation");
}

/// An issued line's units are promised, and go to its project by themselves in time.
void issue_line(Draft& draft, const pb::Claim& claim, std::string_view award, std::uint32_t number,
                std::uint64_t pass_on_at) {
    pb::AwardedLine line = *required(draft, awarded_line_key(award, number));
    const auto key = promise_key(claim, line.line().resource());
    auto promise = draft.get_or_default(key);
    promise.set_awarded(promise.awarded() + line.line().quantity());
    draft.put(key, std::move(promise));
    line.set_pass_on_at(pass_on_at);
    put_line(draft, award, number, std::move(line));
}

Verdict issue(const DueItem& item, const ParsedKey& key, Draft& draft) {
    const auto& id = key.parts[0];
    pb::AwardRecord award = *required(draft, award_key(id));
    ensure(award.status() == pb::AWARD_STATUS_STANDSTILL, "an award is issued once");
    const pb::Claim claim = award.claim();
    const auto contract = required(draft, contract_key(claim.contract()));
    const auto value = amount_of(award.value());
    give_back(draft, claim, value);
    move_surely(draft, claim, {claim.supplier(), pb::POCKET_ISSUE},
                {claim.supplier(), pb::POCKET_AVAILABLE}, value);

    const auto parameters = draft.get_or_default(parameters_key());
    const auto pass_on_at = item.time + parameters.pass_on_seconds();
    const bool in_time = pass_on_at < contract->redemption_deadline();
    for (std::uint32_t number = 0; number < award.lines(); ++number)
        issue_line(draft, claim, id, number, in_time ? pass_on_at : 0);
    award.set_status(pb::AWARD_STATUS_ISSUED);
    draft.put(award_key(id), std::move(award));
    return std::nullopt;
}

Verdict pass_on(const DueItem& item, const ParsedKey& key, Draft& draft) {
    const auto number = number_of_part(key.parts[1]);
    pb::AwardedLine line = *required(draft, awarded_line_key(key.parts[0], number));
    const auto award = required(draft, award_key(key.parts[0]));
    const auto& claim = award->claim();
    const auto units = units_left(line);
    ensure(units > 0, "a line with nothing left has nothing to pass on");
    line.set_pass_on_at(0);

    // As of the due time: an accreditation given since does not make up for one that had ended.
    const auto project = line.line().project();
    const bool accredited = is_accredited(draft, claim.contract(), project, item.time);
    if (accredited) {
        line.set_passed_on(line.passed_on() + units);
        move_surely(draft, claim, {claim.supplier(), pb::POCKET_AVAILABLE},
                    {project, pb::POCKET_AVAILABLE}, value_of(line, units));
    }
    put_line(draft, key.parts[0], number, std::move(line));
    return accredited ? Verdict{} : Refusal::not_accredited;
}

Verdict lapse(const DueItem& item, const ParsedKey& key, Draft& draft) {
    const LineRef ref{key.parts[0], number_of_part(key.parts[1])};
    const auto line = required(draft, redemption_line_key(ref.redemption, ref.number));
    move_units(draft, ref,
               {pb::CELL_OUTSTANDING, pb::CELL_RELEASED, line->cells().outstanding(), item.time,
                MoveCause::lapsed});
    return std::nullopt;
}

void move_all(Draft& draft, LineRef ref, pb::Cell from, pb::Cell to, std::uint64_t at,
              MoveCause cause) {
    const auto line = required(draft, redemption_line_key(ref.redemption, ref.number));
    const auto units = units_in(line->cells(), from);
    if (units > 0) move_units(draft, ref, {from, to, units, at, cause});
}

/// At the deadline what is outstanding expires; when settling ends, what nobody confirmed. What
/// was confirmed before somebody disputed it waits for the authority alone.
Verdict expire_line(const DueItem& item, const ParsedKey& key, Draft& draft) {
    const LineRef ref{key.parts[0], number_of_part(key.parts[1])};
    const auto redemption = required(draft, redemption_key(ref.redemption));
    const auto contract = required(draft, contract_key(redemption->claim().contract()));
    move_all(draft, ref, pb::CELL_OUTSTANDING, pb::CELL_EXPIRED, item.time, MoveCause::none);
    if (item.time < contract->settling_ends()) return std::nullopt;
    move_all(draft, ref, pb::CELL_DISPUTED_CONFIRMED, pb::CELL_CONFIRMED, item.time,
             MoveCause::none);
    move_all(draft, ref, pb::CELL_DELIVERED, pb::CELL_EXPIRED, item.time, MoveCause::unconfirmed);
    move_all(draft, ref, pb::CELL_DISPUTED_DELIVERED, pb::CELL_EXPIRED, item.time,
             MoveCause::unconfirmed);
    return std::nullopt;
}

Verdict expire_balance(const DueItem& item, const ParsedKey& key, Draft& draft) {
    pb::Claim claim;
    *claim.mutable_contract() = contract_of_parts(key, 1);
    claim.set_supplier(key.parts[4]);
    const auto& holder = key.parts[0];
    const auto balance = required(draft, Key<pb::Balance>{item.object});
    move_surely(draft, claim, {holder, pb::POCKET_AVAILABLE}, {holder, pb::POCKET_EXPIRED},
                amount_of(balance->available()));
    return std::nullopt;
}

}  // namespace

Verdict execute_due(const DueItem& item, const DueContext& context, Draft& draft) {
    const auto key = parse_key(item.object);
    ensure(key.has_value(), "a due item names a key of the state");
    switch (item.kind) {
        case pb::DUE_KIND_ISSUE: return issue(item, *key, draft);
        case pb::DUE_KIND_PASS_ON: return pass_on(item, *key, draft);
        case pb::DUE_KIND_LAPSE: return lapse(item, *key, draft);
        case pb::DUE_KIND_EXPIRE:
            return key->kind == Kind::balance ? expire_balance(item, *key, draft)
                                              : expire_line(item, *key, draft);
        case pb::DUE_KIND_PROPOSAL:
            return execute_proposal(key->parts[0], {item.time, context.height, context.chain_id},
                                    draft);
        case pb::DUE_KIND_MISBEHAVIOUR:
        case pb::DUE_KIND_UNSPECIFIED:
        case pb::DueKind_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::DueKind_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("a due item has a kind");
}

}  // namespace tallystick::ledger
