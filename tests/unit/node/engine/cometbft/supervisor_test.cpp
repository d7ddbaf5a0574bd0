#include "node/engine/cometbft/supervisor.hpp"

#include <signal.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "unit/node/engine/cometbft/fake_program.hpp"

using namespace tallystick;
using namespace tallystick::node;
using namespace std::chrono_literals;

namespace {

/// What a supervisor told, to wait for.
class Told {
  public:
    void line(const std::string& text) {
        const std::lock_guard lock{mutex_};
        lines_.push_back(text);
        changed_.notify_all();
    }
    void started() {
        const std::lock_guard lock{mutex_};
        ++starts_;
        changed_.notify_all();
    }
    void died(const std::string& words) {
        const std::lock_guard lock{mutex_};
        deaths_.push_back(words);
        changed_.notify_all();
    }
    bool wait_for_line(const std::string& text) {
        return wait([&] { return std::ranges::find(lines_, text) != lines_.end(); });
    }
    bool wait_for_starts(int count) {
        return wait([&] { return starts_ >= count; });
    }
    bool wait_for_deaths(std::size_t count) {
        return wait([&] { return deaths_.size() >= count; });
    }
    std::string death(std::size_t index) {
        const std::lock_guard lock{mutex_};
        return deaths_.at(index);
    }
    std::size_t deaths() {
        const std::lock_guard lock{mutex_};
        return deaths_.size();
    }

  private:
    template <class Condition>
    bool wait(const Condition& condition) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, 20s, condition);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
    int starts_ = 0;
    std::vector<std::string> deaths_;
};

SupervisorOptions options_for(const ScriptFolder& folder, const std::filesystem::path& program,
                              Told& told) {
    SupervisorOptions options;
    options.prepare = [&folder, program] {
        ChildCommand command;
        command.program = program;
        command.folder = folder.path();
        command.environment = {"PATH=/usr/bin:/bin"};
        return Result<ChildCommand, std::string>{command};
    };
    options.on_line = [&told](const std::string& line) { told.line(line); };
    options.on_started = [&told] { told.started(); };
    options.on_died = [&told](const std::string& words) { told.died(words); };
    options.pause_first = 5ms;
    options.pause_longest = 20ms;
    options.grace = 200ms;
    options.probe_every = 5ms;
    options.silence_max = 50ms;
    return options;
}

bool exists(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

}  // namespace

TEST_CASE("an engine that ends is started again, whatever its code", "[supervisor]") {
    const ScriptFolder folder;
    const auto code = GENERATE(as<std::string>{}, "0", "1");
    Told told;
    Supervisor supervisor{
        options_for(folder, folder.script("engine", "echo ending; exit " + code), told)};
    REQUIRE(supervisor.start());
    REQUIRE(told.wait_for_deaths(3));
    CHECK(told.death(0) == "ending");
    CHECK(supervisor.restarts() >= 2);
    CHECK(supervisor.last_words() == "ending");
    supervisor.stop();
    CHECK_FALSE(supervisor.running());
    CHECK(supervisor.not_ready() == std::vector<std::string>{"The engine was stopped."});
}

TEST_CASE("an engine that is killed is started again", "[supervisor]") {
    const ScriptFolder folder;
    Told told;
    Supervisor supervisor{
        options_for(folder, folder.script("engine", "echo up; exec sleep 60"), told)};
    REQUIRE(supervisor.start());
    REQUIRE(told.wait_for_line("up"));
    CHECK(supervisor.running());
    CHECK(supervisor.not_ready().empty());
    const auto first = supervisor.pid();
    REQUIRE(first);
    ::kill(*first, SIGKILL);
    REQUIRE(told.wait_for_starts(2));
    CHECK(supervisor.pid() != first);
}

TEST_CASE("while it is down readiness says how it ended and what it said last", "[supervisor]") {
    const ScriptFolder folder;
    Told told;
    auto options =
        options_for(folder, folder.script("engine", "echo one; echo two >&2; exit 7"), told);
    options.pause_first = 60s;
    options.pause_longest = 60s;
    Supervisor supervisor{std::move(options)};
    REQUIRE(supervisor.start());
    REQUIRE(told.wait_for_deaths(1));
    CHECK(supervisor.not_ready() ==
          std::vector<std::string>{"The engine is down: it ended with code 7 and is started again "
                                   "soon. It last said: two"});
    CHECK(supervisor.last_words() == "one\ntwo");
    supervisor.stop();  // does not wait for the pause
}

TEST_CASE("stopping asks first, and kills who does not listen", "[supervisor]") {
    const ScriptFolder folder;
    Told told;
    SECTION("one that listens ends in order") {
        Supervisor supervisor{
            options_for(folder,
                        folder.script("engine",
                                      "trap 'echo bye > ended; exit 0' TERM\necho up\n"
                                      "while :; do sleep 0.01; done"),
                        told)};
        REQUIRE(supervisor.start());
        REQUIRE(told.wait_for_line("up"));
        supervisor.stop();
        CHECK(folder.read("ended") == "bye\n");
    }
    SECTION("one that does not is killed after the grace") {
        Supervisor supervisor{options_for(
            folder, folder.script("engine", "trap '' TERM\necho up\nwhile :; do sleep 0.01; done"),
            told)};
        REQUIRE(supervisor.start());
        REQUIRE(told.wait_for_line("up"));
        const auto pid = supervisor.pid();
        supervisor.stop();
        CHECK_FALSE(exists(*pid));
    }
    CHECK(told.deaths() == 0);
}

