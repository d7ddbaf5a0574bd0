#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

/// How far the chain got: the file `head` beside it, the newest height (8 bytes) with its check
/// (record.hpp).
///
/// Why: LMDB's two meta pages carry no checksum. One flipped bit in the newer of them brings the
/// version before back, whole and well-formed, and acknowledged outcomes are gone without a word;
/// signing their height again would fork the ledger. The head is written after a block became
/// durable and never synced, so after any crash it names a block that is there, or says nothing.
/// Only a chain that lost blocks ends below it.
namespace tallystick::ledger {

/// Functions throw `LmdbFailure`. One thread at a time.
class ChainHead {
  public:
    /// @param folder of the chain; the file is made by the first `write`.
    explicit ChainHead(const std::filesystem::path& folder);
    ~ChainHead();
    ChainHead(const ChainHead&) = delete;
    ChainHead& operator=(const ChainHead&) = delete;

    /// Nothing if there is none, or it does not fit its check.
    [[nodiscard]] std::optional<std::uint64_t> height() const;
    /// @pre the block is durable.
    void write(std::uint64_t height);

  private:
    std::filesystem::path file_;
    int descriptor_ = -1;
};

}  // namespace tallystick::ledger
