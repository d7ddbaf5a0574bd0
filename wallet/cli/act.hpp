#pragma once

#include <string>
#include <vector>

#include "wallet/cli/session.hpp"
#include "wallet/core/drafts.hpp"

/// From a body to its outcome: the way that every action goes.
namespace tallystick::wallet {

/// What became of an envelope.
struct Delivered {
    EnvelopeId id;
    pb::SubmitState state = pb::SUBMIT_STATE_UNSPECIFIED;
    std::string code;
    bool first_outcome = false;  ///< it had been taken before
    std::optional<pb::LogEntry> entry;
};

/// Starts a body of the profile's account, with ledger, nonce and the time it is valid for.
[[nodiscard]] pb::Body new_body(Session& session);

/// Names other accounts that must sign too, sorted, without the acting one.
void add_co_signers(pb::Body& body, std::vector<std::string> accounts);

/// Explains, asks, signs, journals, sends, and proves the outcome. With `--dry-run` asks what the
/// ledger would say instead; with `--draft`, or while signatures are missing, writes a draft.
/// Gives the exit code.
[[nodiscard]] int act(Session& session, const pb::Body& body);

/// The second half of `act` for a draft that may have signatures already.
[[nodiscard]] int send_if_complete(Session& session, const HalfSigned& draft, const Facts& facts,
                                   const std::string& sentence, const std::string& draft_path);

/// Journals complete envelopes, then sends them, to one of the profile's nodes after the other
/// until each outcome is known; outcomes in their order. Stops (`no_node`, or why nothing is taken)
/// where no node answers: they stay in the journal and the next command sends them again.
[[nodiscard]] std::vector<Delivered> deliver(Session& session,
                                             const std::vector<JournalEntry>& entries);

/// Sends what the journal still holds for this ledger. Gives how many became known.
std::size_t resume(Session& session);

/// An outcome as JSON and in words.
[[nodiscard]] Json delivered_json(const Delivered& delivered);
[[nodiscard]] std::string delivered_text(const Delivered& delivered);

/// Throws the `Stop` of an outcome that was not done; nothing for one that was. While there is no
/// outcome it asks the node how the network does: `pending`, `no_progress` or `node_behind`.
void stop_unless_done(Session& session, const Delivered& delivered);

/// 32 bytes of an id, whole or a prefix of at least 8 digits that one item of the node's `list`
/// begins with.
[[nodiscard]] std::string resolve_id(Session& session, const std::string& typed,
                                     const std::string& list, const Query& query = {});

}  // namespace tallystick::wallet
