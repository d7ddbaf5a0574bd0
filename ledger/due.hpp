#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/context.hpp"
#include "ledger/draft.hpp"

namespace tallystick::ledger {

/// Something the ledger does by itself at a time. Run in the order of the members: time; kind; id.
struct DueItem {
    std::uint64_t time = 0;
    pb::DueKind kind = pb::DUE_KIND_UNSPECIFIED;
    Hash id;  ///< SHA-256("tallystick/due/1" 00 ledger id, time as 8 bytes BE, kind as 1 byte,
              ///< object)
    std::string object;  ///< state key of what it is about

    friend auto operator<=>(const DueItem&, const DueItem&) = default;
};

[[nodiscard]] Hash due_id(const LedgerId& ledger_id, std::uint64_t time, pb::DueKind kind,
                          std::string_view object);

/// The due items that the leaf under `key` calls for, by what `view` holds (the leaf itself, its
/// redemption, its award, its contract). A pure function, so that the index of deadlines can be
/// recomputed from the state:
/// - award in standstill: issue at the end of the standstill
/// - awarded line with a pass-on time and units left, before the contract's deadline: pass-on then
/// - redemption line with units outstanding: lapse at `lapse_at` (if before the deadline), expire
/// at the deadline
/// - redemption line with units delivered or disputed: expire when settling ends
/// - balance with credits available: expire at the contract's deadline
/// - proposal: when it lapses while it is open, when it takes effect once it is decided
[[nodiscard]] std::vector<DueItem> due_items_of(const LedgerId& ledger_id, const std::string& key,
                                                const StateView& view);

/// The block that does what is due.
struct DueContext {
    std::uint64_t height = 0;
    std::string_view chain_id;  ///< only a handover asks for it
};

/// Does what is due, judged as of its due time. Refused (the condition no longer held) changes
/// nothing but the mark that keeps the item from coming back.
[[nodiscard]] Verdict execute_due(const DueItem& item, const DueContext& context, Draft& draft);

}  // namespace tallystick::ledger
