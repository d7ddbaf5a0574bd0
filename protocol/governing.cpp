#include "protocol/governing.hpp"

#include <array>

#include "protocol/receipt_words.hpp"
#include "protocol/refusal.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/types.hpp"

namespace tallystick {

namespace {

/// The field of Parameters that a parameter's number names; null if unlisted.
const google::protobuf::FieldDescriptor* field_of(pb::Parameter parameter) {
    return pb::Parameters::descriptor()->FindFieldByNumber(static_cast<int>(parameter));
}

std::string time_words(std::uint64_t seconds) {
    return seconds <= seconds_max ? instant_in_words(seconds) : "a time that does not exist";
}

std::string span_words(std::uint64_t seconds) {
    struct Unit {
        std::uint64_t seconds;
        std::string_view name;
    };
    constexpr std::array units{Unit{86400, " day"}, Unit{3600, " hour"}, Unit{60, " minute"}};
    for (const auto& unit : units) {
        if (seconds == 0 || seconds % unit.seconds != 0) continue;
        const auto count = seconds / unit.seconds;
        return std::to_string(count) + std::string{unit.name} + (count == 1 ? "" : "s");
    }
    return std::to_string(seconds) + (seconds == 1 ? " second" : " seconds");
}

std::string line(std::string_view name, const std::string& text) {
    return "  " + std::string{name} + ": " + text + "\n";
}

}  // namespace

std::string_view authority_concerned(const pb::Change& change) noexcept {
    switch (change.change_case()) {
        case pb::Change::kRemoveAuthority: return change.remove_authority().authority();
        case pb::Change::kSetAuthorityPolicy: return change.set_authority_policy().authority();
        case pb::Change::kSetNode: return change.set_node().authority();
        case pb::Change::kTakePower: return change.take_power().authority();
        case pb::Change::kAdmitAuthority:
        case pb::Change::kSetParameter:
        case pb::Change::kHandOver:
        case pb::Change::CHANGE_NOT_SET: break;
    }
    return {};
}

std::vector<std::string> voters_on(const pb::Change& change, const pb::Authorities& authorities) {
    const auto concerned = authority_concerned(change);
    std::vector<std::string> voters;
    for (const auto& handle : authorities.handles())
        if (handle != concerned) voters.push_back(handle);
    return voters;
}

std::string change_name(const pb::Change& change) {
    const auto* field = pb::Change::GetReflection()->GetOneofFieldDescriptor(
        change, pb::Change::descriptor()->FindOneofByName("change"));
    return field == nullptr ? std::string{} : std::string{field->name()};
}

std::string parameter_name(pb::Parameter parameter) {
    const auto* field = field_of(parameter);
    return field == nullptr ? std::string{} : std::string{field->name()};
}

std::optional<pb::Parameter> parameter_from_name(std::string_view name) {
    const auto* field = pb::Parameters::descriptor()->FindFieldByName(std::string{name});
    if (field == nullptr || !pb::Parameter_IsValid(field->number())) return std::nullopt;
    return static_cast<pb::Parameter>(field->number());
}

std::uint64_t parameter_value(const pb::Parameters& parameters, pb::Parameter parameter) {
    const auto* field = field_of(parameter);
    if (field == nullptr) return 0;
    const auto& reflection = *pb::Parameters::GetReflection();
    return field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_UINT32
               ? reflection.GetUInt32(parameters, field)
               : reflection.GetUInt64(parameters, field);
}

std::string_view parameter_in_words(pb::Parameter parameter) noexcept {
    switch (parameter) {
        case pb::PARAMETER_RULE_SET: return "the rule set";
        case pb::PARAMETER_REVEAL_SECONDS: return "the time to reveal bids after they close";
        case pb::PARAMETER_PASS_ON_SECONDS:
            return "the time after which a supplier's credits pass on to projects";
        case pb::PARAMETER_ANSWER_SECONDS: return "the time to answer a redemption";
        case pb::PARAMETER_ACCEPTED_DATE_AFTER_WANTED_SECONDS_MAX:
            return "how long after the wanted day a supplier may promise";
        case pb::PARAMETER_UNDELIVERED_SECONDS:
            return "the time after which undelivered redemptions lapse";
        case pb::PARAMETER_SETTLING_SECONDS: return "the time to settle after a deadline";
        case pb::PARAMETER_DUE_ITEMS_PER_BLOCK_MAX:
            return "how many due items one block may work off";
        case pb::PARAMETER_REFUSALS_PER_ACCOUNT_PER_BLOCK_MAX:
            return "how many refusals one account may have in a block";
        case pb::PARAMETER_TRUSTING_PERIOD_SECONDS:
            return "the time for which a block that was trusted stays so";
        case pb::PARAMETER_PROPOSAL_SECONDS: return "the time to vote on a proposal";
        case pb::PARAMETER_UNSPECIFIED:
        case pb::Parameter_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Parameter_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return "a parameter that does not exist";
}

std::string parameter_value_in_words(pb::Parameter parameter, std::uint64_t value) {
    const auto name = parameter_name(parameter);
    const bool is_time = name.ends_with("_seconds") || name.ends_with("_seconds_max");
    return is_time ? span_words(value) : std::to_string(value);
}

std::string_view engine_name(pb::Engine engine) noexcept {
    switch (engine) {
        case pb::ENGINE_SOLO: return "solo";
        case pb::ENGINE_COMETBFT: return "cometbft";
        case pb::ENGINE_UNSPECIFIED:
        case pb::Engine_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::Engine_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return {};
}

std::string change_in_words(const pb::Change& change) {
    switch (change.change_case()) {
        case pb::Change::kAdmitAuthority:
            return "admit " + printable(change.admit_authority().handle()) + " as an authority";
        case pb::Change::kRemoveAuthority:
            return "remove the authority " + printable(change.remove_authority().authority()) +
                   " and let " + printable(change.remove_authority().successor()) +
                   " take over its accounts and contracts";
        case pb::Change::kSetAuthorityPolicy:
            return "change who signs for the authority " +
                   printable(change.set_authority_policy().authority());
        case pb::Change::kSetNode:
            return "give the authority " + printable(change.set_node().authority()) +
                   " the node key " +
                   to_hex(bytes_of(change.set_node().node().public_key())).substr(0, 16) +
                   "... with power " + std::to_string(change.set_node().node().power());
        case pb::Change::kSetParameter: {
            const auto& set = change.set_parameter();
            return "set " + std::string{parameter_in_words(set.parameter())} + " to " +
                   parameter_value_in_words(set.parameter(), set.value());
        }
        case pb::Change::kTakePower:
            return "take the power from the node of " + printable(change.take_power().authority());
        case pb::Change::kHandOver:
            return "end this segment of the chain and go on as segment " +
                   std::to_string(change.hand_over().segment()) + " under the engine " +
                   std::string{engine_name(change.hand_over().engine())};
        case pb::Change::CHANGE_NOT_SET: break;
    }
    return "change nothing";
}

std::string_view proposal_status_in_words(pb::ProposalStatus status) noexcept {
    switch (status) {
        case pb::PROPOSAL_STATUS_OPEN: return "open, it can be voted on";
        case pb::PROPOSAL_STATUS_DECIDED: return "decided, it waits for its time";
        case pb::PROPOSAL_STATUS_IN_FORCE: return "in force";
        case pb::PROPOSAL_STATUS_LAPSED: return "lapsed, too few agreed";
        case pb::PROPOSAL_STATUS_FAILED: return "failed, a rule forbade it at its time";
        case pb::PROPOSAL_STATUS_UNSPECIFIED:
        case pb::ProposalStatus_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::ProposalStatus_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return "of no known status";
}

std::string_view misbehaviour_in_words(pb::MisbehaviourKind kind) noexcept {
    switch (kind) {
        case pb::MISBEHAVIOUR_KIND_DUPLICATE_VOTE:
            return "signed two votes of one height and round";
        case pb::MISBEHAVIOUR_KIND_LIGHT_CLIENT_ATTACK:
            return "signed a header that is not the chain's";
        case pb::MISBEHAVIOUR_KIND_UNSPECIFIED:
        case pb::MisbehaviourKind_INT_MIN_SENTINEL_DO_NOT_USE_:
        case pb::MisbehaviourKind_INT_MAX_SENTINEL_DO_NOT_USE_: break;
    }
    return "did something that has no name here";
}

std::string value_in_words(const pb::Proposal& proposal) {
    auto words = line("proposed by",
                      printable(proposal.proposer()) + " on " + time_words(proposal.proposed_at()));
    words += line("what", change_in_words(proposal.change()));
    words += line("from", proposal.effective_at() == 0 ? "as soon as it is decided"
                                                       : time_words(proposal.effective_at()));
    words += line("status", std::string{proposal_status_in_words(proposal.status())});
    for (const auto& ballot : proposal.ballots())
        words += line("vote of " + printable(ballot.authority()),
                      std::string{ballot.choice() == pb::CHOICE_YES ? "yes" : "no"} + " on " +
                          time_words(ballot.cast_at()));
    if (proposal.decided_at() != 0) words += line("decided on", time_words(proposal.decided_at()));
    if (proposal.ended_at() != 0) words += line("ended on", time_words(proposal.ended_at()));
    if (const auto refusal = refusal_from(proposal.refusal()))
        words += line("because", std::string{refusal_sentence(*refusal)});
    if (proposal.status() == pb::PROPOSAL_STATUS_OPEN)
        words += line("lapses on", time_words(proposal.lapses_at()));
    return words;
}

std::string value_in_words(const pb::Authorities& authorities) {
    std::string words;
    for (const auto& handle : authorities.handles()) words += "  " + printable(handle) + "\n";
    return words;
}

std::string value_in_words(const pb::AuthorityNode& node) {
    return line("key", to_hex(bytes_of(node.public_key()))) +
           line("power", std::to_string(node.power()));
}

std::string value_in_words(const pb::MisbehaviourRecord& record) {
    const auto& what = record.misbehaviour();
    return line("what", "its node " + std::string{misbehaviour_in_words(what.kind())}) +
           line("at height", std::to_string(what.height())) +
           line("node's address", to_hex(bytes_of(what.address()))) +
           line("power",
                std::to_string(what.power()) + " of " + std::to_string(what.total_power())) +
           line("recorded by block", std::to_string(record.recorded_at()));
}

std::string value_in_words(const pb::Handover& handover) {
    auto words = line("segment", std::to_string(handover.segment()));
    words += line("chain", printable(handover.chain_id()));
    words += line("its first block", std::to_string(handover.initial_height()));
    words += line("engine", std::string{engine_name(handover.engine())});
    for (const auto& validator : handover.validators().validators())
        words += line("validator", to_hex(bytes_of(validator.public_key())) + " with power " +
                                       std::to_string(validator.power()));
    return words + line("decided on", time_words(handover.decided_at()));
}

std::string value_in_words(const pb::Parameters& parameters) {
    std::string words;
    for (int i = 0; i < pb::Parameters::descriptor()->field_count(); ++i) {
        const auto number = pb::Parameters::descriptor()->field(i)->number();
        if (!pb::Parameter_IsValid(number)) continue;
        const auto parameter = static_cast<pb::Parameter>(number);
        words += line(parameter_in_words(parameter),
                      parameter_value_in_words(parameter, parameter_value(parameters, parameter)));
    }
    return words;
}

}  // namespace tallystick
