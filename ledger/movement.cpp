#include "ledger/movement.hpp"

#include <utility>

#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

struct Movement {
    Place from;
    Place to;
    Amount amount;
};

bool is_held(pb::Pocket pocket) {
    return pocket == pb::POCKET_AVAILABLE || pocket == pb::POCKET_RESERVED ||
           pocket == pb::POCKET_DISPUTED || pocket == pb::POCKET_CONFIRMED;
}

std::uint64_t held(const pb::Balance& balance, pb::Pocket pocket) {
    switch (pocket) {
        case pb::POCKET_AVAILABLE: return balance.available();
        case pb::POCKET_RESERVED: return balance.reserved();
        case pb::POCKET_DISPUTED: return balance.disputed();
        case pb::POCKET_CONFIRMED: return balance.confirmed();
        case pb::POCKET_UNSPECIFIED:
        case pb::POCKET_ISSUE:
        case pb::POCKET_RETIRED:
        case pb::POCKET_EXPIRED:
        case pb::POCKET_RETURNED:
        case pb::Pocket_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Pocket_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("a balance has no such pocket");
}

void hold(pb::Balance& balance, pb::Pocket pocket, std::uint64_t hundredths) {
    switch (pocket) {
        case pb::POCKET_AVAILABLE: return balance.set_available(hundredths);
        case pb::POCKET_RESERVED: return balance.set_reserved(hundredths);
        case pb::POCKET_DISPUTED: return balance.set_disputed(hundredths);
        case pb::POCKET_CONFIRMED: return balance.set_confirmed(hundredths);
        case pb::POCKET_UNSPECIFIED:
        case pb::POCKET_ISSUE:
        case pb::POCKET_RETIRED:
        case pb::POCKET_EXPIRED:
        case pb::POCKET_RETURNED:
        case pb::Pocket_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Pocket_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("a balance has no such pocket");
}

std::uint64_t total(const pb::Totals& totals, pb::Pocket pocket) {
    switch (pocket) {
        case pb::POCKET_ISSUE: return totals.issued();
        case pb::POCKET_AVAILABLE: return totals.available();
        case pb::POCKET_RESERVED: return totals.reserved();
        case pb::POCKET_DISPUTED: return totals.disputed();
        case pb::POCKET_CONFIRMED: return totals.confirmed();
        case pb::POCKET_RETIRED: return totals.retired();
        case pb::POCKET_EXPIRED: return totals.expired();
        case pb::POCKET_RETURNED: return totals.returned();
        case pb::POCKET_UNSPECIFIED:
        case pb::Pocket_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Pocket_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("totals have no such pocket");
}

void set_total(pb::Totals& totals, pb::Pocket pocket, std::uint64_t hundredths) {
    switch (pocket) {
        case pb::POCKET_ISSUE: return totals.set_issued(hundredths);
        case pb::POCKET_AVAILABLE: return totals.set_available(hundredths);
        case pb::POCKET_RESERVED: return totals.set_reserved(hundredths);
        case pb::POCKET_DISPUTED: return totals.set_disputed(hundredths);
        case pb::POCKET_CONFIRMED: return totals.set_confirmed(hundredths);
        case pb::POCKET_RETIRED: return totals.set_retired(hundredths);
        case pb::POCKET_EXPIRED: return totals.set_expired(hundredths);
        case pb::POCKET_RETURNED: return totals.set_returned(hundredths);
        case pb::POCKET_UNSPECIFIED:
        case pb::Pocket_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Pocket_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("totals have no such pocket");
}

/// Adds to the pocket; false if that would pass the bound of an amount.
bool credit(pb::Balance& balance, pb::Pocket pocket, Amount amount) {
    const auto present = Amount::from(held(balance, pocket));
    const auto sum = present ? present->plus(amount) : std::nullopt;
    if (sum) hold(balance, pocket, sum->hundredths());
    return sum.has_value();
}

bool debit(pb::Balance& balance, pb::Pocket pocket, Amount amount) {
    const auto present = held(balance, pocket);
    if (present < amount.hundredths()) return false;
    hold(balance, pocket, present - amount.hundredths());
    return true;
}

/// Totals after a movement between two pockets; nothing if a sum would pass the bound.
/// Issued credits are counted at their source for ever, so an issue adds to both.
std::optional<pb::Totals> moved(pb::Totals totals, const Movement& movement) {
    const auto hundredths = movement.amount.hundredths();
    const auto source = total(totals, movement.from.pocket);
    if (movement.from.pocket == pb::POCKET_ISSUE) {
        if (source > Amount::hundredths_max - hundredths) return std::nullopt;
        set_total(totals, pb::POCKET_ISSUE, source + hundredths);
    } else {
        ensure(source >= hundredths, "a total is smaller than a balance that it sums");
        set_total(totals, movement.from.pocket, source - hundredths);
    }
    const auto target = total(totals, movement.to.pocket);
    if (target > Amount::hundredths_max - hundredths) return std::nullopt;
    set_total(totals, movement.to.pocket, target + hundredths);
    return totals;
}

void put_balance(Draft& draft, const Key<pb::Balance>& key, pb::Balance balance) {
    if (balance.available() == 0 && balance.reserved() == 0 && balance.disputed() == 0 &&
        balance.confirmed() == 0)
        draft.erase(key);
    else
        draft.put(key, std::move(balance));
}

/// Credits that leave a balance without ever having been asked for are told apart by whose they
/// were: no redemption line names them.
void count_unspent(Draft& draft, const pb::Claim& claim, const Movement& movement) {
    if (movement.from.pocket != pb::POCKET_AVAILABLE) return;
    const bool returned = movement.to.pocket == pb::POCKET_RETURNED;
    if (!returned && movement.to.pocket != pb::POCKET_EXPIRED) return;

    const auto key = participant_key(claim.contract(), movement.from.account);
    const auto found = draft.get(key);
    ensure(found != nullptr, "a holder of credits is on one side of the contract");
    pb::Participant participant = *found;
    if (returned)
        participant.set_returned(participant.returned() + movement.amount.hundredths());
    else
        participant.set_expired(participant.expired() + movement.amount.hundredths());
    draft.put(key, std::move(participant));
}

void record(Draft& draft, const pb::Claim& claim, const Movement& movement) {
    pb::Movement recorded;
    *recorded.mutable_claim() = claim;
    recorded.set_from_account(std::string{movement.from.account});
    recorded.set_from(movement.from.pocket);
    recorded.set_to_account(std::string{movement.to.account});
    recorded.set_to(movement.to.pocket);
    recorded.set_amount(movement.amount.hundredths());
    draft.add_movement(std::move(recorded));
}

}  // namespace

Verdict move_credits(Draft& draft, const pb::Claim& claim, Place from, Place to, Amount amount) {
    const Movement movement{from, to, amount};
    const bool same_account = from.account == to.account;
    ensure(!amount.is_zero(), "a movement is positive");
    ensure(to.pocket != pb::POCKET_ISSUE, "nothing goes back to the source");
    ensure(from.pocket == pb::POCKET_ISSUE || is_held(from.pocket), "credits come from a holder");
    ensure(!same_account || from.pocket != to.pocket, "a movement has two ends");

    const bool from_balance = is_held(from.pocket);
    const bool to_balance = is_held(to.pocket);
    const auto from_key = balance_key(from.account, claim);
    auto source = draft.get_or_default(from_key);
    if (from_balance && !debit(source, from.pocket, amount)) return Refusal::insufficient_credits;

    Key<pb::Balance> to_key;
    pb::Balance target;
    if (to_balance && !same_account) {
        to_key = balance_key(to.account, claim);
        target = draft.get_or_default(to_key);
    }
    if (to_balance && !credit(same_account ? source : target, to.pocket, amount))
        return Refusal::balance_overflow;

    if (from.pocket != to.pocket) {
        const auto claim_key = claim_totals_key(claim);
        const auto contract_key = contract_totals_key(claim.contract());
        auto claim_totals = moved(draft.get_or_default(claim_key), movement);
        auto contract_totals = moved(draft.get_or_default(contract_key), movement);
        if (!claim_totals || !contract_totals) return Refusal::balance_overflow;
        draft.put(claim_key, *std::move(claim_totals));
        draft.put(contract_key, *std::move(contract_totals));
    }

    // Decided: nothing below can fail.
    if (from_balance || (to_balance && same_account)) put_balance(draft, from_key, source);
    if (to_balance && !same_account) put_balance(draft, to_key, target);
    count_unspent(draft, claim, movement);
    record(draft, claim, movement);
    return std::nullopt;
}

}  // namespace tallystick::ledger
