#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "protocol/types.hpp"

namespace tallystick::node {

/// What one node may have in our mempool at once and bring in a second. An honest node stays far
/// below: it has at most `Bundler::outstanding_max` bundles under way and fills them before it
/// makes more.
struct FloodLimits {
    std::size_t bundles_waiting_max = 256;
    std::size_t bytes_waiting_max = 16777216;
    std::uint64_t bundles_per_second = 200;
    std::uint64_t bundles_burst = 500;
    std::uint64_t bytes_per_second = 16777216;
    std::uint64_t bytes_burst = 33554432;
};

/// Counts what each node brings into the mempool. A flood has a name, since bundles are signed:
/// what goes beyond the limits is refused of that node alone. One thread at a time.
class FloodGuard {
  public:
    explicit FloodGuard(FloodLimits limits) : limits_(limits) {}

    /// Why a bundle of this size goes beyond the node's limits, a few words; nothing if it does
    /// not.
    [[nodiscard]] std::optional<std::string_view> excess(const PublicKey& node,
                                                         std::size_t size_bytes,
                                                         std::uint64_t steady_ms);
    /// It went into the mempool. @pre its node's signature is true: else anybody could use up
    /// another node's limits
    void add(const PublicKey& node, std::size_t size_bytes);
    /// It left the mempool.
    void remove(const PublicKey& node, std::size_t size_bytes);
    /// The mempool is empty: the engine began anew. Rates are kept.
    void forget_waiting();

    [[nodiscard]] std::size_t bundles_waiting(const PublicKey& node) const;

  private:
    /// Fills up with time, empties with use; in thousandths.
    struct Bucket {
        std::uint64_t level = 0;
        void fill(std::uint64_t per_second, std::uint64_t burst, std::uint64_t elapsed_ms);
    };
    struct Node {
        std::size_t bundles = 0;
        std::size_t bytes = 0;
        Bucket bundle_rate;
        Bucket byte_rate;
        std::uint64_t filled_at_ms = 0;
    };

    [[nodiscard]] Node& node_at(const PublicKey& key, std::uint64_t steady_ms);

    FloodLimits limits_;
    std::map<PublicKey, Node> nodes_;
};

}  // namespace tallystick::node
