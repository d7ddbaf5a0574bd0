#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "protocol/keys.hpp"

namespace tallystick::ledger {

/// Differences of amounts by pocket, in 64-bit arithmetic that wraps: a sum that must be nothing is
/// zero whatever the order in which it was added up. Amounts are below 2^53, so a false zero would
/// take more than 2,000 of the largest.
class PocketSum {
  public:
    void add(pb::Pocket pocket, std::uint64_t amount) { at(pocket) += amount; }
    void subtract(pb::Pocket pocket, std::uint64_t amount) { at(pocket) -= amount; }
    void add_balance(const pb::Balance& balance);
    void subtract_balance(const pb::Balance& balance);
    void add_totals(const pb::Totals& totals);
    void subtract_totals(const pb::Totals& totals);

    /// A pocket that is not zero, or POCKET_UNSPECIFIED.
    [[nodiscard]] pb::Pocket uneven() const;

  private:
    [[nodiscard]] std::uint64_t& at(pb::Pocket pocket) {
        return sums_.at(static_cast<std::size_t>(pocket));
    }

    std::array<std::uint64_t, 10> sums_{};  ///< by pocket; 9: awarded, in standstill
};

using PocketSums = std::map<std::string, PocketSum, std::less<>>;

/// The key of the claim's totals that a balance belongs to. @pre a key of kind balance.
[[nodiscard]] std::string claim_of_balance(std::string_view balance_key);
/// The key of the contract's totals that a claim's totals belong to. @pre a key of kind
/// claim_totals.
[[nodiscard]] std::string contract_of_claim(std::string_view claim_totals_key);
/// The key of the totals of a contract. @pre a key of kind contract.
[[nodiscard]] std::string totals_of_contract(std::string_view contract_key);
/// The key of the contract of these totals. @pre a key of kind contract_totals.
[[nodiscard]] std::string contract_of_totals(std::string_view contract_totals_key);

/// available + reserved + disputed + confirmed + retired + expired + returned = issued, with no
/// overflow and nothing above the bound of amounts?
[[nodiscard]] bool adds_up(const pb::Totals& totals);

/// In words: `issued 100, available 90, ...`.
[[nodiscard]] std::string totals_text(const pb::Totals& totals);

}  // namespace tallystick::ledger
