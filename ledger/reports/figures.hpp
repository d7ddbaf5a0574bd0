#pragma once

#include <cstdint>

#include "protocol/pb.hpp"

namespace tallystick::ledger {

/// The same thing counted twice: in the resource's own units and in hundredths of a credit.
struct Quantity {
    std::uint64_t units = 0;
    std::uint64_t hundredths = 0;

    /// So many units at so much each.
    void add(std::uint64_t quantity, std::uint64_t unit_value) {
        units += quantity;
        hundredths += quantity * unit_value;
    }
    Quantity& operator+=(const Quantity& other) {
        units += other.units;
        hundredths += other.hundredths;
        return *this;
    }
    friend bool operator==(const Quantity&, const Quantity&) = default;
};

/// Proposed against achieved: a row of figures.
struct Figures {
    // By commitment: what suppliers said, and what became of their credits.
    Quantity promised;     ///< awarded and not cancelled, in standstill or issued
    Quantity due;          ///< of that, what should be there by now; all, as no spend is recorded
    Quantity issued;       ///< of promised: the standstill is over
    Quantity transferred;  ///< handed to projects, by the supplier or by themselves
    // By redemption: what projects asked for, and what came.
    Quantity requested;
    Quantity delivered;  ///< ever recorded as delivered by the supplier
    Quantity confirmed;  ///< stands confirmed by the project, verified or not
    Quantity verified;   ///< achieved: the authority verified it, final
    Quantity disputed;   ///< in dispute now
    Quantity declined;
    Quantity lapsed;  ///< not answered, or not delivered long after the agreed date
    Quantity cancelled;
    Quantity broken;  ///< of declined: it had been promised
    // By both. Units only where they were of a resource.
    Quantity returned;     ///< given back by a supplier (units) or a project (credits)
    Quantity expired;      ///< unspent, or asked for and not delivered, when the contract ended
    Quantity unconfirmed;  ///< delivered, and not confirmed when settling ended

    Figures& operator+=(const Figures& other);
    friend bool operator==(const Figures&, const Figures&) = default;
};

/// Adds what an awarded line says. `expired`: what is left with the supplier has expired.
void add_awarded_line(Figures& figures, const pb::AwardedLine& line, bool issued, bool expired);

/// Adds what a redemption line says.
void add_redemption_line(Figures& figures, const pb::RedemptionLine& line);

/// The figures in credits alone: for rows that add different resources, whose units do not add up.
[[nodiscard]] Figures without_units(Figures figures);

}  // namespace tallystick::ledger
