#include "node/engine/cometbft/bundle_pool.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/crypto.hpp"

namespace tallystick::node {
namespace {

/// Threads that may check one bundle at once, beside whoever waits for it.
constexpr std::size_t helpers_max = 4;
constexpr std::size_t envelopes_per_helper = 64;

}  // namespace

std::size_t FirstBytesOfHash::operator()(const Hash& hash) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, hash.bytes.data(), sizeof value);
    return value;
}

BundlePool::Bundle BundlePool::take(std::string_view bytes) {
    return take(bytes, sha256(bytes));
}

BundlePool::Bundle BundlePool::take(std::string_view bytes, const Hash& hash) {
    {
        const std::lock_guard lock{mutex_};
        if (const auto found = bundles_.find(hash); found != bundles_.end()) return found->second;
    }
    auto bundle = ReceivedBundle::from(bytes, hash);
    if (bundle) keep(bundle);
    return bundle;
}

void BundlePool::add_own(std::string_view bytes, std::vector<ledger::VerifiedEnvelope> envelopes) {
    keep(ReceivedBundle::own(bytes, sha256(bytes), std::move(envelopes)));
}

void BundlePool::keep(const Bundle& bundle) {
    std::vector<Bundle> gone;  // freed outside the lock
    const std::lock_guard lock{mutex_};
    if (!bundles_.try_emplace(bundle->hash(), bundle).second) return;
    order_.push_back(bundle->hash());
    bytes_ += bundle->size_bytes();
    while (order_.size() > 1) {
        const auto oldest = bundles_.find(order_.front());
        if (oldest != bundles_.end()) {
            if (bytes_ <= bytes_max_) return;
            bytes_ -= oldest->second->size_bytes();
            gone.push_back(std::move(oldest->second));
            bundles_.erase(oldest);
        }
        order_.pop_front();
    }
}

void BundlePool::check_later(const Bundle& bundle) {
    if (bundle->verdict() != ReceivedBundle::Verdict::unknown) return;
    const auto helpers =
        std::clamp<std::size_t>(bundle->envelope_count() / envelopes_per_helper, 1, helpers_max);
    for (std::size_t i = 0; i < helpers; ++i)
        checker_.later([bundle, &checker = checker_] { bundle->check_some(checker); });
}

void BundlePool::check_now(std::span<const Bundle> bundles) {
    const auto all_known = std::ranges::all_of(bundles, [](const Bundle& bundle) {
        return bundle->verdict() != ReceivedBundle::Verdict::unknown;
    });
    if (all_known) return;
    checker_.spread(helpers_max, [&](std::size_t) {
        for (const auto& bundle : bundles) bundle->check_some(checker_);
    });
    for (const auto& bundle : bundles) bundle->wait();
}

void BundlePool::forget(const Hash& hash) {
    Bundle gone;
    const std::lock_guard lock{mutex_};
    const auto found = bundles_.find(hash);
    if (found == bundles_.end()) return;
    bytes_ -= found->second->size_bytes();
    gone = std::move(found->second);
    bundles_.erase(found);
}

std::size_t BundlePool::size() const {
    const std::lock_guard lock{mutex_};
    return bundles_.size();
}

}  // namespace tallystick::node
