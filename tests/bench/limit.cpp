#include "bench/limit.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t message_bytes = 240;
constexpr std::size_t prepared = 512;

struct Signed {
    PublicKey key;
    std::string message;
    SignatureBytes signature;
};

std::vector<Signed> prepare() {
    std::vector<Signed> all;
    for (std::size_t i = 0; i < prepared; ++i) {
        const auto key = SigningKey::generate();
        auto message = random_string(message_bytes);
        const auto signature = key.sign(bytes_of(message));
        all.push_back({key.public_key(), std::move(message), signature});
    }
    return all;
}

}  // namespace

double verifications_per_second(std::size_t threads, double seconds) {
    const auto work = prepare();
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> total{0};
    std::vector<std::jthread> workers;
    const auto start = Clock::now();
    for (std::size_t t = 0; t < threads; ++t) {
        workers.emplace_back([&] {
            std::uint64_t done = 0;
            while (!stop.load(std::memory_order_relaxed)) {
                const auto& one = work[done % prepared];
                ensure(verify_signature(one.key, bytes_of(one.message), one.signature),
                       "a true signature verifies");
                ++done;
            }
            total += done;
        });
    }
    std::this_thread::sleep_for(std::chrono::duration<double>{seconds});
    stop = true;
    workers.clear();
    const std::chrono::duration<double> took = Clock::now() - start;
    return static_cast<double>(total.load()) / took.count();
}

}  // namespace tallystick::bench
