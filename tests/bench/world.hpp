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

/// A fictional ledger for measuring: one authority, one supplier, one contract, and projects that
/// hold credits.
class World {
  public:
    World(std::size_t projects, std::uint64_t now);

    [[nodiscard]] const pb::GenesisFile& genesis_file() const { return genesis_file_; }
    [[nodiscard]] const SigningKey& node_key() const { return node_key_; }
    [[nodiscard]] const LedgerId& ledger_id() const { return ledger_id_; }

    /// Set-up in steps; each step's envelopes can be taken once those of the step before were done:
    /// the supplier, the contract, projects, applications, accreditations.
    [[nodiscard]] std::vector<std::vector<std::string>> founding(std::uint64_t now) const;
    /// When the awards can be sent, seconds.
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
    SigningKey node_key_;
    std::vector<SigningKey> projects_;
    pb::GenesisFile genesis_file_;
    LedgerId ledger_id_;
    std::uint64_t bids_close_;
};

}  // namespace tallystick::bench
