#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "protocol/crypto.hpp"
#include "protocol/result.hpp"

/// A program that this process starts and that never outlives it.
namespace tallystick::node {

/// How a program is started.
struct ChildCommand {
    std::filesystem::path program;
    std::vector<std::string> arguments;    ///< without the program's own name
    std::vector<std::string> environment;  ///< NAME=VALUE; the child gets nothing else
    std::filesystem::path folder;          ///< in which it runs
    /// What must not stand on a disk: the child reads them as /proc/self/fd/3, /proc/self/fd/4, …
    /// in this order, from memory that goes with the processes. At most `secrets_max`.
    std::vector<const SecretBytes*> secrets;
    static constexpr std::size_t secrets_max = 8;
};

/// Where the child finds the secret with this index.
[[nodiscard]] std::filesystem::path secret_path(std::size_t index);

/// One process: started, read, signalled, buried. It has a process group of its own, so that a
/// terminal's Ctrl-C does not reach it before us, takes no open file of ours along, and is killed
/// by the kernel when the *thread* that started it ends: start it from a thread that outlives it.
/// One thread.
class ChildProcess {
  public:
    /// Errors, each a sentence: no memory file or pipe to be had, no process, the program cannot be
    /// executed.
    [[nodiscard]] static Result<ChildProcess, std::string> start(const ChildCommand& command);

    /// Kills it if it still runs, and waits for its end.
    ~ChildProcess();
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&&) = delete;
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Readable when the process has ended (for poll).
    [[nodiscard]] int end_fd() const noexcept { return end_fd_; }
    /// Its standard output and error together; never blocks.
    [[nodiscard]] int output_fd() const noexcept { return output_fd_; }

    /// No effect once it has ended.
    void send(int signal) noexcept;

    /// How it ended, as waitpid tells; nothing while it runs.
    [[nodiscard]] std::optional<int> ended() noexcept;

  private:
    ChildProcess(pid_t pid, int end_fd, int output_fd) noexcept
        : pid_(pid), end_fd_(end_fd), output_fd_(output_fd) {}

    pid_t pid_;
    int end_fd_;
    int output_fd_;
    std::optional<int> status_;
};

/// "it ended with code 1", "it was ended by signal 9".
[[nodiscard]] std::string end_in_words(int status);

}  // namespace tallystick::node
