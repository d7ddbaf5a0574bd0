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

/// A redemption line and where it stands.
struct LineRef {
    std::string_view redemption;
    std::uint32_t number;
};

/// Moves whole units of a redemption line between two named cells, with their credits: the one
/// place where units move. Keeps `open_lines` and ends the redemption when nothing is outstanding,
/// delivered, disputed or confirmed.
/// @pre the line exists; the cells differ; `from` holds at least `quantity`, which is positive. (An
/// action refuses
///      before it asks for more.)
void move_units(Draft& draft, LineRef line, pb::Cell from, pb::Cell to, std::uint64_t quantity);

}  // namespace tallystick::ledger
