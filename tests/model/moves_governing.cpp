#include <algorithm>

#include "ledger/parameters.hpp"
#include "model/world.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::model {
namespace {

const std::vector<std::string> newcomers{"ashford", "barrow", "corby", "derby", "exeter", "frome"};

pb::AuthorityNode random_node(World& world, const std::string& authority) {
    pb::AuthorityNode node;
    const auto& key = node_key(world.keyring, authority, world.dice.below(4));
    node.set_public_key(key.public_key().str());
    node.set_power(world.dice.between(3, 5));
    return node;
}

void admit(World& world, pb::AdmitAuthority& change) {
    const auto handle = world.dice.pick(newcomers);
    change.set_handle(handle);
    *change.add_identifiers() =
        identifier_of(world.slip() ? world.dice.pick(world.accounts()) : handle);
    *change.add_names() = name_of(handle);
    const auto owner = world.slip() ? world.dice.pick(world.accounts()) : handle;
    *change.mutable_policy() = random_policy(world.dice, world.keyring, owner, 0);
    for (const auto& key : change.policy().keys())
        *change.add_proofs() = proof_of(world.keyring, key, world.ledger_id, handle);
    *change.mutable_node() = random_node(world, world.slip() ? owner : handle);
    *change.mutable_node_proof() =
        proof_of(world.keyring, change.node().public_key(), world.ledger_id, handle);
}

void remove(World& world, pb::RemoveAuthority& change) {
    const auto current = world.authorities();
    change.set_authority(world.dice.pick(current));
    change.set_successor(world.dice.pick(current));
}

void change_policy(World& world, pb::SetAuthorityPolicy& change) {
    const auto authority = world.dice.pick(world.authorities());
    change.set_authority(authority);
    const auto owner = world.slip() ? world.dice.pick(world.accounts()) : authority;
    *change.mutable_policy() = random_policy(world.dice, world.keyring, owner, world.dice.below(6));
    const auto before = world.state.get(account_key(authority));
    for (const auto& key : change.policy().keys()) {
        const auto& old = before->policy().keys();
        const bool is_new = std::ranges::find(old, key) == old.end();
        if (is_new ? !world.slip() : world.dice.chance(20))
            *change.add_proofs() = proof_of(world.keyring, key, world.ledger_id, authority);
    }
}

void change_node(World& world, pb::SetNode& change) {
    const auto authority = world.dice.pick(world.authorities());
    change.set_authority(authority);
    *change.mutable_node() = random_node(world, authority);
    if (world.dice.chance(30))
        change.mutable_node()->set_public_key(
            world.state.get(authority_node_key(authority))->public_key());
    *change.mutable_node_proof() =
        proof_of(world.keyring, change.node().public_key(), world.ledger_id, authority);
}

/// Never a rule set that does not exist: the ledger would stop at it, as it should.
void change_parameter(World& world, pb::SetParameter& change) {
    auto& dice = world.dice;
    const auto which = static_cast<pb::Parameter>(dice.between(1, pb::Parameter_MAX));
    change.set_parameter(which);
    const auto now = ledger::value_of(world.state.get_or_default(parameters_key()), which);
    const bool counts = which == pb::PARAMETER_DUE_ITEMS_PER_BLOCK_MAX ||
                        which == pb::PARAMETER_REFUSALS_PER_ACCOUNT_PER_BLOCK_MAX;
    const auto other = counts ? dice.between(1, 64) : dice.between(4, 48) * hour;
    const bool stays = which == pb::PARAMETER_RULE_SET || world.slip();
    change.set_value(stays ? now : other);
}

void take_power(World& world, pb::TakePower& change) {
    const auto current = world.authorities();
    change.set_authority(world.dice.pick(current));
    for (const auto& handle : current)
        if (world.state.get(misbehaviour_key(handle, 0)) && !world.slip())
            change.set_authority(handle);
}

void hand_over(World& world, pb::HandOver& change) {
    const auto handover = world.state.get(handover_key());
    const std::uint32_t segment = handover ? handover->segment() : 1;
    change.set_segment(segment + (world.slip() ? 2 : 1));
    change.set_engine(world.dice.chance(70) ? pb::ENGINE_COMETBFT : pb::ENGINE_SOLO);
}

void random_change(World& world, pb::Change& change) {
    const auto kind = world.dice.below(100);
    const bool alone = world.authorities().size() < 3;
    if (kind < (alone ? 50U : 20U)) {
        admit(world, *change.mutable_admit_authority());
    } else if (kind < (alone ? 52U : 32U)) {
        remove(world, *change.mutable_remove_authority());
    } else if (kind < (alone ? 54U : 44U)) {
        change_policy(world, *change.mutable_set_authority_policy());
    } else if (kind < (alone ? 56U : 60U)) {
        change_node(world, *change.mutable_set_node());
    } else if (kind < 78) {
        change_parameter(world, *change.mutable_set_parameter());
    } else if (kind < 92 && !alone) {
        take_power(world, *change.mutable_take_power());
    } else {
        hand_over(world, *change.mutable_hand_over());
    }
}

std::string concerned(const pb::Change& change) {
    if (change.has_remove_authority()) return change.remove_authority().authority();
    if (change.has_set_authority_policy()) return change.set_authority_policy().authority();
    if (change.has_set_node()) return change.set_node().authority();
    if (change.has_take_power()) return change.take_power().authority();
    return "";
}

bool has_voted(const pb::Proposal& proposal, const std::string& authority) {
    const auto& ballots = proposal.ballots();
    return std::ranges::find(ballots, authority, &pb::Ballot::authority) != ballots.end();
}

}  // namespace

std::optional<Move> make_propose(World& world) {
    Move move{world.dice.pick(world.authorities()), {}, {}};
    auto& action = *move.body.mutable_propose();
    random_change(world, *action.mutable_change());
    if (world.dice.chance(50)) action.set_effective_at(world.now + world.dice.below(12 * hour));
    if (world.slip()) action.set_effective_at(world.now + 400 * day);
    return move;
}

std::optional<Move> make_vote(World& world) {
    const auto proposals = world.leaves<pb::Proposal>(Kind::proposal, [&](const auto& leaf) {
        return leaf.value->status() == pb::PROPOSAL_STATUS_OPEN || world.dice.chance(1);
    });
    if (proposals.empty()) return std::nullopt;
    const auto& leaf = world.dice.pick(proposals);
    auto voters = world.authorities();
    if (!world.slip())
        std::erase_if(voters, [&](const auto& handle) {
            return handle == concerned(leaf.value->change()) || has_voted(*leaf.value, handle);
        });
    if (voters.empty()) return std::nullopt;
    Move move{world.dice.pick(voters), {}, {}};
    auto& action = *move.body.mutable_vote();
    action.set_proposal(leaf.parts[0]);
    action.set_choice(world.dice.chance(85) ? pb::CHOICE_YES : pb::CHOICE_NO);
    return move;
}

}  // namespace tallystick::model
