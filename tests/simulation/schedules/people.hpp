#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/world.hpp"
#include "node/node_service.hpp"
#include "simulation/schedules/reference.hpp"

/// The people of a simulated ledger: what they do, and what their wallets remember.
namespace tallystick::simulation {

/// The authorities of a schedule, and how they begin. `count` of them with powers from the dice.
model::Founding found_network(model::Dice& dice, model::Keyring& keyring, std::size_t count);

/// An envelope that a wallet sends until it has an answer.
struct Sent {
    enum class State : std::uint8_t {
        open,          ///< no answer yet
        acknowledged,  ///< done or refused, for ever
        given_up,      ///< skipped: it cannot be taken any more, or nobody may sign so
    };
    ledger::VerifiedEnvelope envelope;
    State state = State::open;
    std::string entry;  ///< of the log, once acknowledged
    std::uint64_t tries = 0;
    std::uint64_t acknowledgements = 0;
};

class People {
  public:
    People(const Reference& reference, const LedgerId& ledger_id, model::Keyring& keyring,
           model::Dice dice);

    /// What authorities may propose: whom to admit (empty: nobody), whether one may be removed,
    /// whose node may get more power.
    void may_propose(std::string newcomer, bool may_leave,
                     std::function<bool(const std::string&)> may_gain_power) {
        newcomer_ = std::move(newcomer);
        may_leave_ = may_leave;
        may_gain_power_ = std::move(may_gain_power);
    }
    /// Somebody does something that makes sense, or nearly, in the newest state. The place in
    /// `sent`.
    [[nodiscard]] std::size_t act(std::uint64_t now_seconds);
    [[nodiscard]] Sent& at(std::size_t place) { return sent_.at(place); }
    [[nodiscard]] const std::vector<Sent>& sent() const noexcept { return sent_; }
    /// A node answered. Throws Broken where it contradicts an earlier answer.
    void answered(std::size_t place, const node::Answer& answer);
    [[nodiscard]] std::size_t open() const;

  private:
    [[nodiscard]] std::optional<model::Move> choose(model::World& world);
    [[nodiscard]] std::optional<model::Move> govern(model::World& world);
    [[nodiscard]] std::string sign(const pb::Body& body);

    const Reference& reference_;
    LedgerId ledger_id_;
    model::Keyring& keyring_;
    model::Dice dice_;
    std::map<std::string, model::SealedBid> sealed_;
    std::vector<Sent> sent_;
    std::string newcomer_;
    bool may_leave_ = false;
    std::function<bool(const std::string&)> may_gain_power_;
};

}  // namespace tallystick::simulation
