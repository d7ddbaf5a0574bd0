#include "protocol/trail.hpp"

#include "unit/catch.hpp"
#include "unit/protocol/long_chains.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

/// The trail between two heights, and how many blocks it took to find it.
struct Found {
    Result<std::vector<pb::LightBlock>, TrailFault> trail;
    int fetched = 0;
};

Found find(const LongChain& chain, std::int64_t from, std::int64_t to) {
    int fetched = 0;
    auto trail = make_trail(chain.block(from), chain.block(to), [&](std::int64_t height) {
        ++fetched;
        return std::optional{chain.block(height)};
    });
    return {std::move(trail), fetched};
}

std::vector<std::int64_t> heights(const std::vector<pb::LightBlock>& trail) {
    std::vector<std::int64_t> all;
    for (const auto& block : trail) all.push_back(block.header().height());
    return all;
}

/// Every step of the trail is one that a verifier takes.
void check_leads(const LongChain& chain, std::int64_t from, std::int64_t to) {
    const auto found = find(chain, from, to);
    REQUIRE(found.trail);
    auto trusted = trusted_from(chain.block(from));
    auto blocks = *found.trail;
    blocks.push_back(chain.block(to));
    for (const auto& block : blocks) {
        REQUIRE(verify_step(trusted, block, SlotRule::blank));
        trusted = trusted_from(block);
    }
}

}  // namespace

TEST_CASE("no trail is needed while more than a third of the trusted sign", "[trail]") {
    const LongChain steady{"suffolk-1", {{1, {1, 2, 3, 4}}}};
    CHECK(heights(*find(steady, 1, 1000000).trail).empty());
    const LongChain half{"suffolk-1", {{1, {1, 2, 3, 4}}, {500, {3, 4, 5, 6}}}};
    CHECK(heights(*find(half, 1, 1000).trail).empty());
    CHECK(heights(*find(half, 7, 7).trail).empty());
}

TEST_CASE("a trail leads through changes of membership by few headers", "[trail]") {
    // One member is replaced every 100 blocks, until none of the first is left.
    std::map<std::int64_t, std::vector<std::uint8_t>> members;
    for (std::uint8_t i = 0; i < 12; ++i)
        members[1 + 100 * i] = {static_cast<std::uint8_t>(i + 1), static_cast<std::uint8_t>(i + 2),
                                static_cast<std::uint8_t>(i + 3), static_cast<std::uint8_t>(i + 4)};
    const LongChain chain{"suffolk-1", members};
    check_leads(chain, 1, 1200);
    const auto found = find(chain, 1, 1200);
    CHECK(found.trail->size() < 12);
    CHECK(found.fetched < 40);
}

TEST_CASE("all members replaced at once are reached by their neighbours", "[trail]") {
    const LongChain chain{"suffolk-1", {{1, {1, 2, 3}}, {700, {11, 12, 13}}}};
    check_leads(chain, 1, 1000);
    const auto around = heights(*find(chain, 1, 1000).trail);
    CHECK(std::ranges::find(around, 699) != around.end());
    CHECK(std::ranges::find(around, 700) != around.end());
    check_leads(chain, 699, 700);
}

TEST_CASE("a trail says what is missing, and that a chain is broken", "[trail]") {
    const LongChain chain{"suffolk-1", {{1, {1, 2, 3}}, {700, {11, 12, 13}}}};
    const auto none = make_trail(chain.block(1), chain.block(1000),
                                 [](std::int64_t) { return std::optional<pb::LightBlock>{}; });
    CHECK(none.error() == TrailFault::missing);
    const auto other = make_trail(chain.block(1), chain.block(1000),
                                  [&](std::int64_t) { return std::optional{chain.block(999)}; });
    CHECK(other.error() == TrailFault::missing);
    const LongChain stranger{"suffolk-1", {{1, {21, 22, 23}}}};
    const auto broken = make_trail(chain.block(1), stranger.block(9), [&](std::int64_t height) {
        return std::optional{stranger.block(height)};
    });
    CHECK(broken.error() == TrailFault::broken);
    CHECK(make_trail(chain.block(9), chain.block(1), [&](std::int64_t height) {
              return std::optional{chain.block(height)};
          }).error() == TrailFault::broken);
}

TEST_CASE("what seems to lead on is what a verifier accepts, signatures aside", "[trail]") {
    const LongChain chain{"suffolk-1", {{1, {1, 2, 3, 4}}, {50, {4, 5, 6, 7}}}};
    for (const std::int64_t from : {1, 48, 49, 50, 60})
        for (const std::int64_t to : {1, 49, 50, 51, 99}) {
            const auto trusted = trusted_from(chain.block(from));
            const auto next = chain.block(to);
            INFO(from << " to " << to);
            CHECK(seems_to_lead_to(trusted, next) ==
                  verify_step(trusted, next, SlotRule::blank).ok());
        }
    const auto weak = chain.block_signed_by(9, {1, 2});
    CHECK_FALSE(seems_to_lead_to(trusted_from(chain.block(1)), weak));
    CHECK_FALSE(seems_to_lead_to(trusted_from(chain.block(1)), pb::LightBlock{}));
}
