#include "node/engine/cometbft/cometbft_engine.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "node/ledger_node.hpp"
#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/abci/engine_side.hpp"
#include "unit/node/engine/cometbft/network_world.hpp"

/// A whole node over its real socket, and an engine that decides by itself whatever it is given.
namespace tallystick::node::test {
namespace {

using abci::test::EngineSide;
using abci::test::PrivateFolder;

/// The engine of a network: a thread that makes blocks, real headers, signed by every node's key.
class LoneEngine final : public EngineBeside, public EngineClient {
  public:
    LoneEngine(const NetworkWorld& world, std::filesystem::path socket)
        : world_(world), socket_(std::move(socket)) {
        for (std::size_t i = 0; i < world.size(); ++i) {
            auto& validator = *validators_.add_validators();
            validator.set_public_key(world.node_key(i).public_key().str());
            validator.set_power(10);
        }
        sort_validators(validators_);
    }
    ~LoneEngine() override { stop(); }

    Result<void, std::string> start() override {
        if (broken) return Failure{std::string{"The program is not there."}};
        mempool_side_ = std::make_unique<EngineSide>(socket_);
        consensus_side_ = std::make_unique<EngineSide>(socket_);
        const auto info = consensus_side_->call(abci::test::info("test"));
        REQUIRE(info);
        app_hash_ = info->info().last_block_app_hash();
        if (info->info().last_block_height() == 0) begin();
        REQUIRE(static_cast<std::size_t>(info->info().last_block_height()) == made_.size());
        thread_ = std::thread{[this] { work(); }};
        return {};
    }
    void stop() override {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) thread_.join();
        const std::lock_guard lock{mempool_mutex_};
        mempool_side_.reset();
        consensus_side_.reset();
    }
    std::vector<std::string> not_ready() const override { return {"It is only played."}; }
    EngineClient& client() override { return *this; }
    void expect_end() override { ++ends; }
    EngineProcessMetrics metrics() const override {
        EngineProcessMetrics metrics;
        metrics.up = true;
        metrics.peers = 3;
        return metrics;
    }
    std::optional<std::string> signed_elsewhere(std::uint64_t) const override {
        return std::nullopt;
    }
    bool blocks_will_go() override { return true; }

    Result<void, SubmitFault> submit_bundle(const std::string& bundle) override {
        const std::lock_guard lock{mempool_mutex_};
        if (!mempool_side_) return Failure{SubmitFault::unreachable};
        const auto answer = mempool_side_->call(abci::test::check_tx(bundle));
        if (!answer) return Failure{SubmitFault::unreachable};
        if (answer->check_tx().code() != 0) return Failure{SubmitFault::refused};
        const std::lock_guard inner{mutex_};
        mempool_.push_back(bundle);
        changed_.notify_all();
        return {};
    }
    Result<SignedHeader, std::string> signed_header(std::uint64_t height) override {
        const std::lock_guard lock{mutex_};
        if (headers_held || height == 0 || height > headers_.size())
            return Failure{std::string{"not yet"}};
        return headers_[height - 1];
    }
    Result<EngineStatus, std::string> status() override { return EngineStatus{}; }

    bool broken = false;
    std::atomic<bool> headers_held{false};
    std::atomic<bool> halted{false};
    std::atomic<int> ends{0};

  private:
    void begin() {
        PlayedChain chain{world_};
        abci_pb::Request request;
        *request.mutable_init_chain() = chain.genesis();
        const auto answer = consensus_side_->call(request);
        REQUIRE(answer);
        app_hash_ = answer->init_chain().app_hash();
        proof_wanted_ = true;
    }

    void work() {
        for (;;) {
            std::vector<std::string> txs;
            {
                std::unique_lock lock{mutex_};
                changed_.wait_for(lock, std::chrono::milliseconds{5}, [this] {
                    return stopping_ || (!halted && (proof_wanted_ || !mempool_.empty()));
                });
                if (stopping_) return;
                if (halted || !(proof_wanted_ || !mempool_.empty())) continue;
                txs = mempool_;
            }
            make_block_of(txs);
        }
    }

