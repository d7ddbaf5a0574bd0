#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/merkle/state_tree.hpp"
#include "ledger/store/state_store.hpp"

namespace tallystick::ledger {

/// Where the data folder of a restore is made before it takes the place of `folder`.
[[nodiscard]] std::filesystem::path folder_beside(const std::filesystem::path& folder);
/// The file in it that says that the restore is finished: it is made last, when all is durable.
inline constexpr const char* restored_name = "restored";

/// Takes the next record off `left`, a varint of its length before it. Nothing while the rest of it
/// is in chunks to come. Throws `unfit` for a length that no record has.
[[nodiscard]] std::optional<std::string_view> next_record(std::string_view& left);

/// The leaves of a snapshot on their way into a state. Functions throw `LmdbFailure`. One thread.
class RestoredLeaves {
  public:
    /// @param folder that the state is made in
    RestoredLeaves(const std::filesystem::path& folder, std::uint64_t map_bytes,
                   const LedgerId& ledger_id);

    /// The next leaf. False if its key does not follow the last or is no key of a state, or its
    /// value is not canonical: then nothing is taken.
    [[nodiscard]] bool add(const pb::StateLeaf& leaf);
    [[nodiscard]] std::uint64_t count() const noexcept { return hashes_.size(); }
    /// All are here: writes the rest, and that it is the state after block `height`.
    void finish(std::uint64_t height);
    /// @pre finish
    [[nodiscard]] const Hash& root() const noexcept { return tree_.root(); }
    /// @pre finish
    [[nodiscard]] std::unique_ptr<StateReader> view(std::uint64_t height);
    /// Makes the state durable, with a copy. @pre finish
    void make_durable(const std::filesystem::path& copy);

  private:
    void flush(std::uint64_t height);

    LedgerId ledger_id_;
    StateStore state_;
    StateTree tree_;
    std::vector<pb::StateLeaf> batch_;
    std::size_t batch_bytes_ = 0;
    std::vector<TreeChange> hashes_;
    std::string last_key_;
};

}  // namespace tallystick::ledger
