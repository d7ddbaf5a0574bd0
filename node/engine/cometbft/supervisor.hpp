#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "node/engine/cometbft/child_process.hpp"
#include "node/engine/cometbft/engine_client.hpp"
#include "protocol/result.hpp"

/// Keeps the engine's process running beside ours.
namespace tallystick::node {

/// What to start and how patiently.
struct SupervisorOptions {
    /// Called before every start, from the supervisor's thread: checks the program, writes its
    /// files, says how to start it. The error is a sentence; it is tried again after a pause.
    std::function<Result<ChildCommand, std::string>()> prepare;
    /// Does the engine answer? Asked every `probe_every` from the supervisor's thread; must come
    /// back within seconds. Empty: never asked.
    std::function<bool()> answers;
    /// One line of what the engine says, without its end. From the supervisor's thread.
    std::function<void(const std::string& line)> on_line;
    /// A new process runs. From the supervisor's thread; must not call `stop`.
    std::function<void()> on_started;
    /// A process has ended without being told to. As above.
    std::function<void(const std::string& words)> on_died;

    std::chrono::milliseconds pause_first{200};      ///< before a start after a death
    std::chrono::milliseconds pause_longest{30000};  ///< it doubles with each death up to this
    std::chrono::milliseconds steady{
        60000};                             ///< who ran this long starts again with the first pause
    std::chrono::milliseconds grace{3000};  ///< to end by itself, before it is killed
    std::chrono::milliseconds probe_every{2000};
    std::chrono::milliseconds silence_max{30000};  ///< an engine that answered before may be silent
};

/// Starts the engine, watches it, starts it again when it ends (with whatever code), and ends it.
/// An engine that was asked to end, or that does not answer any more, is killed after a grace. A
/// thread of its own does all that; every function may be called from any thread but that one.
class Supervisor final : public EngineProcess {
  public:
    explicit Supervisor(SupervisorOptions options);
    /// Stops.
    ~Supervisor() override;
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// Starts the first process and waits until it exists. The error is why it does not; then
    /// nothing runs. Once.
    [[nodiscard]] Result<void, std::string> start() override;

    /// SIGTERM, after the grace SIGKILL; returns when the process is gone. Again has no effect.
    void stop() override;

    /// The engine has lost its connection to us and must end by itself within the grace; it is
    /// killed if it does not. It is started again as after any death.
    void expect_end();

    [[nodiscard]] std::vector<std::string> not_ready() const override;

    [[nodiscard]] bool running() const;
    /// Processes started after the first.
    [[nodiscard]] std::uint64_t restarts() const;
    /// The last lines of the process that died last; empty if none did.
    [[nodiscard]] std::string last_words() const;
    /// Of the running process; nothing while none runs.
    [[nodiscard]] std::optional<pid_t> pid() const;

  private:
    using Clock = std::chrono::steady_clock;

    void work();
    [[nodiscard]] std::optional<ChildProcess> start_one();
    void watch(ChildProcess& child);
    /// Waits for the end of the process or of its output, a wake-up, or the time.
    void wait(const ChildProcess& child, Clock::time_point until);
    void read(const ChildProcess& child);
    void take_line(std::string line);
    void probe(ChildProcess& child, Clock::time_point now);
    void note_death(int status, Clock::duration lived);
    void pause();
    void wake();

    const SupervisorOptions options_;
    int wake_fd_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Result<void, std::string>> first_;  ///< what became of the first start
    bool stopping_ = false;
    bool end_expected_ = false;
    std::optional<pid_t> pid_;
    std::uint64_t starts_ = 0;
    std::string fault_;  ///< why no process runs now
    std::string last_words_;
    std::thread thread_;

    // Of the supervisor's thread alone.
    std::string pending_;                    ///< a line that has not ended yet
    std::vector<std::string> newest_lines_;  ///< the last few
    std::chrono::milliseconds pause_;
    bool output_over_ = false;
    bool answered_ = false;
    Clock::time_point answered_at_{};
    Clock::time_point probe_at_{};
    std::optional<Clock::time_point> kill_at_;
};

}  // namespace tallystick::node
