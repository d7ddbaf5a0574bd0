#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/world.hpp"

namespace tallystick::bench {

/// Processor time so far, milliseconds.
struct ProcessTime {
    double tallyd_ms = 0;
    double engine_ms = 0;
};

/// The authorities of a world, each with a `tallyd` process and an engine of its own, on loopback.
/// All of them and their folders are gone at the end, also where the program gives up. Stops the
/// program with a sentence if a node does not come up. One thread, one object at a time.
class NetworkNodes {
  public:
    /// Makes the folders and starts every node.
    /// @param program path of tallyd
    NetworkNodes(const World& world, const std::filesystem::path& folder,
                 std::filesystem::path program);
    ~NetworkNodes();
    NetworkNodes(const NetworkNodes&) = delete;
    NetworkNodes& operator=(const NetworkNodes&) = delete;

    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    /// Of the public API.
    [[nodiscard]] std::uint16_t api_port(std::size_t node) const { return nodes_[node].api_port; }
    /// Of all nodes that run, together.
    [[nodiscard]] ProcessTime process_time() const;

    /// kill -9 of the node's tallyd; its engine goes with it.
    void kill(std::size_t node);
    /// Starts a killed node again, with further settings (NAME=VALUE) that stay with it; returns
    /// when its API answers.
    void restart(std::size_t node, const std::vector<std::string>& settings = {});
    /// A killed node loses its disk and has nothing but its key, the network file and the certainty
    /// that it signed nothing above `highest_height`.
    void lose_disk(const World& world, std::size_t node, const std::string& network_file,
                   std::uint64_t highest_height);
    [[nodiscard]] const std::filesystem::path& data(std::size_t node) const {
        return nodes_[node].data;
    }
    /// What the node has logged so far, all its lives together.
    [[nodiscard]] std::string log(std::size_t node) const;

  private:
    struct Node {
        std::filesystem::path data;
        std::uint16_t peer_port = 0;
        std::uint16_t api_port = 0;
        pid_t pid = -1;
        std::vector<std::string> settings = {};  ///< beyond those of all
    };

    void stop();
    void make_node(const World& world, std::size_t number);
    void make_folder(const World& world, std::size_t number) const;
    void launch(std::size_t number);
    void wait_for(std::size_t number);
    [[nodiscard]] std::vector<pid_t> engines_of(pid_t tallyd) const;

    /// Those that would outlive a program that gives up.
    static inline NetworkNodes* running = nullptr;

    std::filesystem::path folder_;
    std::filesystem::path program_;
    std::vector<Node> nodes_;
    std::vector<std::string> peers_;  ///< ID@ADDRESS of the authorities' nodes
};

}  // namespace tallystick::bench
