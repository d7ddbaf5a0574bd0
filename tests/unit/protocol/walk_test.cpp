#include "protocol/walk.hpp"

#include "protocol/trail.hpp"
#include "unit/catch.hpp"
#include "unit/protocol/long_chains.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

std::string name_of(const pb::Receipt& receipt, const Trust& trust) {
    const auto verified = verify_receipt(receipt_file(receipt), trust);
    if (verified) return "accepted";
    CHECK(receipt_error_sentence(verified.error()).ends_with("."));
    return std::string{receipt_error_name(verified.error())};
}

std::string walked(const pb::Receipt& receipt, const Trust& trust,
                   const FollowingClock* clock = nullptr) {
    const auto done = walk(receipt, trust, clock);
    return done ? "accepted" : std::string{receipt_error_name(done.error())};
}

/// A way without a statement: from `from` over the trail that is needed to `to`.
pb::Receipt way(const LongChain& chain, std::int64_t from, std::int64_t to) {
    pb::Receipt made;
    made.set_ledger_id(std::string(32, 'L'));
    *made.mutable_block() = chain.block(to);
    const auto trail = make_trail(chain.block(from), chain.block(to), [&](std::int64_t height) {
        return std::optional{chain.block(height)};
    });
    *made.add_trail() = chain.block(from);
    for (const auto& block : *trail) *made.add_trail() = block;
    return made;
}

/// Receipt of the handed over ledger with everything that leads from block 1.
pb::Receipt whole(const HandedOver& one) {
    auto receipt = one.balance(one.next.block(12, one.hash));
    *receipt.add_handovers() = one.record();
    return receipt;
}

}  // namespace

TEST_CASE("a receipt leads over a handover from the old trust file", "[walk]") {
    const HandedOver one;
    const auto trust = one.old.trust_at(1);
    CHECK(name_of(one.balance(one.next.block(12, one.hash)), trust) == "unknown_chain");
    CHECK(name_of(whole(one), trust) == "accepted");
    auto with_trail = whole(one);
    *with_trail.add_trail() = one.old.block(4);
    *with_trail.add_trail() = one.next.block(12);
    *with_trail.mutable_block() = one.next.block(13, one.hash);
    CHECK(name_of(with_trail, trust) == "accepted");
    // The first block of the new segment itself can carry a receipt.
    auto at_first = one.balance(one.first);
    *at_first.add_handovers() = one.record();
    CHECK(name_of(at_first, trust) == "accepted");
    // But it cannot stand in the trail again.
    *at_first.add_trail() = one.first;
    CHECK(name_of(at_first, trust) == "height_not_increasing");
}

TEST_CASE("every flipped byte of trail and handovers is rejected", "[walk]") {
    const HandedOver one;
    auto receipt = whole(one);
    *receipt.add_trail() = one.old.block(4);
    const auto trust = one.old.trust_at(1);
    const auto file = receipt_file(receipt);
    REQUIRE(verify_receipt(file, trust));
    for (std::size_t at = 0; at < file.size(); ++at) {
        auto flipped = file;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
        INFO("byte " << at);
        REQUIRE_FALSE(verify_receipt(flipped, trust));
    }
}

TEST_CASE("a handover out of its place is refused", "[walk]") {
    const HandedOver one;
    const auto trust = one.old.trust_at(1);
    auto receipt = one.balance(one.old.block(10, one.hash));
    CHECK(name_of(receipt, trust) == "accepted");
    *receipt.add_handovers() = one.record();
    CHECK(name_of(receipt, trust) == "handover_out_of_place");
    receipt = whole(one);
    *receipt.add_handovers() = one.record();
    CHECK(name_of(receipt, trust) == "other_chain");
    // Old blocks behind the handover are refused, though the old authority signs them.
    receipt = whole(one);
    *receipt.mutable_block() = one.old.block(12, one.hash);
    CHECK(name_of(receipt, trust) == "other_chain");
    // A handover whose last block nothing leads to.
    const LongChain stranger{"suffolk-1", {{1, {9}}}};
    CHECK(name_of(whole(one), stranger.trust_at(1)) == "listed_set_differs");
    receipt = whole(one);
    receipt.mutable_handovers(0)->mutable_first()->mutable_header()->set_app_hash("");
    CHECK(name_of(receipt, trust) == "handover_first_block");
}

