#include "node/trail.hpp"

#include "node/api/routes/routes.hpp"
#include "node/trust_file.hpp"
#include "protocol/canonical.hpp"
#include "protocol/walk.hpp"
#include "unit/catch.hpp"
#include "unit/node/api/fake_node.hpp"
#include "unit/protocol/long_chains.hpp"

using namespace tallystick;
using namespace tallystick::node;
using namespace tallystick::test;

namespace {

/// A node that keeps a ledger handed over at block 10; in the new segment the members change at 100
/// and 200, so that nobody of the beginning is left.
struct Kept {
    HandedOver one;
    LongChain next{"suffolk-2", {{11, {1, 5, 6, 7}}, {100, {5, 6, 7, 8}}, {200, {8, 9, 10, 12}}}};
    FakeNode node;
    std::int64_t oldest = 1;
    mutable int fetched = 0;

    Kept() {
        one.next = next;
        one.begin_again();
        node.its_segments = {{"suffolk-1", 1}, {"suffolk-2", 11}};
        node.its_sets = {{1, set_of({1})},
                         {11, set_of({1, 5, 6, 7})},
                         {100, set_of({5, 6, 7, 8})},
                         {200, set_of({8, 9, 10, 12})}};
        node.its_handovers[2] = one.record();
        node.its_light_block = [this](std::uint64_t at) -> Result<pb::LightBlock, ReadError> {
            const auto height = static_cast<std::int64_t>(at);
            if (height < oldest || height > 300) return Failure{ReadError::not_found};
            ++fetched;
            return block(height);
        };
        node.its_head.height = 300;
        node.its_head.provable_height = 299;
    }

    [[nodiscard]] pb::LightBlock block(std::int64_t height) const {
        if (height == 10) return one.last;
        if (height == 11) return one.first;
        return height < 11 ? one.old.block(height) : next.block(height);
    }

    [[nodiscard]] pb::Receipt way(const Trails& trails, std::int64_t from, std::int64_t to,
                                  Trails::Show show = Trails::Show::needed) const {
        pb::Receipt made;
        made.set_ledger_id(std::string(32, 'L'));
        *made.mutable_block() = block(to);
        // What an engine recorded of one who did not vote; a receipt must not carry it.
        REQUIRE(trails.lead(static_cast<std::uint64_t>(from), show, made));
        return made;
    }
};

std::string walked(const pb::Receipt& receipt, const Trust& trust) {
    const auto done = walk(receipt, trust);
    return done ? "accepted" : std::string{receipt_error_name(done.error())};
}

}  // namespace

TEST_CASE("a node leads from any block that is trusted to any later one", "[trail]") {
    const Kept kept;
    const Trails trails{kept.node};
    for (const std::int64_t to : {2, 10, 11, 12, 99, 100, 150, 199, 200, 201, 300}) {
        INFO("to " << to);
        CHECK(walked(kept.way(trails, 1, to), kept.one.old.trust_at(1)) == "accepted");
        if (to > 150)
            CHECK(walked(kept.way(trails, 150, to), kept.next.trust_at(150)) == "accepted");
    }
}

TEST_CASE("nothing is shown that is not needed", "[trail]") {
    const Kept kept;
    const Trails trails{kept.node};
    CHECK(kept.way(trails, 1, 9).trail().empty());
    const auto over = kept.way(trails, 1, 50);
    CHECK(over.trail().empty());
    CHECK(over.handovers_size() == 1);
    CHECK(kept.way(trails, 150, 190).trail().empty());
    CHECK(kept.way(trails, 150, 190).handovers().empty());
    CHECK(kept.way(trails, 300, 200).trail().empty());
    CHECK(kept.way(trails, 210, 300).trail().empty());
    // A way that was found serves later blocks of the same members without another search.
    (void)kept.way(trails, 150, 290);
    const auto before = kept.fetched;
    CHECK(walked(kept.way(trails, 150, 295), kept.next.trust_at(150)) == "accepted");
    CHECK(kept.fetched - before <= 2);
}

TEST_CASE("one who follows is shown every change of members", "[trail]") {
    const Kept kept;
    const Trails trails{kept.node};
    const auto way = kept.way(trails, 1, 300, Trails::Show::changes);
    const auto trust = extend_trust(kept.one.old.trust_at(1), way);
    REQUIRE(trust.segments.size() == 2);
    CHECK(trust.segments[0].validator_sets.back().last_height == 10);
    const auto& sets = trust.segments[1].validator_sets;
    REQUIRE(sets.size() == 3);
    CHECK(sets[0].first_height == 11);
    CHECK(sets[0].last_height == 99);
    CHECK(sets[1].first_height == 100);
    CHECK(sets[1].last_height == 199);
    CHECK(sets[2].first_height == 200);
    CHECK_FALSE(sets[2].last_height);
    CHECK(trust.segments[1].trusted.height == 300);
}

