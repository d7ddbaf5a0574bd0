#include <algorithm>

#include "ledger/laws/law.hpp"
#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/receipt.hpp"
#include "simulation/schedules/schedule.hpp"

/// What must hold at the end, on every machine.
namespace tallystick::simulation {
namespace {

constexpr Millis settling_ms_max = 180'000;
constexpr Millis settling_step_ms = 500;
constexpr Millis silence_ms = 5'000;
constexpr std::size_t receipts_per_machine = 2;

Trust trust_of(const Reference& reference, const LedgerId& ledger_id, const std::string& chain_id) {
    Trust trust;
    trust.ledger_id = ledger_id;
    trust.name = "schedule";
    trust.trusting_period_seconds = 30 * model::day;
    TrustSegment segment;
    segment.chain_id = chain_id;
    segment.trusted.height = 1;
    segment.trusted.seconds = static_cast<std::int64_t>(model::genesis_time);
    segment.trusted.header_hash = *Hash::from(reference.header_hash_at(1));
    for (const auto& [first, set] : reference.validator_sets()) {
        if (!segment.validator_sets.empty())
            segment.validator_sets.back().last_height = static_cast<std::int64_t>(first) - 1;
        TrustedSet listed;
        listed.first_height = static_cast<std::int64_t>(first);
        for (const auto& validator : set.validators())
            listed.validators.push_back(
                {"authority", *PublicKey::from(validator.public_key()), validator.power()});
        segment.validator_sets.push_back(std::move(listed));
    }
    trust.segments.push_back(std::move(segment));
    return trust;
}

}  // namespace

std::size_t Schedule::honest_up() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        machines_, [](const auto& machine) { return machine->is_up() && !machine->is_traitor(); }));
}

bool Schedule::is_settled() const {
    if (people_->open() != 0) return false;
    return std::ranges::all_of(machines_, [&](const auto& machine) {
        if (machine->is_traitor()) return true;
        if (!machine->is_up() || machine->engine() == nullptr) return false;
        auto* daemon = machine->daemon();
        return daemon->application.height() == reference_->height() &&
               daemon->store->headers_until() == reference_->height();
    });
}

void Schedule::settle() {
    heal();
    const auto begun = timeline_.now();
    // Everybody goes on for a while, and must be served.
    run_until(begun + 3000);
    people_go_on_ = false;
    while (!is_settled()) {
        if (timeline_.now() > begun + settling_ms_max)
            throw Broken{"three minutes after the last fault the network has not settled"};
        run_until(timeline_.now() + settling_step_ms);
        if (people_->open() == 0 && honest_up() == 0)
            throw Broken{"no honest machine is up after the faults"};
    }
    // One more envelope through each honest node: each takes part again.
    for (const auto& machine : machines_) {
        const auto address = address_of(machine->key().public_key()).str();
        if (machine->is_traitor() || find_validator(newest_validators(), address) == nullptr)
            continue;
        // It may have become a node by a block that it has yet to see.
        for (const auto late = timeline_.now() + 30'000;
             machine->is_up() && machine->daemon()->application.height() != reference_->height();) {
            if (timeline_.now() > late)
                throw Broken{"machine " + std::to_string(machine->index()) + " stays behind"};
            run_until(timeline_.now() + settling_step_ms);
        }
        const auto place = people_->act(true_wall_ms() / 1000);
        note(machine->index(), "is sent the last envelope " + std::to_string(place));
        const auto limit = timeline_.now() + 30'000;
        if (!machine->submit(place))
            throw Broken{"machine " + std::to_string(machine->index()) + " is down at the end"};
        while (people_->at(place).state == Sent::State::open) {
            if (find_validator(newest_validators(), address) == nullptr) {
                send(place, 1);  // voted out meanwhile, it says so: the next one is asked
                break;
            }
            if (timeline_.now() > limit)
                throw Broken{"machine " + std::to_string(machine->index()) +
                             " gives no answer to the last envelope"};
            run_until(timeline_.now() + settling_step_ms);
        }
    }
    // Where nothing is left to do nothing is done.
    const auto limit = timeline_.now() + 60'000;
    for (;;) {
        const auto height = reference_->height();
        run_until(timeline_.now() + silence_ms);
        if (height == reference_->height() && is_settled()) break;
        if (timeline_.now() > limit)
            throw Broken{"the network does not fall silent though nothing is left to do"};
    }
}

