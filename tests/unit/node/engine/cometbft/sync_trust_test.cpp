#include "node/engine/cometbft/sync_trust.hpp"

#include "unit/catch.hpp"
#include "unit/node/engine/cometbft/sync_world.hpp"

namespace tallystick::node::test {
namespace {

std::string refusal(std::vector<SyncPeer> peers, const SyncBeginning& beginning) {
    const auto apis = apis_of(peers);
    const auto found = find_sync_trust(apis, beginning);
    REQUIRE_FALSE(found);
    return found.error();
}

bool says(const std::string& sentence, std::string_view words) {
    INFO(sentence);
    return sentence.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a node begins at the oldest snapshot that is offered, over a change of authorities",
          "[node][cometbft]") {
    const SyncChain chain;
    for (const std::int64_t trusted : {1, 5, 9, 10, 17, 20}) {
        std::vector<SyncPeer> peers{{&chain}, {&chain, {18}}, {&chain, {}}};
        const auto apis = apis_of(peers);
        const auto found = find_sync_trust(apis, beginning_with(chain, trusted));
        INFO(trusted << " " << (found ? "" : found.error()));
        REQUIRE(found);
        CHECK(found->from.header().height() == 12);
        CHECK(found->peers == std::vector<std::size_t>{0, 1, 2});
        CHECK(found->trust.segments.back().trusted.height == blocks);
        CHECK(found->engine_genesis.chain_id == "suffolk-1");
        CHECK(vouches_for(found->trust, chain.at(20)));
    }
}

TEST_CASE("a peer with a chain of other signers is left out", "[node][cometbft]") {
    const SyncChain chain;
    const SyncChain forged{{6, 7, 8, 9}, {6, 7, 8, 9}};
    std::vector<SyncPeer> peers{{&forged}, {&chain}, {nullptr}, {&chain}};
    const auto apis = apis_of(peers);
    const auto found = find_sync_trust(apis, beginning_with(chain, 5));
    REQUIRE(found);
    CHECK(found->peers == std::vector<std::size_t>{1, 3});
}

TEST_CASE("a trust file that does not follow from the genesis is not believed, whoever agrees",
          "[node][cometbft]") {
    const SyncChain chain;
    const SyncChain forged{{6, 7, 8, 9}, {6, 7, 8, 9}};
    auto beginning = beginning_with(chain, 5);
    beginning.trust = trust_at(forged, 5);
    // The peers that made it: their chain does not begin with the genesis.
    CHECK(says(refusal({{&forged}, {&forged}}, beginning), "listed_set_differs"));
    // And honest ones have another block there.
    CHECK(says(refusal({{&chain}, {&chain}}, beginning), "fork"));
    // One whose later signers alone are false.
    const SyncChain stolen{{1, 2, 3, 4}, {6, 7, 8, 9}};
    beginning.trust = trust_at(stolen, 15);
    CHECK(says(refusal({{&chain}, {&chain}}, beginning), "fork"));
    // A liar that made the trust file, and shows the true chain to who comes from the genesis.
    SyncPeer liar;
    liar.chain = &forged;
    liar.from_genesis = &chain;
    beginning.trust = trust_at(forged, 15);
    CHECK(says(refusal({liar, liar, liar}, beginning), "does not follow from the genesis"));
    beginning.trust = trust_at(chain, 5);
    beginning.trust.ledger_id = LedgerId{sha256(std::string_view{"another"}).bytes};
    CHECK(says(refusal({{&chain}, {&chain}}, beginning), "another ledger"));
}

TEST_CASE("an old trust file, too few peers or no snapshot: each is said", "[node][cometbft]") {
    const SyncChain chain;
    auto beginning = beginning_with(chain, 5);
    CHECK(says(refusal({{&chain}}, beginning), "1 gave what could be verified, and 2 are needed"));
    CHECK(says(refusal({{&chain}, {nullptr}}, beginning), "No answer"));
    CHECK(says(refusal({}, beginning), "no address"));
    CHECK(says(refusal({{&chain, {}}, {&chain, {}}}, beginning), "No peer offers a snapshot"));
    beginning.now_seconds += period;
    CHECK(says(refusal({{&chain}, {&chain}}, beginning), "trust_expired"));
}

TEST_CASE("a snapshot that is too old to be trusted is reached from a newer block",
          "[node][cometbft]") {
    const SyncChain chain;
    auto beginning = beginning_with(chain, 20);
    // Block 12 expires within the hour that a snapshot may take, the newest does not.
    beginning.now_seconds = static_cast<std::uint64_t>(chain_begins) + 15 + period - 3600;
    std::vector<SyncPeer> peers{{&chain}, {&chain}};
    const auto apis = apis_of(peers);
    const auto found = find_sync_trust(apis, beginning);
    REQUIRE(found);
    CHECK(found->from.header().height() == 20);
}

TEST_CASE("more answers are needed than may be false", "[node][cometbft]") {
    const auto needed = [](std::size_t authorities) {
        std::vector<std::uint8_t> keys;
        for (std::size_t i = 0; i < authorities; ++i) keys.push_back(static_cast<std::uint8_t>(i));
        return answers_needed(set_of(keys));
    };
    CHECK(needed(1) == 1);
    CHECK(needed(3) == 1);
    CHECK(needed(4) == 2);
    CHECK(needed(6) == 2);
    CHECK(needed(7) == 3);
    CHECK(needed(10) == 4);
}

}  // namespace tallystick::node::test
