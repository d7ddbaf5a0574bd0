#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"
#include "protocol/types.hpp"

namespace tallystick::bench {

/// A fictional ledger for measuring: authorities of which the first has a contract with one
/// supplier, and projects that hold credits.
class World {
  public:
    /// @param authorities 1 to 99, each with a node of power 10
    World(std::size_t projects, std::uint64_t now, std::size_t authorities = 1,
          pb::Engine engine = pb::ENGINE_SOLO);

    [[nodiscard]] const pb::GenesisFile& genesis_file() const { return genesis_file_; }
    /// Of each authority's node; the first is that of the contract's authority.
    [[nodiscard]] const std::vector<SigningKey>& node_keys() const { return node_keys_; }
    [[nodiscard]] const LedgerId& ledger_id() const { return ledger_id_; }

    /// Set-up in steps; each step's envelopes can be taken once those of the step before were done:
    /// the supplier, the contract, projects, applications, accreditations.
    [[nodiscard]] std::vector<std::vector<std::string>> founding(std::uint64_t now);
    /// When the awards can be sent, seconds; known after `founding`.
    [[nodiscard]] std::uint64_t bids_close() const { return bids_close_; }
    /// Awards to the supplier, a line a project. `ids` receives their ids in order.
    [[nodiscard]] std::vector<std::string> awards(std::uint64_t now,
                                                  std::vector<std::string>& ids) const;
    /// The supplier passes every line on.
    [[nodiscard]] std::vector<std::string> passes(std::uint64_t now,
                                                  const std::vector<std::string>& awards) const;

    /// `count` fresh transfers of a hundredth between projects; who and to whom vary evenly. Signed
    /// on all cores.
    [[nodiscard]] std::vector<std::string> transfers(std::size_t count, std::uint64_t now,
                                                     std::uint64_t seed) const;

  private:
    [[nodiscard]] std::string project(std::size_t number) const;
    [[nodiscard]] pb::Body body(std::string_view account, std::uint64_t now) const;
    [[nodiscard]] pb::Body registration(std::string_view handle, pb::Role role,
                                        const SigningKey& key, std::uint64_t now) const;
    [[nodiscard]] pb::Claim claim() const;

    SigningKey authority_;
    SigningKey supplier_;
    std::vector<SigningKey> others_;  ///< of the other authorities
    std::vector<SigningKey> node_keys_;
    std::vector<SigningKey> projects_;
    pb::GenesisFile genesis_file_;
    LedgerId ledger_id_;
    std::uint64_t bids_close_ = 0;
};

}  // namespace tallystick::bench
