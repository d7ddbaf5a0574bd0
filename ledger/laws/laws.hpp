#pragma once

#include <map>
#include <set>

#include "ledger/laws/law.hpp"
#include "ledger/laws/sums.hpp"

namespace tallystick::ledger {

/// Law 1, per claim: issued = available + reserved + disputed + confirmed + retired + expired +
/// returned, and the balances of a claim sum to its totals.
class ClaimsAddUp final : public Law {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "claims_add_up"; }
    [[nodiscard]] std::optional<Breach> check_block(const ExecutedBlock& block) const override;
    [[nodiscard]] std::optional<Breach> take_leaf(const std::string& key,
                                                  const google::protobuf::Message& value,
                                                  const StateView& view) override;
    [[nodiscard]] std::optional<Breach> finish_state(const StateView& view) override;

  private:
    PocketSums difference_;  ///< by claim: balances less totals
};

/// Law 1, per contract: the claims of a contract sum to its totals, issued + awarded in standstill
/// is at most the allocation, issued never falls.
class ContractsAddUp final : public Law {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "contracts_add_up"; }
    [[nodiscard]] std::optional<Breach> check_block(const ExecutedBlock& block) const override;
    [[nodiscard]] std::optional<Breach> take_leaf(const std::string& key,
                                                  const google::protobuf::Message& value,
                                                  const StateView& view) override;
    [[nodiscard]] std::optional<Breach> finish_state(const StateView& view) override;

  private:
    PocketSums difference_;  ///< by contract: claims less totals
};

/// Law 7, and law 1's cells: the cells of a redemption line sum to what was requested; the line's
/// units times its unit value are what the project has reserved, disputed and confirmed, and what
/// the claim has retired; a redemption ends once.
class CellsAddUp final : public Law {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "cells_add_up"; }
    [[nodiscard]] std::optional<Breach> check_block(const ExecutedBlock& block) const override;
    [[nodiscard]] std::optional<Breach> take_leaf(const std::string& key,
                                                  const google::protobuf::Message& value,
                                                  const StateView& view) override;
    [[nodiscard]] std::optional<Breach> finish_state(const StateView& view) override;

  private:
    PocketSums difference_;  ///< by balance or claim: cells less balances and totals
    std::map<std::string, std::int64_t, std::less<>> open_lines_;  ///< lines less `open_lines`
};

/// Law 2: every movement is positive and goes somewhere else, and balances and totals change by the
/// movements of the log's entries, no more and no less.
class MovementsBalance final : public Law {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "movements_balance"; }
    [[nodiscard]] std::optional<Breach> check_block(const ExecutedBlock& block) const override;
    [[nodiscard]] std::optional<Breach> take_leaf(const std::string& key,
                                                  const google::protobuf::Message& value,
                                                  const StateView& view) override;
};

/// Law 3: credits appear only when an award's issue is done; a closed contract has none left.
class SupplyIsEarned final : public Law {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "supply_is_earned"; }
    [[nodiscard]] std::optional<Breach> check_block(const ExecutedBlock& block) const override;
    [[nodiscard]] std::optional<Breach> take_leaf(const std::string& key,
                                                  const google::protobuf::Message& value,
                                                  const StateView& view) override;
};

/// Laws 4 and 5: a refused envelope moves and changes nothing, a skipped one has no entry, an
/// envelope has one entry in its own ledger and time; due items come first and in order; the last
/// block of a segment leaves nothing.
class OutcomesAreTrue final : public Law {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "outcomes_are_true"; }
    [[nodiscard]] std::optional<Breach> check_block(const ExecutedBlock& block) const override;
};

/// Law 6: every policy can be satisfied by its signers, and no public key or identifier serves two
/// accounts.
class KeysServeOne final : public Law {
  public:
    [[nodiscard]] std::string_view name() const noexcept override { return "keys_serve_one"; }
    [[nodiscard]] std::optional<Breach> check_block(const ExecutedBlock& block) const override;
    [[nodiscard]] std::optional<Breach> take_leaf(const std::string& key,
                                                  const google::protobuf::Message& value,
                                                  const StateView& view) override;
};

/// Of governing: every authority of the list has an account, a node and its keys to itself, and
/// some node has power; who left has a successor for good; segments, records of evidence and the
/// rule set only go forward.
class AuthoritiesAreWhole final : public Law {
  public:
    [[nodiscard]] std::string_view name() const noexcept override {
        return "authorities_are_whole";
    }
    [[nodiscard]] std::optional<Breach> check_block(const ExecutedBlock& block) const override;
    [[nodiscard]] std::optional<Breach> take_leaf(const std::string& key,
                                                  const google::protobuf::Message& value,
                                                  const StateView& view) override;
};

/// Of governing: a proposal is decided by more than two thirds of those who may vote on it, keeps
/// what was proposed and every ballot, and ends once.
class ProposalsAreCounted final : public Law {
  public:
    [[nodiscard]] std::string_view name() const noexcept override {
        return "proposals_are_counted";
    }
    [[nodiscard]] std::optional<Breach> check_block(const ExecutedBlock& block) const override;
    [[nodiscard]] std::optional<Breach> take_leaf(const std::string& key,
                                                  const google::protobuf::Message& value,
                                                  const StateView& view) override;
};

}  // namespace tallystick::ledger
