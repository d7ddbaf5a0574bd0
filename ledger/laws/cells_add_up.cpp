#include "ledger/laws/laws.hpp"

namespace tallystick::ledger {

namespace {

std::uint64_t sum_of(const pb::Cells& cells) {
    return cells.outstanding() + cells.delivered() + cells.disputed_delivered() +
           cells.disputed_confirmed() + cells.confirmed() + cells.retired() + cells.released() +
           cells.expired();
}

bool is_open(const pb::Cells& cells) {
    return sum_of(cells) != cells.retired() + cells.released() + cells.expired();
}

bool has_ended(pb::RedemptionStatus status) {
    return status == pb::REDEMPTION_STATUS_DECLINED || status == pb::REDEMPTION_STATUS_CANCELLED ||
           status == pb::REDEMPTION_STATUS_LAPSED || status == pb::REDEMPTION_STATUS_ENDED;
}

/// What a project's balance and a claim's totals must hold for a redemption line.
pb::Balance held_for(const pb::RedemptionLine& line) {
    const auto& cells = line.cells();
    pb::Balance held;
    held.set_reserved((cells.outstanding() + cells.delivered()) * line.unit_value());
    held.set_disputed((cells.disputed_delivered() + cells.disputed_confirmed()) *
                      line.unit_value());
    held.set_confirmed(cells.confirmed() * line.unit_value());
    return held;
}

pb::Balance without_available(pb::Balance balance) {
    balance.clear_available();
    return balance;
}

/// Adds a line, with `sign` false takes it away.
void count_line(PocketSums& difference, const pb::Redemption& redemption,
                const pb::RedemptionLine& line, bool sign) {
    auto& balance = difference[balance_key(redemption.project(), redemption.claim()).bytes];
    auto& totals = difference[claim_totals_key(redemption.claim()).bytes];
    const auto retired = line.cells().retired() * line.unit_value();
    if (sign) {
        balance.add_balance(held_for(line));
        totals.add(pb::POCKET_RETIRED, retired);
    } else {
        balance.subtract_balance(held_for(line));
        totals.subtract(pb::POCKET_RETIRED, retired);
    }
}

std::shared_ptr<const pb::Redemption> redemption_of(const std::string& line_key,
                                                    const StateView& view) {
    const auto parsed = parse_key(line_key);
    if (!parsed) return nullptr;
    return view.get(redemption_key(parsed->parts[0]));
}

std::string redemption_key_of(const std::string& line_key) {
    return redemption_key(parse_key(line_key)->parts[0]).bytes;
}

std::optional<std::string> bad_cells(const pb::RedemptionLine& line) {
    if (sum_of(line.cells()) == line.requested() && line.requested() > 0) return std::nullopt;
    return "cells sum to " + std::to_string(sum_of(line.cells())) + " of " +
           std::to_string(line.requested()) + " requested";
}

constexpr const char* uneven =
    "cells times unit value are not what is reserved, disputed, confirmed or retired: ";

}  // namespace

std::optional<Breach> CellsAddUp::check_block(const ExecutedBlock& block) const {
    PocketSums difference;
    std::map<std::string, std::int64_t, std::less<>> open_lines;
    for (const auto& leaf : block.leaves) {
        const auto kind = kind_of(leaf.key);
        if (kind == Kind::redemption_line) {
            if (!leaf.after) return breach(leaf.key, "a redemption line is gone");
            const auto redemption = redemption_of(leaf.key, block.after);
            if (!redemption) return breach(leaf.key, "a line without its redemption");
            const auto& before = leaf.old_or_default<pb::RedemptionLine>();
            const auto& after = *leaf.new_value<pb::RedemptionLine>();
            if (auto what = bad_cells(after)) return breach(leaf.key, std::move(*what));
            if (leaf.before && (before.requested() != after.requested() ||
                                before.unit_value() != after.unit_value()))
                return breach(leaf.key, "what was requested was changed");
            count_line(difference, *redemption, after, true);
            count_line(difference, *redemption, before, false);
            open_lines[redemption_key_of(leaf.key)] +=
                (is_open(after.cells()) ? 1 : 0) - (is_open(before.cells()) ? 1 : 0);
        } else if (kind == Kind::redemption) {
            if (!leaf.after) return breach(leaf.key, "a redemption is gone");
            const auto& before = leaf.old_or_default<pb::Redemption>();
            const auto& after = *leaf.new_value<pb::Redemption>();
            if (has_ended(before.status()) && before.status() != after.status())
                return breach(leaf.key, "a redemption that had ended changed");
            if (has_ended(after.status()) != (after.open_lines() == 0))
                return breach(leaf.key, "a redemption ends when no line is open");
            open_lines[leaf.key] -= static_cast<std::int64_t>(after.open_lines()) -
                                    static_cast<std::int64_t>(before.open_lines());
        } else if (kind == Kind::balance) {
            auto& sum = difference[leaf.key];
            sum.subtract_balance(without_available(leaf.new_or_default<pb::Balance>()));
            sum.add_balance(without_available(leaf.old_or_default<pb::Balance>()));
        } else if (kind == Kind::claim_totals) {
            auto& sum = difference[leaf.key];
            sum.subtract(pb::POCKET_RETIRED, leaf.new_or_default<pb::Totals>().retired());
            sum.add(pb::POCKET_RETIRED, leaf.old_or_default<pb::Totals>().retired());
        }
    }
    for (const auto& [key, sum] : difference)
        if (sum.uneven() != pb::POCKET_UNSPECIFIED)
            return breach(key, uneven + pb::Pocket_Name(sum.uneven()));
    for (const auto& [key, count] : open_lines)
        if (count != 0) return breach(key, "open lines are not counted");
    return std::nullopt;
}

std::optional<Breach> CellsAddUp::take_leaf(const std::string& key,
                                            const google::protobuf::Message& value,
                                            const StateView& view) {
    const auto kind = kind_of(key);
    if (kind == Kind::redemption_line) {
        const auto& line = static_cast<const pb::RedemptionLine&>(value);
        const auto redemption = redemption_of(key, view);
        if (!redemption) return breach(key, "a line without its redemption");
        if (auto what = bad_cells(line)) return breach(key, std::move(*what));
        count_line(difference_, *redemption, line, true);
        open_lines_[redemption_key_of(key)] += is_open(line.cells()) ? 1 : 0;
    } else if (kind == Kind::redemption) {
        const auto& redemption = static_cast<const pb::Redemption&>(value);
        if (has_ended(redemption.status()) != (redemption.open_lines() == 0))
            return breach(key, "a redemption ends when no line is open");
        open_lines_[key] -= static_cast<std::int64_t>(redemption.open_lines());
    } else if (kind == Kind::balance) {
        difference_[key].subtract_balance(
            without_available(static_cast<const pb::Balance&>(value)));
    } else if (kind == Kind::claim_totals) {
        difference_[key].subtract(pb::POCKET_RETIRED,
                                  static_cast<const pb::Totals&>(value).retired());
    }
    return std::nullopt;
}

std::optional<Breach> CellsAddUp::finish_state(const StateView&) {
    for (const auto& [key, sum] : difference_)
        if (sum.uneven() != pb::POCKET_UNSPECIFIED)
            return breach(key, uneven + pb::Pocket_Name(sum.uneven()));
    for (const auto& [key, count] : open_lines_)
        if (count != 0) return breach(key, "open lines are not counted");
    return std::nullopt;
}

}  // namespace tallystick::ledger
