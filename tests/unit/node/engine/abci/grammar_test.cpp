// The server held against the published grammar of calls: whatever a correct engine may ask, on its
// four connections, reaches the application in the engine's order, and every answer the engine.
#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <thread>

#include "node/engine/abci/server.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/abci/call_grammar.hpp"
#include "unit/node/engine/abci/engine_side.hpp"
#include "unit/node/engine/abci/recording_application.hpp"

using namespace tallystick;
using namespace tallystick::node::abci;
using namespace tallystick::node::abci::test;

namespace {

using Start = CallGrammar::Start;

/// One derivation of the grammar after another, from a seed.
class Derivation {
  public:
    explicit Derivation(std::uint64_t seed) : random_(seed) {}

    std::vector<Call> begin(Start start, bool application_is_empty) {
        calls_.clear();
        if (start == Start::clean && chance(3)) {
            state_sync();
        } else {
            calls_.push_back(Call::info);
            if (start == Start::clean || application_is_empty) calls_.push_back(Call::init_chain);
        }
        return std::move(calls_);
    }

    std::vector<Call> consensus_height() {
        calls_.clear();
        for (auto rounds = below(4); rounds > 0; --rounds) {
            const bool proposes = chance(2);
            if (proposes) calls_.push_back(Call::prepare_proposal);
            if (chance(2)) calls_.push_back(Call::process_proposal);
        }
        calls_.push_back(Call::finalize_block);
        calls_.push_back(Call::commit);
        return std::move(calls_);
    }

    /// 0 to `bound` - 1.
    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }

  private:
    void state_sync() {
        for (auto attempts = below(3); attempts > 0; --attempts) {
            calls_.push_back(Call::offer_snapshot);
            for (auto chunks = below(3); chunks > 0; --chunks) calls_.push_back(Call::apply_chunk);
        }
        calls_.push_back(Call::offer_snapshot);
        for (auto chunks = 1 + below(4); chunks > 0; --chunks) calls_.push_back(Call::apply_chunk);
        calls_.push_back(Call::info);
    }

    std::mt19937_64 random_;
    std::vector<Call> calls_;
};

/// An engine's process: four connections, each with what belongs on it.
class Engine {
  public:
    explicit Engine(const std::filesystem::path& socket)
        : queries_(socket), mempool_(socket), snapshots_(socket), consensus_(socket) {}

    /// Makes the call and says whether it was answered as it must be.
    bool make(Call call, std::int64_t height) {
        abci_pb::Request request;
        switch (call) {
            case Call::info: return queries_.call(info("handshake"))->info().data() == "handshake";
            case Call::init_chain:
                request.mutable_init_chain()->set_chain_id("suffolk-1");
                return consensus_.call(request)->init_chain().app_hash() == "suffolk-1";
            case Call::offer_snapshot:
                request.mutable_offer_snapshot()->mutable_snapshot()->set_height(5);
                return snapshots_.call(request)->offer_snapshot().result() ==
                       abci_pb::ResponseOfferSnapshot::ACCEPT;
            case Call::apply_chunk:
                request.mutable_apply_snapshot_chunk()->set_index(3);
                return snapshots_.call(request)->apply_snapshot_chunk().result() ==
                       abci_pb::ResponseApplySnapshotChunk::ACCEPT;
            case Call::prepare_proposal:
                request.mutable_prepare_proposal()->set_height(height);
                request.mutable_prepare_proposal()->add_txs(std::to_string(height));
                return consensus_.call(request)->prepare_proposal().txs(0) ==
                       std::to_string(height);
            case Call::process_proposal:
                request.mutable_process_proposal()->set_height(height);
                return consensus_.call(request)->process_proposal().status() ==
                       abci_pb::ResponseProcessProposal::ACCEPT;
            case Call::finalize_block:
                return consensus_.call(finalize(height))->finalize_block().app_hash() ==
                       std::to_string(height);
            case Call::commit: return consensus_.call(commit())->has_commit();
        }
        return false;
    }

    /// What may come at any time beside the grammar, until it is told to end.
    void chatter(const std::atomic<bool>& over, bool& answered_well) {
        for (int i = 0; !over && answered_well; ++i) {
            const auto number = std::to_string(i);
            // As the mempool does: several on their way, then a flush.
            mempool_.send(framed(check_tx(number)) + framed(check_tx("again " + number)) +
                          framed(flush()));
            answered_well = mempool_.receive()->check_tx().data() == number &&
                            mempool_.receive()->check_tx().data() == "again " + number &&
                            mempool_.receive()->has_flush();
        }
    }

  private:
    EngineSide queries_;
    EngineSide mempool_;
    EngineSide snapshots_;
    EngineSide consensus_;
};

