#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "ledger/store/snapshot.hpp"
#include "node/files.hpp"
#include "protocol/pb.hpp"

namespace tallystick::node {

inline constexpr std::string_view export_magic = "tallystick export 1\n";

struct Exported {
    std::uint64_t height = 0;
    std::uint64_t blocks = 0;
    std::uint64_t leaves = 0;
};

/// Writes the public export of a ledger as the snapshot holds it (protocol/proto/…/store.proto):
/// the genesis with the first segment's chain id, every block of every segment up to the state's
/// height, every leaf, the counts. In a network's newest blocks hash and time stand in place of a
/// header that has not arrived. Written beside the file and renamed when whole. Refuses on a node
/// that joined late, which does not have the first blocks; where a record is damaged, naming it;
/// and where the file cannot be written.
[[nodiscard]] Result<Exported, FileError> write_export(const ledger::StoreSnapshot& snapshot,
                                                       const pb::GenesisFile& genesis,
                                                       const std::filesystem::path& file);

}  // namespace tallystick::node
