#include "node/backup.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>

namespace tallystick::node {
namespace {

using nlohmann::json;

constexpr const char* handovers_name = "handovers";

Failure<FileError> refuse(std::string sentence) {
    return Failure{FileError{std::move(sentence)}};
}

Failure<FileError> refuse(const std::string& what, const std::filesystem::path& path,
                          const std::error_code& error) {
    return refuse("Could not " + what + " " + path.string() + ": " + error.message() + ".");
}

/// Makes everything under a folder's file system durable.
void sync_all(const std::filesystem::path& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::syncfs(fd);
    ::close(fd);
}

Result<void, FileError> copy_file_durably(const std::filesystem::path& from,
                                          const std::filesystem::path& to) {
    const auto content = read_file(from, 16777216);
    if (!content) return Failure{content.error()};
    return write_file_atomically(to, *content, FileMode::everyone_reads);
}

/// Puts a folder that was built beside its place there.
Result<void, FileError> put_in_place(const std::filesystem::path& made,
                                     const std::filesystem::path& place) {
    sync_all(made);
    std::error_code error;
    std::filesystem::rename(made, place, error);
    if (error) return refuse("put in place", place, error);
    return sync_folder(std::filesystem::absolute(place).parent_path());
}

// --- The child's side of a verification: one JSON value a line.

void say(int fd, const json& value) {
    auto line = value.dump(-1, ' ', false, json::error_handler_t::replace);
    line += '\n';
    std::string_view left{line};
    while (!left.empty()) {
        const auto written = ::write(fd, left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        left.remove_prefix(static_cast<std::size_t>(written));
    }
}

[[noreturn]] void verify_and_say(const std::filesystem::path& folder, ledger::VerifyOptions options,
                                 int fd) {
    options.progress = [fd](std::uint64_t height, std::uint64_t of) {
        say(fd, {{"height", height}, {"of", of}});
    };
    const auto verified = ledger::verify_folder(folder, options);
    if (!verified) {
        say(fd,
            {{"fault", static_cast<int>(verified.error().fault)}, {"what", verified.error().what}});
        ::_exit(0);
    }
    for (const auto& finding : verified->findings)
        say(fd, {{"place", finding.place}, {"what", finding.what}});
    say(fd, {{"done", true},
             {"height", verified->height},
             {"entries", verified->entries},
             {"leaves", verified->leaves},
             {"without_header", verified->without_header}});
    ::_exit(0);
}

// --- The parent's side.

struct Heard {
    ledger::Verification verification;
    std::optional<ledger::StoreError> error;
    bool done = false;
    std::uint64_t height = 0;  ///< how far the child said it was
};

void hear(const std::string& line, const ledger::VerifyOptions& options, Heard& heard) {
    const auto value = json::parse(line, nullptr, false);
    if (!value.is_object()) return;
    if (value.contains("done")) {
        heard.done = true;
        heard.verification.height = value.at("height").get<std::uint64_t>();
        heard.verification.entries = value.at("entries").get<std::uint64_t>();
        heard.verification.leaves = value.at("leaves").get<std::uint64_t>();
        heard.verification.without_header = value.at("without_header").get<std::uint64_t>();
    } else if (value.contains("fault")) {
        heard.error =
            ledger::StoreError{static_cast<ledger::StoreFault>(value.at("fault").get<int>()),
                               value.at("what").get<std::string>()};
    } else if (value.contains("place")) {
        heard.verification.findings.push_back(
            {value.at("place").get<std::string>(), value.at("what").get<std::string>()});
    } else if (value.contains("height")) {
        heard.height = value.at("height").get<std::uint64_t>();
        if (options.progress) options.progress(heard.height, value.at("of").get<std::uint64_t>());
    }
}

Heard hear_all(int fd, const ledger::VerifyOptions& options) {
    Heard heard;
    std::string buffer;
    char piece[4096];
    for (;;) {
        const auto got = ::read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return heard;
        buffer.append(piece, static_cast<std::size_t>(got));
        for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
            hear(buffer.substr(0, end), options, heard);
            buffer.erase(0, end + 1);
        }
    }
}

/// What proves that one segment follows another: nobody can make it again later.
Result<void, FileError> copy_handovers(const DataFolder& from, const DataFolder& to) {
    std::error_code error;
    const auto folder = from.root / handovers_name;
    if (!std::filesystem::exists(folder, error)) return {};
    std::filesystem::copy(folder, to.root / handovers_name,
                          std::filesystem::copy_options::recursive, error);
    if (error) return refuse("copy", folder, error);
    return {};
}

}  // namespace

Result<void, FileError> write_backup(const DataFolder& from, const std::filesystem::path& target,
                                     const CopyLedger& copy_ledger) {
    std::error_code error;
    if (std::filesystem::exists(target, error))
        return refuse(target.string() + " exists already; name a path that does not.");
    auto making = target;
    making += ".new";
    std::filesystem::remove_all(making, error);
    std::filesystem::create_directories(making, error);
    if (error) return refuse("make the folder", making, error);
    std::filesystem::permissions(making, std::filesystem::perms::owner_all, error);
    const DataFolder copy{making};
    if (const auto done = copy_file_durably(from.format(), copy.format()); !done) return done;
    if (const auto done = copy_file_durably(from.genesis(), copy.genesis()); !done) return done;
    if (const auto done = copy_handovers(from, copy); !done) return done;
    if (const auto copied = copy_ledger(copy.ledger()); !copied) {
        std::filesystem::remove_all(making, error);
        return refuse(copied.error().what);
    }
    return put_in_place(making, target);
}

Result<void, FileError> restore_backup(const std::filesystem::path& backup, const DataFolder& to) {
    const DataFolder from{backup};
    if (const auto checked = check_data_folder(from); !checked) return checked;
    std::error_code error;
    if (std::filesystem::exists(to.root, error) && !std::filesystem::is_empty(to.root, error))
        return refuse(to.root.string() + " holds something already; name a new folder.");
    std::filesystem::remove(to.root, error);
    auto making = to.root;
    making += ".new";
    std::filesystem::remove_all(making, error);
    const DataFolder copy{making};
    if (const auto made = create_data_folder(copy); !made) return made;
    if (const auto done = copy_file_durably(from.genesis(), copy.genesis()); !done) return done;
    if (const auto done = copy_handovers(from, copy); !done) return done;
    std::filesystem::copy(from.ledger(), copy.ledger(), std::filesystem::copy_options::recursive,
                          error);
    if (error) return refuse("copy", from.ledger(), error);
    return put_in_place(making, to.root);
}

ledger::StoreResult<ledger::Verification> verify_in_child(
    const std::filesystem::path& ledger_folder, const ledger::VerifyOptions& options) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return Failure{ledger::StoreError{ledger::StoreFault::input_output,
                                          "Could not make a pipe to the process that verifies."}};
    const auto child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        verify_and_say(ledger_folder, options, ends[1]);
    }
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        return Failure{ledger::StoreError{ledger::StoreFault::input_output,
                                          "Could not start the process that verifies."}};
    }
    auto heard = hear_all(ends[0], options);
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (heard.error) return Failure{std::move(*heard.error)};
    if (!heard.done) {
        const std::string how = WIFSIGNALED(status)
                                    ? std::string{"stopped by "} + strsignal(WTERMSIG(status))
                                    : "ended early";
        heard.verification.findings.push_back(
            {ledger_folder.string() + ", after block " + std::to_string(heard.height),
             "The process that read it was " + how +
                 ": pages of the store itself are damaged there."});
    }
    return std::move(heard.verification);
}

}  // namespace tallystick::node
