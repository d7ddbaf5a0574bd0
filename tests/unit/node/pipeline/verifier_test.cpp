#include "node/pipeline/verifier.hpp"

#include <numeric>

#include "unit/catch.hpp"

namespace tallystick::node {
namespace {

VerifierOptions three_threads() {
    VerifierOptions options;
    options.threads = 3;
    return options;
}

}  // namespace

TEST_CASE("work that is spread is done once, part for part", "[node][pipeline]") {
    Verifier verifier{three_threads(), LedgerId{},
                      [] { return [](const DecodedEnvelope&) { return std::nullopt; }; },
                      [](std::vector<Job>) {}};
    for (std::size_t parts : {0U, 1U, 2U, 7U, 100U}) {
        std::vector<std::atomic<int>> done(parts);
        verifier.spread(parts, [&](std::size_t part) { ++done[part]; });
        for (const auto& times : done) CHECK(times == 1);
    }
}

TEST_CASE("nothing handed in is answered at once, and nothing is taken after the door is closed",
          "[node][pipeline]") {
    Verifier verifier{three_threads(), LedgerId{},
                      [] { return [](const DecodedEnvelope&) { return std::nullopt; }; },
                      [](std::vector<Job>) {}};
    bool called = false;
    verifier.submit({}, [&](std::vector<Answer> answers) { called = answers.empty(); });
    CHECK(called);
    verifier.stop_accepting();
    AnswerStatus status = AnswerStatus::done;
    verifier.submit({"x"}, [&](std::vector<Answer> answers) { status = answers[0].status; });
    CHECK(status == AnswerStatus::unavailable);
}

TEST_CASE("the budget counts envelopes and bytes and gives both back", "[node][pipeline]") {
    Budget budget{2, 100};
    CHECK(budget.take(60));
    CHECK_FALSE(budget.take(41));
    CHECK(budget.take(40));
    CHECK_FALSE(budget.take(0));
    budget.give_back(60);
    CHECK(budget.envelopes() == 1);
    CHECK(budget.bytes() == 40);
    CHECK(budget.take(60));
}

}  // namespace tallystick::node
