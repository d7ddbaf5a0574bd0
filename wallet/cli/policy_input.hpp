#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "protocol/pb.hpp"
#include "protocol/types.hpp"

namespace tallystick::wallet {

/// Who must sign, as typed: files of `tally key proof`, and thresholds.
struct PolicyInput {
    std::vector<std::string> proof_files;
    std::string routine = "1";
    std::string limit;   ///< credits; empty: no limit
    std::string above;   ///< empty: as many as for routine actions
    std::string change;  ///< empty: as many as above the limit

    void add_to(CLI::App& verb);
    /// The proofs, ascending by key. Stops at a file that holds none, or one that is not true for
    /// this ledger and account.
    [[nodiscard]] std::vector<pb::KeyProof> proofs(const LedgerId& ledger_id,
                                                   const std::string& account) const;
    /// The policy over the keys of the proofs and those kept. Stops at one that nobody could
    /// satisfy.
    [[nodiscard]] pb::Policy policy(const std::vector<pb::KeyProof>& proofs,
                                    const std::vector<std::string>& kept_keys) const;
};

}  // namespace tallystick::wallet