    void make_block_of(const std::vector<std::string>& txs) {
        const auto height = made_.size() + 1;
        abci_pb::Request prepare;
        prepare.mutable_prepare_proposal()->set_height(static_cast<std::int64_t>(height));
        prepare.mutable_prepare_proposal()->set_max_tx_bytes(4000000);
        for (const auto& tx : txs) prepare.mutable_prepare_proposal()->add_txs(tx);
        const auto prepared = consensus_side_->call(prepare);
        if (!prepared || !prepared->has_prepare_proposal()) return halt();
        const auto& chosen = prepared->prepare_proposal().txs();
        const std::vector<std::string> proposed{chosen.begin(), chosen.end()};

        BlockParts parts;
        parts.chain_id = "county-1";
        parts.height = static_cast<std::int64_t>(height);
        parts.time =
            timestamp_from_milliseconds(height == 1 ? start_ms - 60000 : start_ms + height * 100);
        if (height > 1) {
            parts.last_block_id = made_.back().block_id;
            parts.last_commit = headers_.back().commit;
            parts.last_results = last_results_;
        }
        parts.bundles = proposed;
        parts.validators = validators_;
        parts.next_validators = validators_;
        parts.app_hash = *Hash::from(app_hash_);
        parts.proposer = *address_of(validators_.validators(0));
        const auto made = make_block(parts);

        abci_pb::Request process;
        process.mutable_process_proposal()->set_height(parts.height);
        *process.mutable_process_proposal()->mutable_txs() = chosen;
        const auto processed = consensus_side_->call(process);
        if (!processed ||
            processed->process_proposal().status() != abci_pb::ResponseProcessProposal::ACCEPT)
            return halt();
        abci_pb::Request finalize;
        auto& block = *finalize.mutable_finalize_block();
        block.set_height(parts.height);
        block.set_hash(made.block_id.hash());
        block.mutable_time()->set_seconds(parts.time.seconds());
        block.mutable_time()->set_nanos(parts.time.nanos());
        *block.mutable_txs() = chosen;
        const auto finalized = consensus_side_->call(finalize);
        if (!finalized || !finalized->has_finalize_block()) return halt();
        {
            const std::lock_guard lock{mutex_};
            made_.push_back(made);
            headers_.push_back({made.header, commit_of(made), true});
            last_results_ = proposed.size();
            for (const auto& tx : proposed) std::erase(mempool_, tx);
            proof_wanted_ = finalized->finalize_block().app_hash() != app_hash_;
            app_hash_ = finalized->finalize_block().app_hash();
        }
        const auto committed = consensus_side_->call(abci::test::commit());
        if (!committed || !committed->has_commit()) return halt();
    }

    void halt() { halted = true; }

    pb::Commit commit_of(const MadeBlock& made) const {
        pb::Commit commit;
        commit.set_height(made.header.height());
        *commit.mutable_block_id() = made.block_id;
        for (const auto& validator : validators_.validators())
            for (std::size_t i = 0; i < world_.size(); ++i)
                if (world_.node_key(i).public_key().text() == validator.public_key())
                    *commit.add_signatures() =
                        sign_commit(
                            {made.header.chain_id(), commit.height(), 0, made.block_id},
                            world_.node_key(i),
                            timestamp_from_milliseconds(milliseconds_of(made.header.time()) + 5))
                            .signatures(0);
        return commit;
    }

    const NetworkWorld& world_;
    std::filesystem::path socket_;
    pb::ValidatorSet validators_;
    std::mutex mempool_mutex_;
    std::unique_ptr<EngineSide> mempool_side_;
    std::unique_ptr<EngineSide> consensus_side_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> mempool_;
    std::vector<MadeBlock> made_;
    std::vector<SignedHeader> headers_;
    std::string app_hash_;
    std::size_t last_results_ = 0;
    bool proof_wanted_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

/// A node of a network, its engine played.
struct PlayedNode {
    NetworkWorld world;
    Folder folder;
    PrivateFolder sockets;
    LoneEngine* engine = nullptr;

