#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/types.hpp"
#include "wallet/core/files.hpp"
#include "wallet/core/problem.hpp"

/// Envelopes that were signed, from before they are sent until their outcome is known: after a
/// crash or a lost connection the same bytes are sent again, so that nothing is done twice or
/// forgotten. Files: `journal/pending/ID.json`, later `journal/finished/ID.json`.
namespace tallystick::wallet {

enum class JournalStatus { pending, done, refused, skipped, malformed, expired };

[[nodiscard]] std::string_view journal_status_name(JournalStatus status) noexcept;

struct JournalEntry {
    EnvelopeId id;
    std::string ledger;    ///< ledger id, hexadecimal
    std::string account;   ///< who acts
    std::string sentence;  ///< what was shown before signing
    std::string envelope;  ///< the bytes that were, or will be, sent
    std::uint64_t valid_until = 0;
    std::uint64_t created = 0;
    JournalStatus status = JournalStatus::pending;
    std::string code;  ///< of a refusal, a skip or an error of form
};

class Journal {
  public:
    explicit Journal(const fs::path& wallet_folder) : folder_(wallet_folder / "journal") {}

    /// Writes a pending entry. It is on the disk when this returns; only then may it be sent.
    [[nodiscard]] Try<void> begin(const JournalEntry& entry) const;
    /// Its outcome is known: the finished entry is written, then the pending one removed.
    [[nodiscard]] Try<void> finish(JournalEntry entry, JournalStatus status,
                                   std::string code) const;

    /// In order of time. Refuses an entry that cannot be read (`journal_damaged`), naming its file.
    [[nodiscard]] Try<std::vector<JournalEntry>> pending() const;
    [[nodiscard]] Try<std::vector<JournalEntry>> finished() const;

  private:
    [[nodiscard]] Try<std::vector<JournalEntry>> entries_in(const fs::path& folder) const;

    fs::path folder_;
};

}  // namespace tallystick::wallet
