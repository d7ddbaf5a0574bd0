#pragma once

#include <cstdint>
#include <string_view>

#include "ledger/context.hpp"
#include "ledger/draft.hpp"

namespace tallystick::ledger {

/// The pocket in which the credits of a cell's units stand: outstanding and delivered are reserved,
/// both disputed cells are disputed, released units are available again.
[[nodiscard]] pb::Pocket pocket_of(pb::Cell cell);

/// Units in one cell.
[[nodiscard]] std::uint64_t units_in(const pb::Cells& cells, pb::Cell cell);

/// Is anything outstanding, delivered, disputed or confirmed? Until not, the line is open.
[[nodiscard]] bool is_open(const pb::Cells& cells);

/// A redemption line and where it stands.
struct LineRef {
    std::string_view redemption;
    std::uint32_t number;
};

/// Why units were released or expired, where reports tell that apart: the line's counter of that
/// name grows with the move.
enum class MoveCause : std::uint8_t { none, lapsed, declined, cancelled, unconfirmed };

/// Whole units that go from one cell to another.
struct UnitMove {
    pb::Cell from;
    pb::Cell to;
    std::uint64_t quantity;
    std::uint64_t at;  ///< seconds: the block's, or a due item's
    MoveCause cause = MoveCause::none;
};

/// Moves whole units of a redemption line between two named cells, with their credits: the one
/// place where units move. Keeps since when units wait in a cell, gives back to the supplier's
/// promise what is released after acceptance, keeps `open_lines`, and ends the redemption when
/// nothing is outstanding, delivered, disputed or confirmed:
/// - cancelled, if every unit of every line was;
/// - declined, if any unit was;
/// - lapsed, if it never was accepted and nothing expired with the contract;
/// - else ended.
/// @pre the line exists; the cells differ; `from` holds at least `quantity`, which is positive (an
///      action refuses before it asks for more); a cause but `none` fits the cells.
void move_units(Draft& draft, LineRef line, const UnitMove& move);

}  // namespace tallystick::ledger
