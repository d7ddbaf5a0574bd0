#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wallet/core/facts.hpp"
#include "wallet/core/journal.hpp"
#include "wallet/core/keystore.hpp"
#include "wallet/core/node.hpp"
#include "wallet/core/problem.hpp"
#include "wallet/core/profiles.hpp"
#include "wallet/core/prover.hpp"

/// What every command shares: the global flags, and what they lead to, made when first needed.
namespace tallystick::wallet {

/// Ends a command; `main` prints the problem and exits with its code. A command is a straight line
/// of steps of which any may be the last, so it ends by this exception, which nothing else catches.
struct Stop {
    Problem problem;
};

/// The value, or the end of the command.
template <class T>
T must(Try<T> tried) {
    if (!tried) throw Stop{tried.error()};
    if constexpr (!std::is_void_v<T>) return std::move(*tried);
}

struct Options {
    bool json = false;
    bool dry_run = false;
    bool yes = false;
    bool no_input = false;
    std::string node;
    std::string profile;
    std::string key;
    std::string passphrase_file;
    std::string draft;      ///< write a draft here instead of sending
    std::string valid_for;  ///< how long the ledger may take an envelope
};

/// One run of `tally`. One thread.
class Session {
  public:
    Options options;
    std::function<int()> command;  ///< set by the parser

    /// The wallet's folder, made if it is not there.
    [[nodiscard]] const fs::path& folder();
    [[nodiscard]] Keystore keystore() { return Keystore{folder()}; }
    [[nodiscard]] Journal journal() { return Journal{folder()}; }
    /// The chosen profile, or an empty one where none is; `--node` and `--key` go before it.
    [[nodiscard]] const Profile& profile();
    /// The node to ask: the first of `nodes` that answers. Stops where neither profile nor flag
    /// names one.
    [[nodiscard]] const Node& node();
    /// The nodes of the profile one by one, its `node` first; the one of `--node` alone where that
    /// is given. Stops like `node`.
    [[nodiscard]] const std::vector<Node>& nodes();
    /// Stops where the profile has no trust file.
    [[nodiscard]] Prover& prover();
    [[nodiscard]] bool has_trust() { return !profile().trust.empty(); }
    /// Of the profile or the trust file, else as the node says. Stops where these differ.
    [[nodiscard]] LedgerId ledger_id();
    /// The acting account. Stops where the profile has none.
    [[nodiscard]] const std::string& account();
    /// The name of the key to use. Stops where it is not clear.
    [[nodiscard]] std::string key_name();
    /// Asks for the passphrase and opens the key. Stops where it does not open.
    [[nodiscard]] SigningKey unlock();
    /// A passphrase from `--passphrase-file` or the terminal.
    [[nodiscard]] SecretBytes passphrase(const std::string& prompt);

    /// State entries: proved where there is a trust file, else the node's word.
    [[nodiscard]] EntryFetcher fetcher();

    /// Seconds since 1970 by this machine's clock.
    [[nodiscard]] static std::uint64_t now();

    /// Data for standard output: the JSON with its version, or the text.
    void print(Json json, const std::string& text);
    /// Has anything gone to standard output?
    [[nodiscard]] bool printed() const { return printed_; }
    /// A message for standard error.
    static void say(const std::string& message);
    /// Asks y or n; true with `--yes`. Stops where there is nobody to ask.
    [[nodiscard]] bool agreed(const std::string& question) const;
    /// A line typed by a person; nothing at the end of the input. Stops with `--no-input`.
    [[nodiscard]] std::optional<std::string> ask(const std::string& question) const;

  private:
    std::optional<fs::path> folder_;
    std::optional<Profile> profile_;
    std::unique_ptr<Node> node_;
    std::vector<Node> nodes_;
    std::unique_ptr<Prover> prover_;
    std::optional<LedgerId> ledger_id_;
    bool printed_ = false;
};

}  // namespace tallystick::wallet
