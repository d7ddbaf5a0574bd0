#include "ledger/cells.hpp"

#include <algorithm>
#include <utility>

#include "ledger/movement.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

void set_units(pb::Cells& cells, pb::Cell cell, std::uint64_t units) {
    switch (cell) {
        case pb::CELL_OUTSTANDING: return cells.set_outstanding(units);
        case pb::CELL_DELIVERED: return cells.set_delivered(units);
        case pb::CELL_DISPUTED_DELIVERED: return cells.set_disputed_delivered(units);
        case pb::CELL_DISPUTED_CONFIRMED: return cells.set_disputed_confirmed(units);
        case pb::CELL_CONFIRMED: return cells.set_confirmed(units);
        case pb::CELL_RETIRED: return cells.set_retired(units);
        case pb::CELL_RELEASED: return cells.set_released(units);
        case pb::CELL_EXPIRED: return cells.set_expired(units);
        case pb::CELL_UNSPECIFIED:
        case pb::Cell_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Cell_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("a redemption line has no such cell");
}

void count_cause(pb::RedemptionLine& line, const UnitMove& move) {
    switch (move.cause) {
        case MoveCause::none: return;
        case MoveCause::lapsed: return line.set_lapsed(line.lapsed() + move.quantity);
        case MoveCause::declined: return line.set_declined(line.declined() + move.quantity);
        case MoveCause::cancelled: return line.set_cancelled(line.cancelled() + move.quantity);
        case MoveCause::unconfirmed:
            return line.set_unconfirmed(line.unconfirmed() + move.quantity);
    }
}

/// 0 while nothing waits; the time of the move that put the first unit there; else unchanged.
std::uint64_t since(std::uint64_t before, std::uint64_t waiting, std::uint64_t at) {
    if (waiting == 0) return 0;
    return before == 0 ? at : before;
}

void keep_waiting_times(pb::RedemptionLine& line, std::uint64_t at) {
    const auto& cells = line.cells();
    const auto disputed = cells.disputed_delivered() + cells.disputed_confirmed();
    line.set_delivered_since(since(line.delivered_since(), cells.delivered(), at));
    line.set_confirmed_since(since(line.confirmed_since(), cells.confirmed(), at));
    line.set_disputed_since(since(line.disputed_since(), disputed, at));
}

/// What an accepted redemption releases, the supplier has still to provide: a later request for it
/// counts as promised again.
void give_back_promise(Draft& draft, const pb::Claim& claim, const pb::RedemptionLine& line,
                       std::uint64_t quantity) {
    const auto key = promise_key(claim, line.resource());
    auto promise = draft.get_or_default(key);
    ensure(promise.accepted() >= quantity, "accepted units are counted in the promise");
    promise.set_accepted(promise.accepted() - quantity);
    draft.put(key, std::move(promise));
}

/// How a redemption of which nothing is open any more has ended.
pb::RedemptionStatus final_status(const Draft& draft, std::string_view id,
                                  const pb::Redemption& redemption) {
    bool all_cancelled = true;
    bool any_declined = false;
    bool any_expired = false;
    for (std::uint32_t number = 0; number < redemption.lines(); ++number) {
        const auto line = draft.get(redemption_line_key(id, number));
        ensure(line != nullptr, "a redemption has all its lines");
        all_cancelled = all_cancelled && line->cancelled() == line->requested();
        any_declined = any_declined || line->declined() > 0;
        any_expired = any_expired || line->cells().expired() > 0;
    }
    if (all_cancelled) return pb::REDEMPTION_STATUS_CANCELLED;
    if (any_declined) return pb::REDEMPTION_STATUS_DECLINED;
    if (redemption.status() == pb::REDEMPTION_STATUS_REQUESTED && !any_expired)
        return pb::REDEMPTION_STATUS_LAPSED;
    return pb::REDEMPTION_STATUS_ENDED;
}

void close_line(Draft& draft, std::string_view id, pb::Redemption redemption) {
    ensure(redemption.open_lines() > 0, "a line that closes was counted as open");
    redemption.set_open_lines(redemption.open_lines() - 1);
    if (redemption.open_lines() == 0) redemption.set_status(final_status(draft, id, redemption));
    draft.put(redemption_key(id), std::move(redemption));
}

}  // namespace

