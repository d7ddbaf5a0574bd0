#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ledger/store/snapshot.hpp"
#include "node/engine/cometbft/snapshot_service.hpp"
#include "protocol/pb.hpp"

namespace tallystick::node {

/// Makes snapshots for nodes that join late, every so many blocks, on a thread of its own while
/// blocks go on, and gives them out chunk by chunk. The two newest are kept, each in a folder named
/// by its height. One that fails is logged and tried again later; it stops nothing. This service
/// takes no snapshot: whoever runs has a ledger already.
class SnapshotKeeper final : public SnapshotService {
  public:
    struct Parts {
        std::filesystem::path folder;  ///< made when there is something to put into it
        /// Chain and state as they are now.
        std::function<ledger::StoreResult<std::unique_ptr<ledger::StoreSnapshot>>()> open;
        const pb::GenesisFile& genesis;
        std::uint64_t every_blocks = 0;  ///< 0: none is made, those that are there are given out
    };

    /// Everything in `parts` must outlive this.
    explicit SnapshotKeeper(Parts parts);
    /// `finish`.
    ~SnapshotKeeper() override;
    SnapshotKeeper(const SnapshotKeeper&) = delete;
    SnapshotKeeper& operator=(const SnapshotKeeper&) = delete;

    /// Begins one if it is due and none is being made. After block `height`; quick.
    void make_if_due(std::uint64_t height);
    /// Waits for one that is being made.
    void finish();

    [[nodiscard]] std::vector<SnapshotOffer> list() override;
    [[nodiscard]] std::uint64_t oldest() override;
    /// A chunk that does not fit its hash is not given: the snapshot is dropped instead.
    [[nodiscard]] std::string load_chunk(std::uint64_t height, std::uint32_t format,
                                         std::uint32_t chunk) override;
    [[nodiscard]] OfferVerdict offer(const SnapshotOffer& snapshot,
                                     std::string_view app_hash) override;
    [[nodiscard]] ChunkAnswer apply_chunk(std::uint32_t index, std::string_view chunk) override;

    static constexpr std::size_t kept = 2;

  private:
    /// One on the disk.
    struct Kept {
        std::uint64_t height = 0;
        std::string manifest;
        std::vector<std::string> chunks;  ///< their hashes
    };

    void read_folder();
    void make(std::uint64_t height);
    void add(Kept snapshot);
    void drop(std::uint64_t height);
    [[nodiscard]] std::filesystem::path folder_of(std::uint64_t height) const;

    Parts parts_;
    std::mutex mutex_;
    std::vector<Kept> kept_;  ///< newest first
    std::uint64_t not_before_ = 0;
    std::atomic<bool> making_{false};
    std::thread thread_;
};

}  // namespace tallystick::node
