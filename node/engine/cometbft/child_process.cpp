#include "node/engine/cometbft/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// Debian 12's header does not say that these are C.
extern "C" {
#include <sys/pidfd.h>
}

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace tallystick::node {
namespace {

/// Descriptors of ours stand above this, so that the child can put its own below without treading
/// on one of them.
constexpr int lowest_of_ours = 32;
constexpr int first_secret = 3;
constexpr int exit_unable = 127;

Failure<std::string> failed(const std::string& what) {
    return Failure{what + ": " + std::generic_category().message(errno) + "."};
}

/// Descriptors that are closed when they go.
class Descriptors {
  public:
    Descriptors() = default;
    ~Descriptors() {
        for (const int fd : all_) ::close(fd);
    }
    Descriptors(const Descriptors&) = delete;
    Descriptors& operator=(const Descriptors&) = delete;

    /// Moves it out of the way and keeps it. False if that fails.
    [[nodiscard]] bool keep(int fd) {
        if (fd < 0) return false;
        const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, lowest_of_ours);
        ::close(fd);
        if (moved < 0) return false;
        all_.push_back(moved);
        return true;
    }
    void close_last() {
        ::close(all_.back());
        all_.pop_back();
    }
    [[nodiscard]] int last() const { return all_.back(); }
    [[nodiscard]] const std::vector<int>& all() const { return all_; }

  private:
    std::vector<int> all_;
};

bool fill(int fd, const SecretBytes& secret) {
    std::size_t written = 0;
    while (written < secret.size()) {
        const auto got = ::write(fd, secret.data() + written, secret.size() - written);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        written += static_cast<std::size_t>(got);
    }
    return ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
}

std::vector<char*> raw(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

/// All that the child needs, made before it exists: between fork and exec only calls that are safe
/// in a copy of a process with threads may happen.
struct Prepared {
    const char* program;
    char* const* arguments;
    char* const* environment;
    const char* folder;
    const int* secrets;
    std::size_t secrets_count;
    int output;
    int complaint;  ///< closed by a successful exec; else errno goes in
    pid_t parent;
};

[[noreturn]] void become(const Prepared& prepared) {
    const auto give_up = [&] {
        const int why = errno;
        static_cast<void>(::write(prepared.complaint, &why, sizeof why) < 0);
        ::_exit(exit_unable);
    };
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &by_default, nullptr);
    if (::setpgid(0, 0) != 0) give_up();
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up();
    // If we had died before that call, nobody would ever send the signal.
    if (::getppid() != prepared.parent) ::_exit(exit_unable);
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0) give_up();
    if (::dup2(prepared.output, STDOUT_FILENO) < 0 || ::dup2(prepared.output, STDERR_FILENO) < 0)
        give_up();
    int next = first_secret;
    for (std::size_t i = 0; i < prepared.secrets_count; ++i, ++next)
        if (::dup2(prepared.secrets[i], next) < 0) give_up();
    if (::close_range(static_cast<unsigned>(next), ~0U, CLOSE_RANGE_CLOEXEC) != 0) give_up();
    if (::chdir(prepared.folder) != 0) give_up();
    ::execve(prepared.program, prepared.arguments, prepared.environment);
    give_up();
    ::_exit(exit_unable);
}

}  // namespace

std::filesystem::path secret_path(std::size_t index) {
    return "/proc/self/fd/" + std::to_string(static_cast<std::size_t>(first_secret) + index);
}

Result<ChildProcess, std::string> ChildProcess::start(const ChildCommand& command) {
    ensure(command.secrets.size() <= ChildCommand::secrets_max, "few secrets go to a child");
    Descriptors secrets;
    for (const auto* secret : command.secrets) {
        if (!secrets.keep(::memfd_create("tallystick", MFD_CLOEXEC | MFD_ALLOW_SEALING)) ||
            !fill(secrets.last(), *secret))
            return failed("Could not put a secret into memory for " + command.program.string());
    }
    int output[2] = {-1, -1};
    int complaint[2] = {-1, -1};
    Descriptors reading;
    Descriptors writing;
    if (::pipe2(output, O_CLOEXEC) != 0 || !reading.keep(output[0]) || !writing.keep(output[1]) ||
        ::pipe2(complaint, O_CLOEXEC) != 0 || !reading.keep(complaint[0]) ||
        !writing.keep(complaint[1]))
        return failed("Could not make a pipe for " + command.program.string());

    std::vector<std::string> arguments{command.program.string()};
    arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
    const auto raw_arguments = raw(arguments);
    const auto raw_environment = raw(command.environment);
    const Prepared prepared{command.program.c_str(), raw_arguments.data(), raw_environment.data(),
                            command.folder.c_str(),  secrets.all().data(), secrets.all().size(),
                            writing.all()[0],        writing.all()[1],     ::getpid()};
    const pid_t pid = ::fork();
    if (pid < 0) return failed("Could not start " + command.program.string());
    if (pid == 0) become(prepared);

    writing.close_last();
    int why = 0;
    ssize_t got = -1;
    while ((got = ::read(reading.all()[1], &why, sizeof why)) < 0 && errno == EINTR) {
    }
    const int end_fd = ::pidfd_open(pid, 0);
    if (got == sizeof why || end_fd < 0) {
        if (got != sizeof why) why = errno;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        if (end_fd >= 0) ::close(end_fd);
        errno = why;
        return failed("Could not start " + command.program.string());
    }
    const int output_fd = ::fcntl(reading.all()[0], F_DUPFD_CLOEXEC, lowest_of_ours);
    ChildProcess started{pid, end_fd, output_fd};
    if (output_fd < 0 || ::fcntl(output_fd, F_SETFL, O_NONBLOCK) != 0)
        return failed("Could not read from " + command.program.string());
    return started;
}

ChildProcess::~ChildProcess() {
    if (pid_ < 0) return;
    if (!ended()) {
        send(SIGKILL);
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
    }
    ::close(end_fd_);
    if (output_fd_ >= 0) ::close(output_fd_);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      end_fd_(std::exchange(other.end_fd_, -1)),
      output_fd_(std::exchange(other.output_fd_, -1)),
      status_(other.status_) {}

void ChildProcess::send(int signal) noexcept {
    // Not by number: that of a process that has ended and was buried may belong to another.
    if (!status_) ::pidfd_send_signal(end_fd_, signal, nullptr, 0);
}

std::optional<int> ChildProcess::ended() noexcept {
    if (status_) return status_;
    int status = 0;
    const auto got = ::waitpid(pid_, &status, WNOHANG);
    if (got == pid_) status_ = status;
    return status_;
}

std::string end_in_words(int status) {
    if (WIFSIGNALED(status)) return "it was ended by signal " + std::to_string(WTERMSIG(status));
    return "it ended with code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace tallystick::node
