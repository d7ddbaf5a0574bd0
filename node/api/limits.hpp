#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

/// Bounds on what strangers can take from a node. Any thread.
namespace tallystick::node::api {

/// Connections at once, in total and per address.
class ConnectionLimits {
  public:
    struct Bounds {
        std::uint64_t total_max = 0;
        std::uint64_t per_address_max = 0;
    };
    explicit ConnectionLimits(Bounds bounds) : bounds_(bounds) {}

    /// Takes a place for a connection from `address`; false if there is none.
    [[nodiscard]] bool take(const std::string& address);
    /// @pre `take` gave this place.
    void give_back(const std::string& address);
    [[nodiscard]] std::uint64_t total() const;

  private:
    Bounds bounds_;
    mutable std::mutex mutex_;
    std::uint64_t total_ = 0;
    std::map<std::string, std::uint64_t, std::less<>> per_address_;
};

/// Requests a second per address: a bucket that holds `burst` and fills at `per_second`.
class RateLimit {
  public:
    struct Bounds {
        std::uint64_t per_second = 0;  ///< 0: no limit
        std::uint64_t burst = 1;
    };
    /// Addresses remembered at most; beyond, those whose buckets are full again are forgotten, and
    /// if there are none (a flood from everywhere), newcomers share one bucket.
    static constexpr std::size_t addresses_max = 65536;

    using Instant = std::chrono::steady_clock::time_point;

    explicit RateLimit(Bounds bounds) : bounds_(bounds) {}

    /// Takes one request of `address`; false if its bucket is empty.
    [[nodiscard]] bool take(const std::string& address, Instant now);

  private:
    struct Bucket {
        double tokens = 0;
        Instant filled;
    };
    void fill(Bucket& bucket, Instant now) const;
    void forget_full(Instant now);

    Bounds bounds_;
    std::mutex mutex_;
    std::map<std::string, Bucket, std::less<>> buckets_;
};

/// Who an address counts as: an IPv4 address itself, an IPv6 address its /64 network, which one
/// customer has whole.
[[nodiscard]] std::string counted_as(const std::string& address);

}  // namespace tallystick::node::api
