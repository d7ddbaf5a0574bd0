#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "ledger/merkle/log_tree.hpp"
#include "ledger/store/chain_store.hpp"
#include "ledger/store/files.hpp"
#include "ledger/store/governing.hpp"
#include "ledger/store/state_store.hpp"
#include "ledger/store/store.hpp"
#include "ledger/store/used_ids.hpp"
#include "ledger/store/writer_view.hpp"

namespace tallystick::ledger {

/// What a store is made of.
struct Store::Parts {
    Parts(const std::filesystem::path& data_folder, StoreOptions store_options)
        : folder(data_folder), options(std::move(store_options)), lock(data_folder) {}

    std::filesystem::path folder;
    StoreOptions options;
    FolderLock lock;
    std::unique_ptr<ChainStore> chain;
    std::unique_ptr<StateStore> state;

    LedgerId ledger_id;
    pb::GenesisFile genesis_file;
    pb::Genesis genesis;
    pb::ValidatorSet segment_validators;  ///< of the newest segment's first block

    Governing governing;

    StateTree tree;
    LogTree log;
    DueIndex due;
    std::unique_ptr<WriterView> view;
    std::unique_ptr<StoredUsedIds> used_ids;

    std::uint64_t height = 0;
    pb::Timestamp block_time;
    pb::AppState app_state;
    SignState sign_state;
    bool barred = false;

    std::atomic<bool> failed = false;  ///< an error stopped all writing
    std::atomic<std::uint64_t> headers_until = 0;
    std::uint64_t checkpoint_height = 0;
    std::atomic<std::uint64_t> copy_height = 0;  ///< copies are made on a thread of their own

    void report(std::string_view what) const {
        if (options.progress) options.progress(what);
    }
    /// Fills in the constants and checks that the folder is ours to open.
    void open_chain(const std::optional<LedgerId>& expected);
    /// Opens the state, or rebuilds it, and brings it to the chain's height.
    void open_state();
    [[nodiscard]] bool try_state();
    void close_state();
    void load_trees(std::uint64_t state_height);
    void load_view();
    void check_laws();
    void replay();
    void load_derived();
    /// The next block in memory; shared by running and replaying.
    [[nodiscard]] AdvancedBlock advance(std::shared_ptr<const EncodedBlock> block,
                                        std::uint64_t next, const pb::Timestamp& now);
    void check_writable() const;
    [[nodiscard]] std::uint64_t find_headers_until(const ChainReader& reader) const;
    [[nodiscard]] std::uint64_t base_height() const { return chain->shape().base_height; }
    [[nodiscard]] const SegmentStart& newest_segment() const {
        return chain->shape().segments.back();
    }
    [[nodiscard]] std::vector<std::filesystem::path> copies_newest_first() const;
};

/// A copy of the state after a block is `copies/HEIGHT.mdb`; this is its name.
[[nodiscard]] std::string copy_name(std::uint64_t height);

/// App state over these roots.
[[nodiscard]] pb::AppState make_app_state(const Hash& state_root, const LogTree& log);

/// The state after a genesis, as a block. Throws `damaged` if it breaks a rule.
[[nodiscard]] EncodedBlock genesis_block(const pb::Genesis& genesis);

/// The first segment, as the genesis makes it.
[[nodiscard]] pb::Segment first_segment(const pb::Genesis& genesis, const EncodedBlock& block,
                                        const std::string& chain_id);

/// What is wrong with a header and commit that arrived for block `height`, in words.
[[nodiscard]] std::vector<std::string> check_header_for(const ChainReader& reader,
                                                        std::uint64_t height,
                                                        const StoredBlock& before,
                                                        const StoredBlock& stored,
                                                        const HeaderToStore& arrived);

}  // namespace tallystick::ledger
