#include "ledger/laws/laws.hpp"

namespace tallystick::ledger {

namespace {

std::string uneven_text(const PocketSum& sum) {
    return "the claims of the contract do not sum to its totals in " +
           pb::Pocket_Name(sum.uneven());
}

/// Does the contract issue no more than it may? A message if it does.
std::optional<std::string> above_allocation(const std::string& totals_key, const pb::Totals& totals,
                                            const StateView& view) {
    const auto contract = view.get(Key<pb::Contract>{contract_of_totals(totals_key)});
    if (!contract) return "totals of a contract that does not exist";
    const auto issued = Amount::from(totals.issued());
    const auto awarded = Amount::from(totals.awarded());
    const auto sum = issued && awarded ? issued->plus(*awarded) : std::nullopt;
    if (sum && sum->hundredths() <= contract->allocation()) return std::nullopt;
    return "above the allocation of " + std::to_string(contract->allocation()) + ": " +
           totals_text(totals);
}

}  // namespace

std::optional<Breach> ContractsAddUp::check_block(const ExecutedBlock& block) const {
    PocketSums difference;
    for (const auto& leaf : block.leaves) {
        const auto kind = kind_of(leaf.key);
        if (kind != Kind::claim_totals && kind != Kind::contract_totals) continue;
        const auto& before = leaf.old_or_default<pb::Totals>();
        const auto& after = leaf.new_or_default<pb::Totals>();
        if (after.issued() < before.issued())
            return breach(leaf.key, "issued fell from " + std::to_string(before.issued()) + " to " +
                                        std::to_string(after.issued()));
        if (kind == Kind::claim_totals) {
            auto& sum = difference[contract_of_claim(leaf.key)];
            sum.add_totals(after);
            sum.subtract_totals(before);
            continue;
        }
        if (auto what = above_allocation(leaf.key, after, block.after))
            return breach(leaf.key, std::move(*what));
        auto& sum = difference[leaf.key];
        sum.subtract_totals(after);
        sum.add_totals(before);
    }
    for (const auto& [contract, sum] : difference)
        if (sum.uneven() != pb::POCKET_UNSPECIFIED) return breach(contract, uneven_text(sum));
    return std::nullopt;
}

std::optional<Breach> ContractsAddUp::take_leaf(const std::string& key,
                                                const google::protobuf::Message& value,
                                                const StateView& view) {
    const auto kind = kind_of(key);
    if (kind == Kind::claim_totals) {
        difference_[contract_of_claim(key)].add_totals(static_cast<const pb::Totals&>(value));
    } else if (kind == Kind::contract_totals) {
        const auto& totals = static_cast<const pb::Totals&>(value);
        if (auto what = above_allocation(key, totals, view)) return breach(key, std::move(*what));
        difference_[key].subtract_totals(totals);
    }
    return std::nullopt;
}

std::optional<Breach> ContractsAddUp::finish_state(const StateView&) {
    for (const auto& [contract, sum] : difference_)
        if (sum.uneven() != pb::POCKET_UNSPECIFIED) return breach(contract, uneven_text(sum));
    return std::nullopt;
}

}  // namespace tallystick::ledger
