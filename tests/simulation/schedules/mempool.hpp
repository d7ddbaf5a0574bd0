#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "protocol/crypto.hpp"

namespace tallystick::simulation {

/// A transaction with its hash: every machine asks for it, most of them several times.
struct Transaction {
    explicit Transaction(std::string content) : bytes(std::move(content)), hash(sha256(bytes)) {}
    std::string bytes;
    Hash hash;
};
using Tx = std::shared_ptr<const Transaction>;

[[nodiscard]] inline Tx make_tx(std::string bytes) {
    return std::make_shared<const Transaction>(std::move(bytes));
}

/// The flood mempool of one engine: transactions in the order in which they came, and the cache of
/// what has been seen. Lost with the engine's process.
class Mempool {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return txs_.size(); }
    [[nodiscard]] const std::vector<Tx>& txs() const noexcept { return txs_; }
    [[nodiscard]] bool has_seen(const Hash& tx) const { return seen_.contains(tx); }
    void see(const Hash& tx) { seen_.insert(tx); }
    void forget(const Hash& tx) { seen_.erase(tx); }
    void add(Tx tx) { txs_.push_back(std::move(tx)); }
    /// Takes out what a block holds; it stays seen.
    void remove(const std::set<Hash>& committed) {
        std::erase_if(txs_, [&](const Tx& tx) { return committed.contains(tx->hash); });
    }
    void replace(std::vector<Tx> txs) { txs_ = std::move(txs); }

  private:
    std::vector<Tx> txs_;
    std::set<Hash> seen_;
};

}  // namespace tallystick::simulation
