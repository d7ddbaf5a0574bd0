#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/reports/leaf_source.hpp"

namespace tallystick::ledger {

/// A supplier that could meet a need.
struct CouldMeet {
    std::string supplier;
    std::uint64_t units_promised = 0;   ///< of the resource, by issued awards, and not accepted yet
    std::uint64_t hundredths_held = 0;  ///< what the project has available to ask this supplier
};

/// A need that stands, and who could meet it on its contract.
struct OpenNeed {
    std::string id;  ///< of the envelope that published it, 32 bytes
    pb::Need need;
    std::uint64_t unit_value = 0;       ///< hundredths
    std::vector<CouldMeet> could_meet;  ///< ascending by supplier; empty: nobody has promised any
};

/// Needs whose day has not passed, on contracts that are open; the soonest wanted first, then by
/// id. Walks all needs of the ledger, and the promises of their contracts.
[[nodiscard]] std::vector<OpenNeed> open_needs(const LeafSource& state, std::uint64_t now);

}  // namespace tallystick::ledger
