#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "node/files.hpp"
#include "protocol/result.hpp"

/// How a command on the same machine asks the running node for something that needs its data
/// folder: a Unix socket in the folder, which only the folder's owner can open. One line in
/// ("backup PATH" or "export PATH"), one line out ("done" or a sentence).
namespace tallystick::node {

inline constexpr std::size_t control_line_bytes_max = 8192;

/// Answers one caller at a time on a thread of its own.
class ControlServer {
  public:
    /// Gives "done" or a sentence that says what went wrong.
    using Handler = std::function<std::string(const std::string& line)>;

    /// Refuses where the socket cannot be made. A socket that a killed process left is replaced.
    [[nodiscard]] static Result<std::unique_ptr<ControlServer>, FileError> open(
        const std::filesystem::path& socket, Handler handler);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

  private:
    ControlServer(std::filesystem::path socket, int listener, Handler handler);
    void serve();

    std::filesystem::path socket_;
    int listener_;
    Handler handler_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

/// Asks the node that runs on this folder. Nothing if none runs. The answer is the handler's.
[[nodiscard]] std::optional<std::string> ask_running_node(const std::filesystem::path& socket,
                                                          const std::string& line);

}  // namespace tallystick::node
