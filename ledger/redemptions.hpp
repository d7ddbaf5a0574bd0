#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ledger/actions/action.hpp"
#include "ledger/cells.hpp"

/// What the actions on redemptions share.
namespace tallystick::ledger {

inline constexpr std::size_t redemption_lines_max = 64;
inline constexpr std::size_t evidence_tags_max = 16;
inline constexpr std::size_t line_quantities_max = 256;

using LineQuantities = google::protobuf::RepeatedPtrField<pb::LineQuantity>;

/// The form of what confirm and verify list: bad_size unless 1 to 256 entries; for each bad_hash,
/// bad_quantity; bad_order unless strictly ascending by (redemption, line).
[[nodiscard]] Form check_line_quantities(const LineQuantities& lines);

/// Can the redemption still be answered? already_answered (accepted or declined), redemption_ended.
[[nodiscard]] Verdict refuse_unless_requested(const pb::Redemption& redemption);

/// Has it been accepted, and not ended since? not_accepted (unanswered or declined),
/// redemption_ended.
[[nodiscard]] Verdict refuse_unless_accepted(const pb::Redemption& redemption);

/// Moves the units of many lines, each named once. @pre every line holds at least its quantity in
/// `from`.
void move_line_quantities(Draft& draft, const LineQuantities& lines, pb::Cell from, pb::Cell to,
                          std::uint64_t at);

/// For the policy's class, in hundredths: what units of a redemption line are worth; 0 if there is
/// no such line; never more than the largest amount (execution refuses what is beyond it).
[[nodiscard]] std::uint64_t units_value(const StateView& view, LineRef line,
                                        std::uint64_t quantity);

/// The same for many lines, together.
[[nodiscard]] std::uint64_t units_value(const StateView& view, const LineQuantities& lines);

/// The same for all that is outstanding on a redemption.
[[nodiscard]] std::uint64_t outstanding_value(const StateView& view, std::string_view redemption);

/// Sum of two values, at most the largest amount. @pre both are at most that.
[[nodiscard]] std::uint64_t bounded_sum(std::uint64_t a, std::uint64_t b) noexcept;

}  // namespace tallystick::ledger