void Schedule::check_machine(Machine& machine) {
    auto& daemon = *machine.daemon();
    const auto who = "machine " + std::to_string(machine.index()) + ": ";
    const auto snapshot = daemon.read_side.open();
    if (!snapshot) throw Broken{who + "cannot be read: " + snapshot.error().what};
    const auto& reader = **snapshot;
    if (const auto breach = ledger::check_laws_in_full(reader.state()))
        throw Broken{who + "a law is broken: " + ledger::breach_text(*breach)};
    if (reader.damage()) throw Broken{who + "damage: " + reader.damage()->what};
    for (auto height = reader.base_height() + 1; height <= reader.chain_height(); ++height) {
        const auto state = reader.app_state(height);
        if (!state) throw Broken{who + "an app state cannot be read: " + state.error().what};
        if (node::app_hash_of(*state).text() != reference_->app_hash_at(height))
            throw Broken{who + "another app hash at " + std::to_string(height)};
        const auto header = reader.header(height);
        if (!header) throw Broken{who + "a header cannot be read: " + header.error().what};
    }
    if (reader.log_size() != reference_->log_size()) throw Broken{who + "its log has another size"};
    for (auto index = reader.first_entry(); index < reader.log_size(); ++index) {
        const auto entry = reader.entry(index);
        if (!entry || *entry != reference_->entries()[index])
            throw Broken{who + "log entry " + std::to_string(index) + " differs"};
    }
}

void Schedule::check_acknowledged() {
    for (std::size_t place = 0; place < people_->sent().size(); ++place) {
        const auto& sent = people_->sent()[place];
        const auto found = reference_->find(sent.envelope->id);
        const auto which = "envelope " + std::to_string(place);
        if (found.size() > 1) throw Broken{which + " is in the log twice"};
        if (sent.state != Sent::State::acknowledged) continue;
        if (found.empty()) throw Broken{which + " was acknowledged and is not in the log"};
        if (!sent.entry.empty() && reference_->entries()[found.front()] != sent.entry)
            throw Broken{which + " was acknowledged with another outcome than the log's"};
    }
}

void Schedule::check_receipts(Machine& machine) {
    if (reference_->entries().empty()) return;
    const auto trust = trust_of(*reference_, founding_.ledger_id, genesis_.chain_id);
    const auto who = "machine " + std::to_string(machine.index()) + ": ";
    auto& daemon = *machine.daemon();
    const auto first = (*daemon.read_side.open())->first_entry_with_block();
    for (std::size_t i = 0; i < receipts_per_machine && first < reference_->entries().size(); ++i) {
        const auto index = dice_.between(first, reference_->entries().size() - 1);
        std::optional<Result<node::ProvedEntry, node::ReadError>> proved;
        daemon.read_side.prove_entry(index,
                                     [&](auto answer) { proved.emplace(std::move(answer)); });
        if (!proved) throw Broken{who + "a receipt waits for a header though all is quiet"};
        if (!*proved)
            throw Broken{who + "no receipt for entry " + std::to_string(index) + ": error " +
                         std::to_string(static_cast<int>(proved->error()))};
        pb::Receipt receipt;
        receipt.set_ledger_id(founding_.ledger_id.str());
        *receipt.mutable_app_state() = (*proved)->app_state;
        *receipt.mutable_block() = (*proved)->block;
        // As the API does it (node/trail.cpp).
        blank_slots(*receipt.mutable_block()->mutable_commit());
        *receipt.mutable_outcome() = (*proved)->item;
        receipt.set_envelope((*proved)->envelope);
        const auto verified = verify_receipt_message(canonical_bytes(receipt), trust);
        if (!verified)
            throw Broken{
                who + "a receipt is false: " + std::string{receipt_error_name(verified.error())}};
        ++outcome_.receipts;
    }
}

void Schedule::check_all() {
    check_acknowledged();
    for (const auto& machine : machines_) {
        if (machine->is_traitor()) continue;
        check_machine(*machine);
        check_receipts(*machine);
    }
}

}  // namespace tallystick::simulation
