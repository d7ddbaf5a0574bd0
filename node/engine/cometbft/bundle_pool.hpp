#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "node/engine/cometbft/received_bundle.hpp"

namespace tallystick::node {

/// Hashes are uniform already: their first bytes are as good as any function of them.
struct FirstBytesOfHash {
    [[nodiscard]] std::size_t operator()(const Hash& hash) const noexcept;
};

/// The bundles that are under way, each taken apart and checked once however often the engine shows
/// it: in the mempool, in proposals of several rounds, in the decided block. Bounded: the oldest go
/// when it is full, and are taken apart again if they are wanted again. Any thread.
class BundlePool {
  public:
    using Bundle = std::shared_ptr<ReceivedBundle>;

    static constexpr std::size_t bytes_max_default = 33554432;

    /// @param bytes_max of bundles as the engine gives them. `checker` must outlive this.
    explicit BundlePool(EnvelopeChecker& checker, std::size_t bytes_max = bytes_max_default)
        : checker_(checker), bytes_max_(bytes_max) {}

    /// The bundle with these bytes; null if they are none (not well-formed, false signature of the
    /// node). Nothing is remembered of what is none.
    [[nodiscard]] Bundle take(std::string_view bytes);
    /// The same, when its hash is known already.
    [[nodiscard]] Bundle take(std::string_view bytes, const Hash& hash);

    /// Remembers a bundle of this node, whose envelopes are verified.
    void add_own(std::string_view bytes, std::vector<ledger::VerifiedEnvelope> envelopes);

    /// Has the envelopes checked in the background. `bundle` is kept until then.
    void check_later(const Bundle& bundle);
    /// Checks the envelopes of all of them with every thread there is, and waits.
    void check_now(std::span<const Bundle> bundles);

    /// It is in a block now, or will not be in any.
    void forget(const Hash& hash);

    [[nodiscard]] std::size_t size() const;

  private:
    void keep(const Bundle& bundle);

    EnvelopeChecker& checker_;
    std::size_t bytes_max_;
    mutable std::mutex mutex_;
    std::unordered_map<Hash, Bundle, FirstBytesOfHash> bundles_;
    std::deque<Hash> order_;  ///< oldest first; may name some that are forgotten
    std::size_t bytes_ = 0;
};

}  // namespace tallystick::node
