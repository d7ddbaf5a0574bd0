#include "ledger/laws/laws.hpp"

namespace tallystick::ledger {

namespace {

bool is_held(pb::Pocket pocket) {
    return pocket == pb::POCKET_AVAILABLE || pocket == pb::POCKET_RESERVED ||
           pocket == pb::POCKET_DISPUTED || pocket == pb::POCKET_CONFIRMED;
}

pb::Totals without_awarded(pb::Totals totals) {
    totals.clear_awarded();
    return totals;
}

std::optional<std::string> bad_form(const pb::Movement& movement) {
    if (!Amount::from(movement.amount()) || movement.amount() == 0)
        return "a movement of " + std::to_string(movement.amount());
    if (movement.from() == movement.to() && movement.from_account() == movement.to_account())
        return "a movement to where it came from";
    if (!is_held(movement.from()) && movement.from() != pb::POCKET_ISSUE)
        return "a movement from " + pb::Pocket_Name(movement.from());
    if (movement.to() == pb::POCKET_ISSUE || movement.to() == pb::POCKET_UNSPECIFIED)
        return "a movement to " + pb::Pocket_Name(movement.to());
    return std::nullopt;
}

/// Adds what the movement should do to balances and to the claim's totals.
void count(PocketSums& difference, const pb::Movement& movement) {
    const auto amount = movement.amount();
    if (is_held(movement.from()))
        difference[balance_key(movement.from_account(), movement.claim()).bytes].add(
            movement.from(), 0 - amount);
    if (is_held(movement.to()))
        difference[balance_key(movement.to_account(), movement.claim()).bytes].add(movement.to(),
                                                                                   amount);
    if (movement.from() == movement.to()) return;
    auto& totals = difference[claim_totals_key(movement.claim()).bytes];
    // Issued credits are counted at their source for ever.
    totals.add(movement.from(), movement.from() == pb::POCKET_ISSUE ? amount : 0 - amount);
    totals.add(movement.to(), amount);
}

}  // namespace

std::optional<Breach> MovementsBalance::check_block(const ExecutedBlock& block) const {
    PocketSums difference;
    for (const auto& entry : block.result.entries) {
        for (const auto& movement : entry.outcome().movements()) {
            if (auto what = bad_form(movement)) return breach(entry.id(), std::move(*what));
            count(difference, movement);
        }
    }
    for (const auto& leaf : block.leaves) {
        const auto kind = kind_of(leaf.key);
        if (kind == Kind::balance) {
            auto& sum = difference[leaf.key];
            sum.subtract_balance(leaf.new_or_default<pb::Balance>());
            sum.add_balance(leaf.old_or_default<pb::Balance>());
        } else if (kind == Kind::claim_totals) {
            auto& sum = difference[leaf.key];
            sum.subtract_totals(without_awarded(leaf.new_or_default<pb::Totals>()));
            sum.add_totals(without_awarded(leaf.old_or_default<pb::Totals>()));
        }
    }
    for (const auto& [key, sum] : difference)
        if (sum.uneven() != pb::POCKET_UNSPECIFIED)
            return breach(key, "changed by more or less than the log's movements in " +
                                   pb::Pocket_Name(sum.uneven()));
    return std::nullopt;
}

std::optional<Breach> MovementsBalance::take_leaf(const std::string& key,
                                                  const google::protobuf::Message& value,
                                                  const StateView&) {
    if (kind_of(key) != Kind::balance) return std::nullopt;
    const auto& balance = static_cast<const pb::Balance&>(value);
    bool empty = true;
    for (const auto part :
         {balance.available(), balance.reserved(), balance.disputed(), balance.confirmed()}) {
        if (!Amount::from(part)) return breach(key, "a balance of " + std::to_string(part));
        empty = empty && part == 0;
    }
    if (empty) return breach(key, "a balance of nothing is kept");
    return std::nullopt;
}

}  // namespace tallystick::ledger
