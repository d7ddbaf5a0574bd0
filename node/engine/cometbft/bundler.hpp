#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "node/engine/bundle.hpp"
#include "node/engine/cometbft/application.hpp"
#include "node/engine/cometbft/bundle_pool.hpp"
#include "node/engine/cometbft/engine_client.hpp"
#include "node/engine/publisher.hpp"
#include "node/pipeline/batch.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::node {

/// Times in milliseconds.
struct BundlerOptions {
    std::uint64_t gather = 4;  ///< how long a bundle waits for envelopes in verification
    /// The same while another bundle of this node is under way, unless a block comes first: what is
    /// made with a block is in time for the next, and few large bundles cost the engine less than
    /// many small ones.
    std::uint64_t step = 200;
    /// With so many envelopes that no block has yet, a node keeps its bundles until it proposes
    /// itself, as long as block follows block: what is proposed by its own node goes to the others
    /// once, and what they have in their mempools goes twice.
    std::size_t busy = bundle_envelopes_max;
    /// How long it keeps one at most: some rounds of turns.
    std::uint64_t turn = 2000;
    std::uint64_t resend = 3000;   ///< a bundle that no block took is handed in again
    std::uint64_t renew = 300000;  ///< an old one is made anew, before others find it too old
    std::uint64_t stalled = 10000;
    std::uint64_t ring = 5000;  ///< no block for so long although a bundle waits: another is made;
                                ///< from then on after twice the time, up to `renew`
    std::uint64_t retry = 250;  ///< after the engine did not answer, or its mempool was full
    std::uint64_t tick_pause = 1000;
    /// Nodes order ticks one after the other, so that usually one of them does.
    std::uint64_t tick_stagger = 300;
    std::size_t outstanding_max = 32;
};

/// Gathers this node's envelopes into bundles, hands them to the engine until a block has them, and
/// answers those who wait. Orders a tick when a deadline passes, and when the ledger has been quiet
/// for a third of the trusting period.
///
/// `poll` does all sending and is called by one thread; everything else may be called by any. A
/// bundle that the engine or its machine lost is handed in again as it was, since a bundle in two
/// blocks does nothing the second time. When this node proposes, its bundles need not be sent at
/// all (docs/adr/0025).
class Bundler {
  public:
    struct Parts {
        const SigningKey& key;
        std::string chain_id;
        EngineClient& client;
        BundlePool& pool;
        Publisher& publisher;
        const CometbftApplication& application;
        /// Are envelopes in verification?
        std::function<bool()> more_is_coming;
        std::function<void(Job&, Answer)> answer;
        Clocks clocks;
        /// `poll` should be called now. Called with no lock of this held.
        std::function<void()> wake;
    };

    /// Everything in `parts` must outlive this.
    Bundler(Parts parts, BundlerOptions options);
    ~Bundler();
    Bundler(const Bundler&) = delete;
    Bundler& operator=(const Bundler&) = delete;

    /// Takes verified jobs; each is answered once. At once if nothing can become of them now: this
    /// node is none of an authority, the segment has ended, or no block comes.
    void offer(std::vector<Job> jobs);

    /// Makes and sends what is due. Gives the milliseconds after which it wants to be called again,
    /// unless `wake` comes first.
    [[nodiscard]] std::uint64_t poll();

    /// This node's turn to propose: makes bundles of all that waits, and gives those that no block
    /// has, oldest first. From inside PrepareProposal; sends nothing.
    [[nodiscard]] std::vector<std::shared_ptr<const std::string>> propose();

    /// A block can be read: answers those whose envelopes it holds. From inside Commit; sends
    /// nothing.
    void committed(const CommittedBlock& block);

    /// A new process of the engine has an empty mempool: everything is sent again. From inside an
    /// ABCI call; sends nothing.
    void engine_began();

    /// Answers everything `unavailable`, now and from now on.
    void stop();

    /// False while envelopes wait and no block has come for ten seconds.
    [[nodiscard]] bool makes_progress() const;
    /// Envelopes that are taken and not ordered.
    [[nodiscard]] std::size_t waiting_envelopes() const;
    [[nodiscard]] std::size_t outstanding_bundles() const;

  private:
    /// One envelope, and all who wait for it.
    struct Entry {
        ledger::VerifiedEnvelope envelope;
        std::vector<Job> jobs;
        std::uint64_t since_ms = 0;
        std::optional<Hash> bundle;  ///< nothing: it waits to be put into one
    };
    /// A bundle that no block has yet.
    struct Outstanding {
        std::shared_ptr<const std::string> bytes;
        std::vector<Hash> envelopes;
        std::uint64_t made_ms = 0;     ///< steady
        std::uint64_t send_at_ms = 0;  ///< when it is to be sent (again)
        bool is_sent = false;
    };
    using Answered = std::vector<std::pair<Job, Answer>>;

    [[nodiscard]] std::optional<Answer> cannot_take() const;
    [[nodiscard]] bool waits_for_turn() const;
    [[nodiscard]] std::uint64_t patience() const;
    [[nodiscard]] bool should_cut(std::uint64_t now_ms);
    [[nodiscard]] std::vector<ledger::VerifiedEnvelope> gather();
    void make(std::vector<ledger::VerifiedEnvelope> envelopes, std::uint64_t now_ms,
              std::uint64_t send_at_ms);
    void cut_all(std::uint64_t now_ms);
    void send_all(std::uint64_t now_ms);
    void take_back(const Hash& bundle);
    void order_tick_if_due(std::uint64_t now_ms);
    void ring_if_late(std::uint64_t now_ms);
    void answer_what_cannot_go();
    void note_progress(std::uint64_t now_ms);
    void settle(Entry& entry, const ledger::EnvelopeResult& became, bool is_ours,
                const CommittedBlock& block, Answered& answered);
    /// Whoever waits for it is told this, and nobody waits any more.
    static void release(Entry& entry, const Answer& why, Answered& answered);
    void answer_all(Answered& answered);
    [[nodiscard]] std::uint64_t next_poll(std::uint64_t now_ms);

    Parts parts_;
    BundlerOptions options_;

    mutable std::mutex mutex_;
    std::unordered_map<Hash, Entry, FirstBytesOfHash> entries_;  ///< by the whole envelope's hash
    std::deque<Hash> waiting_;  ///< may name some that are in a bundle or gone by now
    std::unordered_map<Hash, Outstanding, FirstBytesOfHash> outstanding_;
    std::deque<Hash> outstanding_order_;
    std::atomic<std::uint64_t> counter_{0};
    bool block_came_ = false;          ///< since `poll` last looked
    std::uint64_t last_block_ms_ = 0;  ///< steady
    std::uint64_t next_tick_ms_ = 0;   ///< steady
    std::uint64_t ring_pause_ms_ = 0;  ///< since the last block or ring; 0: there was a block
    std::uint64_t rung_ms_ = 0;        ///< steady; the last block or ring
    bool stopped_ = false;
    std::atomic<bool> stalled_{false};
};

}  // namespace tallystick::node
