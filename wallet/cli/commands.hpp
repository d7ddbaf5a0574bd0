#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "wallet/cli/act.hpp"
#include "wallet/cli/session.hpp"
#include "wallet/core/table.hpp"
#include "wallet/core/text.hpp"

/// The commands, one noun a file; and what their files share.
namespace tallystick::wallet {

void add_account_commands(CLI::App& app, Session& session);
void add_policy_commands(CLI::App& account, Session& session);
void add_contract_commands(CLI::App& app, Session& session);
void add_accreditation_commands(CLI::App& app, Session& session);
void add_need_commands(CLI::App& app, Session& session);
void add_bid_commands(CLI::App& app, Session& session);
void add_award_commands(CLI::App& app, Session& session);
void add_transfer_commands(CLI::App& app, Session& session);
void add_credits_commands(CLI::App& app, Session& session);
void add_redemption_commands(CLI::App& app, Session& session);
void add_delivery_commands(CLI::App& app, Session& session);
void add_dispute_commands(CLI::App& app, Session& session);
void add_authority_commands(CLI::App& app, Session& session);
void add_proposal_commands(CLI::App& app, Session& session);
void add_ledger_commands(CLI::App& app, Session& session);
void add_trust_commands(CLI::App& app, Session& session);
void add_receipt_commands(CLI::App& app, Session& session);
void add_envelope_commands(CLI::App& app, Session& session);
void add_draft_commands(CLI::App& app, Session& session);
void add_bodies_commands(CLI::App& app, Session& session);
void add_key_commands(CLI::App& app, Session& session);
void add_profile_commands(CLI::App& app, Session& session);
void add_completion_commands(CLI::App& app, Session& session);
void add_man_commands(CLI::App& app, Session& session);

/// A noun under the program; it wants one verb.
CLI::App& add_noun(CLI::App& app, const std::string& name, const std::string& description);

/// A verb; global flags may stand behind it too. `run` is called after the whole line is read.
CLI::App& add_verb(CLI::App& noun, const std::string& name, const std::string& description,
                   Session& session, std::function<int()> run);

/// Prints a list of the node: as JSON, or as a table of what `row` makes of each item.
int print_list(Session& session, const std::string& path, const Query& query,
               const std::vector<Column>& columns,
               const std::function<std::vector<std::string>(const Json&)>& row);

/// Flags that narrow a list to a contract; `query` names the same for the API.
struct ContractFilter {
    std::string contract;
    void add_to(CLI::App& verb);
    [[nodiscard]] Query query() const;
};

/// A claim as typed: contract and supplier.
struct ClaimInput {
    std::string contract;
    std::string supplier;
    void add_to(CLI::App& verb);
    [[nodiscard]] pb::Claim claim() const;
};

/// A reason as typed: a code, and a text that stays in the wallet's folder; only its salted hash
/// goes on the ledger.
struct ReasonInput {
    std::string code;
    std::string text;
    void add_to(CLI::App& verb);
    [[nodiscard]] pb::Reason reason(Session& session) const;
};

/// SHA-256 of 32 random bytes and the text; both are kept in `texts/HASH.json`, so that the text
/// can be shown to whoever asks for it. Nothing for no text.
[[nodiscard]] std::string salted_hash(Session& session, const std::string& text);

/// Commitment lines as typed or from a file.
struct LinesInput {
    std::vector<std::string> lines;
    std::string file;
    void add_to(CLI::App& verb);
    [[nodiscard]] pb::CommitmentLines commitment_lines() const;
};

/// Codes, sorted and each once, as the ledger wants them. Stops at one that is no code.
[[nodiscard]] std::vector<std::string> sorted_codes(std::vector<std::string> codes);

/// A time as typed, by this machine's clock where it is relative.
[[nodiscard]] std::uint64_t typed_time(const std::string& text);

/// A quantity of at least 1.
[[nodiscard]] std::uint64_t typed_quantity(const std::string& text);

/// A number of a line, from 0.
[[nodiscard]] std::uint32_t typed_line(const std::string& text);

}  // namespace tallystick::wallet
