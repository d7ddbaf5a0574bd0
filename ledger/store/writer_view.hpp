#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "ledger/block_stages.hpp"
#include "ledger/merkle/state_tree.hpp"
#include "ledger/store/record_cache.hpp"
#include "ledger/store/state_store.hpp"

namespace tallystick::ledger {

/// The state as of the last advanced block, whether or not it has reached the disk: decoded records
/// in memory, then blocks on their way, then the disk, compared with the tree. A record that does
/// not fit its leaf is thrown as `LmdbFailure` while the state is being opened, which can still be
/// rebuilt then; later it stops the process, and the next start rebuilds the state. The writer's
/// thread.
class WriterView final : public StateView {
  public:
    /// All must outlive it.
    WriterView(const StateStore& store, const StateTree& tree, std::size_t records_max);

    [[nodiscard]] ValuePtr find(const std::string& key,
                                const google::protobuf::Message& prototype) const override;

    /// The state is opened: from now on nothing is thrown.
    void opened() noexcept { opening_ = false; }

    /// A block was executed.
    void push(std::uint64_t height, std::shared_ptr<const EncodedBlock> block);
    /// Blocks up to `height` are on the disk.
    void settle(std::uint64_t height);

  private:
    struct Pending {
        std::uint64_t height;
        std::shared_ptr<const EncodedBlock> block;
    };

    [[nodiscard]] ValuePtr load(const std::string& key,
                                const google::protobuf::Message& prototype) const;

    const StateStore& store_;
    const StateTree& tree_;
    mutable RecordCache cache_;
    std::deque<Pending> pending_;  ///< oldest first
    mutable std::optional<LmdbRead> read_;
    bool opening_ = true;
};

}  // namespace tallystick::ledger
