#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ledger/store/snapshot.hpp"
#include "node/node_service.hpp"

namespace tallystick::node {

/// Maps a store's error to what a reader is told. `note_damage` is called with damage's place.
using ErrorMap = std::function<ReadError(const ledger::StoreError&)>;

/// A store's snapshot as the API reads it. `errors` must outlive it.
[[nodiscard]] std::unique_ptr<Snapshot> make_snapshot(
    std::unique_ptr<ledger::StoreSnapshot> snapshot, std::uint64_t time, ErrorMap errors);

/// One entry of the log, decoded. Errors: not_found, damaged, unavailable.
[[nodiscard]] Result<LoggedEntry, ReadError> read_entry(const ledger::StoreSnapshot& snapshot,
                                                        std::uint64_t log_index,
                                                        const ErrorMap& errors);

/// The envelope behind an entry. Errors: not_found (a due item too), damaged, unavailable.
[[nodiscard]] Result<std::string, ReadError> read_envelope(const ledger::StoreSnapshot& snapshot,
                                                           std::uint64_t log_index,
                                                           const ErrorMap& errors);

/// An entry that owns its message and bytes.
[[nodiscard]] LoggedEntry own_entry(pb::LogEntry entry, std::string bytes, std::uint64_t log_index);

}  // namespace tallystick::node