pb::Pocket pocket_of(pb::Cell cell) {
    switch (cell) {
        case pb::CELL_OUTSTANDING:
        case pb::CELL_DELIVERED: return pb::POCKET_RESERVED;
        case pb::CELL_DISPUTED_DELIVERED:
        case pb::CELL_DISPUTED_CONFIRMED: return pb::POCKET_DISPUTED;
        case pb::CELL_CONFIRMED: return pb::POCKET_CONFIRMED;
        case pb::CELL_RETIRED: return pb::POCKET_RETIRED;
        case pb::CELL_RELEASED: return pb::POCKET_AVAILABLE;
        case pb::CELL_EXPIRED: return pb::POCKET_EXPIRED;
        case pb::CELL_UNSPECIFIED:
        case pb::Cell_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Cell_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("a redemption line has no such cell");
}

std::uint64_t units_in(const pb::Cells& cells, pb::Cell cell) {
    switch (cell) {
        case pb::CELL_OUTSTANDING: return cells.outstanding();
        case pb::CELL_DELIVERED: return cells.delivered();
        case pb::CELL_DISPUTED_DELIVERED: return cells.disputed_delivered();
        case pb::CELL_DISPUTED_CONFIRMED: return cells.disputed_confirmed();
        case pb::CELL_CONFIRMED: return cells.confirmed();
        case pb::CELL_RETIRED: return cells.retired();
        case pb::CELL_RELEASED: return cells.released();
        case pb::CELL_EXPIRED: return cells.expired();
        case pb::CELL_UNSPECIFIED:
        case pb::Cell_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Cell_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    stop_on_bug("a redemption line has no such cell");
}

bool is_open(const pb::Cells& cells) {
    return cells.outstanding() != 0 || cells.delivered() != 0 || cells.disputed_delivered() != 0 ||
           cells.disputed_confirmed() != 0 || cells.confirmed() != 0;
}

void move_units(Draft& draft, LineRef ref, const UnitMove& move) {
    const auto line_key = redemption_line_key(ref.redemption, ref.number);
    const auto found_line = draft.get(line_key);
    const auto redemption = draft.get(redemption_key(ref.redemption));
    ensure(found_line && redemption, "units move on a redemption line that exists");
    pb::RedemptionLine line = *found_line;
    auto& cells = *line.mutable_cells();
    const auto available = units_in(cells, move.from);
    ensure(move.from != move.to, "a move of units has two ends");
    ensure(move.quantity > 0 && move.quantity <= available, "a cell holds what leaves it");

    set_units(cells, move.from, available - move.quantity);
    set_units(cells, move.to, units_in(cells, move.to) + move.quantity);
    count_cause(line, move);
    if (move.to == pb::CELL_DELIVERED) line.set_recorded(line.recorded() + move.quantity);
    keep_waiting_times(line, move.at);

    const auto from = pocket_of(move.from);
    const auto to = pocket_of(move.to);
    if (from != to) {
        const auto unit_value = Amount::from(line.unit_value());
        const auto amount = unit_value ? unit_value->times(move.quantity) : std::nullopt;
        ensure(amount.has_value(), "a line's value was bounded when it was requested");
        const auto refused = move_credits(draft, redemption->claim(), {redemption->project(), from},
                                          {redemption->project(), to}, *amount);
        ensure(!refused, "reserved, disputed and confirmed credits are what the cells hold");
    }
    if (move.to == pb::CELL_RELEASED && redemption->status() == pb::REDEMPTION_STATUS_ACCEPTED)
        give_back_promise(draft, redemption->claim(), line, move.quantity);

    const bool closes = !is_open(cells);
    draft.put(line_key, std::move(line));
    if (closes) close_line(draft, ref.redemption, *redemption);
}

}  // namespace tallystick::ledger
