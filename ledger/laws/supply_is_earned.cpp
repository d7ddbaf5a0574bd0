#include "ledger/laws/laws.hpp"

namespace tallystick::ledger {

namespace {

/// Does this entry issue credits as it may? A message if not.
std::optional<std::string> bad_issue(const pb::LogEntry& entry, const ExecutedBlock& block) {
    std::uint64_t issued = 0;
    for (const auto& movement : entry.outcome().movements())
        if (movement.from() == pb::POCKET_ISSUE) issued += movement.amount();
    if (issued == 0) return std::nullopt;
    const auto& due = entry.outcome().due();
    if (due.kind() != pb::DUE_KIND_ISSUE) return "credits appear without an award's issue";
    const Key<pb::AwardRecord> key{due.object()};
    const auto before = block.before.get(key);
    const auto after = block.after.get(key);
    if (!before || !after || before->status() != pb::AWARD_STATUS_STANDSTILL ||
        after->status() != pb::AWARD_STATUS_ISSUED)
        return "an award is issued that was not in standstill";
    if (issued != after->value())
        return "issued " + std::to_string(issued) + " of an award of " +
               std::to_string(after->value());
    return std::nullopt;
}

bool has_credits(const pb::Totals& totals) {
    return totals.awarded() != 0 || totals.available() != 0 || totals.reserved() != 0 ||
           totals.disputed() != 0 || totals.confirmed() != 0;
}

constexpr const char* not_empty = "a closed contract still has credits: ";

}  // namespace

std::optional<Breach> SupplyIsEarned::check_block(const ExecutedBlock& block) const {
    for (const auto& entry : block.result.entries)
        if (auto what = bad_issue(entry, block)) return breach(entry.id(), std::move(*what));
    for (const auto& leaf : block.leaves) {
        const auto kind = kind_of(leaf.key);
        if (kind == Kind::claim_totals) {
            const auto& before = leaf.old_or_default<pb::Totals>();
            const auto& after = leaf.new_or_default<pb::Totals>();
            if (after.retired() < before.retired() || after.expired() < before.expired() ||
                after.returned() < before.returned())
                return breach(leaf.key, "credits that were retired, expired or returned are back");
        } else if (kind == Kind::contract_totals) {
            const auto contract = block.after.get(Key<pb::Contract>{contract_of_totals(leaf.key)});
            const auto& totals = leaf.new_or_default<pb::Totals>();
            if (contract && contract->closed_at() != 0 && has_credits(totals))
                return breach(leaf.key, not_empty + totals_text(totals));
        } else if (kind == Kind::contract) {
            const auto totals =
                block.after.get_or_default(Key<pb::Totals>{totals_of_contract(leaf.key)});
            if (leaf.new_or_default<pb::Contract>().closed_at() != 0 && has_credits(totals))
                return breach(leaf.key, not_empty + totals_text(totals));
        }
    }
    return std::nullopt;
}

std::optional<Breach> SupplyIsEarned::take_leaf(const std::string& key,
                                                const google::protobuf::Message& value,
                                                const StateView& view) {
    if (kind_of(key) != Kind::contract) return std::nullopt;
    if (static_cast<const pb::Contract&>(value).closed_at() == 0) return std::nullopt;
    const auto totals = view.get_or_default(Key<pb::Totals>{totals_of_contract(key)});
    if (has_credits(totals)) return breach(key, not_empty + totals_text(totals));
    return std::nullopt;
}

}  // namespace tallystick::ledger
