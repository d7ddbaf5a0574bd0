#include "node/engine/cometbft/supervisor.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "node/log.hpp"

namespace tallystick::node {
namespace {

constexpr std::size_t line_bytes_max = 8192;
constexpr std::size_t lines_kept = 8;
/// Who never stops talking must not keep us from watching it.
constexpr int pieces_at_once_max = 16;
constexpr std::chrono::milliseconds sleep_max{1000};

}  // namespace

Supervisor::Supervisor(SupervisorOptions options)
    : options_(std::move(options)),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      pause_(options_.pause_first) {
    ensure(options_.prepare != nullptr, "a supervisor knows what to start");
    ensure(wake_fd_ >= 0, "an eventfd can be had");
}

Supervisor::~Supervisor() {
    stop();
    ::close(wake_fd_);
}

Result<void, std::string> Supervisor::start() {
    std::unique_lock lock{mutex_};
    ensure(!thread_.joinable() && !first_, "a supervisor is started once");
    if (stopping_) return Failure{std::string{"The engine was told to stop before it started."}};
    thread_ = std::thread{[this] { work(); }};
    changed_.wait(lock, [this] { return first_.has_value(); });
    return *first_;
}

void Supervisor::stop() {
    std::thread ending;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        ending = std::move(thread_);
    }
    changed_.notify_all();
    wake();
    if (ending.joinable()) ending.join();
}

void Supervisor::expect_end() {
    {
        const std::lock_guard lock{mutex_};
        end_expected_ = true;
    }
    wake();
}

std::vector<std::string> Supervisor::not_ready() const {
    const std::lock_guard lock{mutex_};
    if (pid_) return {};
    if (stopping_) return {"The engine was stopped."};
    if (!fault_.empty()) return {"The engine is down: " + fault_};
    return {"The engine is being started."};
}

bool Supervisor::running() const {
    return pid().has_value();
}

std::uint64_t Supervisor::restarts() const {
    const std::lock_guard lock{mutex_};
    return starts_ == 0 ? 0 : starts_ - 1;
}

std::string Supervisor::last_words() const {
    const std::lock_guard lock{mutex_};
    return last_words_;
}

std::optional<pid_t> Supervisor::pid() const {
    const std::lock_guard lock{mutex_};
    return pid_;
}

void Supervisor::work() {
    for (bool is_first = true;; is_first = false) {
        {
            const std::lock_guard lock{mutex_};
            if (stopping_) break;
            end_expected_ = false;
        }
        const auto begun = Clock::now();
        auto child = start_one();
        if (is_first) {
            const std::lock_guard lock{mutex_};
            first_ = child ? Result<void, std::string>{} : Failure{fault_};
        }
        changed_.notify_all();
        if (!child && is_first) return;
        if (child) {
            if (options_.on_started) options_.on_started();
            watch(*child);
            note_death(*child->ended(), Clock::now() - begun);
        }
        pause();
    }
}

std::optional<ChildProcess> Supervisor::start_one() {
    auto command = options_.prepare();
    std::optional<ChildProcess> child;
    std::string fault;
    if (!command) {
        fault = command.error();
    } else {
        auto started = ChildProcess::start(*command);
        if (started)
            child.emplace(std::move(*started));
        else
            fault = started.error();
    }
    pending_.clear();
    newest_lines_.clear();
    output_over_ = false;
    kill_at_.reset();
    answered_ = false;
    probe_at_ = Clock::now() + options_.probe_every;
    const std::lock_guard lock{mutex_};
    if (fault != fault_ && !fault.empty())
        log_event(LogLevel::error, "engine_not_started", {{"why", fault}});
    fault_ = std::move(fault);
    if (!child) return std::nullopt;
    pid_ = child->pid();
    ++starts_;
    log_event(LogLevel::info, "engine_started",
              {{"pid", std::to_string(*pid_)}, {"start", std::to_string(starts_)}});
    return child;
}