bool is_ordered_by_grammar(const std::string& call) {
    return call != "check_tx" && call != "query" && call != "list_snapshots" &&
           call != "load_snapshot_chunk";
}

}  // namespace

TEST_CASE("whatever the grammar allows reaches the application in its order", "[node][abci]") {
    PrivateFolder folder;
    RecordingApplication application;
    auto server = Server::open(folder.socket(), application, [](const std::string&) {});
    REQUIRE(server);
    Derivation derivation{20260101};
    std::vector<std::string> made;
    std::int64_t height = 1;
    auto start = Start::clean;
    CallGrammar grammar{start};
    // Each run is a process of the engine that is killed after some call, in the middle of a
    // height.
    for (int run = 0; run < 30; ++run) {
        Engine engine{folder.socket()};
        std::atomic<bool> over{false};
        bool answered_well = true;
        std::thread chatter{[&] { engine.chatter(over, answered_well); }};
        auto calls = derivation.begin(start, height == 1);
        for (auto heights = derivation.below(6); heights > 0; --heights)
            for (const auto call : derivation.consensus_height()) calls.push_back(call);
        // The first run is left to end, so that what follows is a recovery.
        if (run > 0) calls.resize(derivation.below(calls.size() + 1));
        for (const auto call : calls) {
            const bool of_height = call == Call::prepare_proposal ||
                                   call == Call::process_proposal || call == Call::finalize_block;
            const auto now = static_cast<std::uint64_t>(height);
            REQUIRE(grammar.take(call, of_height ? std::optional{now} : std::nullopt));
            REQUIRE(engine.make(call, height));
            made.emplace_back(name_of(call));
            if (call == Call::commit) ++height;
        }
        over = true;
        chatter.join();
        REQUIRE(answered_well);
        start = Start::recovery;
        grammar.restart();
    }
    auto came = application.calls();
    std::erase_if(came, [](const auto& call) { return !is_ordered_by_grammar(call); });
    CHECK(came == made);
    CHECK(height > 30);
}

namespace {

bool allows(Start start, const std::vector<Call>& calls) {
    CallGrammar grammar{start};
    return std::all_of(calls.begin(), calls.end(), [&](Call call) { return grammar.take(call); });
}

}  // namespace

TEST_CASE("the reader of the grammar allows what it says", "[node][abci]") {
    using enum Call;
    CHECK(allows(Start::clean, {info, init_chain, finalize_block, commit}));
    CHECK(allows(Start::clean, {info, init_chain, prepare_proposal, process_proposal,
                                process_proposal, prepare_proposal, finalize_block, commit}));
    CHECK(allows(Start::clean, {offer_snapshot, offer_snapshot, apply_chunk, offer_snapshot,
                                apply_chunk, apply_chunk, info, process_proposal, finalize_block}));
    CHECK(allows(Start::recovery, {info, init_chain, info, finalize_block, commit}));
    CHECK(allows(Start::recovery, {info, finalize_block, commit, finalize_block, info, commit}));
}

TEST_CASE("the reader of the grammar finds what breaks it", "[node][abci]") {
    using enum Call;
    for (const auto start : {Start::clean, Start::recovery}) {
        CHECK_FALSE(allows(start, {init_chain}));
        CHECK_FALSE(allows(start, {finalize_block}));
        CHECK_FALSE(allows(start, {commit}));
        CHECK_FALSE(allows(start, {apply_chunk}));
        CHECK_FALSE(allows(start, {info, init_chain, commit}));
        CHECK_FALSE(allows(start, {info, init_chain, init_chain}));
        CHECK_FALSE(allows(start, {info, init_chain, finalize_block, finalize_block}));
        CHECK_FALSE(allows(start, {info, init_chain, finalize_block, process_proposal}));
        CHECK_FALSE(allows(start, {info, init_chain, finalize_block, commit, commit}));
        CHECK_FALSE(allows(start, {info, init_chain, offer_snapshot}));
    }
    CHECK_FALSE(allows(Start::clean, {info, finalize_block}));
    CHECK_FALSE(allows(Start::clean, {offer_snapshot, apply_chunk, finalize_block}));
    CHECK_FALSE(allows(Start::clean, {offer_snapshot, info, finalize_block}));
    CHECK_FALSE(allows(Start::recovery, {offer_snapshot}));

    CallGrammar heights{Start::recovery};
    CHECK(heights.take(info));
    CHECK(heights.take(finalize_block, 7));
    CHECK(heights.take(commit));
    CHECK_FALSE(heights.take(finalize_block, 9));
    CallGrammar again{Start::recovery};
    CHECK(again.take(info));
    CHECK(again.take(prepare_proposal, 7));
    CHECK_FALSE(again.take(process_proposal, 8));
}
