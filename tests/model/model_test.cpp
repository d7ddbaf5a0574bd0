#include <rapidcheck.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "ledger/laws/law.hpp"
#include "model/chain.hpp"
#include "model/naive_ledger.hpp"
#include "unit/catch.hpp"
#include "unit/ledger/laws_of.hpp"

/// Random ledgers against a naive second model and the laws. RC_PARAMS="seed=N max_success=N"
/// chooses other ledgers, more or fewer; a failure prints the seed, and the shortest choices that
/// still fail.
namespace tallystick::model {
namespace {

constexpr int ledger_actions_mean = 300;

/// How often each action and due item was done, over all ledgers of a run.
std::map<std::string, std::uint64_t>& done() {
    static std::map<std::string, std::uint64_t> counts;
    return counts;
}

void count_done(const Block& block) {
    const auto* oneof = pb::Body::descriptor()->FindOneofByName("action");
    for (std::size_t at = 0; at < block.envelopes.size(); ++at) {
        const auto entry = block.result.envelopes[at].entry;
        if (!entry || block.result.entries[*entry].outcome().status() != pb::STATUS_DONE) continue;
        const auto& body = block.envelopes[at]->body;
        ++done()[body.GetReflection()->GetOneofFieldDescriptor(body, oneof)->name()];
    }
    for (std::size_t at = 0; at < block.result.due_items; ++at) {
        const auto& due = block.result.entries[at].outcome().due();
        ++done()[pb::DueKind_Name(due.kind())];
        if (due.kind() != pb::DUE_KIND_PROPOSAL) continue;
        const auto& proposal =
            static_cast<const pb::Proposal&>(*block.result.changes.at(due.object()));
        const auto* kinds = pb::Change::descriptor()->FindOneofByName("change");
        const auto& change = proposal.change();
        ++done()[pb::ProposalStatus_Name(proposal.status()) + " " +
                 change.GetReflection()->GetOneofFieldDescriptor(change, kinds)->name()];
    }
}

/// Every deadline of the state, found afresh.
ledger::DueIndex due_afresh(const RandomLedger& ledger) {
    ledger::DueIndex due;
    for (const auto& [key, value] : ledger.state().leaves())
        ledger::refresh_due(due, ledger.founding().ledger_id, key, ledger.state());
    return due;
}

/// Empty when ledger and naive model agree after every block and every law holds.
std::string first_fault(std::uint64_t seed, std::span<const Choice> choices) {
    RandomLedger ledger{seed};
    NaiveLedger naive{ledger.founding().genesis, ledger.founding().ledger_id};
    for (auto left = choices; !left.empty();) {
        left = left.subspan(ledger.run_block(left));
        count_done(ledger.block());
        auto fault = naive.follow(ledger.block());
        if (fault.empty()) fault = naive.compare(ledger.state());
        if (!fault.empty()) return fault;
        const ledger::test::LawsOf laws{ledger.state().leaves()};
        if (!laws.broken().empty()) return "a law does not hold: " + laws.broken().front();
    }
    if (const auto breach = ledger::check_laws_in_full(ledger.state())) return breach_text(*breach);
    return due_afresh(ledger) == ledger.due() ? "" : "the index of deadlines is not the state's";
}

}  // namespace

TEST_CASE("random ledgers do what a naive model says, and keep every law", "[model]") {
    const auto choices = rc::gen::resize(
        2 * ledger_actions_mean,
        rc::gen::container<std::vector<Choice>>(
            rc::gen::noShrink(rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<Choice>()))));
    CHECK(rc::check("random ledgers", [&] {
        const auto seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>());
        const auto fault = first_fault(seed, *choices);
        if (!fault.empty()) RC_FAIL(fault);
    }));
    if (std::getenv("TALLYSTICK_COUNTS") != nullptr)
        for (const auto& [what, times] : done()) std::cout << what << ": " << times << '\n';
}

// Whatever compiler and build, a ledger that executes the same blocks has these roots. A change of
// them is a change of consensus. They are written anew with TALLYSTICK_WRITE_ROOTS=1.
TEST_CASE("three random ledgers have the roots that are kept", "[model][golden]") {
    const std::string path = TALLYSTICK_VECTORS "/roots.json";
    nlohmann::ordered_json made = nlohmann::ordered_json::array();
    for (const auto seed : std::vector<std::uint64_t>{1, 2, 3}) {
        RandomLedger ledger{seed};
        Trees trees{ledger};
        const auto note = [&] {
            const auto roots = trees.roots();
            made.push_back({{"seed", seed},
                            {"height", ledger.block().height},
                            {"state_root", to_hex(roots.state.view())},
                            {"log_root", to_hex(roots.log.view())},
                            {"log_size", roots.log_size},
                            {"app_hash", to_hex(roots.app().view())}});
        };
        note();
        const auto choices = choices_of(seed, ledger_actions_mean);
        for (std::span<const Choice> left{choices}; !left.empty();) {
            left = left.subspan(ledger.run_block(left));
            trees.add(ledger.block());
            if (left.empty() || ledger.block().height % 10 == 0) note();
        }
    }
    if (std::getenv("TALLYSTICK_WRITE_ROOTS") != nullptr)
        std::ofstream{path} << made.dump(1) << '\n';
    CHECK(nlohmann::ordered_json::parse(std::ifstream{path}) == made);
}

}  // namespace tallystick::model