    PlayedNode() {
        REQUIRE(ledger::Store::create(folder.path() / "ledger", world.genesis_file(), "county-1"));
    }
    [[nodiscard]] LedgerNodeOptions options() {
        LedgerNodeOptions options;
        options.verifier.threads = 2;
        options.data = folder.path();
        CometbftOptions network;
        network.clocks.wall_ms = [] { return start_ms; };
        network.abci_socket = sockets.socket();
        network.make_process = [this](const SigningKey&) {
            auto made = std::make_unique<LoneEngine>(world, sockets.socket());
            engine = made.get();
            return made;
        };
        options.cometbft = std::move(network);
        return options;
    }
    [[nodiscard]] Result<std::unique_ptr<LedgerNode>, std::string> make(LedgerNodeOptions options) {
        auto store = ledger::Store::open(folder.path() / "ledger", {});
        REQUIRE(store);
        return LedgerNode::create(std::move(*store),
                                  SigningKey::from_seed(world.node_key(0).seed().view()),
                                  std::move(options));
    }
    [[nodiscard]] std::unique_ptr<LedgerNode> open() {
        auto node = make(options());
        INFO((node ? std::string{} : node.error()));
        REQUIRE(node);
        (*node)->start();
        REQUIRE((*node)->wait_for_first_block(std::chrono::seconds{10}));
        return std::move(*node);
    }
};

bool comes_true(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return false;
}

Result<ProvedEntry, ReadError> prove(const NodeService& node, std::uint64_t index) {
    std::promise<Result<ProvedEntry, ReadError>> promise;
    node.prove_entry(index, [&](Result<ProvedEntry, ReadError> proved) {
        promise.set_value(std::move(proved));
    });
    return promise.get_future().get();
}

}  // namespace

TEST_CASE("a node of a network answers, proves and goes on where it was", "[node][cometbft]") {
    PlayedNode played;
    const auto node = played.open();
    std::vector<std::string> envelopes;
    for (int i = 0; i < 100; ++i)
        envelopes.push_back(played.world.registration(0, "group-" + std::to_string(i)));
    envelopes.push_back(envelopes.front());
    const auto answers = submit(*node, envelopes);
    REQUIRE(answers.size() == 101);
    for (const auto& answer : answers) CHECK(answer.status == AnswerStatus::done);
    CHECK(answers.front().first != answers.back().first);
    CHECK(submit(*node, {envelopes[5]})[0].first == false);
    CHECK(node->lookup(*answers[7].id));

    const auto proved = prove(*node, 0);
    REQUIRE(proved);
    CHECK(verify_commit(proved->block, SlotRule::blank));
    CHECK(comes_true([&] { return node->head().provable_height == node->head().height; }));
    CHECK(node->validators().validators_size() == 4);
    CHECK(node->segments().size() == 1);
    REQUIRE(node->validator_sets());
    CHECK((*node->validator_sets())[0].validators.validators_size() == 4);
    CHECK(node->handover(2).error() == ReadError::not_found);
    const auto state = node->network_state();
    CHECK(state.engine == pb::ENGINE_COMETBFT);
    CHECK(state.makes_progress);
    CHECK_FALSE(state.is_observer);
    CHECK(state.peers == 3);
    CHECK(node->metrics().done_total == 100);
    CHECK(node->metrics().engine->up);
    CHECK(node->not_ready() == std::vector<std::string>{"It is only played."});
    REQUIRE(node->shut_down(std::chrono::seconds{5}));
    CHECK(submit(*node, {played.world.registration(0, "late")})[0].status ==
          AnswerStatus::unavailable);
}

TEST_CASE("proofs wait for their header, blocks do not", "[node][cometbft]") {
    PlayedNode played;
    const auto node = played.open();
    CHECK(comes_true([&] { return node->head().provable_height == 1; }));
    played.engine->headers_held = true;
    CHECK(submit(*node, {played.world.registration(0, "food-bank")})[0].status ==
          AnswerStatus::done);
    CHECK(node->head().provable_height == 1);
    CHECK(node->light_block(2).error() == ReadError::not_provable_yet);
    std::promise<bool> promise;
    node->prove_entry(
        0, [&](const Result<ProvedEntry, ReadError>& proved) { promise.set_value(proved.ok()); });
    played.engine->headers_held = false;
    CHECK(promise.get_future().get());
    CHECK(comes_true([&] { return node->head().provable_height >= 2; }));
}

TEST_CASE("an engine that cannot be started is said; reads go on", "[node][cometbft]") {
    PlayedNode played;
    auto options = played.options();
    options.cometbft->make_process = [&](const SigningKey&) {
        auto made = std::make_unique<LoneEngine>(played.world, played.sockets.socket());
        made->broken = true;
        return made;
    };
    auto made = played.make(std::move(options));
    REQUIRE(made);
    auto& node = **made;
    node.start();
    CHECK(node.wait_for_first_block(std::chrono::seconds{5}));
    CHECK(node.snapshot());
    bool is_said = false;
    for (const auto& reason : node.not_ready())
        is_said = is_said || reason.find("The program is not there.") != std::string::npos;
    CHECK(is_said);
    CHECK_FALSE(node.shut_down(std::chrono::seconds{1}));
}

TEST_CASE("an engine that ends its connections is expected to end", "[node][cometbft]") {
    PlayedNode played;
    const auto node = played.open();
    played.engine->stop();
    CHECK(comes_true([&] { return played.engine->ends >= 2; }));
    CHECK(node->snapshot());
}

TEST_CASE("the options must be for the engine that the ledger names", "[node][cometbft]") {
    PlayedNode played;
    auto options = played.options();
    options.cometbft.reset();
    const auto as_solo = played.make(std::move(options));
    REQUIRE_FALSE(as_solo);
    CHECK(as_solo.error().find("engine = \"cometbft\"") != std::string::npos);
    SmallLedger solo;
    auto store = ledger::Store::open(solo.folder(), {});
    REQUIRE(store);
    const auto as_network = LedgerNode::create(
        std::move(*store), SigningKey::from_seed(bytes_of(std::string(32, 'n'))), played.options());
    REQUIRE_FALSE(as_network);
    CHECK(as_network.error().find("engine = \"solo\"") != std::string::npos);
}

}  // namespace tallystick::node::test
