#include "model/random_ledger.hpp"

#include <algorithm>
#include <set>

#include "ledger/actions/action.hpp"
#include "ledger/validators.hpp"
#include "protocol/ensure.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::model {
namespace {

constexpr std::size_t sent_kept_max = 16;

/// Changes one field of the action that somebody got wrong: a number, an id, a code, a handle.
void spoil(google::protobuf::Message& message, World& world) {
    const auto* reflection = message.GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    if (fields.empty()) return;
    using Field = google::protobuf::FieldDescriptor;
    const auto* field = world.dice.pick(fields);
    auto& dice = world.dice;
    if (field->cpp_type() == Field::CPPTYPE_MESSAGE) {
        if (field->is_repeated()) {
            const auto size = reflection->FieldSize(message, field);
            const auto at = static_cast<int>(dice.below(static_cast<std::uint64_t>(size)));
            spoil(*reflection->MutableRepeatedMessage(&message, field, at), world);
        } else {
            spoil(*reflection->MutableMessage(&message, field), world);
        }
        return;
    }
    if (field->is_repeated()) return;
    if (field->cpp_type() == Field::CPPTYPE_UINT64) {
        const auto value = reflection->GetUInt64(message, field);
        const bool more = dice.chance(50);
        reflection->SetUInt64(&message, field, more ? value + dice.below(100'000) : value / 2);
    } else if (field->cpp_type() == Field::CPPTYPE_UINT32) {
        reflection->SetUInt32(&message, field, static_cast<std::uint32_t>(dice.below(5)));
    } else if (field->type() == Field::TYPE_BYTES) {
        reflection->SetString(&message, field, dice.bytes(32));
    } else if (field->type() == Field::TYPE_STRING) {
        static const std::vector<std::string> texts{"laptop", "jobs", "east", "ocds-0", "1"};
        const bool handle = dice.chance(60);
        reflection->SetString(&message, field,
                              handle ? dice.pick(world.accounts()) : dice.pick(texts));
    }
}

/// The message of the action that the body holds.
google::protobuf::Message& action_of(pb::Body& body) {
    const auto* oneof = pb::Body::descriptor()->FindOneofByName("action");
    const auto* reflection = body.GetReflection();
    return *reflection->MutableMessage(&body, reflection->GetOneofFieldDescriptor(body, oneof));
}

/// Somebody gets it wrong: another one acts, a signature is forgotten, a field is off.
void go_wrong(Move& move, World& world) {
    switch (world.dice.below(4)) {
        case 0: move.account = world.dice.pick(world.accounts()); break;
        case 1: move.co_signers.clear(); break;
        default: spoil(action_of(move.body), world); break;
    }
}

/// Whoever left does not act any more: who took over does.
void go_to_successors(Move& move, World& world) {
    if (world.slip()) return;
    move.account = world.answering_for(move.account);
    for (auto& co_signer : move.co_signers) co_signer = world.answering_for(co_signer);
}

/// Rules that do not exist would stop the ledger.
bool is_about_new_rules(const pb::Body& body) {
    const auto& change = body.propose().change().set_parameter();
    return change.parameter() == pb::PARAMETER_RULE_SET && change.value() > 1;
}

std::uint64_t random_validity(Dice& dice, std::uint64_t now) {
    if (dice.chance(2)) return now - dice.between(1, hour);
    if (dice.chance(2)) return now + validity_seconds_max + dice.between(1, hour);
    if (dice.chance(5)) return dice.chance(50) ? now : now + validity_seconds_max;
    return now + dice.between(1, validity_seconds_max);
}

}  // namespace

RandomLedger::RandomLedger(std::uint64_t seed)
    : start_(seed), founding_(found_ledger(start_, keyring_)) {
    const auto genesis = ledger::genesis_state(founding_.genesis);
    ensure(genesis.has_value(), "a random ledger's genesis keeps the rules");
    state_.apply(*genesis);
    block_.now = genesis_time;
    block_.chain_id = founding_.genesis.name() + "-1";
}

std::optional<std::uint64_t> RandomLedger::next_event(Dice& dice) const {
    std::set<std::uint64_t> events;
    if (const auto* first = due_.first()) events.insert(first->time);
    state_.for_each(ledger::prefix_of(Kind::contract), [&](std::string_view, const auto& value) {
        const auto& contract = static_cast<const pb::Contract&>(*value);
        for (const auto time : {contract.bids_close(), contract.reveal_ends(),
                                contract.redemption_deadline(), contract.settling_ends()})
            events.insert(time);
        return true;
    });
    events.erase(events.begin(), events.upper_bound(block_.now + 1));
    if (events.empty()) return std::nullopt;
    const auto second = std::next(events.begin());
    return dice.chance(25) && second != events.end() ? *second : *events.begin();
}

void RandomLedger::pass_time(Dice& dice) {
    const auto kind = dice.below(100);
    if (kind < 8 && block_.nanos < 900'000'000) {
        block_.nanos += 1'000'000;
        return;
    }
    block_.nanos = static_cast<std::int32_t>(dice.below(100)) * 1'000'000;
    const auto event = next_event(dice);
    if (kind < 40 && event)
        block_.now = *event + dice.below(3) - 1;
    else if (kind < 44)
        block_.now += dice.between(1, day);
    else
        block_.now += dice.between(1, kind < 70 ? 60 : 2 * hour);
}

Move RandomLedger::choose(World& world) const {
    unsigned total = 0;
    for (const auto& occasion : occasions()) total += occasion.weight;
    while (true) {
        auto at = world.dice.below(total);
        for (const auto& occasion : occasions()) {
            if (at >= occasion.weight) {
                at -= occasion.weight;
                continue;
            }
            // There is always occasion to change a policy.
            if (auto move = occasion.make(world)) return *move;
            break;
        }
    }
}

std::string RandomLedger::sign(const pb::Body& body, Dice& dice) const {
    std::vector<std::string> accounts = list_of(body.co_signers());
    accounts.push_back(body.account());
    std::vector<const SigningKey*> keys;
    for (const auto& handle : accounts) {
        const auto account = state_.get(account_key(handle));
        if (!account) continue;
        for (const auto& key : account->policy().keys())
            if (keys.empty() || !dice.chance(4)) keys.push_back(keyring_.find(key));
    }
    // An account that nobody has: any key will do, the envelope is skipped.
    if (keys.empty())
        keys.push_back(keyring_.find(founding_.genesis.authorities(0).policy().keys(0)));
    return sign_envelope(body, keys);
}

ledger::VerifiedEnvelope RandomLedger::envelope_of(Dice& dice) {
    if (!sent_.empty() && dice.chance(3)) return dice.pick(sent_);
    World world{state_, founding_.ledger_id, block_.now, dice, keyring_, sealed_};
    while (true) {
        auto move = choose(world);
        go_to_successors(move, world);
        if (dice.chance(6)) go_wrong(move, world);
        if (is_about_new_rules(move.body)) continue;
        if (dice.chance(2)) move.co_signers.push_back(dice.pick(world.accounts()));
        std::erase(move.co_signers, move.account);
        std::set<std::string> co_signers{move.co_signers.begin(), move.co_signers.end()};

        auto& body = move.body;
        body.set_ledger_id(dice.chance(1) ? dice.bytes(32) : founding_.ledger_id.str());
        body.set_account(dice.chance(1) ? move.account + "/nobody" : move.account);
        for (const auto& co_signer : co_signers) body.add_co_signers(co_signer);
        body.set_nonce(dice.bytes(nonce_bytes));
        body.set_valid_until(random_validity(dice, block_.now));
        auto decoded = decode_envelope(sign(body, dice));
        // Malformed envelopes never reach a block: somebody thinks again.
        if (!decoded || ledger::check_action(decoded->body)) continue;
        auto envelope = std::make_shared<const DecodedEnvelope>(std::move(decoded).value());
        if (sent_.size() == sent_kept_max) sent_.erase(sent_.begin());
        sent_.push_back(envelope);
        return envelope;
    }
}

/// A report about a node of now, of before, or of nobody; now and then one that was made already.
pb::Misbehaviour RandomLedger::misbehaviour(Dice& dice) {
    World world{state_, founding_.ledger_id, block_.now, dice, keyring_, sealed_};
    auto authority = dice.chance(90) ? dice.pick(world.authorities()) : "ashford";
    const auto node = state_.get(authority_node_key(authority));
    const auto other = dice.below(4);
    const auto key = node && dice.chance(70) ? *PublicKey::from(node->public_key())
                                             : node_key(keyring_, authority, other).public_key();
    pb::Misbehaviour made;
    made.set_kind(dice.chance(80) ? pb::MISBEHAVIOUR_KIND_DUPLICATE_VOTE
                                  : pb::MISBEHAVIOUR_KIND_LIGHT_CLIENT_ATTACK);
    made.set_address(address_of(key).str());
    made.set_height(dice.between(dice.chance(5) ? 0 : 1, block_.height));
    made.set_power(dice.between(3, 5));
    made.set_total_power(20);
    made.mutable_time()->set_seconds(static_cast<std::int64_t>(block_.now));
    return made;
}

void RandomLedger::begin_block() {
    ++block_.height;
    block_.envelopes.clear();
    block_.misbehaviours.clear();
    nodes_ = ledger::validators_of(state_);
    const auto handover = state_.get(handover_key());
    if (handover && block_.height == handover->initial_height())
        block_.chain_id = handover->chain_id();
}

void RandomLedger::execute() {
    block_.result = ledger::execute_block(
        founding_.ledger_id, state_, used_, due_,
        {block_.height, block_.now, block_.envelopes, block_.misbehaviours, block_.chain_id});
    state_.apply(block_.result.changes);
    for (const auto& entry : block_.result.entries)
        if (entry.valid_until() != 0)
            used_.insert(*EnvelopeId::from(entry.id()), entry.valid_until());
}

std::size_t RandomLedger::run_block(std::span<const Choice> choices) {
    ensure(!choices.empty(), "a block takes a choice");
    Dice first{choices.front()};
    const auto size = std::min<std::size_t>(first.between(1, 8), choices.size());
    begin_block();
    pass_time(first);
    // Now and then nobody acts, and only time passes.
    if (!first.chance(5))
        for (const auto choice : choices.first(size)) {
            Dice dice{choice ^ 0xA5A5A5A5A5A5A5A5U};
            block_.envelopes.push_back(envelope_of(dice));
        }
    for (auto left = first.chance(6) ? first.between(1, 2) : 0; left > 0; --left)
        block_.misbehaviours.push_back(misbehaviour(first));
    execute();
    return size;
}

void RandomLedger::run_tick() {
    begin_block();
    ++block_.now;
    execute();
}

std::vector<Choice> choices_of(std::uint64_t seed, std::size_t count) {
    Dice dice{seed ^ 0x5EED5EED5EED5EEDU};
    std::vector<Choice> choices(count);
    for (auto& choice : choices) choice = dice.next();
    return choices;
}

}  // namespace tallystick::model
