#include "simulation/schedules/people.hpp"

#include <algorithm>

#include "ledger/actions/action.hpp"
#include "protocol/canonical.hpp"
#include "protocol/ensure.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::simulation {

model::Founding found_network(model::Dice& dice, model::Keyring& keyring, std::size_t count) {
    static const std::vector<std::string> handles{"ashford", "barrow", "corby", "dover",
                                                  "epsom",   "frome",  "goole"};
    ensure(count >= 1 && count <= handles.size(), "1 to 7 authorities");
    model::Founding founding;
    auto& genesis = founding.genesis;
    genesis.set_name("schedule");
    genesis.set_time(model::genesis_time);
    genesis.set_engine(pb::ENGINE_COMETBFT);
    auto& parameters = *genesis.mutable_parameters();
    parameters = ledger::default_parameters();
    parameters.set_reveal_seconds(dice.between(2, 8) * model::hour);
    parameters.set_pass_on_seconds(dice.between(12, 36) * model::hour);
    parameters.set_answer_seconds(dice.between(8, 30) * model::hour);
    parameters.set_accepted_date_after_wanted_seconds_max(12 * model::hour);
    parameters.set_undelivered_seconds(dice.between(6, 36) * model::hour);
    parameters.set_settling_seconds(model::day);
    parameters.set_proposal_seconds(dice.between(1, 48) * model::hour);
    if (dice.chance(30))
        parameters.set_due_items_per_block_max(static_cast<std::uint32_t>(dice.between(1, 3)));
    const bool equal = dice.chance(70);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& handle = handles[i];
        auto& authority = *genesis.add_authorities();
        authority.set_handle(handle);
        *authority.add_identifiers() = model::identifier_of(handle);
        *authority.add_names() = model::name_of(handle);
        *authority.mutable_policy() = model::random_policy(dice, keyring, handle, 0);
        authority.mutable_node()->set_public_key(
            model::node_key(keyring, handle).public_key().str());
        authority.mutable_node()->set_power(equal ? 10 : dice.between(6, 10));
    }
    founding.file.set_genesis(canonical_bytes(genesis));
    founding.ledger_id = LedgerId{sha256(founding.file.genesis()).bytes};
    for (const auto& authority : genesis.authorities()) {
        auto& proofs = *founding.file.add_proofs();
        for (const auto& key : authority.policy().keys())
            *proofs.add_proofs() =
                model::proof_of(keyring, key, founding.ledger_id, authority.handle());
    }
    return founding;
}

People::People(const Reference& reference, const LedgerId& ledger_id, model::Keyring& keyring,
               model::Dice dice)
    : reference_(reference), ledger_id_(ledger_id), keyring_(keyring), dice_(dice) {}

std::optional<model::Move> People::choose(model::World& world) {
    if (may_gain_power_ && dice_.chance(4)) return govern(world);
    unsigned total = 0;
    for (const auto& occasion : model::occasions()) total += occasion.weight;
    auto at = dice_.below(total);
    for (const auto& occasion : model::occasions()) {
        // What is proposed is chosen above: the network must be able to go on with it.
        if (at < occasion.weight)
            return occasion.make == &model::make_propose ? std::nullopt : occasion.make(world);
        at -= occasion.weight;
    }
    return std::nullopt;
}

std::string People::sign(const pb::Body& body) {
    std::vector<std::string> accounts = model::list_of(body.co_signers());
    accounts.push_back(body.account());
    std::vector<const SigningKey*> keys;
    for (const auto& handle : accounts) {
        const auto account = reference_.state().get(account_key(handle));
        if (!account) continue;
        for (const auto& key : account->policy().keys())
            if (const auto* found = keyring_.find(key); found != nullptr)
                if (keys.empty() || !dice_.chance(3)) keys.push_back(found);
    }
    ensure(!keys.empty(), "whoever acts has keys");
    return sign_envelope(body, keys);
}

std::size_t People::act(std::uint64_t now_seconds) {
    for (;;) {
        const auto now = std::max(now_seconds, reference_.block_seconds());
        model::World world{reference_.state(), ledger_id_, now, dice_, keyring_, sealed_};
        auto move = choose(world);
        if (!move) continue;
        std::erase(move->co_signers, move->account);
        const std::set<std::string> co_signers{move->co_signers.begin(), move->co_signers.end()};
        auto& body = move->body;
        body.set_ledger_id(ledger_id_.str());
        body.set_account(move->account);
        for (const auto& co_signer : co_signers) body.add_co_signers(co_signer);
        body.set_nonce(dice_.bytes(nonce_bytes));
        body.set_valid_until(now + dice_.between(model::day, validity_seconds_max - model::day));
        auto decoded = decode_envelope(sign(body));
        if (!decoded || ledger::check_action(decoded->body)) continue;
        Sent sent;
        sent.envelope = std::make_shared<const DecodedEnvelope>(std::move(decoded).value());
        sent_.push_back(std::move(sent));
        return sent_.size() - 1;
    }
}

void People::answered(std::size_t place, const node::Answer& answer) {
    auto& sent = sent_.at(place);
    switch (answer.status) {
        case node::AnswerStatus::done:
        case node::AnswerStatus::refused: {
            if (!answer.logged) throw Broken{"an outcome was acknowledged without its entry"};
            const std::string entry{answer.logged->bytes};
            if (!sent.entry.empty() && sent.entry != entry)
                throw Broken{"two nodes acknowledged different outcomes of " +
                             short_hex(sent.envelope->id.text())};
            sent.state = Sent::State::acknowledged;
            sent.entry = entry;
            ++sent.acknowledgements;
            break;
        }
        case node::AnswerStatus::skipped:
            if (sent.state == Sent::State::open && answer.code != "deadline_pending")
                sent.state = Sent::State::given_up;
            break;
        case node::AnswerStatus::malformed:
            throw Broken{"a sound envelope was called malformed: " + std::string{answer.code}};
        case node::AnswerStatus::busy:
        case node::AnswerStatus::unavailable: break;
    }
}

std::size_t People::open() const {
    return static_cast<std::size_t>(std::ranges::count(sent_, Sent::State::open, &Sent::state));
}

}  // namespace tallystick::simulation
