#pragma once

#include <string>

#include "protocol/pb.hpp"
#include "protocol/types.hpp"
#include "wallet/core/files.hpp"
#include "wallet/core/problem.hpp"

/// What a supplier sealed: without the salt and the very same lines a bid can never be revealed, so
/// they are on the disk before the seal is sent. One file a seal, `seals/HASH.json`, kept for good.
namespace tallystick::wallet {

struct Seal {
    LedgerId ledger_id;
    pb::Claim bidder;
    std::string salt;  ///< 32 bytes
    pb::CommitmentLines lines;

    [[nodiscard]] Hash hash() const;
};

/// A seal over these lines with a fresh salt.
[[nodiscard]] Seal new_seal(const LedgerId& ledger_id, const pb::Claim& bidder,
                            const pb::CommitmentLines& lines);

class SealBook {
  public:
    explicit SealBook(const fs::path& wallet_folder) : folder_(wallet_folder / "seals") {}

    [[nodiscard]] Try<void> keep(const Seal& seal) const;
    /// The seal with this hash. Refuses (`no_such_seal`) where this wallet did not make it, and a
    /// file that no longer gives that hash (`seal_damaged`).
    [[nodiscard]] Try<Seal> find(const Hash& hash) const;

  private:
    fs::path folder_;
};

/// Commitment lines of a JSON file: an array of {project, resource, quantity, outcome, ward, due},
/// `due` as `time_from_text` reads it or seconds. Refuses what is no such list, naming the line.
[[nodiscard]] Try<pb::CommitmentLines> lines_from_json(std::string_view json, std::uint64_t now);

/// A line as typed: PROJECT:RESOURCE:QUANTITY:OUTCOME:WARD:DUE.
[[nodiscard]] Try<pb::CommitmentLine> line_from_text(std::string_view text, std::uint64_t now);

}  // namespace tallystick::wallet
