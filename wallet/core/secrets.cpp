#include "wallet/core/secrets.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

/// A passphrase of its exact size.
SecretBytes cut(const SecretBytes& buffer, std::size_t size) {
    SecretBytes made{size};
    std::memcpy(made.data(), buffer.data(), size);
    return made;
}

Failure<Problem> bad_passphrase(const std::string& where) {
    return problem(Exit::locked, "bad_passphrase",
                   "The passphrase from " + where + " is empty or longer than " +
                       std::to_string(passphrase_bytes_max) + " bytes.");
}

/// Reads up to the end of a line, into locked memory, a byte at a time so that nothing of what
/// follows is taken. Gives the size, or nothing if it is too long or could not be read.
Try<SecretBytes> read_line(int file, const std::string& where) {
    SecretBytes buffer{passphrase_bytes_max};
    std::size_t size = 0;
    while (true) {
        std::uint8_t byte = 0;
        const auto read = ::read(file, &byte, 1);
        if (read < 0 && errno == EINTR)
            return problem(Exit::interrupted, "interrupted", "Interrupted.");
        if (read < 0)
            return problem(Exit::locked, "bad_passphrase",
                           "Cannot read the passphrase from " + where + ".");
        if (read == 0 || byte == '\n') break;
        if (size == passphrase_bytes_max) return bad_passphrase(where);
        buffer.data()[size++] = byte;
    }
    if (size > 0 && buffer.data()[size - 1] == '\r') --size;
    if (size == 0) return bad_passphrase(where);
    return cut(buffer, size);
}

// Set while a signal that came during a prompt waits to be delivered again.
volatile std::sig_atomic_t caught_signal = 0;

void remember_signal(int number) {
    caught_signal = number;
}

/// Turns the terminal's echo off, and on again when it goes. Signals that would end the process in
/// between are held back until then: else the shell would be left without echo.
class QuietTerminal {
  public:
    explicit QuietTerminal(int terminal) : terminal_(terminal) {
        quiet_ = ::tcgetattr(terminal_, &before_) == 0;
        struct sigaction action {};
        action.sa_handler = remember_signal;
        for (std::size_t i = 0; i < signals.size(); ++i)
            ::sigaction(signals[i], &action, &actions_[i]);
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        quiet_ = quiet_ && ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
    }
    ~QuietTerminal() {
        if (quiet_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
        for (std::size_t i = 0; i < signals.size(); ++i)
            ::sigaction(signals[i], &actions_[i], nullptr);
        if (caught_signal != 0) ::raise(caught_signal);
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    [[nodiscard]] bool quiet() const { return quiet_; }

  private:
    static constexpr std::array<int, 4> signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    int terminal_;
    bool quiet_ = false;
    termios before_{};
    std::array<struct sigaction, 4> actions_{};
};

}  // namespace

void harden_process() noexcept {
    // Best effort: a sandbox may forbid either, and the key stays sealed on disk all the same.
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0);
}

Try<SecretBytes> passphrase_from_file(const fs::path& path) {
    const auto where = shown(path.string());
    if (const auto checked = check_private(path); !checked) return Failure{checked.error()};
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return problem(Exit::locked, "bad_passphrase",
                       "Cannot read the passphrase from " + where + ".");
    auto line = read_line(file, where);
    ::close(file);
    return line;
}

Try<SecretBytes> passphrase_from_terminal(std::string_view prompt) {
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0)
        return problem(
            Exit::locked, "no_terminal",
            "There is no terminal to ask for the passphrase. Give --passphrase-file with a "
            "file of mode 600 or a descriptor such as /dev/fd/3.");
    caught_signal = 0;
    auto answer = [&]() -> Try<SecretBytes> {
        const QuietTerminal silence{terminal};
        if (!silence.quiet())
            return problem(Exit::locked, "no_terminal",
                           "The terminal's echo cannot be turned off.");
        if (::write(terminal, prompt.data(), prompt.size()) < 0)
            return problem(Exit::locked, "no_terminal", "The terminal cannot be written to.");
        return read_line(terminal, "the terminal");
    }();
    ::close(terminal);
    return answer;
}

bool equal_secrets(const SecretBytes& a, const SecretBytes& b) noexcept {
    if (a.size() != b.size()) return false;
    unsigned different = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        different |= static_cast<unsigned>(a.data()[i] ^ b.data()[i]);
    return different == 0;
}

}  // namespace tallystick::wallet
