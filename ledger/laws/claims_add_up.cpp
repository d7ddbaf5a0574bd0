#include "ledger/laws/laws.hpp"

namespace tallystick::ledger {

namespace {

/// The pockets that are held by accounts; the others stand in totals only.
pb::Totals held_part(const pb::Totals& totals) {
    pb::Totals held;
    held.set_available(totals.available());
    held.set_reserved(totals.reserved());
    held.set_disputed(totals.disputed());
    held.set_confirmed(totals.confirmed());
    return held;
}

std::string uneven_text(const PocketSum& sum) {
    return "the balances of the claim do not sum to its totals in " + pb::Pocket_Name(sum.uneven());
}

}  // namespace

std::optional<Breach> ClaimsAddUp::check_block(const ExecutedBlock& block) const {
    PocketSums difference;
    for (const auto& leaf : block.leaves) {
        const auto kind = kind_of(leaf.key);
        if (kind == Kind::claim_totals) {
            const auto& totals = leaf.new_or_default<pb::Totals>();
            if (!adds_up(totals)) return breach(leaf.key, totals_text(totals));
            auto& sum = difference[leaf.key];
            sum.subtract_totals(held_part(totals));
            sum.add_totals(held_part(leaf.old_or_default<pb::Totals>()));
        } else if (kind == Kind::balance) {
            auto& sum = difference[claim_of_balance(leaf.key)];
            sum.add_balance(leaf.new_or_default<pb::Balance>());
            sum.subtract_balance(leaf.old_or_default<pb::Balance>());
        }
    }
    for (const auto& [claim, sum] : difference)
        if (sum.uneven() != pb::POCKET_UNSPECIFIED) return breach(claim, uneven_text(sum));
    return std::nullopt;
}

std::optional<Breach> ClaimsAddUp::take_leaf(const std::string& key,
                                             const google::protobuf::Message& value,
                                             const StateView&) {
    const auto kind = kind_of(key);
    if (kind == Kind::claim_totals) {
        const auto& totals = static_cast<const pb::Totals&>(value);
        if (!adds_up(totals)) return breach(key, totals_text(totals));
        difference_[key].subtract_totals(held_part(totals));
    } else if (kind == Kind::balance) {
        difference_[claim_of_balance(key)].add_balance(static_cast<const pb::Balance&>(value));
    }
    return std::nullopt;
}

std::optional<Breach> ClaimsAddUp::finish_state(const StateView&) {
    for (const auto& [claim, sum] : difference_)
        if (sum.uneven() != pb::POCKET_UNSPECIFIED) return breach(claim, uneven_text(sum));
    return std::nullopt;
}

}  // namespace tallystick::ledger
