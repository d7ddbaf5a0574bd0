#include "node/api/limits.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "protocol/ensure.hpp"

namespace tallystick::node::api {

bool ConnectionLimits::take(const std::string& address) {
    const std::lock_guard lock{mutex_};
    if (total_ >= bounds_.total_max) return false;
    auto& count = per_address_[address];
    if (count >= bounds_.per_address_max) {
        if (count == 0) per_address_.erase(address);
        return false;
    }
    ++count;
    ++total_;
    return true;
}

void ConnectionLimits::give_back(const std::string& address) {
    const std::lock_guard lock{mutex_};
    const auto found = per_address_.find(address);
    ensure(found != per_address_.end() && total_ > 0, "a connection gives back what it took");
    --total_;
    if (--found->second == 0) per_address_.erase(found);
}

std::uint64_t ConnectionLimits::total() const {
    const std::lock_guard lock{mutex_};
    return total_;
}

void RateLimit::fill(Bucket& bucket, Instant now) const {
    const std::chrono::duration<double> passed = now - bucket.filled;
    bucket.tokens =
        std::min(static_cast<double>(bounds_.burst),
                 bucket.tokens + passed.count() * static_cast<double>(bounds_.per_second));
    bucket.filled = now;
}

void RateLimit::forget_full(Instant now) {
    for (auto bucket = buckets_.begin(); bucket != buckets_.end();) {
        fill(bucket->second, now);
        bucket = bucket->second.tokens >= static_cast<double>(bounds_.burst)
                     ? buckets_.erase(bucket)
                     : std::next(bucket);
    }
}

bool RateLimit::take(const std::string& address, Instant now) {
    if (bounds_.per_second == 0) return true;
    const std::lock_guard lock{mutex_};
    auto found = buckets_.find(address);
    if (found == buckets_.end()) {
        if (buckets_.size() >= addresses_max) forget_full(now);
        const auto& name = buckets_.size() >= addresses_max ? std::string{} : address;
        found = buckets_.try_emplace(name, Bucket{static_cast<double>(bounds_.burst), now}).first;
    }
    auto& bucket = found->second;
    fill(bucket, now);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
}

std::string counted_as(const std::string& address) {
    in6_addr parsed{};
    if (inet_pton(AF_INET6, address.c_str(), &parsed) != 1) return address;
    if (IN6_IS_ADDR_V4MAPPED(&parsed)) {
        std::array<char, INET_ADDRSTRLEN> text{};
        inet_ntop(AF_INET, &parsed.s6_addr[12], text.data(), text.size());
        return text.data();
    }
    std::fill(std::begin(parsed.s6_addr) + 8, std::end(parsed.s6_addr), std::uint8_t{0});
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(AF_INET6, &parsed, text.data(), text.size());
    return std::string{text.data()} + "/64";
}

}  // namespace tallystick::node::api
