#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/dice.hpp"
#include "node/engine/abci/application.hpp"
#include "node/engine/abci/messages.hpp"
#include "node/engine/cometbft/engine_client.hpp"
#include "simulation/schedules/chain.hpp"
#include "simulation/schedules/mempool.hpp"
#include "simulation/schedules/timeline.hpp"

/// CometBFT in small: the rules by which it decides blocks and calls an application, without its
/// network, its files and its time.
namespace tallystick::simulation {

/// The machine died (thrown between two calls, or after one in which its disk died).
struct NodeDied {};
/// The engine's process died; the application's lives on.
struct EngineDied {};
/// The application answered with an exception: the engine stops itself.
struct EngineStopped {
    std::string why;
};

/// What a chain begins with.
struct ChainGenesis {
    std::string chain_id;
    std::int64_t initial_height = 1;
    pb::Timestamp time;
    pb::ValidatorSet validators;  ///< sorted
    std::string app_state;        ///< JSON; may be empty
};

struct StoredBlock {
    BlockPtr block;
    pb::Commit seen;
};

/// What the engine knows after a block.
struct EngineState {
    std::int64_t last_height = 0;
    pb::BlockId last_id;
    pb::Timestamp last_time;
    pb::ValidatorSet last_validators;
    pb::ValidatorSet validators;       ///< of the next block
    pb::ValidatorSet next_validators;  ///< of the one after it
    std::string app_hash;
    std::size_t last_results = 0;
};

/// No round of a height that stands for having signed it comes up to this.
inline constexpr std::int32_t barred_round = 1'000'000;

/// The last thing that was signed.
struct Signed {
    std::int64_t height = 0;
    std::int32_t round = 0;
    int step = 0;  ///< 1 proposal, 2 prevote, 3 precommit
    std::optional<Vote> vote;
};

/// What of the engine survives the death of its process.
struct EngineFiles {
    std::map<std::int64_t, StoredBlock> blocks;
    std::map<std::int64_t, abci_pb::ResponseFinalizeBlock> responses;
    std::map<std::int64_t, pb::ValidatorSet> validators;
    std::optional<EngineState> state;
    Signed last_signed;
    /// What the log of consensus messages keeps of the height in the making.
    std::int64_t wal_height = 0;
    std::int32_t locked_round = -1;
    BlockPtr locked_block;
    std::vector<Vote> wal_votes;  ///< one's own, and all that came before the last of them
    std::map<std::string, BlockPtr> proposed;  ///< by hash
    [[nodiscard]] std::int64_t height() const {
        return blocks.empty() ? (state ? state->last_height : 0) : blocks.rbegin()->first;
    }
    [[nodiscard]] std::int64_t base() const { return blocks.empty() ? 0 : blocks.begin()->first; }
};

struct Message {
    /// `again` stays within an engine: it looks once more at the votes of a round.
    enum class Kind : std::uint8_t { proposal, block, vote, tx, evidence, again };
    Kind kind = Kind::vote;
    BlockPtr block;
    std::int64_t height = 0;
    std::int32_t round = 0;
    std::int32_t pol_round = -1;
    Vote vote;
    Tx tx;
    Evidence evidence;
};

class Engine;

/// What a machine does for the engine on it.
class EngineHost {
  public:
    virtual ~EngineHost() = default;
    [[nodiscard]] virtual node::abci::Application& application() = 0;
    /// Between two things that an engine or an application does: the place to die. Throws NodeDied,
    /// EngineDied.
    virtual void point(std::string_view where) = 0;
    /// After a call: throws NodeDied if the disk died in it.
    virtual void after_call() = 0;
    [[nodiscard]] virtual std::uint64_t wall_ms() const = 0;
    /// Calls `what` later unless this engine is gone by then.
    virtual void later(Millis delay, std::function<void()> what) = 0;
    virtual void send(std::size_t to, Message message) = 0;
    virtual void broadcast(const Message& message) = 0;
    /// Engines of machines that can be reached now, in order.
    [[nodiscard]] virtual std::vector<std::pair<std::size_t, Engine*>> peers() = 0;
    [[nodiscard]] virtual const SigningKey& key() const = 0;
    [[nodiscard]] virtual model::Dice& dice() = 0;
    virtual void note(const std::string& line) = 0;
    /// An honest node's application judged a proposal.
    virtual void judged(const Block& block, bool accepted) = 0;
    /// The application executed a decided block.
    virtual void finalized(const Block& block, const abci_pb::ResponseFinalizeBlock& response) = 0;
    /// Did this really happen? False of evidence that a traitor made up.
    [[nodiscard]] virtual bool is_true(const Evidence& evidence) const = 0;
    /// A block is committed and the engine's state saved.
    virtual void committed(std::int64_t height) = 0;
    /// This (traitor's) engine sent two votes that contradict each other.
    virtual void signed_twice(std::int64_t height) = 0;
    /// What a traitor proposes in place of what its application prepared.
    virtual void alter_proposal(std::vector<std::string>& txs) = 0;
    /// Chunk of a snapshot as peer `from` gives it.
    [[nodiscard]] virtual std::string fetch_chunk(std::size_t from, const abci_pb::Snapshot& what,
                                                  std::uint32_t chunk) = 0;
    /// Snapshots of peer `from`.
    [[nodiscard]] virtual std::vector<abci_pb::Snapshot> fetch_snapshots(std::size_t from) = 0;
    /// The application is that of a snapshot now, and the engine knows what it needs: both
    /// processes end, to begin anew with what they have. Throws EngineDied.
    virtual void restored() = 0;
    /// Nobody had a snapshot for a while, and a network that waits for this node's vote may never
    /// make one: it begins with the blocks. Throws EngineDied.
    virtual void gives_up_on_snapshots() = 0;
};

struct EngineOptions {
    std::size_t mempool_max = 20000;
    bool recheck = false;
    bool state_sync = false;  ///< begin with a snapshot of the peers
    bool alone = false;       ///< the only validator: nobody to catch up with
};

class Engine {
  public:
    enum class Mode : std::uint8_t { starting, restoring, catching_up, deciding };