TEST_CASE("a node that joined late leads from what it has", "[trail]") {
    Kept kept;
    kept.oldest = 120;
    kept.node.its_sets = {{120, set_of({5, 6, 7, 8})}, {200, set_of({8, 9, 10, 12})}};
    kept.node.its_segments = {{"suffolk-2", 11}};
    kept.node.its_handovers.clear();
    const Trails trails{kept.node};
    CHECK(walked(kept.way(trails, 1, 300), kept.next.trust_at(120)) == "accepted");
    // Or from the first block of the newest segment, where only the handover is missing.
    Kept without;
    without.node.its_handovers.clear();
    const Trails others{without.node};
    const auto knows = add_handover(without.one.old.trust_at(1), without.one.record());
    REQUIRE(knows);
    CHECK(walked(without.way(others, 1, 300), *knows) == "accepted");
    // With nothing at all the block stands alone.
    FakeNode empty;
    const Trails none{empty};
    CHECK(kept.way(none, 1, 300).trail().empty());
}

TEST_CASE("a chain that does not hold together is damage", "[trail]") {
    Kept kept;
    const LongChain stranger{"suffolk-2", {{11, {21, 22, 23, 24}}}};
    kept.node.its_light_block = [&](std::uint64_t at) -> Result<pb::LightBlock, ReadError> {
        const auto height = static_cast<std::int64_t>(at);
        return height > 150 ? stranger.block(height) : kept.block(height);
    };
    const Trails trails{kept.node};
    pb::Receipt receipt;
    *receipt.mutable_block() = kept.block(300);
    CHECK(trails.lead(150, Trails::Show::needed, receipt).error() == ReadError::damaged);
    kept.node.its_light_block = [](std::uint64_t) -> Result<pb::LightBlock, ReadError> {
        return Failure{ReadError::unavailable};
    };
    CHECK(trails.lead(150, Trails::Show::needed, receipt).error() == ReadError::unavailable);
}

TEST_CASE("what engines record of those who did not sign is not shown", "[trail]") {
    Kept kept;
    kept.node.its_light_block = [&](std::uint64_t at) -> Result<pb::LightBlock, ReadError> {
        auto block = kept.next.block_signed_by(static_cast<std::int64_t>(at), {8, 9, 10});
        for (auto& slot : *block.mutable_commit()->mutable_signatures())
            if (slot.block_id_flag() == pb::BLOCK_ID_FLAG_ABSENT)
                slot.set_block_id_flag(pb::BLOCK_ID_FLAG_NIL);
        return block;
    };
    const Trails trails{kept.node};
    CHECK(verify_commit(*trails.light_block(250), SlotRule::blank));
}

TEST_CASE("a trust file lists every segment and set, and names whose keys they are", "[trail]") {
    Kept kept;
    pb::Owner owner;
    owner.set_account("norwich");
    const auto address = *address_of(kept.node.its_sets[3].validators.validators(0));
    kept.node.ledger.put(node_address_key(address.text()), owner);
    for (const auto at : {TrustedAt::beginning, TrustedAt::newest}) {
        auto trust = trust_from(kept.node, at);
        REQUIRE(trust);
        trust->trusting_period_seconds = 1;
        const auto read = parse_trust(serialise_trust(*trust));
        REQUIRE(read);
        REQUIRE(read->segments.size() == 2);
        CHECK(read->segments[0].trusted.height == 10);
        CHECK(read->segments[0].validator_sets[0].last_height == 10);
        CHECK(read->segments[1].trusted.height == (at == TrustedAt::newest ? 300 : 11));
        CHECK(read->segments[1].validator_sets.size() == 3);
        CHECK(read->segments[1].validator_sets[1].last_height == 199);
        CHECK(authority_of(*read, kept.node.its_sets[3].validators.validators(0).public_key()) ==
              "norwich");
    }
    kept.oldest = 400;
    CHECK(trust_from(kept.node, TrustedAt::newest).error() == ReadError::not_found);
}

TEST_CASE("ways, ranges of headers and handovers are served", "[api]") {
    Kept kept;
    kept.node.its_head.height = 300;
    const api::Api served{api::public_routes(kept.node)};
    const auto get = [&](const std::string& path) { return node::get(served, path); };
    const auto way = get("/v1/trail?from=1");
    CHECK(way.status == 200);
    pb::Receipt receipt;
    REQUIRE(receipt.ParseFromString(way.body));
    CHECK(receipt.handovers_size() == 1);
    CHECK(receipt.trail_size() >= 2);
    CHECK(get("/v1/trail?from=0").status == 400);

    const auto range = get("/v1/light-blocks?first=299");
    CHECK(range.status == 200);
    CHECK(api::Json::parse(range.body)["items"].size() == 2);
    CHECK(get("/v1/light-blocks?first=301").status == 200);
    CHECK(get("/v1/light-blocks?first=0").status == 400);
    CHECK(get("/v1/light-blocks?first=1&limit=101").status == 400);
    kept.oldest = 20;
    CHECK(get("/v1/light-blocks?first=1").status == 404);

    const auto file = get("/v1/handovers/2");
    CHECK(file.content_type == api::content::handover);
    CHECK(verify_handover(decode_handover(file.body).value()));
    CHECK(get("/v1/handovers/3").status == 404);
    CHECK(get("/v1/handovers/1").status == 400);
}
