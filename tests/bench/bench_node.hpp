#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/world.hpp"
#include "node/api/api.hpp"
#include "node/api/server.hpp"
#include "node/ledger_node.hpp"

namespace tallystick::bench {

/// A node on a temporary data folder, with the real store, engine and API. Gone with its folder at
/// the end.
class BenchNode {
  public:
    /// @param folder where the data folder is made; on the disk that is to be measured.
    BenchNode(const World& world, const std::filesystem::path& folder);
    ~BenchNode();
    BenchNode(const BenchNode&) = delete;
    BenchNode& operator=(const BenchNode&) = delete;

    [[nodiscard]] node::LedgerNode& node() { return *node_; }
    /// Starts the API on loopback; the port.
    [[nodiscard]] std::uint16_t serve();

    /// Hands the envelopes in and waits for all answers. Stops the program if one is not done: a
    /// benchmark of refusals would measure nothing.
    void submit_all(const std::vector<std::string>& envelopes, std::size_t batch);

  private:
    std::filesystem::path folder_;
    std::unique_ptr<node::LedgerNode> node_;
    std::unique_ptr<node::api::Api> api_;
    std::unique_ptr<node::api::Server> server_;
};

}  // namespace tallystick::bench