    /// All must outlive this.
    Engine(EngineHost& host, EngineFiles& files, const ChainGenesis& genesis,
           EngineOptions options);

    /// Handshake, then whatever is next. Throws as the points do.
    void start();
    void receive(std::size_t from, const Message& message);

    // What its RPC offers.
    [[nodiscard]] Result<void, node::SubmitFault> submit(const std::string& tx);
    [[nodiscard]] Result<node::SignedHeader, std::string> signed_header(std::uint64_t height) const;
    [[nodiscard]] Mode mode() const noexcept { return mode_; }
    [[nodiscard]] std::int64_t height() const noexcept { return height_; }
    [[nodiscard]] const EngineFiles& files() const noexcept { return files_; }
    [[nodiscard]] std::int64_t stored_height() const { return files_.height(); }
    [[nodiscard]] std::size_t mempool_size() const { return mempool_.size(); }
    [[nodiscard]] const Mempool& mempool() const noexcept { return mempool_; }
    [[nodiscard]] std::size_t peers_seen() const noexcept { return peers_seen_; }
    [[nodiscard]] std::string describe() const;

    /// For the traitor: a second vote where it voted already.
    void equivocate(bool on) { equivocates_ = on; }

  private:
    enum class Step : std::uint8_t {
        new_height,
        new_round,
        propose,
        prevote,
        prevote_wait,
        precommit,
        precommit_wait,
        commit
    };
    struct Proposal {
        std::int32_t round = 0;
        std::int32_t pol_round = -1;
        BlockPtr block;
    };

    template <class Response, class Request>
    Response ask(const char* name,
                 node::abci::Answer<Response> (node::abci::Application::*call)(const Request&),
                 const Request& request);

