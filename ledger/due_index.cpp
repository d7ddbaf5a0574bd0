#include "ledger/state_machine.hpp"

#include <algorithm>
#include <utility>

namespace tallystick::ledger {

namespace {

std::string contract_of_award(const StateView& view, std::string_view award) {
    const auto record = view.get(award_key(award));
    return record ? contract_totals_key(record->claim().contract()).bytes : std::string{};
}

std::string contract_of_redemption(const StateView& view, std::string_view redemption) {
    const auto record = view.get(redemption_key(redemption));
    return record ? contract_totals_key(record->claim().contract()).bytes : std::string{};
}

/// Key of the totals of the contract that a due-bearing object belongs to; empty for a proposal.
std::string contract_of_object(const std::string& key, const StateView& view) {
    const auto parsed = parse_key(key);
    ensure(parsed.has_value(), "a key of the state is well-formed");
    if (parsed->kind == Kind::proposal) return {};
    if (parsed->kind == Kind::balance)
        return contract_totals_key(contract_of_parts(*parsed, 1)).bytes;
    if (parsed->kind == Kind::award || parsed->kind == Kind::awarded_line)
        return contract_of_award(view, parsed->parts[0]);
    return contract_of_redemption(view, parsed->parts[0]);
}

}  // namespace

void DueIndex::update(const std::string& key, std::vector<DueItem> items,
                      const std::string& contract) {
    if (const auto old = by_object_.find(key); old != by_object_.end()) {
        for (const auto& item : old->second.items) {
            items_.erase(item);
            const auto times = by_contract_.find(old->second.contract);
            times->second.erase(times->second.find(item.time));
            if (times->second.empty()) by_contract_.erase(times);
        }
        by_object_.erase(old);
    }
    if (items.empty()) return;
    for (const auto& item : items) {
        items_.insert(item);
        by_contract_[contract].insert(item.time);
    }
    by_object_.emplace(key, Object{std::move(items), contract});
}

const DueItem* DueIndex::first() const {
    return items_.empty() ? nullptr : &*items_.begin();
}

std::optional<std::uint64_t> DueIndex::earliest_of(const std::string& key) const {
    const auto found = by_object_.find(key);
    if (found == by_object_.end()) return std::nullopt;
    std::uint64_t earliest = found->second.items.front().time;
    for (const auto& item : found->second.items) earliest = std::min(earliest, item.time);
    return earliest;
}

std::optional<std::uint64_t> DueIndex::earliest_of_contract(const std::string& totals_key) const {
    const auto found = by_contract_.find(totals_key);
    if (found == by_contract_.end()) return std::nullopt;
    return *found->second.begin();
}

bool bears_due_items(std::string_view key) noexcept {
    if (key.empty()) return false;
    const auto kind = static_cast<Kind>(static_cast<std::uint8_t>(key[0]));
    return kind == Kind::award || kind == Kind::awarded_line || kind == Kind::balance ||
           kind == Kind::redemption_line || kind == Kind::proposal;
}

void refresh_due(DueIndex& due, const LedgerId& ledger_id, const std::string& key,
                 const StateView& view) {
    if (!bears_due_items(key)) return;
    auto items = due_items_of(ledger_id, key, view);
    if (items.empty()) {
        due.update(key, {});
        return;
    }
    due.update(key, std::move(items), contract_of_object(key, view));
}

}  // namespace tallystick::ledger
