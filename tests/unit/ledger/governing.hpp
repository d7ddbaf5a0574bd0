#pragma once

#include <string>
#include <vector>

#include "ledger/actions/propose.hpp"
#include "ledger/actions/vote.hpp"
#include "ledger/governance/change.hpp"
#include "ledger/governance/nodes.hpp"
#include "protocol/envelope.hpp"
#include "unit/ledger/support.hpp"

/// Four authorities that govern together, and the changes that they propose.
namespace tallystick::ledger::test {

inline const std::string essex = "essex";
inline const std::string kent = "kent";
inline const std::string surrey = "surrey";  // not an authority yet

/// The standard world with two more authorities: essex, kent, norfolk, suffolk, each with a node of
/// power 1.
inline MemoryState governed_world() {
    auto state = standard_world();
    return state.with_authority(essex).with_authority(kent);
}

/// `name`'s key proves itself for `account`.
inline pb::KeyProof proof_of(std::string_view name, std::string_view account) {
    const auto key = key_of(name);
    const auto message = key_proof_message(test_ledger(), account, key.public_key().text());
    pb::KeyProof proof;
    proof.set_public_key(key.public_key().str());
    proof.set_signature(key.sign(bytes_of(message)).str());
    return proof;
}

inline pb::AuthorityNode node_of(std::string_view key_name, std::uint64_t power = 1) {
    pb::AuthorityNode node;
    node.set_public_key(key_of(key_name).public_key().str());
    node.set_power(power);
    return node;
}

inline pb::AdmitAuthority admit(std::string_view handle) {
    pb::AdmitAuthority change;
    change.set_handle(std::string{handle});
    auto* identifier = change.add_identifiers();
    identifier->set_scheme("GB-LAE");
    identifier->set_id(std::string{handle});
    auto* name = change.add_names();
    name->set_language("en");
    name->set_text(std::string{handle});
    *change.mutable_policy() = policy_of(handle);
    *change.add_proofs() = proof_of(handle, handle);
    *change.mutable_node() = node_of(std::string{handle} + " node");
    *change.mutable_node_proof() = proof_of(std::string{handle} + " node", handle);
    return change;
}

inline pb::RemoveAuthority removal(std::string_view authority, std::string_view successor) {
    pb::RemoveAuthority change;
    change.set_authority(std::string{authority});
    change.set_successor(std::string{successor});
    return change;
}

/// Another signer, with its proof, for an authority.
inline pb::SetAuthorityPolicy new_signer(std::string_view authority, std::string_view signer) {
    pb::SetAuthorityPolicy change;
    change.set_authority(std::string{authority});
    *change.mutable_policy() = policy_of(signer);
    *change.add_proofs() = proof_of(signer, authority);
    return change;
}

inline pb::SetNode new_node(std::string_view authority, std::string_view key_name,
                            std::uint64_t power = 1) {
    pb::SetNode change;
    change.set_authority(std::string{authority});
    *change.mutable_node() = node_of(key_name, power);
    *change.mutable_node_proof() = proof_of(key_name, authority);
    return change;
}

inline pb::SetParameter parameter(pb::Parameter which, std::uint64_t value) {
    pb::SetParameter change;
    change.set_parameter(which);
    change.set_value(value);
    return change;
}

inline pb::TakePower taking_power(std::string_view authority) {
    pb::TakePower change;
    change.set_authority(std::string{authority});
    return change;
}

inline pb::HandOver handing_over(std::uint32_t segment, pb::Engine engine = pb::ENGINE_COMETBFT) {
    pb::HandOver change;
    change.set_segment(segment);
    change.set_engine(engine);
    return change;
}

inline pb::Change change_of(const pb::AdmitAuthority& each) {
    pb::Change change;
    *change.mutable_admit_authority() = each;
    return change;
}
inline pb::Change change_of(const pb::RemoveAuthority& each) {
    pb::Change change;
    *change.mutable_remove_authority() = each;
    return change;
}
inline pb::Change change_of(const pb::SetAuthorityPolicy& each) {
    pb::Change change;
    *change.mutable_set_authority_policy() = each;
    return change;
}
inline pb::Change change_of(const pb::SetNode& each) {
    pb::Change change;
    *change.mutable_set_node() = each;
    return change;
}
inline pb::Change change_of(const pb::SetParameter& each) {
    pb::Change change;
    *change.mutable_set_parameter() = each;
    return change;
}
inline pb::Change change_of(const pb::TakePower& each) {
    pb::Change change;
    *change.mutable_take_power() = each;
    return change;
}
inline pb::Change change_of(const pb::HandOver& each) {
    pb::Change change;
    *change.mutable_hand_over() = each;
    return change;
}

template <class Each>
pb::Propose propose(const Each& each, std::uint64_t effective_at = 0) {
    pb::Propose action;
    *action.mutable_change() = change_of(each);
    action.set_effective_at(effective_at);
    return action;
}

inline pb::Vote vote(std::string_view proposal, pb::Choice choice = pb::CHOICE_YES) {
    pb::Vote action;
    action.set_proposal(bytes32(proposal));
    action.set_choice(choice);
    return action;
}

/// A report that the node with this key signed twice.
inline pb::Misbehaviour report_on(std::string_view public_key, std::uint64_t height = 7) {
    pb::Misbehaviour report;
    report.set_kind(pb::MISBEHAVIOUR_KIND_DUPLICATE_VOTE);
    report.set_address(address_text(public_key));
    report.set_power(1);
    report.set_height(height);
    report.set_total_power(4);
    return report;
}

inline std::optional<std::string> report(MemoryState& state, const pb::Misbehaviour& misbehaviour,
                                         std::uint64_t height = 9) {
    Draft draft{state};
    auto key = record_misbehaviour(misbehaviour, height, draft);
    state.apply(draft.changes());
    return key;
}

/// When and where changes take effect in tests.
inline const ChangePoint point{opened_at + 5 * day, 41, "east-anglia-1"};

/// Judges the change on the state and, if it is not refused, makes it there.
template <class Each>
Verdict take_effect(MemoryState& state, const Each& each) {
    const auto change = change_of(each);
    if (const auto refused = judge_change(change, state)) return refused;
    Draft draft{state};
    make_change(change, point, draft);
    state.apply(draft.changes());
    return std::nullopt;
}

/// The form of a change, as whoever proposes it in suffolk's name has it checked.
template <class Each>
std::string form_of(const Each& each) {
    return told(check_change(change_of(each), Scene{suffolk}.check_context()));
}

/// One rule of a change, and how to break it.
template <class Each>
struct ChangeBreach {
    Refusal refusal;
    std::function<void(MemoryState&, Each&)> commit;
};

/// Holds the documented order of a change's refusals, as `check_refusals` does for actions.
template <class Each>
void check_change_refusals(const MemoryState& world, const Each& each,
                           const std::vector<ChangeBreach<Each>>& breaches) {
    {
        auto state = world;
        REQUIRE(told(take_effect(state, each)) == "done");
    }
    for (const auto& breach : breaches) {
        auto state = world;
        auto alone = each;
        breach.commit(state, alone);
        CHECK(told(take_effect(state, alone)) == refused(breach.refusal));
    }
    auto state = world;
    auto broken = each;
    for (auto breach = breaches.rbegin(); breach != breaches.rend(); ++breach) {
        breach->commit(state, broken);
        const auto before = state.leaves();
        CHECK(told(take_effect(state, broken)) == refused(breach->refusal));
        CHECK(state.leaves() == before);
    }
}

/// The list of authorities, joined by spaces.
inline std::string listed(const StateView& state) {
    std::string text;
    for (const auto& handle : state.get(authorities_key())->handles())
        text += (text.empty() ? "" : " ") + handle;
    return text;
}

/// Leaves only these authorities in the list.
inline void leave_only(MemoryState& state, std::vector<std::string> handles) {
    std::sort(handles.begin(), handles.end());
    pb::Authorities list;
    for (const auto& handle : handles) list.add_handles(handle);
    state.put(authorities_key(), std::move(list));
}

inline void take_power_of(MemoryState& state, std::string_view authority) {
    state.edit(authority_node_key(authority), [](auto& node) { node.set_power(0); });
}

inline void give_key_to(MemoryState& state, std::string_view public_key, std::string_view account) {
    pb::Owner owner;
    owner.set_account(std::string{account});
    state.put(public_key_key(public_key), std::move(owner));
}

}  // namespace tallystick::ledger::test