TEST_CASE("trust file and handover record verify new receipts, and refuse the old chain's",
          "[walk]") {
    const HandedOver one;
    const auto added = add_handover(one.old.trust_at(1), one.record());
    REQUIRE(added);
    const auto text = serialise_trust(*added);
    const auto trust = parse_trust(text);
    REQUIRE(trust);
    CHECK(*trust == *added);
    CHECK(trust->segments.size() == 2);
    CHECK(trust->segments[0].validator_sets[0].last_height == 10);
    CHECK(authority_of(*trust, key_of(1).public_key().text()) == "authority-1");
    CHECK(name_of(one.balance(one.next.block(12, one.hash)), *trust) == "accepted");
    CHECK(name_of(whole(one), *trust) == "accepted");
    CHECK(name_of(one.balance(one.old.block(10, one.hash)), *trust) == "accepted");
    CHECK(name_of(one.balance(one.old.block(11, one.hash)), *trust) == "segment_ended");
    // By a step from a trusted block neither.
    auto receipt = one.balance(one.old.block(11, one.hash));
    *receipt.add_trail() = one.old.block(4);
    CHECK(name_of(receipt, *trust) == "segment_ended");
    // Once more changes nothing; another handover at the same place is a fork.
    CHECK(add_handover(*trust, one.record()).value() == *trust);
    HandedOver other;
    other.handover.set_decided_at(chain_begins + 7);
    other.begin_again();
    CHECK(receipt_error_name(add_handover(*trust, other.record()).error()) == "fork");
}

TEST_CASE("a handover is added only to a trust file that vouches for the old chain", "[walk]") {
    const HandedOver one;
    const auto refused = [&](const Trust& trust, const pb::HandoverRecord& record) {
        const auto added = add_handover(trust, record);
        return added ? "accepted" : std::string{receipt_error_name(added.error())};
    };
    CHECK(refused(LongChain{"norfolk-1", {{1, {1}}}}.trust_at(1), one.record()) == "unknown_chain");
    CHECK(refused(LongChain{"suffolk-1", {{1, {9}}}}.trust_at(1), one.record()) ==
          "listed_set_differs");
    auto trust = one.old.trust_at(1);
    trust.segments[0].validator_sets[0].last_height = 5;
    CHECK(refused(trust, one.record()) == "not_trusted");
    // The trust file has seen the old chain go on behind the alleged end.
    CHECK(refused(one.old.trust_at(1), one.record()) == "accepted");
    trust = one.old.trust_at(12);
    trust.segments[0].validator_sets[0].first_height = 1;
    CHECK(refused(trust, one.record()) == "handover_not_the_last_block");
    trust = one.old.trust_at(1);
    trust.segments[0].validator_sets[0].last_height = 12;
    CHECK(refused(trust, one.record()) == "handover_not_the_last_block");
    auto damaged = one.record();
    damaged.mutable_record()->set_present(false);
    CHECK(refused(one.old.trust_at(1), damaged).starts_with("handover_"));
    CHECK(refused(one.old.trust_at(1), pb::HandoverRecord{}) == "handover_incomplete");
    trust = one.old.trust_at(1);
    trust.ledger_id = *LedgerId::from(std::string(32, 'M'));
    CHECK(walked(whole(one), trust) == "other_ledger");
}

TEST_CASE("a chain is followed through membership changes by a trail", "[walk]") {
    const LongChain chain{
        "suffolk-1",
        {{1, {1, 2, 3, 4}}, {100, {3, 4, 5, 6}}, {200, {5, 6, 7, 8}}, {300, {11, 12, 13}}}};
    const auto trust = chain.trust_at(1);
    for (const std::int64_t to : {2, 99, 100, 199, 200, 250, 299, 300, 301, 400}) {
        INFO("to " << to);
        CHECK(walked(way(chain, 1, to), trust) == "accepted");
    }
    // Without the trail nothing leads there.
    auto bare = way(chain, 1, 250);
    bare.clear_trail();
    CHECK(walked(bare, trust) == "listed_set_differs");
    // A gap in the trail over which too few sign.
    auto gap = way(chain, 1, 400);
    gap.clear_trail();
    *gap.add_trail() = chain.block(1);
    CHECK(walked(gap, trust) == "not_enough_trust");
}

