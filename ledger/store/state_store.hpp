#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/block_stages.hpp"
#include "ledger/reports/leaf_source.hpp"
#include "ledger/store/lmdb.hpp"
#include "ledger/store/snapshot.hpp"

/// The state: a cache of the chain that can be checked. Tables:
///
///     leaves  state key -> canonical value, exactly what the tree's leaf hashes
///     meta    ledger_id | height (8), each with its check (ledger/store/record.hpp): a flipped bit
///             must not make one height's state pass for another's
///
/// Written once a block and not synced; at checkpoints everything is made durable. While it is not,
/// the file `state.marker` beside it says under which boot of the machine and in which file the
/// pages stand that only the kernel holds.
namespace tallystick::ledger {

class StateStore;

/// One version of the state. Values are compared with the tree before they are given out; what is
/// damaged makes the store distrust all of it. One thread at a time.
class StateReader final : public LeafSource {
  public:
    /// @param tree of `height`, as is the version that `read` has open
    StateReader(const StateStore& store, LmdbRead read, std::uint64_t height, TreeSnapshot tree);

    [[nodiscard]] ValuePtr find(const std::string& key,
                                const google::protobuf::Message& prototype) const override;
    void for_each(std::string_view prefix, const Visit& visit) const override;

    [[nodiscard]] std::uint64_t height() const noexcept { return height_; }
    [[nodiscard]] const TreeSnapshot& tree() const noexcept { return tree_; }
    /// Throws `damaged` if value or absence do not fit the tree.
    [[nodiscard]] std::optional<std::string_view> value(const std::string& key) const;
    void scan(std::string_view prefix, std::string_view from,
              const std::function<bool(std::string_view, std::string_view)>& take) const;
    [[nodiscard]] const std::optional<StoreError>& damage() const noexcept { return damage_; }

  private:
    void note(const StoreError& damage) const;

    const StateStore& store_;
    LmdbRead read_;
    std::uint64_t height_;
    TreeSnapshot tree_;
    mutable std::optional<StoreError> damage_;
};

/// Functions throw `LmdbFailure`. One writer; reading from any thread.
class StateStore {
  public:
    /// @param folder the data folder; the environment is `state` in it.
    StateStore(const std::filesystem::path& folder, std::uint64_t map_bytes, bool read_only);

    /// Is what stands there sound: no marker, or one of this boot and this file? A folder without a
    /// state is not.
    [[nodiscard]] static bool is_sound(const std::filesystem::path& folder);
    /// Notes, as well as a disk in trouble allows, that the state must not be trusted.
    static void mark_unsound(const std::filesystem::path& folder, std::string_view why) noexcept;
    /// Between these two a death is put down to the state itself, since a damaged page can end the
    /// process that reads or replaces it: unless a checkpoint came since, it is not sound after it.
    void begin_opening();
    void opened();
    /// Something in it was damaged when it was read: no checkpoint makes it sound any more, so that
    /// the next start rebuilds it. Any thread.
    void distrust() const noexcept;
    /// Removes the state, and notes that what comes in its place is not whole until a checkpoint.
    static void begin_anew(const std::filesystem::path& folder);

    /// Nothing if there is none yet, or it belongs to another ledger.
    [[nodiscard]] std::optional<std::uint64_t> height(const LedgerId& ledger_id) const;
    void apply(std::span<const EncodedChange> changes, std::uint64_t height,
               const LedgerId& ledger_id);
    /// Makes everything durable, then takes the marker away, unless it is distrusted.
    void checkpoint();
    void copy_to(const std::filesystem::path& file) const { environment_.copy_to(file); }

    [[nodiscard]] LmdbRead read() const { return environment_.read(); }
    [[nodiscard]] LmdbTable leaves() const noexcept { return leaves_; }
    /// The height of a version that was opened.
    [[nodiscard]] std::uint64_t height_of(const LmdbRead& read) const;

  private:
    void mark_unsynced();
    /// Nothing if it is missing or does not fit its check.
    [[nodiscard]] std::optional<std::string_view> meta(const LmdbRead& read,
                                                       std::string_view name) const;

    std::filesystem::path folder_;
    Lmdb environment_;
    LmdbTable leaves_;
    LmdbTable meta_;
    mutable std::mutex marking_;  ///< guards the marker and what is known of it
    bool marked_ = false;
    bool opening_ = false;
    mutable bool distrusted_ = false;
};

}  // namespace tallystick::ledger