void Supervisor::watch(ChildProcess& child) {
    bool asked = false;
    for (;;) {
        read(child);
        if (child.ended()) break;
        const auto now = Clock::now();
        {
            const std::lock_guard lock{mutex_};
            if (stopping_ && !asked) {
                asked = true;
                child.send(SIGTERM);
                kill_at_ = now + options_.grace;
            }
            if (end_expected_ && !kill_at_) kill_at_ = now + options_.grace;
        }
        if (kill_at_ && now >= *kill_at_) {
            log_event(LogLevel::warning, "engine_killed",
                      {{"why", "it did not end by itself in time"}});
            child.send(SIGKILL);
            kill_at_ = now + options_.grace;
        }
        if (!asked) probe(child, now);
        auto until = now + sleep_max;
        if (kill_at_) until = std::min(until, *kill_at_);
        if (!asked && options_.answers) until = std::min(until, std::max(probe_at_, now));
        wait(child, until);
    }
    read(child);
    if (!pending_.empty()) take_line(std::exchange(pending_, {}));
}

void Supervisor::wait(const ChildProcess& child, Clock::time_point until) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count() + 1;
    std::array<pollfd, 3> waited{pollfd{child.end_fd(), POLLIN, 0}, pollfd{wake_fd_, POLLIN, 0},
                                 pollfd{output_over_ ? -1 : child.output_fd(), POLLIN, 0}};
    ::poll(waited.data(), waited.size(), static_cast<int>(std::max<std::int64_t>(left, 0)));
    if ((waited[1].revents & POLLIN) != 0) {
        std::uint64_t count = 0;
        static_cast<void>(::read(wake_fd_, &count, sizeof count) < 0);
    }
}

void Supervisor::read(const ChildProcess& child) {
    std::array<char, 16384> piece{};
    for (int pieces = 0; pieces < pieces_at_once_max && !output_over_; ++pieces) {
        const auto got = ::read(child.output_fd(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        output_over_ = got == 0;
        if (got <= 0) return;
        for (const char c : std::string_view{piece.data(), static_cast<std::size_t>(got)}) {
            if (c == '\n')
                take_line(std::exchange(pending_, {}));
            else if (pending_.size() < line_bytes_max)
                pending_.push_back(c);
        }
    }
}

void Supervisor::take_line(std::string line) {
    if (line.empty()) return;
    if (options_.on_line) options_.on_line(line);
    if (newest_lines_.size() == lines_kept) newest_lines_.erase(newest_lines_.begin());
    newest_lines_.push_back(std::move(line));
}

void Supervisor::probe(ChildProcess& child, Clock::time_point now) {
    if (!options_.answers || kill_at_ || now < probe_at_) return;
    if (options_.answers()) {
        answered_ = true;
        answered_at_ = Clock::now();
    } else if (answered_ && now - answered_at_ > options_.silence_max) {
        log_event(LogLevel::warning, "engine_killed", {{"why", "it did not answer any more"}});
        child.send(SIGKILL);
        kill_at_ = now + options_.grace;
    }
    probe_at_ = Clock::now() + options_.probe_every;
}

void Supervisor::note_death(int status, Clock::duration lived) {
    if (lived >= options_.steady) pause_ = options_.pause_first;
    const auto how = end_in_words(status);
    std::string words;
    for (const auto& line : newest_lines_) words += (words.empty() ? "" : "\n") + line;
    bool told = false;
    {
        const std::lock_guard lock{mutex_};
        pid_.reset();
        last_words_ = words;
        told = stopping_;
        fault_ = how + " and is started again soon.";
        if (!newest_lines_.empty()) fault_ += " It last said: " + newest_lines_.back();
    }
    log_event(told ? LogLevel::info : LogLevel::warning, told ? "engine_stopped" : "engine_died",
              {{"how", how}});
    if (!told && options_.on_died) options_.on_died(words);
}

void Supervisor::pause() {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, pause_, [this] { return stopping_; });
    pause_ = std::min(pause_ * 2, options_.pause_longest);
}

void Supervisor::wake() {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake_fd_, &one, sizeof one) < 0);
}

}  // namespace tallystick::node
