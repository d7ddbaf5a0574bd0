#include <algorithm>

#include "ledger/reports/contract_report.hpp"
#include "ledger/reports/needs.hpp"
#include "ledger/reports/queue.hpp"
#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {
namespace {

constexpr auto dimensions = {Dimension::supplier, Dimension::project, Dimension::resource,
                             Dimension::outcome, Dimension::ward};

ContractReport report_of(Story& story) {
    const TestLeaves leaves{story.state()};
    auto report = contract_report(leaves, bridge());
    REQUIRE(report);
    // However the table is cut, it adds up to the contract's totals.
    for (const auto dimension : dimensions) {
        Figures sum;
        for (const auto& group : grouped_by(*report, dimension)) sum += group.figures;
        CHECK(without_units(sum) == sum_of(*report));
        CHECK(sum.issued.hundredths == report->totals.issued());
        CHECK(sum.verified.hundredths == report->totals.retired());
        CHECK(sum.returned.hundredths == report->totals.returned());
        CHECK(sum.disputed.hundredths == report->totals.disputed());
        CHECK(sum.expired.hundredths + sum.unconfirmed.hundredths == report->totals.expired());
    }
    return *std::move(report);
}

/// 10 laptops for the food bank, 2 days for the youth club; the food bank asks for 6 and 3.
Story halfway() {
    Story story;
    story.award(builders, "award",
                {commitment(food_bank, laptop, 10), commitment(youth_club, bid_writer, 2)});
    story.wait_until(issued_at);
    CHECK(story.does(builders, transfer_awarded("award", 0, 10, food_bank)) == "done");
    const auto soon = story.now() + day;
    CHECK(story.does(food_bank, redeem({{laptop, 6}}, soon), {}, "ask") == "done");
    CHECK(story.does(food_bank, redeem({{laptop, 3}}, soon), {}, "no") == "done");
    CHECK(story.does(builders, accept("ask", soon)) == "done");
    CHECK(story.does(builders, decline("no")) == "done");
    CHECK(story.does(builders, record("ask", 0, 5, "photo")) == "done");
    CHECK(story.does(food_bank, confirm("ask", 0, 3)) == "done");
    CHECK(story.does(suffolk, verify("ask", 0, 2)) == "done");
    CHECK(story.does(food_bank, dispute("ask", 0, 1, pb::CELL_DELIVERED)) == "done");
    return story;
}

TEST_CASE("proposed against achieved, by resource in units and credits", "[ledger][reports]") {
    auto story = halfway();
    const auto report = report_of(story);
    const auto groups = grouped_by(report, Dimension::resource);
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].name == bid_writer);
    CHECK(groups[0].figures.promised == Quantity{2, 54'000});
    CHECK(groups[0].figures.transferred == Quantity{});
    const auto& laptops = groups[1].figures;
    CHECK(laptops.promised == Quantity{10, 50'000});
    CHECK(laptops.due == Quantity{10, 50'000});
    CHECK(laptops.issued == Quantity{10, 50'000});
    CHECK(laptops.transferred == Quantity{10, 50'000});
    CHECK(laptops.requested == Quantity{9, 45'000});
    CHECK(laptops.delivered == Quantity{5, 25'000});
    CHECK(laptops.confirmed == Quantity{3, 15'000});
    CHECK(laptops.verified == Quantity{2, 10'000});
    CHECK(laptops.disputed == Quantity{1, 5'000});
    CHECK(laptops.declined == Quantity{3, 15'000});
    CHECK(laptops.broken == Quantity{3, 15'000});
}

TEST_CASE("after the end: returned, lapsed, expired and unconfirmed in their own columns",
          "[ledger][reports]") {
    auto story = halfway();
    CHECK(story.does(food_bank, return_credits(7'000)) == "done");
    CHECK(story.does(builders, return_awarded("award", 1, 1), {suffolk}) == "done");
    story.wait_until(settling_ends);
    const auto report = report_of(story);
    const auto sum = sum_of(report);
    CHECK(sum.lapsed.hundredths == 5'000);
    CHECK(sum.unconfirmed.hundredths == 10'000);
    CHECK(sum.returned.hundredths == 7'000 + 27'000);
    // 8,000 + 5,000 that lapsed with the food bank, 27,000 with the youth club.
    CHECK(sum.expired.hundredths == 18'000 + 27'000);
    CHECK(report.unspent_by_project.at(food_bank).returned.hundredths == 7'000);
    CHECK(report.unspent_by_project.at(youth_club).expired.hundredths == 27'000);
}

TEST_CASE("what a supplier still has when the contract ends is reported as expired",
          "[ledger][reports]") {
    Story story;
    story.award(builders, "award", {commitment(youth_club, laptop, 10)}, deadline - day);
    story.wait_until(deadline - 1);
    CHECK(sum_of(report_of(story)).expired.hundredths == 0);
    story.wait_until(deadline);
    const auto groups = grouped_by(report_of(story), Dimension::resource);
    REQUIRE(groups.size() == 1);
    CHECK(groups[0].figures.expired == Quantity{10, 50'000});
    const TestLeaves leaves{story.state()};
    CHECK_FALSE(contract_report(leaves, nowhere()));
}

TEST_CASE("the queue says what waits for whom since when", "[ledger][reports]") {
    auto story = halfway();
    const TestLeaves leaves{story.state()};
    const auto told_of = [&](std::string_view account) {
        std::vector<std::string> texts;
        for (const auto& item : queue_of(leaves, account))
            texts.push_back(std::string{name_of(item.waiting)} + " " + std::to_string(item.units) +
                            " for " + item.waits_for);
        std::ranges::sort(texts);
        return texts;
    };
    using Texts = std::vector<std::string>;
    CHECK(told_of(food_bank) == Texts{"confirmation 1 for suffolk/food-bank"});
    CHECK(told_of(builders) == Texts{"delivery 1 for suffolk/builders"});
    CHECK(told_of(norfolk).empty());
    CHECK(told_of(suffolk) == Texts{"confirmation 1 for suffolk/food-bank",
                                    "delivery 1 for suffolk/builders", "resolution 1 for suffolk",
                                    "verification 1 for suffolk"});
    const auto items = queue_of(leaves, food_bank);
    CHECK(items[0].since == story.now());
    CHECK(items[0].until == settling_ends);
    CHECK(items[0].hundredths == 5'000);
    CHECK(items[0].redemption == bytes32("ask"));
}

TEST_CASE("the queue holds applications, bids and unanswered requests", "[ledger][reports]") {
    auto story = halfway();
    story.state().edit(accreditation_key(bridge(), choir), [](auto& accreditation) {
        accreditation.mutable_application()->set_applied_at(opened_at + 5);
    });
    const auto bidder = claim_on(bridge(), cleaners);
    story.state().edit(bid_key(bidder), [](auto& bid) {
        bid.set_revealed_at(bids_close + 7);
        bid.set_lines(2);
    });
    for (const std::uint32_t number : {0U, 1U})
        story.state().edit(revealed_line_key(bidder, number), [&](auto& line) {
            *line.mutable_line() = commitment(food_bank, laptop, 5);
            if (number == 0) line.set_award(bytes32("award"));
        });
    CHECK(story.does(food_bank, redeem({{laptop, 1}}, story.now() + day), {}, "new") == "done");
    const TestLeaves leaves{story.state()};
    const auto items = queue_of(leaves, suffolk);
    REQUIRE(items.size() == 7);
    CHECK(items[0].waiting == Waiting::application);
    CHECK(items[0].from == choir);
    CHECK(items[0].since == opened_at + 5);
    CHECK(items[1].waiting == Waiting::bid);
    CHECK(items[1].units == 1);
    CHECK(items[1].hundredths == 25'000);
    const auto answer = std::ranges::find(items, Waiting::answer, &QueueItem::waiting);
    REQUIRE(answer != items.end());
    CHECK(answer->waits_for == builders);
    CHECK(answer->until == story.now() + answering);
}

TEST_CASE("what waited for an authority that was removed waits for its successor",
          "[ledger][reports]") {
    auto story = halfway();
    const auto before = queue_of(TestLeaves{story.state()}, suffolk);
    REQUIRE(before.size() == 4);
    story.state().edit(account_key(suffolk),
                       [](auto& account) { account.set_successor(std::string{norfolk}); });
    const TestLeaves leaves{story.state()};
    const auto after = queue_of(leaves, norfolk);
    REQUIRE(after.size() == before.size());
    const auto verification = std::ranges::find(after, Waiting::verification, &QueueItem::waiting);
    REQUIRE(verification != after.end());
    CHECK(verification->waits_for == norfolk);
    CHECK(queue_of(leaves, suffolk).empty());
}

TEST_CASE("open proposals wait for those who have a vote and have not voted", "[ledger][reports]") {
    Story story;
    story.state().edit(authorities_key(), [](auto& authorities) {
        authorities.clear_handles();
        for (const auto* handle : {"essex", "norfolk", "suffolk"}) authorities.add_handles(handle);
    });
    const auto put = [&](std::string_view id, pb::ProposalStatus status, const char* proposer) {
        story.state().edit(proposal_key(bytes32(id)), [&](auto& proposal) {
            proposal.set_proposer(proposer);
            proposal.set_status(status);
            proposal.set_proposed_at(50);
            proposal.set_lapses_at(90);
            proposal.mutable_change()->mutable_take_power()->set_authority("essex");
            auto& ballot = *proposal.add_ballots();
            ballot.set_authority(proposer);
            ballot.set_choice(pb::CHOICE_YES);
        });
    };
    put("open", pb::PROPOSAL_STATUS_OPEN, "suffolk");
    put("decided", pb::PROPOSAL_STATUS_DECIDED, "suffolk");
    put("orphaned", pb::PROPOSAL_STATUS_OPEN, "kent");  // whoever proposed it has left
    const TestLeaves leaves{story.state()};
    const auto items = queue_of(leaves, norfolk);
    REQUIRE(items.size() == 1);
    CHECK(items[0].waiting == Waiting::vote);
    CHECK(name_of(items[0].waiting) == "vote");
    CHECK(items[0].proposal == bytes32("open"));
    CHECK(items[0].from == "suffolk");
    CHECK(items[0].since == 50);
    CHECK(items[0].until == 90);
    CHECK(queue_of(leaves, suffolk).empty());
    CHECK(queue_of(leaves, "essex").empty());  // it is about essex
}

TEST_CASE("needs that stand, and who could meet them", "[ledger][reports]") {
    auto story = halfway();
    const auto publish = [&](std::string_view id, std::string_view resource, std::uint64_t when) {
        pb::Need need;
        *need.mutable_contract() = bridge();
        need.set_project(food_bank);
        need.set_resource(std::string{resource});
        need.set_quantity(2);
        need.set_by_when(when);
        need.set_ward("orwell");
        story.state().put(need_key(bytes32(id)), need);
    };
    publish("later", laptop, story.now() + 2 * day);
    publish("sooner", bid_writer, story.now());
    publish("past", laptop, story.now() - 1);
    const TestLeaves leaves{story.state()};
    const auto needs = open_needs(leaves, story.now());
    REQUIRE(needs.size() == 2);
    CHECK(needs[0].id == bytes32("sooner"));
    CHECK(needs[1].unit_value == laptop_value);
    REQUIRE(needs[1].could_meet.size() == 1);
    CHECK(needs[1].could_meet[0].supplier == builders);
    CHECK(needs[1].could_meet[0].units_promised == 4);
    CHECK(needs[1].could_meet[0].hundredths_held == 20'000);
    CHECK(open_needs(leaves, deadline).empty());
}

}  // namespace
}  // namespace tallystick::ledger::test
