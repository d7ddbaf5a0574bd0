#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/pb.hpp"

/// Proposals as everyone reads them: whom a change concerns, who votes, and its words. The rules
/// themselves are the ledger's.
namespace tallystick {

/// The authority that a change concerns alone (its removal, policy, node or power) and that has no
/// vote on it; empty for the others.
[[nodiscard]] std::string_view authority_concerned(const pb::Change& change) noexcept;

/// Who votes on a change: the current authorities but the one that it concerns alone, ascending.
[[nodiscard]] std::vector<std::string> voters_on(const pb::Change& change,
                                                 const pb::Authorities& authorities);

/// The power of a node whose authority wants no other. Not 1: an engine finds out whether its node
/// alone could hold up the chain by dividing all power by three, without a remainder. Of four nodes
/// of power 1 it believes that of each, and one that comes back then takes the blocks that it lacks
/// from consensus, one by one and voting as it goes, instead of from the others' stores.
inline constexpr std::uint64_t node_power_usual = 10;

/// The least number of votes that is more than two thirds of so many.
[[nodiscard]] constexpr std::uint64_t votes_needed(std::uint64_t voters) noexcept {
    return voters * 2 / 3 + 1;
}

/// Name of a change's kind for machines, such as `set_parameter`; empty if it holds none.
[[nodiscard]] std::string change_name(const pb::Change& change);

/// Name of a parameter as pb::Parameters has it, such as `reveal_seconds`; empty if unlisted.
[[nodiscard]] std::string parameter_name(pb::Parameter parameter);

/// The parameter of this name; nothing if there is none.
[[nodiscard]] std::optional<pb::Parameter> parameter_from_name(std::string_view name);

/// Its value in a set of parameters. 0 for an unlisted one.
[[nodiscard]] std::uint64_t parameter_value(const pb::Parameters& parameters,
                                            pb::Parameter parameter);

/// What a parameter is, for people: `the time to reveal bids after they close`.
[[nodiscard]] std::string_view parameter_in_words(pb::Parameter parameter) noexcept;

/// A value of it, for people: `3 days` where it is a time, else the number.
[[nodiscard]] std::string parameter_value_in_words(pb::Parameter parameter, std::uint64_t value);

/// Name of an engine for machines and people: `solo`, `cometbft`; empty if unlisted.
[[nodiscard]] std::string_view engine_name(pb::Engine engine) noexcept;

/// A change, without a full stop: `admit norfolk as an authority`. Goes behind "propose to". Text
/// of the change is made safe to print.
[[nodiscard]] std::string change_in_words(const pb::Change& change);

/// `open: it can still be voted on` and the like, without a full stop.
[[nodiscard]] std::string_view proposal_status_in_words(pb::ProposalStatus status) noexcept;

/// What a node did, without a full stop: `signed two votes of one height and round`.
[[nodiscard]] std::string_view misbehaviour_in_words(pb::MisbehaviourKind kind) noexcept;

// Values of the state in lines of two spaces each, for a receipt.
[[nodiscard]] std::string value_in_words(const pb::Proposal& proposal);
[[nodiscard]] std::string value_in_words(const pb::Authorities& authorities);
[[nodiscard]] std::string value_in_words(const pb::AuthorityNode& node);
[[nodiscard]] std::string value_in_words(const pb::MisbehaviourRecord& record);
[[nodiscard]] std::string value_in_words(const pb::Handover& handover);
[[nodiscard]] std::string value_in_words(const pb::Parameters& parameters);

}  // namespace tallystick
