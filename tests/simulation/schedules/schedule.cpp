#include "simulation/schedules/schedule.hpp"

#include <algorithm>

#include "ledger/validators.hpp"
#include "node/engine/bundle.hpp"
#include "protocol/ensure.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::simulation {
namespace {

/// Between the genesis and the first look at a clock.
constexpr std::uint64_t after_genesis_ms = 60'000;
constexpr Millis wallet_patience_ms = 4000;

}  // namespace

Schedule::Schedule(const Settings& settings)
    : settings_(settings), dice_(settings.seed), trace_(settings.trace) {
    found();
}

Schedule::~Schedule() = default;

void Schedule::found() {
    static constexpr std::array<std::size_t, 12> sizes{1, 2, 3, 3, 4, 4, 4, 4, 4, 5, 6, 7};
    const auto rolled = dice_.pick(sizes);
    const auto count = settings_.nodes.value_or(rolled);
    founding_ = found_network(dice_, keyring_, count);
    auto loaded = node::loaded_genesis_from(founding_.file);
    ensure(loaded.ok(), "a simulated ledger's genesis can be loaded");
    loaded_genesis_ = std::move(loaded).value();
    genesis_.chain_id = loaded_genesis_.chain_id;
    genesis_.initial_height = 1;
    genesis_.time = make_timestamp(static_cast<std::int64_t>(founding_.genesis.time()), 0);
    reference_ =
        std::make_unique<Reference>(founding_.genesis, founding_.ledger_id, genesis_.chain_id);
    genesis_.validators = ledger::validators_of(reference_->state());
    people_ = std::make_unique<People>(*reference_, founding_.ledger_id, keyring_,
                                       model::Dice{dice_.next()});
    std::filesystem::create_directories(settings_.folder);
    std::vector<std::string> handles;
    for (const auto& authority : founding_.genesis.authorities())
        handles.push_back(authority.handle());
    const std::string newcomer = count < 7 && dice_.chance(30) ? "hythe" : "";
    if (!newcomer.empty()) handles.push_back(newcomer);
    for (std::size_t i = 0; i < handles.size(); ++i) {
        machines_.push_back(
            std::make_unique<Machine>(*this, i, model::node_key(keyring_, handles[i])));
        machines_.back()->set_clock(static_cast<std::int64_t>(dice_.below(4000)) - 2000);
        group_.push_back(0);
    }
    // Fewer than a third of the power may be traitors'.
    if (count >= 4 && dice_.chance(50)) {
        const auto traitor = dice_.below(count);
        const auto power = founding_.genesis.authorities(static_cast<int>(traitor)).node().power();
        if (static_cast<std::int64_t>(power) * 3 < total_power(genesis_.validators))
            machines_[static_cast<std::size_t>(traitor)]->make_traitor();
    }
    std::string traitors_handle;
    for (std::size_t i = 0; i < handles.size(); ++i)
        if (machines_[i]->is_traitor()) traitors_handle = handles[i];
    if (dice_.chance(60))
        people_->may_propose(
            newcomer, traitors_handle.empty(),
            [traitors_handle](const std::string& handle) { return handle != traitors_handle; });
    delay_least_ = dice_.between(1, 5);
    delay_most_ = delay_least_ + dice_.between(5, 120);
    if (dice_.chance(40)) loss_percent_ = static_cast<unsigned>(dice_.between(1, 15));
    if (dice_.chance(15)) mempool_max_ = static_cast<std::size_t>(dice_.between(2, 10));
    if (dice_.chance(30)) retain_blocks_ = dice_.between(5, 30);
    outcome_.nodes = handles.size();
}

const pb::ValidatorSet& Schedule::newest_validators() const {
    return reference_->validator_sets().rbegin()->second;
}

const pb::ValidatorSet& Schedule::validators_at(std::int64_t height) const {
    const auto& sets = reference_->validator_sets();
    return std::prev(sets.upper_bound(static_cast<std::uint64_t>(height)))->second;
}

std::uint64_t Schedule::true_wall_ms() const {
    return model::genesis_time * 1000 + after_genesis_ms + timeline_.steady();
}

bool Schedule::can_reach(std::size_t from, std::size_t to) const {
    return group_[from] == group_[to] && machines_[to]->is_listening() &&
           machines_[from]->is_listening();
}

Millis Schedule::delay() {
    return dice_.between(delay_least_, delay_most_);
}

bool Schedule::is_lost() {
    return loss_percent_ != 0 && dice_.chance(loss_percent_);
}

void Schedule::note(std::size_t machine, const std::string& line) {
    trace_.note(timeline_.now(), std::to_string(machine) + " " + line);
}

void Schedule::count(std::string_view what) {
    const auto found = outcome_.counts.find(what);
    if (found != outcome_.counts.end())
        ++found->second;
    else
        outcome_.counts.emplace(what, 1);
}

