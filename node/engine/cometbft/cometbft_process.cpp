#include "node/engine/cometbft/cometbft_process.hpp"

#include <utility>

#include "node/engine/cometbft/sign_state.hpp"
#include "node/log.hpp"

namespace tallystick::node {
namespace {

constexpr std::chrono::milliseconds probe_limit{3000};

}  // namespace

CometbftProcess::CometbftProcess(EngineSetup setup, const SigningKey& key, bool expects_peers)
    : setup_(std::move(setup)),
      own_id_(peer_id(key.public_key())),
      keys_(key),
      client_(RpcOptions{setup_.rpc_socket()}),
      watch_(watch_options(expects_peers)),
      supervisor_(supervisor_options()) {}

CometbftProcess::~CometbftProcess() {
    stop();
}

SupervisorOptions CometbftProcess::supervisor_options() {
    SupervisorOptions options;
    options.prepare = [this] { return engine_command(setup_, own_id_, keys_); };
    options.answers = [this] { return client_.answers(probe_limit); };
    options.on_line = [this](const std::string& line) {
        log_.take(line);
        // Whatever made its consensus fail: it runs on and answers, and never votes again.
        if (says_consensus_failed(line)) supervisor_.expect_end();
        if (!setup_.state_sync.empty() && setup_.state_sync.front().failed &&
            says_state_sync_failed(line))
            setup_.state_sync.front().failed();
    };
    return options;
}

EngineWatchOptions CometbftProcess::watch_options(bool expects_peers) {
    EngineWatchOptions options;
    options.questions = {[this] { return client_.status(); },
                         [this] { return client_.peers(); },
                         [this] { return client_.peer_heights(); },
                         [this] { return client_.validators(); },
                         [this] { return client_.mempool(); },
                         [this](const auto& peers) { client_.dial(peers); }};
    options.own_id = own_id_;
    for (const auto& peer : setup_.peers)
        if (!peer.starts_with(own_id_ + "@")) options.peers.push_back(peer);
    options.expects_peers = expects_peers && !options.peers.empty();
    options.moniker = setup_.moniker;
    return options;
}

Result<void, std::string> CometbftProcess::start() {
    if (auto started = supervisor_.start(); !started) return started;
    watch_.start();
    return {};
}

void CometbftProcess::stop() {
    watch_.stop();
    supervisor_.stop();
}

std::vector<std::string> CometbftProcess::not_ready() const {
    auto reasons = supervisor_.not_ready();
    if (reasons.empty()) reasons = watch_.not_ready();
    return reasons;
}

void CometbftProcess::expect_end() {
    supervisor_.expect_end();
}

EngineProcessMetrics CometbftProcess::metrics() const {
    const auto health = watch_.health();
    EngineProcessMetrics metrics;
    metrics.up = supervisor_.running() && health.answers;
    metrics.peers = health.peers;
    metrics.catching_up = health.catching_up;
    metrics.blocks_behind_network = blocks_behind(health);
    metrics.restarts = supervisor_.restarts();
    metrics.mempool = health.mempool;
    return metrics;
}

std::optional<std::string> CometbftProcess::signed_elsewhere(std::uint64_t height) const {
    return node::signed_elsewhere(setup_.sign_state_file(), height);
}

bool CometbftProcess::blocks_will_go() {
    const auto noted = note_first_blocks_gone(setup_);
    if (!noted)
        log_event(LogLevel::warning, "engine_keeps_old_blocks",
                  {{"reason", noted.error().sentence}});
    return static_cast<bool>(noted);
}

}  // namespace tallystick::node
