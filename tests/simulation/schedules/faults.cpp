#include <algorithm>

#include "protocol/ensure.hpp"
#include "simulation/schedules/schedule.hpp"

/// What goes wrong, when, and how it ends.
namespace tallystick::simulation {

Machine& Schedule::some_machine() {
    return *machines_[static_cast<std::size_t>(dice_.below(machines_.size()))];
}

void Schedule::plan_faults() {
    // Some schedules are quiet, some are not.
    const auto kind = dice_.below(10);
    if (kind == 0) return;
    plan_fault();
}

void Schedule::plan_fault() {
    const auto pause = dice_.between(100, dice_.chance(50) ? 1500 : 5000);
    timeline_.after(pause, [this] {
        if (!faults_go_on_) return;
        some_fault();
        plan_fault();
    });
}

void Schedule::went_down(std::size_t index) {
    const auto delay = dice_.chance(70) ? dice_.between(50, 2000) : dice_.between(2000, 15'000);
    timeline_.after(delay, [this, index] {
        auto& machine = *machines_[index];
        if (!machine.is_up() || machine.engine() == nullptr) machine.start();
    });
}

std::int64_t Schedule::highest_signed() const {
    std::int64_t highest = 0;
    for (const auto& each : machines_)
        highest = std::max({highest, each->files().height() + 1, each->files().last_signed.height});
    return highest;
}

bool Schedule::may_wipe(const Machine& machine) const {
    // Whoever comes back with nothing needs somebody who has everything, and signs nothing up to
    // the height that it may have signed: more than two thirds must be able to go on without it.
    if (retain_blocks_ != 0) return false;
    std::size_t whole = 0;
    bool somebody_has_all = false;
    for (const auto& other : machines_) {
        if (other->index() == machine.index() || other->is_traitor()) continue;
        if (!other->is_up()) return false;
        ++whole;
        somebody_has_all |= other->files().base() <= genesis_.initial_height;
    }
    if (whole < 2 || !somebody_has_all) return false;
    // The sets of these heights are decided already.
    for (auto height = static_cast<std::int64_t>(reference_->height()) + 1;
         height <= highest_signed(); ++height) {
        const auto& validators = validators_at(height);
        std::int64_t others = 0;
        for (const auto& other : machines_) {
            if (other->index() == machine.index() || other->is_traitor()) continue;
            const auto& last = other->files().last_signed;
            if (last.round == barred_round && last.height >= height) continue;
            const auto address = address_of(other->key().public_key()).str();
            if (const auto* known = find_validator(validators, address)) others += known->power();
        }
        if (others * 3 <= total_power(validators) * 2) return false;
    }
    return true;
}

void Schedule::some_fault() {
    auto& machine = some_machine();
    const auto index = machine.index();
    switch (dice_.below(13)) {
        case 0:
        case 1:
            machine.die_at_point(dice_.between(1, 40), false);
            note(index, "will die between two calls");
            break;
        case 2:
            machine.die_at_point(dice_.between(1, 40), true);
            note(index, "will lose its engine between two calls");
            break;
        case 3:
        case 4:
            machine.disk().die_at_write(dice_.between(1, 30));
            note(index, "will die between two writes");
            break;
        case 5:
            if (!machine.is_up()) break;
            count("power cuts");
            machine.die(true);
            break;
        case 6: {
            count("pauses");
            machine.pause();
            const auto length =
                dice_.chance(80) ? dice_.between(100, 4000) : dice_.between(8000, 15'000);
            timeline_.after(length, [this, index] { machines_[index]->go_on(); });
            break;
        }
        case 7: {
            count("partitions");
            for (auto& group : group_) group = static_cast<int>(dice_.below(2));
            trace_.note(timeline_.now(), "the network is cut");
            timeline_.after(dice_.between(500, 12'000), [this] {
                std::ranges::fill(group_, 0);
                trace_.note(timeline_.now(), "the network is whole");
            });
            break;
        }
        case 8: {
            count("clocks set");
            const auto by = static_cast<std::int64_t>(dice_.below(180'000)) - 90'000;
            machine.set_clock(by);
            note(index, "has its clock set by " + std::to_string(by));
            break;
        }
        case 9: {
            count("disks full");
            machine.disk().set_full(true);
            note(index, "has a full disk");
            timeline_.after(dice_.between(500, 6000), [this, index] {
                if (faults_go_on_) machines_[index]->make_room();
            });
            break;
        }
        case 10: {
            if (!machine.is_up() || machine.is_traitor() || !may_wipe(machine)) break;
            const bool only_ledger = dice_.chance(50);
            count(only_ledger ? "ledgers lost" : "disks lost");
            const auto highest = highest_signed();
            machine.die(false);
            machine.wipe(only_ledger, highest);
            if (!only_ledger && dice_.chance(60)) machine.want_snapshot();
            break;
        }
        case 11:
            count("shut down");
            machine.shut_down();
            break;
        case 12: {
            const auto hours = dice_.between(1, 40);
            count("nights");
            timeline_.sleep(hours * model::hour * 1000);
            trace_.note(timeline_.now(), std::to_string(hours) + " quiet hours");
            break;
        }
        default: ensure(false, "a fault is one of these");
    }
}

void Schedule::heal() {
    faults_go_on_ = false;
    loss_percent_ = 0;
    std::ranges::fill(group_, 0);
    for (const auto& machine : machines_) {
        machine->cancel_death();
        machine->set_clock(static_cast<std::int64_t>(dice_.below(1000)) - 500);
        machine->go_on();
        machine->make_room();
    }
    trace_.note(timeline_.now(), "all is well again");
}

}  // namespace tallystick::simulation
