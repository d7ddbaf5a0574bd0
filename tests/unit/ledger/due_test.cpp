#include "ledger/due.hpp"

#include "unit/ledger/story.hpp"

namespace tallystick::ledger::test {
namespace {

using Done = std::vector<std::string>;

Story awarded() {
    Story story;
    story.award(builders, "award", {commitment(youth_club, laptop, 10)});
    return story;
}

TEST_CASE("an issue falls due at the end of the standstill, not a second before", "[ledger][due]") {
    auto story = awarded();
    CHECK(story.wait_until(issued_at - 1).empty());
    CHECK(story.totals().issued() == 0);
    CHECK(story.totals().awarded() == 50'000);
    CHECK(story.wait_until(issued_at) == Done{"ISSUE: done"});
    CHECK(story.totals().issued() == 50'000);
    CHECK(story.totals().awarded() == 0);
    CHECK(story.promise(laptop).awarded() == 10);
    CHECK(story.awarded("award").pass_on_at() == passes_on_at);
    CHECK(story.wait_until(passes_on_at - 1).empty());
    CHECK(story.wait_until(passes_on_at) == Done{"PASS_ON: done"});
}

TEST_CASE("a pass-on that would come at the deadline or after is not stored", "[ledger][due]") {
    const auto pass_on_at = [](std::uint64_t standstill_ends) {
        Story story;
        story.award(builders, "award", {commitment(youth_club, laptop, 10)}, standstill_ends);
        story.wait_until(standstill_ends);
        return story.awarded("award").pass_on_at();
    };
    CHECK(pass_on_at(deadline - 30 * day - 1) == deadline - 1);
    CHECK(pass_on_at(deadline - 30 * day) == 0);
}

TEST_CASE("a late block judges a pass-on as of its due time", "[ledger][due]") {
    SECTION("accredited then, not any more: it is done") {
        auto story = awarded();
        story.state().with_grant(bridge(), youth_club, {}, {}, passes_on_at + 1);
        CHECK(story.wait_until(passes_on_at + 9 * day) == Done{"ISSUE: done", "PASS_ON: done"});
        CHECK(story.balance(youth_club).available() == 50'000);
    }
    SECTION("the last second is over: it is refused, and does not come back") {
        auto story = awarded();
        story.state().with_grant(bridge(), youth_club, {}, {}, passes_on_at);
        CHECK(story.wait_until(passes_on_at) ==
              Done{"ISSUE: done", "PASS_ON: refused: not_accredited"});
        CHECK(story.awarded("award").pass_on_at() == 0);
        story.state().with_grant(bridge(), youth_club, {}, {}, deadline);
        CHECK(story.wait_until(deadline - 1).empty());
    }
    SECTION("not accredited at all") {
        auto story = awarded();
        story.wait_until(issued_at);
        story.state().erase(accreditation_key(bridge(), youth_club));
        CHECK(story.wait_until(passes_on_at) == Done{"PASS_ON: refused: not_accredited"});
        CHECK(story.balance(builders).available() == 50'000);
    }
}

TEST_CASE("everything that fell due in a long silence is done in order of its time",
          "[ledger][due]") {
    auto story = awarded();
    // Issue, pass-on, and expiry of what came to the youth club, all in one late block.
    CHECK(story.wait_until(settling_ends + day) ==
          Done{"ISSUE: done", "PASS_ON: done", "EXPIRE: done"});
    CHECK(story.state().get(participant_key(bridge(), youth_club))->expired() == 50'000);
    CHECK(story.totals().expired() == 50'000);
}

TEST_CASE("a lapse before the deadline comes back and expires; one at the deadline only expires",
          "[ledger][due]") {
    const auto ended = [](std::uint64_t asked_at) {
        auto story = awarded();
        story.wait_until(passes_on_at);
        story.state().with_grant(bridge(), youth_club, {}, {}, deadline + day);
        story.wait_until(asked_at);
        CHECK(story.does(youth_club, redeem({{laptop, 10}}, deadline - 1), {}, "ask") == "done");
        const auto done = story.wait_until(deadline);
        CHECK(story.totals().expired() == 50'000);
        return std::pair{done, story.redemption("ask").status()};
    };
    CHECK(ended(deadline - answering - 1) ==
          std::pair{Done{"LAPSE: done", "EXPIRE: done"}, pb::REDEMPTION_STATUS_LAPSED});
    CHECK(ended(deadline - answering) ==
          std::pair{Done{"EXPIRE: done"}, pb::REDEMPTION_STATUS_ENDED});
}

TEST_CASE("items of one second run by kind, then by id", "[ledger][due]") {
    const auto item = [](std::uint64_t time, pb::DueKind kind, const std::string& object) {
        return DueItem{time, kind, due_id(test_ledger(), time, kind, object), object};
    };
    CHECK(item(1, pb::DUE_KIND_EXPIRE, "a") < item(2, pb::DUE_KIND_ISSUE, "a"));
    CHECK(item(1, pb::DUE_KIND_ISSUE, "a") < item(1, pb::DUE_KIND_PASS_ON, "a"));
    CHECK(item(1, pb::DUE_KIND_PASS_ON, "a") < item(1, pb::DUE_KIND_LAPSE, "a"));
    CHECK(item(1, pb::DUE_KIND_LAPSE, "a") < item(1, pb::DUE_KIND_EXPIRE, "a"));
    const auto a = item(1, pb::DUE_KIND_EXPIRE, "a");
    const auto b = item(1, pb::DUE_KIND_EXPIRE, "b");
    CHECK((a < b) == (a.id < b.id));
}

TEST_CASE("a due item's id is the hash that the format states", "[ledger][due]") {
    const std::string object = "object";
    const std::string time{"\x00\x00\x00\x00\x00\x00\x01\x02", 8};
    std::string hashed = "tallystick/due/1";
    hashed += '\0';
    hashed += test_ledger().str() + time + '\x03' + object;
    CHECK(due_id(test_ledger(), 0x102, pb::DUE_KIND_LAPSE, object) == sha256(hashed));
}

TEST_CASE("keys of which nothing falls due call for nothing", "[ledger][due]") {
    Story story;
    CHECK(story.due().empty());
    CHECK(due_items_of(test_ledger(), "", story.state()).empty());
    const auto absent = award_key(bytes32("no such award")).bytes;
    CHECK(due_items_of(test_ledger(), absent, story.state()).empty());
}

}  // namespace
}  // namespace tallystick::ledger::test