TEST_CASE("one who follows needs timely steps, the first from the trust file", "[walk]") {
    const LongChain chain{"suffolk-1", {{1, {1, 2, 3, 4}}, {100, {3, 4, 5, 6}}}};
    auto trust = chain.trust_at(1);
    const auto to = way(chain, 1, 150);
    FollowingClock clock;
    clock.trusting_period_seconds = 200;
    clock.drift_seconds = 1;
    clock.now = make_timestamp(chain_begins + 151, 0);
    CHECK(walked(to, trust, &clock) == "accepted");
    clock.now = make_timestamp(chain_begins + 149, 0);
    CHECK(walked(to, trust, &clock) == "from_the_future");
    clock.now = make_timestamp(chain_begins + 202, 0);
    CHECK(walked(to, trust, &clock) == "trust_expired");
    CHECK(walked(to, trust) == "accepted");  // a receipt is judged without a clock
    // Over a handover too.
    const HandedOver one;
    clock.now = make_timestamp(chain_begins + 13, 0);
    CHECK(walked(whole(one), one.old.trust_at(1), &clock) == "accepted");
    clock.now = make_timestamp(chain_begins + 10, 0);
    clock.drift_seconds = 1;
    CHECK(walked(whole(one), one.old.trust_at(1), &clock) == "from_the_future");
    // A trust file with a fresh header does it again.
    clock.now = make_timestamp(chain_begins + 202, 0);
    trust = extend_trust(trust, to);
    CHECK(walked(way(chain, 150, 201), trust, &clock) == "accepted");
}

TEST_CASE("what was walked extends the trust file", "[walk]") {
    const LongChain chain{"suffolk-1", {{1, {1, 2, 3, 4}}, {100, {3, 4, 5, 6}}}};
    auto to = way(chain, 1, 150);
    // Every change on the way, as a node shows it: then the sets' heights are exact.
    to.clear_trail();
    *to.add_trail() = chain.block(1);
    *to.add_trail() = chain.block(100);
    const auto trust = extend_trust(chain.trust_at(1), to);
    const auto& segment = trust.segments[0];
    CHECK(segment.trusted.height == 150);
    REQUIRE(segment.validator_sets.size() == 2);
    CHECK(segment.validator_sets[0].last_height == 99);
    CHECK(segment.validator_sets[1].first_height == 100);
    CHECK_FALSE(segment.validator_sets[1].last_height);
    CHECK(segment.validator_sets[1].validators.size() == 4);
    CHECK(parse_trust(serialise_trust(trust)).value() == trust);
    // Older receipts and newer ones need no trail now.
    for (const std::int64_t height : {1, 50, 99, 100, 149, 151, 1000}) {
        auto bare = way(chain, height, height);
        bare.clear_trail();
        INFO("height " << height);
        CHECK(walked(bare, trust) == "accepted");
    }
    // Members of the past cannot speak for the present.
    const LongChain past{"suffolk-1", {{1, {1, 2, 3, 4}}}};
    auto forged = way(past, 120, 120);
    forged.clear_trail();
    CHECK(walked(forged, trust) == "listed_set_differs");
    *forged.add_trail() = chain.block(1);
    CHECK(walked(forged, trust) == "listed_set_differs");
    // A set that comes back is listed anew.
    const LongChain back{"suffolk-1",
                         {{1, {1, 2, 3, 4}}, {100, {3, 4, 5, 6}}, {200, {1, 2, 3, 4}}}};
    auto again = way(back, 150, 250);
    *again.add_trail() = back.block(200);
    const auto three = extend_trust(trust, again);
    REQUIRE(three.segments[0].validator_sets.size() == 3);
    CHECK(three.segments[0].validator_sets[2].first_height == 200);
    // A handover closes the old segment.
    const HandedOver one;
    const auto handed = extend_trust(one.old.trust_at(1), whole(one));
    CHECK(handed.segments.size() == 2);
    CHECK(handed.segments[1].trusted.height == 12);
    CHECK(handed.segments[1].validator_sets[0].first_height == 11);
}

TEST_CASE("two blocks of one height by the trusted members are a fork", "[walk]") {
    const LongChain chain{"suffolk-1", {{1, {1, 2, 3, 4}}}};
    const auto other = chain.block(9, *Hash::from(std::string(32, 'x')));
    CHECK(is_fork(chain.block(9), other, SlotRule::blank));
    const auto trust = chain.trust_at(9);
    pb::Receipt forged = way(chain, 9, 9);
    forged.clear_trail();
    *forged.mutable_block() = other;
    CHECK(walked(forged, trust) == "fork");
    forged = way(chain, 9, 20);
    *forged.mutable_trail(0) = other;
    CHECK(walked(forged, trust) == "fork");
}
