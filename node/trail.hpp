#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "node/node_service.hpp"
#include "protocol/pb.hpp"

namespace tallystick::node {

/// Works out what leads from a block that a reader trusts to the block of a receipt: the few
/// headers and the handovers between. Every function from any thread.
class Trails {
  public:
    /// Which headers are shown.
    enum class Show : std::uint8_t {
        needed,   ///< only those without which a verifier would not get there
        changes,  ///< also the first block of each set of validators on the way: who follows the
                  ///< chain learns from when on whom to believe
    };

    /// `node` must outlive this.
    explicit Trails(const NodeService& node) : node_(node) {}

    /// Fills in the receipt's trail and handovers, from the block of height `from` to the receipt's
    /// own, and blanks the slots of all commits that do not count. No trail is shown where the
    /// receipt's block is signed by the set of block `from`. Where the node has no block `from`, or
    /// no handover that is needed, since it joined later, the way begins at its first block, or at
    /// the first of the newest segment to which none is missing; with neither, nothing is filled
    /// in. `from` at or behind the receipt's block: nothing either. Errors: not_found (a block is
    /// missing in between), damaged, unavailable.
    /// @pre the receipt has its block; `from` is at least 1.
    [[nodiscard]] Result<void, ReadError> lead(std::uint64_t from, Show show,
                                               pb::Receipt& receipt) const;

    /// The block of a height with its commit's slots blank. Errors as of
    /// `NodeService::light_block`.
    [[nodiscard]] Result<pb::LightBlock, ReadError> light_block(std::uint64_t height) const;

  private:
    struct Way;
    [[nodiscard]] Result<void, ReadError> go(Way& way, const pb::LightBlock& to) const;
    [[nodiscard]] Result<void, ReadError> leg(Way& way, const pb::LightBlock& to) const;
    [[nodiscard]] Result<std::vector<pb::LightBlock>, ReadError> between(
        const pb::LightBlock& from, const pb::LightBlock& to) const;
    [[nodiscard]] Result<pb::LightBlock, ReadError> begin_at(std::uint64_t from) const;

    const NodeService& node_;
    mutable std::mutex mutex_;
    /// Trails that were found, by the height they begin at and the set they lead to: they serve
    /// later blocks of the same set.
    mutable std::map<std::pair<std::int64_t, std::string>, std::vector<pb::LightBlock>> found_;
};

}  // namespace tallystick::node
