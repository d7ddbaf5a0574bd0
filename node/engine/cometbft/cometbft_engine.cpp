#include "node/engine/cometbft/cometbft_engine.hpp"

#include <chrono>
#include <utility>

#include "node/engine/solo.hpp"
#include "node/log.hpp"

namespace tallystick::node {

Clocks system_clocks() {
    return {system_milliseconds, [] {
                return static_cast<std::uint64_t>(
                    std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::steady_clock::now().time_since_epoch())
                        .count());
            }};
}

void CometbftEngine::Worker::start() {
    thread_ = std::thread{[this] { run(); }};
}

void CometbftEngine::Worker::wake() {
    {
        const std::lock_guard lock{mutex_};
        woken_ = true;
    }
    changed_.notify_all();
}

void CometbftEngine::Worker::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void CometbftEngine::Worker::run() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        woken_ = false;
        lock.unlock();
        const std::chrono::milliseconds wait{work_()};
        lock.lock();
        changed_.wait_for(lock, wait, [this] { return woken_ || stopping_; });
    }
}

CometbftEngine::CometbftEngine(const Parts& parts, CometbftOptions options)
    : store_(parts.store),
      key_(parts.key),
      options_(std::move(options)),
      block_shown_(parts.block_shown),
      publisher_(parts.store, parts.read_side),
      copier_(parts.store),
      process_(options_.running ? std::move(options_.running->process)
                                : options_.make_process(parts.key)),
      snapshots_(make_snapshots(parts)),
      priorities_(process_->client()),
      pool_(parts.checker),
      application_({parts.store, parts.read_side, publisher_, parts.checker, pool_,
                    parts.writer_mutex, snapshots_.get(), options_.clocks},
                   options_.application, hooks(), address_of(parts.key.public_key())),
      bundler_(
          {parts.key, parts.store.chain_id(), process_->client(), pool_, publisher_, application_,
           parts.more_is_coming, parts.answer, options_.clocks, [this] { bundle_worker_.wake(); }},
          options_.bundler),
      follower_({parts.store, parts.read_side, process_->client(), application_, options_.clocks},
                options_.follower),
      bundle_worker_([this] { return work(); }),
      header_worker_([this] { return follower_.poll(); }) {}

CometbftEngine::~CometbftEngine() {
    stop();
}

CometbftApplication::Hooks CometbftEngine::hooks() {
    CometbftApplication::Hooks hooks;
    hooks.committed = [this](const CommittedBlock& block) {
        bundler_.committed(block);
        header_worker_.wake();
        copier_.copy_if_due(block.height);
        if (snapshots_) snapshots_->make_if_due(block.height);
        if (block_shown_) block_shown_(block.height);
    };
    hooks.own_bundles = [this] { return bundler_.propose(); };
    hooks.engine_began = [this] { bundler_.engine_began(); };
    hooks.signed_elsewhere = [this](std::uint64_t height) {
        return process_->signed_elsewhere(height);
    };
    hooks.blocks_will_go = [this] { return process_->blocks_will_go(); };
    // Nobody waits any longer for what cannot be written; reads go on.
    hooks.failed = [this](const std::string&) { bundle_worker_.wake(); };
    return hooks;
}

std::uint64_t CometbftEngine::work() {
    if (!application_.fault()) return bundler_.poll();
    // An engine that is started again would ask the same of us and end again.
    bundler_.stop();
    process_->stop();
    return std::uint64_t{3600000};
}

void CometbftEngine::give_up(std::string why) {
    log_event(LogLevel::error, "engine_not_started", {{"reason", why}});
    const std::lock_guard lock{mutex_};
    start_fault_ = std::move(why);
}

std::unique_ptr<SnapshotKeeper> CometbftEngine::make_snapshots(const Parts& parts) const {
    if (options_.snapshots.empty()) return nullptr;
    return std::make_unique<SnapshotKeeper>(SnapshotKeeper::Parts{
        options_.snapshots, [&read_side = parts.read_side] { return read_side.open(); },
        parts.store.genesis_file(), options_.snapshot_blocks});
}

