#include "node/api/json_governing.hpp"

#include <algorithm>

#include "node/api/json_of.hpp"
#include "node/api/reading.hpp"
#include "protocol/crypto.hpp"
#include "protocol/governing.hpp"
#include "protocol/refusal.hpp"

namespace tallystick::node::api {

namespace {

std::string lower_name(std::string name, std::string_view prefix) {
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return name;
}

Json identifiers_json(const google::protobuf::RepeatedPtrField<pb::Identifier>& identifiers) {
    Json list = Json::array();
    for (const auto& one : identifiers)
        list.push_back({{"scheme", one.scheme()}, {"id", one.id()}});
    return list;
}

Json names_json(const google::protobuf::RepeatedPtrField<pb::DisplayName>& names) {
    Json list = Json::array();
    for (const auto& name : names)
        list.push_back({{"language", name.language()}, {"text", name.text()}});
    return list;
}

Json record_json(std::string_view key, const pb::MisbehaviourRecord& record) {
    const auto& what = record.misbehaviour();
    Json json;
    json["key"] = hex(key);
    json["kind"] = lower_name(pb::MisbehaviourKind_Name(what.kind()), "MISBEHAVIOUR_KIND_");
    json["words"] = misbehaviour_in_words(what.kind());
    json["height"] = what.height();
    json["time"] = what.time().seconds();
    json["address"] = hex(what.address());
    json["power"] = what.power();
    json["total_power"] = what.total_power();
    json["recorded_at"] = record.recorded_at();
    return json;
}

Json admit_json(const pb::AdmitAuthority& admit) {
    Json json;
    json["handle"] = admit.handle();
    json["identifiers"] = identifiers_json(admit.identifiers());
    json["names"] = names_json(admit.names());
    json["policy"] = json_of(admit.policy());
    json["node_key"] = hex(admit.node().public_key());
    json["power"] = admit.node().power();
    return json;
}

Json ballots_json(const pb::Proposal& proposal) {
    Json list = Json::array();
    for (const auto& ballot : proposal.ballots())
        list.push_back({{"authority", ballot.authority()},
                        {"choice", ballot.choice() == pb::CHOICE_YES ? "yes" : "no"},
                        {"cast_at", ballot.cast_at()}});
    return list;
}

const pb::Ballot* ballot_of(const pb::Proposal& proposal, std::string_view authority) {
    const auto found = std::ranges::find(proposal.ballots(), authority, &pb::Ballot::authority);
    return found == proposal.ballots().end() ? nullptr : &*found;
}

std::vector<std::string> voters_of(const Snapshot& snapshot, const pb::Proposal& proposal) {
    return voters_on(proposal.change(), snapshot.state().get_or_default(authorities_key()));
}

/// What one proposed who has left takes no votes any more.
bool takes_votes(const Snapshot& snapshot, const pb::Proposal& proposal) {
    const auto current = snapshot.state().get_or_default(authorities_key());
    return proposal.status() == pb::PROPOSAL_STATUS_OPEN &&
           std::ranges::find(current.handles(), proposal.proposer()) != current.handles().end();
}

/// Votes of an open proposal as they would be counted now: of those who have a vote.
void add_open_parts(Json& json, const Snapshot& snapshot, const pb::Proposal& proposal) {
    const auto voters = voters_of(snapshot, proposal);
    std::uint64_t yes = 0;
    std::uint64_t no = 0;
    Json waiting = Json::array();
    for (const auto& voter : voters) {
        const auto* ballot = ballot_of(proposal, voter);
        if (ballot != nullptr)
            ++(ballot->choice() == pb::CHOICE_YES ? yes : no);
        else if (takes_votes(snapshot, proposal))
            waiting.push_back(voter);
    }
    json["yes"] = yes;
    json["no"] = no;
    json["yes_needed"] = votes_needed(voters.size());
    json["waits_for"] = std::move(waiting);
}

}  // namespace

std::string address_text(std::string_view public_key) {
    const auto key = PublicKey::from(public_key);
    return key ? to_hex(address_of(*key).view()) : std::string{};
}

Json misbehaviour_of(const Snapshot& snapshot, std::string_view authority) {
    Json list = Json::array();
    for_each_leaf(snapshot, key_prefix(Kind::misbehaviour, {authority}),
                  [&](const ParsedKey& key, std::string_view bytes, std::string_view value) {
                      // Under height 0 stands a copy: what counts against the node it has now.
                      const auto record = decoded<pb::MisbehaviourRecord>(value);
                      if (key.parts[1] != std::string(sizeof(std::uint64_t), '\0'))
                          list.push_back(record_json(bytes, record));
                      return true;
                  });
    return list;
}

Json authority_json(const Snapshot& snapshot, std::string_view handle, const pb::Account& account) {
    Json json;
    json["key"] = hex(account_key(handle).bytes);
    json["handle"] = handle;
    json["identifiers"] = identifiers_json(account.identifiers());
    json["names"] = names_json(account.names());
    json["policy"] = json_of(account.policy());
    json["current"] = account.successor().empty();
    if (!account.successor().empty()) json["successor"] = account.successor();
    const auto node_key = authority_node_key(handle);
    if (const auto node = snapshot.state().get(node_key)) {
        json["node"]["key"] = hex(node_key.bytes);
        json["node"]["public_key"] = hex(node->public_key());
        json["node"]["address"] = address_text(node->public_key());
        json["node"]["power"] = node->power();
    }
    json["misbehaviour"] = misbehaviour_of(snapshot, handle);
    return json;
}

Json whole_account_json(const Snapshot& snapshot, std::string_view handle,
                        const pb::Account& account) {
    auto json = account_json(handle, account);
    if (!account.successor().empty()) json["successor"] = account.successor();
    if (std::ranges::find(account.roles(), pb::ROLE_AUTHORITY) != account.roles().end())
        json["misbehaviour"] = misbehaviour_of(snapshot, handle);
    return json;
}

std::string proposal_status_name(int value) {
    return lower_name(pb::ProposalStatus_Name(value), "PROPOSAL_STATUS_");
}

Json json_of(const pb::Change& change) {
    Json json;
    json["what"] = change_name(change);
    auto& part = json[change_name(change)];
    switch (change.change_case()) {
        case pb::Change::kAdmitAuthority: part = admit_json(change.admit_authority()); break;
        case pb::Change::kRemoveAuthority:
            part["authority"] = change.remove_authority().authority();
            part["successor"] = change.remove_authority().successor();
            break;
        case pb::Change::kSetAuthorityPolicy:
            part["authority"] = change.set_authority_policy().authority();
            part["policy"] = json_of(change.set_authority_policy().policy());
            break;
        case pb::Change::kSetNode:
            part["authority"] = change.set_node().authority();
            part["node_key"] = hex(change.set_node().node().public_key());
            part["power"] = change.set_node().node().power();
            break;
        case pb::Change::kSetParameter:
            part["parameter"] = parameter_name(change.set_parameter().parameter());
            part["value"] = change.set_parameter().value();
            break;
        case pb::Change::kTakePower: part["authority"] = change.take_power().authority(); break;
        case pb::Change::kHandOver:
            part["segment"] = change.hand_over().segment();
            part["engine"] = engine_name(change.hand_over().engine());
            break;
        case pb::Change::CHANGE_NOT_SET: break;
    }
    return json;
}

Json proposal_json(const Snapshot& snapshot, std::string_view id, const pb::Proposal& proposal) {
    Json json;
    json["key"] = hex(proposal_key(id).bytes);
    json["id"] = hex(id);
    json["proposer"] = proposal.proposer();
    json["change"] = json_of(proposal.change());
    json["words"] = change_in_words(proposal.change());
    json["effective_at"] = proposal.effective_at();
    json["status"] = proposal_status_name(proposal.status());
    json["proposed_at"] = proposal.proposed_at();
    json["lapses_at"] = proposal.lapses_at();
    json["ballots"] = ballots_json(proposal);
    if (proposal.status() == pb::PROPOSAL_STATUS_OPEN) {
        add_open_parts(json, snapshot, proposal);
    } else {
        const auto yes =
            std::ranges::count(proposal.ballots(), pb::CHOICE_YES, &pb::Ballot::choice);
        json["yes"] = yes;
        json["no"] = proposal.ballots_size() - yes;
    }
    if (proposal.decided_at() != 0) json["decided_at"] = proposal.decided_at();
    if (proposal.ended_at() != 0) json["ended_at"] = proposal.ended_at();
    if (const auto refusal = refusal_from(proposal.refusal())) {
        json["refusal"]["number"] = proposal.refusal();
        json["refusal"]["name"] = refusal_name(*refusal);
        json["refusal"]["sentence"] = refusal_sentence(*refusal);
    }
    return json;
}

Json parameters_coming(const Snapshot& snapshot) {
    Json list = Json::array();
    for_each_leaf(snapshot, key_prefix(Kind::proposal, {}),
                  [&](const ParsedKey& key, std::string_view, std::string_view value) {
                      const auto proposal = decoded<pb::Proposal>(value);
                      if (proposal.status() != pb::PROPOSAL_STATUS_DECIDED ||
                          !proposal.change().has_set_parameter())
                          return true;
                      const auto& set = proposal.change().set_parameter();
                      list.push_back({{"parameter", parameter_name(set.parameter())},
                                      {"value", set.value()},
                                      {"effective_at",
                                       std::max(proposal.effective_at(), proposal.decided_at())},
                                      {"proposal", hex(key.parts[0])}});
                      return true;
                  });
    return list;
}

bool waits_for(const Snapshot& snapshot, const pb::Proposal& proposal, std::string_view authority) {
    if (!takes_votes(snapshot, proposal) || ballot_of(proposal, authority) != nullptr) return false;
    const auto voters = voters_of(snapshot, proposal);
    return std::ranges::find(voters, authority) != voters.end();
}

}  // namespace tallystick::node::api
