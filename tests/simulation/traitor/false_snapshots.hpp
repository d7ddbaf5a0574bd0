#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "node/engine/abci/messages.hpp"
#include "simulation/traitor/lies.hpp"

namespace tallystick::traitor {

/// Is it a lie about snapshots?
[[nodiscard]] bool is_about_snapshots(Lie lie);

/// What a liar gives in the place of an honest chunk.
[[nodiscard]] std::string false_chunk(Lie lie, std::uint32_t index, std::string honest);

/// What it offers in the place of an honest snapshot; `first_chunk` gives the honest one's.
[[nodiscard]] abci_pb::Snapshot false_snapshot(Lie lie, abci_pb::Snapshot honest,
                                               const std::function<std::string()>& first_chunk);

}  // namespace tallystick::traitor
