#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/reports/leaf_source.hpp"

namespace tallystick::ledger {

/// What can wait for somebody. Silence never confirms anything: it stands here.
enum class Waiting : std::uint8_t {
    application,   ///< a project's application, for the contract's authority
    bid,           ///< revealed lines that are not awarded, for the contract's authority
    answer,        ///< a redemption line, for the supplier to accept or decline
    delivery,      ///< accepted units, for the supplier to deliver
    confirmation,  ///< delivered units, for the project to confirm
    verification,  ///< confirmed units, for the contract's authority to verify
    resolution,    ///< disputed units, for the contract's authority to resolve
    vote,          ///< an open proposal, for an authority that has a vote and has not voted
};

/// Stable name for machines, such as "verification".
[[nodiscard]] std::string_view name_of(Waiting waiting) noexcept;

/// One thing that waits.
struct QueueItem {
    Waiting waiting = Waiting::application;
    std::string waits_for;  ///< the account that has to act
    /// Whose it is: the project of an application or redemption, the bidder, the proposer.
    std::string from;
    pb::ContractId contract;       ///< nothing for a vote
    std::string redemption;        ///< its id, 32 bytes; empty for applications, bids and votes
    std::string proposal;          ///< its id, 32 bytes; empty but for votes
    std::uint32_t line = 0;        ///< of the redemption
    std::string resource;          ///< of the redemption line; else empty
    std::uint64_t units = 0;       ///< of the resource; for a bid, how many lines wait
    std::uint64_t hundredths = 0;  ///< their value; 0 for an application
    std::uint64_t since = 0;       ///< seconds
    std::uint64_t until = 0;       ///< when the ledger acts by itself; 0: never
};

/// What waits for the account and, for an authority, what waits for anyone on its contracts. The
/// longest waiting first, then by kind, contract, redemption and line. Contracts that are closed
/// have nothing that waits. Of votes only the account's own. Walks all accreditations, bids,
/// redemptions and proposals of the ledger.
[[nodiscard]] std::vector<QueueItem> queue_of(const LeafSource& state, std::string_view account);

}  // namespace tallystick::ledger
