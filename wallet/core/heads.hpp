#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/receipt.hpp"
#include "wallet/core/files.hpp"
#include "wallet/core/node.hpp"

/// What this wallet has verified itself: the newest header of each ledger with the log under it,
/// `heads/LEDGER.head` in the wallet's folder (a canonical pb::Receipt without statement, trail and
/// handovers). Whatever is verified later must go on from there; what contradicts it is kept in
/// `evidence/`.
namespace tallystick::wallet {

/// How something verified stands to the newest that was seen before.
enum class Seen { first, newer, same, older };

/// Two files that contradict each other: `NAME.seen` and `NAME.tally`, each a way without statement
/// or a receipt.
struct Evidence {
    std::string name;  ///< such as `fork-0123456789abcdef`
    pb::Receipt seen;
    pb::Receipt received;
    /// Do two blocks of one height stand in it, each signed by more than two thirds of the set that
    /// it names?
    bool is_fork = false;
    /// Keys that signed both blocks of one height.
    std::vector<std::string> signed_both;
};

class Heads {
  public:
    explicit Heads(fs::path wallet_folder) : folder_(std::move(wallet_folder)) {}

    /// The newest head of a ledger. Refuses (`head_damaged`) a note that cannot be read.
    [[nodiscard]] Try<std::optional<pb::Receipt>> newest(const LedgerId& ledger) const;

    /// Holds a verified receipt or way (its statement may be there or not) against the newest head:
    /// one height has one block, and the log only grows, which `node` must show. A newer one
    /// becomes the newest. Refuses `fork` and `log_rewritten`, keeping the evidence; `log_unproved`
    /// where the node cannot show that the log only grew; what the node refuses.
    [[nodiscard]] Try<Seen> watch(const Node& node, const pb::Receipt& verified) const;

    /// Keeps two blocks that contradict each other, and gives what to say of them.
    [[nodiscard]] Failure<Problem> contradiction(const std::string& code, const std::string& what,
                                                 const pb::Receipt& seen,
                                                 const pb::Receipt& received) const;

    /// All that was kept, by name. Files that cannot be read as evidence are left out.
    [[nodiscard]] std::vector<Evidence> evidence() const;

  private:
    [[nodiscard]] fs::path path_of(std::string_view ledger) const;
    [[nodiscard]] Try<void> remember(const pb::Receipt& verified) const;
    [[nodiscard]] Try<void> check_growth(const Node& node, const pb::Receipt& older,
                                         const pb::Receipt& newer) const;

    fs::path folder_;
};

}  // namespace tallystick::wallet
