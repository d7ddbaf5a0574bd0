#pragma once

#include <cstdint>
#include <string_view>

#include "ledger/governance/change.hpp"

/// How a proposal goes from open to decided or lapsed, and takes effect or fails.
namespace tallystick::ledger {

/// Most seconds that a change can be planned ahead: 366 days.
inline constexpr std::uint64_t effective_ahead_seconds_max = 31'622'400;

/// Does this authority vote on the change? Every current one but the one that it concerns.
[[nodiscard]] bool is_elector(const pb::Change& change, const pb::Authorities& authorities,
                              std::string_view authority);

[[nodiscard]] bool has_voted(const pb::Proposal& proposal, std::string_view authority);

/// Adds a ballot, then counts them, over those who vote on it now: with n of them, of whom y said
/// yes and c voted at all, the proposal is decided if 3y > 2n, lapsed if 3(y + n - c) <= 2n, else
/// open. @pre open; the authority has not voted.
void cast_ballot(pb::Proposal& proposal, const pb::Ballot& ballot,
                 const pb::Authorities& authorities);

/// Counts the ballots there are, as above. @pre open. @param now what decided or ended it happens
/// at
void count_ballots(pb::Proposal& proposal, const pb::Authorities& authorities, std::uint64_t now);

/// When the ledger has to do something about it: it lapses while it is open, takes effect once it
/// is decided. 0 when it has ended.
[[nodiscard]] std::uint64_t due_time_of(const pb::Proposal& proposal) noexcept;

/// What is due about the proposal under this id: lapses it if it is open; else makes its change, or
/// refuses it and the proposal has failed.
[[nodiscard]] Verdict execute_proposal(std::string_view proposal, const ChangePoint& point,
                                       Draft& draft);

}  // namespace tallystick::ledger
