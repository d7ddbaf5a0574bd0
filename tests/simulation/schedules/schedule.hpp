#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/cast.hpp"
#include "model/dice.hpp"
#include "node/data_folder.hpp"
#include "simulation/schedules/machine.hpp"
#include "simulation/schedules/people.hpp"
#include "simulation/schedules/reference.hpp"
#include "simulation/schedules/timeline.hpp"

namespace tallystick::simulation {

struct Settings {
    std::uint64_t seed = 1;
    Canary canary = Canary::none;
    bool trace = false;
    std::optional<std::size_t> nodes;  ///< else the dice say
    std::filesystem::path folder;      ///< for the disks; must not exist
};

/// What a schedule came to.
struct Outcome {
    std::optional<std::string> broken;  ///< what did not hold
    std::vector<std::string> last;      ///< the newest lines of the trace
    Hash digest;                        ///< of the whole trace
    std::uint64_t lines = 0;
    std::size_t nodes = 0;
    std::uint64_t blocks = 0;
    std::uint64_t envelopes = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t receipts = 0;
    std::map<std::string, std::uint64_t, std::less<>> counts;  ///< faults and other events by name
};

/// One network, from its genesis through faults to the end, where everything is checked. Everything
/// follows from the seed.
class Schedule {
  public:
    explicit Schedule(const Settings& settings);
    ~Schedule();
    Schedule(const Schedule&) = delete;
    Schedule& operator=(const Schedule&) = delete;

    [[nodiscard]] Outcome run();

    // What machines ask.
    [[nodiscard]] Timeline& timeline() noexcept { return timeline_; }
    [[nodiscard]] model::Dice& dice() noexcept { return dice_; }
    [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
    [[nodiscard]] const ChainGenesis& genesis() const noexcept { return genesis_; }
    [[nodiscard]] const model::Founding& founding() const noexcept { return founding_; }
    [[nodiscard]] const node::LoadedGenesis& loaded_genesis() const noexcept {
        return loaded_genesis_;
    }
    [[nodiscard]] SharedChecker& checker() noexcept { return checker_; }
    [[nodiscard]] Reference& reference() noexcept { return *reference_; }
    [[nodiscard]] People& people() noexcept { return *people_; }
    [[nodiscard]] std::vector<std::unique_ptr<Machine>>& machines() noexcept { return machines_; }
    [[nodiscard]] std::uint64_t true_wall_ms() const;
    /// Those that the newest block has decided.
    [[nodiscard]] const pb::ValidatorSet& newest_validators() const;
    [[nodiscard]] bool can_reach(std::size_t from, std::size_t to) const;
    [[nodiscard]] Millis delay();
    [[nodiscard]] bool is_lost();
    [[nodiscard]] std::size_t mempool_max() const noexcept { return mempool_max_; }
    [[nodiscard]] std::uint64_t retain_blocks() const noexcept { return retain_blocks_; }
    void note(std::size_t machine, const std::string& line);
    void count(std::string_view what);
    void answered(std::size_t machine, std::size_t place, const node::Answer& answer);
    void judged(std::size_t machine, const Block& block, bool accepted);
    void signed_twice(std::size_t machine, std::int64_t height);
    [[nodiscard]] bool is_true(const Evidence& evidence) const;
    /// A machine has gone down: somebody starts it again, sooner or later.
    void went_down(std::size_t machine);
    /// Acknowledges what stands in a proposal, as a planted bug would.
    void acknowledge_early(std::size_t machine, const abci_pb::ResponsePrepareProposal& proposal);

  private:
    void found();
    void run_until(Millis end);
    // faults.cpp
    void plan_faults();
    void plan_fault();
    void some_fault();
    void heal();
    [[nodiscard]] Machine& some_machine();
    [[nodiscard]] bool may_wipe(const Machine& machine) const;
    /// Nobody has signed anything above this height.
    [[nodiscard]] std::int64_t highest_signed() const;
    [[nodiscard]] const pb::ValidatorSet& validators_at(std::int64_t height) const;
    // traitor.cpp
    void plan_treason();
    [[nodiscard]] std::string evil_tx(Machine& traitor);
    friend class Machine;
    void alter_proposal(Machine& traitor, std::vector<std::string>& txs);
    // workload
    void plan_people();
    void send(std::size_t place, std::uint64_t wave);
    // check.cpp
    void settle();
    void check_all();
    void check_machine(Machine& machine);
    void check_acknowledged();
    void check_receipts(Machine& machine);
    [[nodiscard]] bool is_settled() const;
    [[nodiscard]] std::string describe() const;
    [[nodiscard]] std::size_t honest_up() const;

    Settings settings_;
    model::Dice dice_;
    Timeline timeline_;
    Trace trace_;
    model::Keyring keyring_;
    model::Founding founding_;
    node::LoadedGenesis loaded_genesis_;
    ChainGenesis genesis_;
    SharedChecker checker_;
    std::unique_ptr<Reference> reference_;
    std::unique_ptr<People> people_;
    std::vector<std::unique_ptr<Machine>> machines_;
    Outcome outcome_;

    // The network.
    Millis delay_least_ = 1;
    Millis delay_most_ = 20;
    unsigned loss_percent_ = 0;
    std::vector<int> group_;  ///< machines of different groups cannot reach each other
    std::size_t mempool_max_ = 20000;
    std::uint64_t retain_blocks_ = 0;

    bool faults_go_on_ = true;
    bool people_go_on_ = true;
    std::map<std::string, std::pair<bool, std::size_t>> verdicts_;  ///< on traitors' proposals
    std::set<std::pair<std::int64_t, std::string>> signed_twice_;
    std::vector<std::string> old_txs_;
    std::string too_large_tx_;
};

}  // namespace tallystick::simulation
