#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "protocol/crypto.hpp"

namespace tallystick::simulation {

using Tx = std::shared_ptr<const std::string>;

/// The flood mempool of one engine: transactions in the order in which they came, and the cache of
/// what has been seen. Lost with the engine's process.
class Mempool {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return txs_.size(); }
    [[nodiscard]] const std::vector<Tx>& txs() const noexcept { return txs_; }
    [[nodiscard]] bool has_seen(const std::string& tx) const { return seen_.contains(sha256(tx)); }
    void see(const std::string& tx) { seen_.insert(sha256(tx)); }
    void forget(const std::string& tx) { seen_.erase(sha256(tx)); }
    void add(Tx tx) { txs_.push_back(std::move(tx)); }
    /// Takes out what a block holds; it stays seen.
    void remove(const std::set<Hash>& committed) {
        std::erase_if(txs_, [&](const Tx& tx) { return committed.contains(sha256(*tx)); });
    }
    void replace(std::vector<Tx> txs) { txs_ = std::move(txs); }

  private:
    std::vector<Tx> txs_;
    std::set<Hash> seen_;
};

}  // namespace tallystick::simulation
