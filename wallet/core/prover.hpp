#pragma once

#include <optional>
#include <string>

#include "protocol/receipt.hpp"
#include "protocol/trust.hpp"
#include "wallet/core/files.hpp"
#include "wallet/core/node.hpp"

/// Fetches statements with their proofs and believes only what the trust file's authorities signed.
/// The newest verified head of each ledger is kept in the wallet's folder (`heads/LEDGER.head`, a
/// canonical pb::Receipt without statement); every later receipt must extend its log.
namespace tallystick::wallet {

/// Reads a trust file. Refuses (`no_trust`) an empty path, saying how to get one, and what
/// `parse_trust` refuses (`bad_trust`).
[[nodiscard]] Try<Trust> load_trust(const std::string& path);

/// What is proved, and the file that proves it.
struct Proved {
    VerifiedReceipt receipt;
    std::string file;  ///< content of a `.tally` file
};

class Prover {
  public:
    Prover(const Node& node, Trust trust, fs::path wallet_folder)
        : node_(node), trust_(std::move(trust)), folder_(std::move(wallet_folder)) {}

    /// Each of these refuses what the node refuses; `unproved` with the reason's name where the
    /// receipt does not verify or says something else than was asked; `fork` and `log_rewritten`,
    /// keeping the evidence, where it contradicts what this wallet has seen; `log_unproved` where
    /// the node cannot show that the log only grew.
    [[nodiscard]] Try<Proved> outcome(const EnvelopeId& id);
    [[nodiscard]] Try<Proved> balance(const std::string& account, const pb::Claim& claim);
    [[nodiscard]] Try<Proved> redemption(const std::string& id);
    [[nodiscard]] Try<Proved> entry(const std::string& key);

    [[nodiscard]] const Trust& trust() const { return trust_; }

  private:
    [[nodiscard]] Try<Proved> prove(const std::string& path, const Query& query);
    [[nodiscard]] Try<void> watch(const VerifiedReceipt& verified, const std::string& file);
    [[nodiscard]] Try<void> check_growth(const pb::AppState& older, const pb::AppState& newer,
                                         const std::string& head, const std::string& file);
    [[nodiscard]] Failure<Problem> contradiction(const std::string& code, const std::string& what,
                                                 const std::string& head, const std::string& file);

    const Node& node_;
    Trust trust_;
    fs::path folder_;
};

}  // namespace tallystick::wallet
