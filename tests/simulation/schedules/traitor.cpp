#include <algorithm>

#include "node/engine/bundle.hpp"
#include "protocol/canonical.hpp"
#include "simulation/schedules/schedule.hpp"

/// What a traitor sends: to the others' mempools, and in its own proposals.
namespace tallystick::simulation {
namespace {

struct Forgery {
    pb::BundleBody body;
    bool false_signature = false;
    std::string tail;  ///< appended to the bytes
};

std::string bundle_of(const Forgery& forgery, const SigningKey& key) {
    pb::Bundle bundle;
    bundle.set_body(canonical_bytes(forgery.body));
    auto message = tagged_message(domain::bundle, {bundle.body()});
    if (forgery.false_signature) message.push_back('!');
    bundle.set_signature(key.sign(bytes_of(message)).str());
    return canonical_bytes(bundle) + forgery.tail;
}

}  // namespace

std::string Schedule::evil_tx(Machine& traitor) {
    Forgery forgery;
    auto& body = forgery.body;
    body.set_node_key(traitor.key().public_key().str());
    body.set_chain_id(genesis_.chain_id);
    body.set_time_ms(traitor.wall_ms());
    body.set_counter(dice_.below(1'000'000'000));
    const auto& sent = people_->sent();
    const auto some_envelope = [&] {
        return sent.empty() ? std::string{"none"} : dice_.pick(sent).envelope->bytes;
    };
    switch (dice_.below(12)) {
        case 0: return dice_.bytes(static_cast<std::size_t>(dice_.between(1, 200)));
        case 1: forgery.false_signature = true; break;
        case 2: {  // an envelope whose signature is false
            auto bytes = some_envelope();
            bytes.back() = static_cast<char>(bytes.back() ^ 1);
            body.add_envelopes(bytes);
            break;
        }
        case 3: {  // of a node that nobody knows
            const auto& stranger = keyring_.key("stranger", 0);
            body.set_node_key(stranger.public_key().str());
            body.add_envelopes(some_envelope());
            return bundle_of(forgery, stranger);
        }
        case 4:  // what was ordered before
            if (!old_txs_.empty()) return dice_.pick(old_txs_);
            break;
        case 5: {  // too many envelopes
            const auto envelope = some_envelope();
            for (std::size_t i = 0; i <= node::bundle_envelopes_max; ++i)
                body.add_envelopes(envelope);
            break;
        }
        case 6:  // too many bytes; one is like another, and they are dear
            if (too_large_tx_.empty()) {
                body.add_envelopes(std::string(node::bundle_bytes_max + 1, 'x'));
                too_large_tx_ = bundle_of(forgery, traitor.key());
            }
            return too_large_tx_;
        case 7: body.set_chain_id("another-1"); break;
        case 8: forgery.tail = std::string{"\x7a\x01x"}; break;
        case 9:  // one envelope many times, and in any order
            for (std::uint64_t i = dice_.between(1, 20); i > 0; --i)
                body.add_envelopes(some_envelope());
            break;
        case 10: {  // cut off
            auto bytes = some_envelope();
            bytes.resize(bytes.size() / 2);
            body.add_envelopes(bytes);
            break;
        }
        case 11: body.set_time_ms(dice_.next()); break;
        default: break;
    }
    return bundle_of(forgery, traitor.key());
}

void Schedule::alter_proposal(Machine& traitor, std::vector<std::string>& txs) {
    for (const auto& tx : txs) old_txs_.push_back(tx);
    if (!faults_go_on_ || !dice_.chance(40)) return;
    count("traitor's proposals");
    switch (dice_.below(4)) {
        case 0: txs.push_back(evil_tx(traitor)); break;
        case 1: txs.insert(txs.begin(), evil_tx(traitor)); break;
        case 2:
            if (!txs.empty()) txs.push_back(txs.front());
            break;
        case 3: std::ranges::reverse(txs); break;
        default: break;
    }
}

void Schedule::plan_treason() {
    const auto traitor =
        std::ranges::find_if(machines_, [](const auto& machine) { return machine->is_traitor(); });
    if (traitor == machines_.end()) return;
    auto& machine = **traitor;
    timeline_.after(dice_.between(50, 1500), [this, &machine] {
        if (!faults_go_on_) {
            if (machine.engine() != nullptr) machine.engine()->equivocate(false);
            return;
        }
        if (machine.is_listening() && machine.is_up()) {
            if (dice_.chance(20)) machine.engine()->equivocate(dice_.chance(50));
            // A flood now and then.
            auto count_left = dice_.chance(5) ? dice_.between(50, 400) : dice_.between(1, 3);
            for (; count_left > 0; --count_left) {
                Message message;
                message.kind = Message::Kind::tx;
                message.tx = make_tx(evil_tx(machine));
                count("traitor's bundles");
                if (dice_.chance(70))
                    machine.broadcast(message);
                else
                    machine.send(some_machine().index(), message);
            }
        }
        plan_treason();
    });
}

}  // namespace tallystick::simulation
