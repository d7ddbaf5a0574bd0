#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/receipt.hpp"
#include "protocol/trust.hpp"
#include "wallet/core/files.hpp"
#include "wallet/core/heads.hpp"
#include "wallet/core/node.hpp"

/// Fetches statements with their proofs and believes only what the trust file's authorities signed.
/// Every receipt must go on from the newest head that the wallet has seen (wallet/core/heads.hpp).
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
    /// Said to the person beside what is proved: that a node lies, is behind, or does not answer.
    using Tell = std::function<void(const std::string&)>;

    /// `nodes` are asked in their order until one proves what is asked under a block that is not
    /// older than the newest that this wallet has seen; the first of them at least is there.
    Prover(std::vector<Node> nodes, Trust trust, fs::path folder, Tell tell)
        : nodes_(std::move(nodes)),
          trust_(std::move(trust)),
          heads_(std::move(folder)),
          tell_(std::move(tell)) {}

    /// Each of these refuses what the node refuses; `unproved` with the reason's name where the
    /// receipt does not verify or says something else than was asked; and what `Heads::watch`
    /// refuses. Where several nodes are known the next is asked instead, but for a contradiction.
    [[nodiscard]] Try<Proved> outcome(const EnvelopeId& id);
    [[nodiscard]] Try<Proved> balance(const std::string& account, const pb::Claim& claim);
    [[nodiscard]] Try<Proved> redemption(const std::string& id);
    [[nodiscard]] Try<Proved> entry(const std::string& key);

    [[nodiscard]] const Trust& trust() const { return trust_; }

  private:
    /// A receipt, and whether it is older than what the wallet has seen.
    struct Answered {
        Proved proved;
        Seen seen;
    };
    [[nodiscard]] Try<Proved> prove(const std::string& path, Query query);
    [[nodiscard]] Try<Answered> prove_by(const Node& node, const std::string& path,
                                         const Query& query);

    std::vector<Node> nodes_;
    Trust trust_;
    Heads heads_;
    Tell tell_;
};

}  // namespace tallystick::wallet
