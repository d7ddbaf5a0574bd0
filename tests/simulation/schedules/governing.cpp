#include <algorithm>

#include "protocol/envelope.hpp"
#include "simulation/schedules/people.hpp"

/// What authorities propose to each other. They vote as the random ledgers of tests/model do.
namespace tallystick::simulation {
namespace {

void set_parameter(model::World& world, pb::SetParameter& change) {
    static constexpr std::array<pb::Parameter, 4> windows{
        pb::PARAMETER_REVEAL_SECONDS, pb::PARAMETER_ANSWER_SECONDS, pb::PARAMETER_PASS_ON_SECONDS,
        pb::PARAMETER_PROPOSAL_SECONDS};
    change.set_parameter(world.dice.pick(windows));
    change.set_value(world.dice.between(4, 48) * model::hour);
}

void set_node(model::World& world, const std::string& authority, const SigningKey& key,
              pb::SetNode& change) {
    change.set_authority(authority);
    change.mutable_node()->set_public_key(key.public_key().str());
    change.mutable_node()->set_power(world.dice.between(6, 10));
    *change.mutable_node_proof() =
        model::proof_of(world.keyring, key.public_key().str(), world.ledger_id, authority);
}

void admit(model::World& world, const std::string& handle, pb::AdmitAuthority& change) {
    change.set_handle(handle);
    *change.add_identifiers() = model::identifier_of(handle);
    *change.add_names() = model::name_of(handle);
    *change.mutable_policy() = model::random_policy(world.dice, world.keyring, handle, 0);
    for (const auto& key : change.policy().keys())
        *change.add_proofs() = model::proof_of(world.keyring, key, world.ledger_id, handle);
    const auto& key = model::node_key(world.keyring, handle);
    change.mutable_node()->set_public_key(key.public_key().str());
    change.mutable_node()->set_power(world.dice.between(6, 10));
    *change.mutable_node_proof() =
        model::proof_of(world.keyring, key.public_key().str(), world.ledger_id, handle);
}

}  // namespace

std::optional<model::Move> People::govern(model::World& world) {
    const auto current = world.state.get(authorities_key())->handles();
    std::vector<std::string> handles{current.begin(), current.end()};
    model::Move move;
    move.account = dice_.pick(handles);
    auto& propose = *move.body.mutable_propose();
    auto& change = *propose.mutable_change();
    if (dice_.chance(40)) propose.set_effective_at(world.now + dice_.below(2 * model::hour));
    std::vector<std::string> misbehaved;
    for (const auto& leaf : world.leaves<pb::MisbehaviourRecord>(Kind::misbehaviour))
        if (std::ranges::find(handles, leaf.parts[0]) != handles.end())
            misbehaved.push_back(leaf.parts[0]);
    if (!misbehaved.empty() && dice_.chance(50)) {
        change.mutable_take_power()->set_authority(dice_.pick(misbehaved));
        return move;
    }
    const auto kind = dice_.below(100);
    if (kind < 35) {
        set_parameter(world, *change.mutable_set_parameter());
    } else if (kind < 60) {
        const auto authority = dice_.pick(handles);
        if (may_gain_power_(authority))
            set_node(world, authority, model::node_key(keyring_, authority),
                     *change.mutable_set_node());
        else
            set_parameter(world, *change.mutable_set_parameter());
    } else if (kind < 85 && !newcomer_.empty()) {
        admit(world, newcomer_, *change.mutable_admit_authority());
    } else if (may_leave_ && handles.size() >= 4) {
        const auto leaves = dice_.pick(handles);
        std::erase(handles, leaves);
        change.mutable_remove_authority()->set_authority(leaves);
        change.mutable_remove_authority()->set_successor(dice_.pick(handles));
    } else {
        set_parameter(world, *change.mutable_set_parameter());
    }
    return move;
}

}  // namespace tallystick::simulation