    // engine_blocks.cpp: from decided blocks to saved states
    void handshake();
    void init_chain();
    void replay(std::int64_t app_height);
    void apply(const Block& block);
    void save(const Block& block, const abci_pb::ResponseFinalizeBlock& response);
    [[nodiscard]] abci_pb::ResponseFinalizeBlock finalize(const Block& block);
    std::int64_t commit(const Block& block);
    void update_mempool(const Block& block);
    void store(const BlockPtr& block, const pb::Commit& seen);
    [[nodiscard]] BlockPtr make_block();
    [[nodiscard]] BlockPtr build(std::vector<std::string> txs, const pb::Commit& last_commit,
                                 std::vector<Evidence> evidence, const std::string& proposer) const;
    [[nodiscard]] bool is_valid_block(const Block& block) const;
    [[nodiscard]] bool process(const Block& block);
    [[nodiscard]] pb::Commit last_commit() const;

    // engine_sync.cpp
    void begin_catching_up();
    void catch_up();
    void restore();
    [[nodiscard]] bool take_snapshot(std::size_t from, const abci_pb::Snapshot& snapshot);
    void bootstrap(const Engine& from, std::int64_t height);
    void gossip();
    void gossip_to(std::size_t to, Engine& peer);

    // engine_rounds.cpp
    void begin_deciding();
    void begin_height();
    void queue(Message message);
    void work();
    void handle(const Message& message);
    void handle_vote(const Vote& vote);
    void after_prevote(const Vote& vote);
    void after_precommit(const Vote& vote);
    void on_proposal(const Message& message);
    void on_block(const BlockPtr& block);
    void on_complete();
    void txs_available();
    void enter_new_round(std::int32_t round);
    void enter_propose(std::int32_t round);
    void enter_prevote(std::int32_t round);
    void enter_prevote_wait(std::int32_t round);
    void enter_precommit(std::int32_t round);
    void enter_precommit_wait(std::int32_t round);
    void enter_commit(std::int32_t round);
    void try_finalize();
    void timeout(Millis delay, Step step, std::int32_t round);
    void on_timeout(Step step, std::int32_t round);
    void vote(VoteType type, const Block* block);
    void send_second_vote(const Vote& first, const Block* block);
    [[nodiscard]] bool is_complete() const;
    [[nodiscard]] bool needs_proof() const;
    [[nodiscard]] VoteSet& votes(std::int32_t round, VoteType type);
    [[nodiscard]] BlockPtr known_block(const std::string& hash) const;
    void note_conflict(const Vote& vote);
    void reconsider(VoteType type);
    void take_tx(const Tx& tx, std::optional<std::size_t> from);
    [[nodiscard]] std::optional<node::SubmitFault> check_tx(const Tx& tx);

    EngineHost& host_;
    EngineFiles& files_;
    const ChainGenesis& genesis_;
    EngineOptions options_;
    Mode mode_ = Mode::starting;
    Mempool mempool_;
    std::size_t peers_seen_ = 0;
    std::size_t restores_ = 0;
    std::string address_;
    bool equivocates_ = false;

    // The height in the making.
    std::int64_t height_ = 0;
    std::int32_t round_ = 0;
    Step step_ = Step::new_height;
    std::shared_ptr<const pb::ValidatorSet> validators_;
    std::optional<Proposal> proposal_;
    BlockPtr proposal_block_;
    std::int32_t locked_round_ = -1;
    BlockPtr locked_block_;
    std::int32_t valid_round_ = -1;
    BlockPtr valid_block_;
    std::int32_t commit_round_ = -1;
    bool waited_for_precommits_ = false;
    std::map<std::pair<std::int32_t, VoteType>, VoteSet> votes_;
    std::optional<VoteSet> last_precommits_;
    mutable std::set<std::string> valid_;  ///< hashes of blocks that fit this height

    std::set<Evidence> pending_evidence_;
    std::vector<Vote> unwritten_;  ///< came since the log of messages was written last
    std::vector<Vote> conflicts_;  ///< of this height: evidence once its block is there
    std::deque<Message> inbox_;
    bool working_ = false;
};

template <class Response, class Request>
Response Engine::ask(const char* name,
                     node::abci::Answer<Response> (node::abci::Application::*call)(const Request&),
                     const Request& request) {
    host_.point(name);
    auto answer = (host_.application().*call)(request);
    host_.after_call();
    if (!answer) throw EngineStopped{std::string{name} + ": " + answer.error()};
    host_.point(name);
    return std::move(answer).value();
}

}  // namespace tallystick::simulation
