// Whatever well-formed actions the holders of the accounts send in whatever order, with time
// passing between them: no rule stops the process, a refused action changes nothing, and every law
// holds after every step and every due item.
#include <algorithm>

#include "fuzz/actions_world.hpp"
#include "fuzz/fuzz.hpp"
#include "ledger/actions/action.hpp"
#include "ledger/governance/nodes.hpp"
#include "ledger/laws/law.hpp"
#include "unit/ledger/governing.hpp"
#include "unit/ledger/story.hpp"

using namespace tallystick;
using fuzz::check;

namespace {

constexpr std::size_t steps_max = 24;
constexpr std::size_t due_items_max = 200;

class World {
  public:
    void take(const fuzz::Step& step, std::size_t number) {
        now_ += fuzz::seconds_waited(step);
        run_due_items();
        if (step.act == fuzz::Act::report) return take(fuzz::report_of(step));
        const auto body = fuzz::body_of(step, now_);
        if (ledger::check_action(body)) return;
        const std::vector<std::string> co_signers(body.co_signers().begin(),
                                                  body.co_signers().end());
        if (has_left(body.account()) ||
            std::ranges::any_of(co_signers, [&](const auto& each) { return has_left(each); }))
            return;
        const auto id = fuzz::id_of_step(number);
        const auto ledger_id = ledger::test::test_ledger();
        const ledger::Context context{ledger_id, id, body.account(), co_signers, now_};
        check(ledger::value_moved(body, state_, context) <= Amount::hundredths_max,
              "an envelope moves an amount");
        ledger::Draft draft{state_};
        if (ledger::execute_action(body, context, draft)) return;
        state_.apply(draft.changes());
        check_laws();
    }

  private:
    void take(const pb::Misbehaviour& report) {
        ledger::Draft draft{state_};
        const auto recorded = ledger::record_misbehaviour(report, 9, draft);
        check(recorded.has_value() || draft.changes().empty(), "what is passed over is not kept");
        state_.apply(draft.changes());
        check_laws();
    }

    /// A removed authority signs nothing: its envelopes do not reach the rules.
    [[nodiscard]] bool has_left(const std::string& account) const {
        return !state_.get_or_default(account_key(account)).successor().empty();
    }

    [[nodiscard]] std::set<ledger::DueItem> due() const {
        std::set<ledger::DueItem> items;
        for (const auto& [key, value] : state_.leaves())
            for (auto& item : ledger::due_items_of(ledger::test::test_ledger(), key, state_))
                if (item.time <= now_) items.insert(item);
        return items;
    }

    void run_due_items() {
        std::size_t done = 0;
        for (auto items = due(); !items.empty(); items = due()) {
            check(++done <= due_items_max, "a due item does not come back");
            ledger::Draft draft{state_};
            const auto handover = state_.get(handover_key());
            const std::string chain_id = handover ? handover->chain_id() : "east-anglia-1";
            (void)ledger::execute_due(*items.begin(), {9, chain_id}, draft);
            state_.apply(draft.changes());
            check_laws();
        }
    }

    void check_laws() const {
        const ledger::test::LawsOf laws{state_.leaves()};
        for (const auto& law : laws.broken()) check(false, law.c_str());
        if (const auto broken = ledger::check_laws_in_full(ledger::test::TestLeaves{state_}))
            check(false, ledger::breach_text(*broken).c_str());
    }

    ledger::test::MemoryState state_ = ledger::test::governed_world();
    std::uint64_t now_ = ledger::test::opened_at + ledger::test::day;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto rest = fuzz::text_of_input(data, size);
    World world;
    for (std::size_t number = 0; number < steps_max && rest.size() >= fuzz::step_bytes; ++number) {
        world.take(fuzz::step_from(rest.substr(0, fuzz::step_bytes)), number);
        rest.remove_prefix(fuzz::step_bytes);
    }
    return 0;
}
