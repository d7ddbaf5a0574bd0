#include "ledger/reports/figures.hpp"

#include <array>

#include "ledger/awarded_lines.hpp"

namespace tallystick::ledger {
namespace {

constexpr std::array columns{
    &Figures::promised,  &Figures::due,       &Figures::issued,    &Figures::transferred,
    &Figures::requested, &Figures::delivered, &Figures::confirmed, &Figures::verified,
    &Figures::disputed,  &Figures::declined,  &Figures::lapsed,    &Figures::cancelled,
    &Figures::broken,    &Figures::returned,  &Figures::expired,   &Figures::unconfirmed};

static_assert(sizeof(Figures) == columns.size() * sizeof(Quantity), "every column is listed");

}  // namespace

Figures& Figures::operator+=(const Figures& other) {
    for (const auto column : columns) this->*column += other.*column;
    return *this;
}

void add_awarded_line(Figures& figures, const pb::AwardedLine& line, bool issued, bool expired) {
    const auto value = line.unit_value();
    figures.promised.add(line.line().quantity(), value);
    figures.due.add(line.line().quantity(), value);
    if (issued) figures.issued.add(line.line().quantity(), value);
    figures.transferred.add(line.transferred() + line.passed_on(), value);
    figures.returned.add(line.returned(), value);
    if (expired) figures.expired.add(units_left(line), value);
}

void add_redemption_line(Figures& figures, const pb::RedemptionLine& line) {
    const auto value = line.unit_value();
    const auto& cells = line.cells();
    figures.requested.add(line.requested(), value);
    figures.delivered.add(line.recorded(), value);
    figures.confirmed.add(cells.confirmed() + cells.retired() + cells.disputed_confirmed(), value);
    figures.verified.add(cells.retired(), value);
    figures.disputed.add(cells.disputed_delivered() + cells.disputed_confirmed(), value);
    figures.declined.add(line.declined(), value);
    figures.lapsed.add(line.lapsed(), value);
    figures.cancelled.add(line.cancelled(), value);
    figures.broken.add(line.broken(), value);
    figures.expired.add(cells.expired() - line.unconfirmed(), value);
    figures.unconfirmed.add(line.unconfirmed(), value);
}

Figures without_units(Figures figures) {
    for (const auto column : columns) (figures.*column).units = 0;
    return figures;
}

}  // namespace tallystick::ledger