void CometbftEngine::open_socket() {
    if (options_.abci_socket.empty()) return;
    auto opened = abci::Server::open(options_.abci_socket, application_,
                                     [this](const std::string&) { process_->expect_end(); });
    if (!opened) return give_up(opened.error());
    server_ = std::move(*opened);
}

void CometbftEngine::start() {
    if (!options_.running) open_socket();
    if (start_fault_) return;
    bundle_worker_.start();
    header_worker_.start();
    if (options_.running) {
        options_.running->application->switch_to(application_);
    } else if (const auto started = process_->start(); !started) {
        give_up(started.error());
    }
}

void CometbftEngine::offer(std::vector<Job> jobs) {
    bundler_.offer(std::move(jobs));
}

void CometbftEngine::stop() {
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(stopped_, true)) return;
    }
    // Headers of the newest blocks first, while there is someone to ask.
    bundle_worker_.stop();
    header_worker_.stop();
    bundler_.stop();
    process_->stop();
    if (server_) server_->stop();
    if (options_.running) options_.running->server->stop();
    copier_.finish();
    if (snapshots_) snapshots_->finish();
}

std::optional<std::string> CometbftEngine::fault() const {
    if (auto fault = application_.fault()) return fault;
    const std::lock_guard lock{mutex_};
    return start_fault_;
}

EngineMetrics CometbftEngine::metrics() const {
    EngineMetrics metrics;
    const auto& counted = application_.counters();
    metrics.due_items = counted.due_items;
    metrics.overdue = counted.overdue;
    metrics.blocks = counted.blocks;
    metrics.empty_blocks = counted.empty_blocks;
    metrics.execute_microseconds = counted.execute_microseconds;
    metrics.bundles_refused = counted.tx_refused;
    metrics.proposals_rejected = counted.proposals_rejected;
    const auto& published = publisher_.counters();
    metrics.done = published.done;
    metrics.refused = published.refused;
    metrics.skipped = published.skipped;
    metrics.repeated = published.repeated;
    metrics.due_done = published.due_done;
    metrics.commit_microseconds = published.commit_microseconds;
    const auto process = process_->metrics();
    metrics.health = EngineHealthMetrics{process.up,
                                         process.peers,
                                         process.blocks_behind_network,
                                         process.restarts,
                                         process.mempool.transactions,
                                         process.mempool.bytes};
    return metrics;
}

std::vector<std::string> CometbftEngine::not_ready() const {
    auto reasons = process_->not_ready();
    if (!bundler_.makes_progress())
        reasons.emplace_back(
            "No block has come for ten seconds although envelopes wait: fewer than two thirds of "
            "the authorities' nodes agree. Reads go on; find out which nodes are down.");
    if (auto fault = follower_.fault()) reasons.push_back(std::move(*fault));
    if (const auto last = application_.last_height())
        reasons.push_back(
            segment_end_sentence({*last, application_.height(), store_.headers_until()}));
    return reasons;
}

std::vector<SnapshotHere> CometbftEngine::snapshots() const {
    std::vector<SnapshotHere> here;
    for (const auto& offer : application_.offered_snapshots())
        here.push_back({offer.height, offer.format, offer.chunks});
    return here;
}

Result<std::vector<std::int64_t>, ReadError> CometbftEngine::proposer_priorities(
    std::uint64_t height, const pb::ValidatorSet& validators) const {
    return priorities_.at(height, validators);
}

NetworkState CometbftEngine::network_state() const {
    NetworkState state;
    state.engine = pb::ENGINE_COMETBFT;
    state.makes_progress = bundler_.makes_progress();
    const auto process = process_->metrics();
    state.catching_up = process.catching_up;
    state.peers = process.peers;
    state.waiting_envelopes = bundler_.waiting_envelopes();
    state.is_observer = !application_.is_current_node(key_.public_key());
    return state;
}

}  // namespace tallystick::node
