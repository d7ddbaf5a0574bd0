#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "protocol/light_client.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"

/// Which few headers lead from one block of a chain to a later one: what a receipt carries, and
/// what one who follows a chain has to fetch. Pure but for the source; any thread that it allows.
namespace tallystick {

/// Gives the block of a height, its commit's slots blank; nothing where it cannot be had.
using LightBlockSource = std::function<std::optional<pb::LightBlock>(std::int64_t height)>;

enum class TrailFault : std::uint8_t {
    missing = 1,  ///< the source does not have a block that is needed
    broken = 2,   ///< two neighbours of which one does not follow the other: no trail exists
};

/// The blocks between `from` and `to`, ascending and without these two, such that each is reached
/// from the one before, and `to` from the last, by `verify_step`. Nothing is needed between where
/// more than a third of the power that is trusted signed; else the middle is tried, and so on
/// (bisection as light clients of CometBFT do it), so that few are fetched and few remain.
/// @pre `from` is verified; both are of one chain, and `from` is the lower one or the same.
[[nodiscard]] Result<std::vector<pb::LightBlock>, TrailFault> make_trail(
    const pb::LightBlock& from, const pb::LightBlock& to, const LightBlockSource& source);

}  // namespace tallystick
