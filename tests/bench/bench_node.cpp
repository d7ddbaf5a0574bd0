#include "bench/bench_node.hpp"

#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "bench/basics.hpp"
#include "ledger/store/store.hpp"
#include "node/api/routes/routes.hpp"
#include "node/data_folder.hpp"

namespace tallystick::bench {

namespace {

/// Bounds what is under way, so that the queue is full but never refuses.
class Window {
  public:
    explicit Window(std::size_t most) : most_(most) {}

    void enter(std::size_t count) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return under_way_ + count <= most_; });
        under_way_ += count;
    }
    void leave(std::size_t count) {
        const std::lock_guard lock{mutex_};
        under_way_ -= count;
        changed_.notify_all();
    }
    void wait_until_empty() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return under_way_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t most_;
    std::size_t under_way_ = 0;
};

}  // namespace

BenchNode::BenchNode(const World& world, const std::filesystem::path& folder)
    : folder_(folder / ("tally-bench-" + std::to_string(::getpid()))) {
    const node::DataFolder data{folder_};
    if (const auto made = node::create_data_folder(data); !made) give_up(made.error().sentence);
    if (const auto saved = node::save_genesis(data, world.genesis_file()); !saved) {
        give_up(saved.error().sentence);
    }
    const auto genesis = node::load_genesis(data);
    if (!genesis) give_up(genesis.error().sentence);
    if (const auto made = node::ensure_ledger(data, *genesis); !made)
        give_up(made.error().sentence);
    auto store = ledger::Store::open(data.ledger(), {}, genesis->ledger_id);
    if (!store) give_up(store.error().what);
    auto created = node::LedgerNode::create(
        std::move(*store), SigningKey::from_seed(world.node_keys().front().seed().view()),
        node::LedgerNodeOptions{});
    if (!created) give_up(created.error());
    node_ = std::move(*created);
    node_->start();
}

BenchNode::~BenchNode() {
    if (server_) server_->stop(std::chrono::seconds{1});
    if (const auto stopped = node_->shut_down(std::chrono::seconds{5}); !stopped) {
        std::fprintf(stderr, "tally-bench: %s\n", stopped.error().c_str());
    }
    server_.reset();
    api_.reset();
    node_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::uint16_t BenchNode::serve() {
    api_ = std::make_unique<node::api::Api>(node::api::public_routes(*node_));
    node::api::ServerOptions options;
    options.listen.address = "127.0.0.1";
    options.listen.port = 0;
    options.requests_per_second = 0;  // the limit for strangers is not what is measured
    server_ = std::make_unique<node::api::Server>(options, *api_, node_.get());
    const auto port = server_->start();
    if (!port) give_up(port.error());
    return *port;
}

void BenchNode::submit_all(const std::vector<std::string>& envelopes, std::size_t batch) {
    constexpr std::size_t under_way_max = 16384;
    Window window{under_way_max};
    for (std::size_t from = 0; from < envelopes.size(); from += batch) {
        const auto to = std::min(from + batch, envelopes.size());
        std::vector<std::string> some(envelopes.begin() + static_cast<std::ptrdiff_t>(from),
                                      envelopes.begin() + static_cast<std::ptrdiff_t>(to));
        window.enter(to - from);
        node_->submit(std::move(some),
                      [&window, count = to - from](std::vector<node::Answer> answers) {
                          for (const auto& answer : answers) {
                              if (answer.status != node::AnswerStatus::done || !answer.first) {
                                  give_up("an envelope was not done: " +
                                          std::string{node::answer_status_name(answer.status)} +
                                          " " + std::string{answer.code});
                              }
                          }
                          window.leave(count);
                      });
    }
    window.wait_until_empty();
}

}  // namespace tallystick::bench