TEST_CASE("an engine that has lost us must end by itself, or is killed and started again",
          "[supervisor]") {
    const ScriptFolder folder;
    Told told;
    Supervisor supervisor{options_for(
        folder, folder.script("engine", "trap '' TERM\necho up\nwhile :; do sleep 0.01; done"),
        told)};
    REQUIRE(supervisor.start());
    REQUIRE(told.wait_for_line("up"));
    supervisor.expect_end();
    REQUIRE(told.wait_for_starts(2));
    CHECK(told.deaths() == 1);
    // The new process is not expected to end.
    CHECK(supervisor.running());
}

TEST_CASE("an engine that answered and does not any more is killed and started again",
          "[supervisor]") {
    const ScriptFolder folder;
    Told told;
    std::atomic<int> asked{0};
    auto options = options_for(folder, folder.script("engine", "exec sleep 60"), told);
    options.answers = [&] { return ++asked == 1; };
    Supervisor supervisor{std::move(options)};
    REQUIRE(supervisor.start());
    REQUIRE(told.wait_for_starts(2));
}

TEST_CASE("an engine that never answered yet may take its time", "[supervisor]") {
    const ScriptFolder folder;
    Told told;
    std::atomic<int> asked{0};
    std::mutex mutex;
    std::condition_variable often;
    auto options = options_for(folder, folder.script("engine", "exec sleep 60"), told);
    options.silence_max = 0ms;
    options.answers = [&] {
        if (++asked == 20) {
            const std::lock_guard lock{mutex};
            often.notify_all();
        }
        return false;
    };
    Supervisor supervisor{std::move(options)};
    REQUIRE(supervisor.start());
    std::unique_lock lock{mutex};
    REQUIRE(often.wait_for(lock, 20s, [&] { return asked >= 20; }));
    CHECK(told.deaths() == 0);
}

TEST_CASE("a program that cannot be started is an error at the first start", "[supervisor]") {
    const ScriptFolder folder;
    Told told;
    SECTION("it is not there") {
        Supervisor supervisor{options_for(folder, folder.path() / "nothing", told)};
        const auto started = supervisor.start();
        REQUIRE_FALSE(started);
        CHECK(started.error().find("Could not start") == 0);
        CHECK(started.error().find("No such file") != std::string::npos);
        CHECK(supervisor.not_ready() ==
              std::vector<std::string>{"The engine is down: " + started.error()});
    }
    SECTION("its preparation fails") {
        auto options = options_for(folder, folder.path() / "nothing", told);
        options.prepare = []() -> Result<ChildCommand, std::string> {
            return Failure{std::string{"The disk is full."}};
        };
        Supervisor supervisor{std::move(options)};
        const auto started = supervisor.start();
        REQUIRE_FALSE(started);
        CHECK(started.error() == "The disk is full.");
    }
}

TEST_CASE("a program that goes missing later is tried again", "[supervisor]") {
    const ScriptFolder folder;
    Told told;
    const auto program = folder.script("engine", "echo up; exec sleep 60");
    Supervisor supervisor{options_for(folder, program, told)};
    REQUIRE(supervisor.start());
    REQUIRE(told.wait_for_line("up"));
    std::filesystem::rename(program, folder.path() / "away");
    ::kill(*supervisor.pid(), SIGKILL);
    REQUIRE(told.wait_for_deaths(1));
    std::filesystem::rename(folder.path() / "away", program);
    REQUIRE(told.wait_for_starts(2));
}

TEST_CASE("what an engine says comes line by line, however long and without an end",
          "[supervisor]") {
    const ScriptFolder folder;
    Told told;
    Supervisor supervisor{options_for(
        folder,
        folder.script("engine", "head -c 20000 /dev/zero | tr '\\0' x; echo; printf last; exit 1"),
        told)};
    REQUIRE(supervisor.start());
    CHECK(told.wait_for_line(std::string(8192, 'x')));
    CHECK(told.wait_for_line("last"));
}

TEST_CASE("a child gets its secrets as files in memory, a clean environment, and nothing else",
          "[child]") {
    const ScriptFolder folder;
    SecretBytes secret{6};
    std::copy_n("secret", 6, secret.data());
    ::setenv("TALLYSTICK_TEST_SECRET", "not for children", 1);
    ChildCommand command;
    command.program = folder.script(
        "child", "cat " + secret_path(0).string() +
                     " > got; env > environment; ls /proc/self/fd | wc -l > descriptors; "
                     "pwd > folder; cat /proc/self/fd/0 > input");
    command.folder = folder.path();
    command.environment = {"PATH=/usr/bin:/bin", "ONLY=this"};
    command.secrets = {&secret};
    {
        auto child = ChildProcess::start(command);
        REQUIRE(child);
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!child->ended() && std::chrono::steady_clock::now() < until)
            std::this_thread::yield();
        REQUIRE(child->ended() == 0);
        CHECK(end_in_words(*child->ended()) == "it ended with code 0");
    }
    CHECK(folder.read("got") == "secret");
    CHECK(folder.read("environment").find("TALLYSTICK_TEST_SECRET") == std::string::npos);
    CHECK(folder.read("environment").find("ONLY=this") != std::string::npos);
    CHECK(folder.read("input").empty());
    // Three standard ones, the secret, and the one with which `ls` reads the folder.
    CHECK(std::stoi(folder.read("descriptors")) == 5);
}

TEST_CASE("an engine dies with the thread that keeps it", "[child]") {
    const ScriptFolder folder;
    ChildCommand command;
    command.program = folder.script("child", "exec sleep 60");
    command.folder = folder.path();
    command.environment = {"PATH=/usr/bin:/bin"};
    std::optional<ChildProcess> child;
    std::thread keeper{[&] {
        auto started = ChildProcess::start(command);
        if (started) child.emplace(std::move(*started));
    }};
    keeper.join();
    REQUIRE(child);
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!child->ended() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    REQUIRE(child->ended());
    CHECK(end_in_words(*child->ended()) == "it was ended by signal 9");
}