void Schedule::run_until(Millis end) {
    while (timeline_.run_next(end)) {
        // What others' threads would do meanwhile.
        auto& backlog = checker_.backlog();
        while (!backlog.empty() && dice_.chance(70)) {
            const auto work = std::move(backlog.front());
            backlog.pop_front();
            work();
        }
    }
    timeline_.reach(end);
}

Outcome Schedule::run() {
    try {
        for (const auto& machine : machines_) machine->start();
        plan_people();
        plan_faults();
        plan_treason();
        run_until(dice_.between(15'000, 40'000));
        settle();
        check_all();
    } catch (const Broken& broken) {
        outcome_.broken = broken.what + "\n" + describe();
    }
    outcome_.last.assign(trace_.last().begin(), trace_.last().end());
    outcome_.digest = trace_.digest();
    outcome_.lines = trace_.lines();
    outcome_.blocks = reference_->height();
    outcome_.envelopes = people_->sent().size();
    for (const auto& sent : people_->sent())
        if (sent.state == Sent::State::acknowledged) ++outcome_.acknowledged;
    return outcome_;
}

std::string Schedule::describe() const {
    std::string text = "  at " + std::to_string(timeline_.now()) + " ms, height " +
                       std::to_string(reference_->height()) + ", " +
                       std::to_string(people_->open()) + " envelopes open\n";
    for (const auto& machine : machines_) text += "  " + machine->describe() + "\n";
    return text;
}

// --- People

void Schedule::plan_people() {
    const auto pause = dice_.chance(30) ? dice_.between(20, 200) : dice_.between(200, 1500);
    timeline_.after(pause, [this] {
        if (!people_go_on_) return;
        const auto place = people_->act(true_wall_ms() / 1000);
        count("envelopes");
        send(place, 1);
        // The same envelope through another node, now and then.
        if (dice_.chance(10)) {
            count("sent twice");
            send(place, 1);
        }
        plan_people();
    });
}

void Schedule::send(std::size_t place, std::uint64_t wave) {
    auto& sent = people_->at(place);
    if (sent.state != Sent::State::open) return;
    ++sent.tries;
    auto& machine = some_machine();
    note(machine.index(), "is sent envelope " + std::to_string(place));
    if (!machine.submit(place)) count("no answer");
    // Whoever hears nothing asks somebody again.
    timeline_.after(wallet_patience_ms * std::min<std::uint64_t>(wave, 3),
                    [this, place, wave] { send(place, wave + 1); });
}

void Schedule::answered(std::size_t machine, std::size_t place, const node::Answer& answer) {
    note(machine, "answers envelope " + std::to_string(place) + ": " +
                      std::string{node::answer_status_name(answer.status)} + " " +
                      std::string{answer.code});
    // A traitor's word counts for nothing.
    if (machines_[machine]->is_traitor()) return;
    people_->answered(place, answer);
}

void Schedule::acknowledge_early(std::size_t machine,
                                 const abci_pb::ResponsePrepareProposal& proposal) {
    for (const auto& tx : proposal.txs()) {
        const auto bundle = node::parse_bundle(tx);
        if (!bundle) continue;
        for (std::size_t place = 0; place < people_->sent().size(); ++place) {
            auto& sent = people_->at(place);
            const auto is_in = std::ranges::any_of(bundle->envelopes, [&](std::string_view bytes) {
                return bytes == sent.envelope->bytes;
            });
            if (!is_in || sent.state != Sent::State::open) continue;
            note(machine, "answers envelope " + std::to_string(place) + " too early");
            sent.state = Sent::State::acknowledged;
        }
    }
}

// --- Judgements

void Schedule::judged(std::size_t machine, const Block& block, bool accepted) {
    if (machines_[machine]->is_traitor()) return;
    const auto* proposer = &block.header.proposer_address();
    bool by_traitor = false;
    for (const auto& each : machines_)
        if (address_of(each->key().public_key()).text() == *proposer)
            by_traitor = each->is_traitor();
    if (!accepted) note(machine, "refuses proposal " + short_hex(block.hash()));
    if (!by_traitor && !accepted)
        throw Broken{"machine " + std::to_string(machine) + " refused an honest proposal"};
    const auto [verdict, is_new] =
        verdicts_.try_emplace(block.hash(), std::pair{accepted, machine});
    if (is_new && !accepted) count("proposals refused");
    if (verdict->second.first != accepted)
        throw Broken{"machines " + std::to_string(verdict->second.second) + " and " +
                     std::to_string(machine) + " judge one proposal differently"};
}

void Schedule::signed_twice(std::size_t machine, std::int64_t height) {
    count("signed twice");
    signed_twice_.emplace(height, address_of(machines_[machine]->key().public_key()).str());
}

bool Schedule::is_true(const Evidence& evidence) const {
    return signed_twice_.contains({evidence.height, evidence.address});
}

}  // namespace tallystick::simulation
