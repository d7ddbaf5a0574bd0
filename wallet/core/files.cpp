#include "wallet/core/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "protocol/crypto.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

/// A descriptor that closes when it goes.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] bool good() const { return number_ >= 0; }

  private:
    int number_;
};

Failure<Problem> system_problem(std::string code, const std::string& what, const fs::path& path) {
    const std::string why = std::strerror(errno);
    return problem(Exit::failed, std::move(code),
                   what + " " + shown(path.string()) + ": " + why + ".");
}

bool write_all(int file, std::string_view content) {
    while (!content.empty()) {
        const auto written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

fs::path folder_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path{"."};
}

bool sync_folder(const fs::path& folder) {
    const Descriptor open_folder{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return open_folder.good() && ::fsync(open_folder.get()) == 0;
}

/// Writes and syncs a temporary file beside `path`; gives its name.
Try<fs::path> write_beside(const fs::path& path, std::string_view content, Access access) {
    auto temporary = path;
    temporary += "." + to_hex(bytes_of(random_string(6))) + ".tmp";
    const mode_t mode = access == Access::owner_only ? 0600 : 0644;
    const Descriptor file{
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)};
    if (!file.good()) return system_problem("cannot_write", "Cannot write", path);
    // The mode that open() gives passes through the umask; a key must be 0600 whatever that is.
    const bool written = (access == Access::everyone || ::fchmod(file.get(), mode) == 0) &&
                         write_all(file.get(), content) && ::fsync(file.get()) == 0;
    if (!written) {
        const auto failure = system_problem("cannot_write", "Cannot write", path);
        ::unlink(temporary.c_str());
        return failure;
    }
    return temporary;
}

}  // namespace

Try<fs::path> wallet_folder() {
    const auto variable = [](const char* name) -> std::string {
        const char* value = std::getenv(name);
        return value == nullptr ? "" : value;
    };
    if (const auto own = variable("TALLY_HOME"); !own.empty()) return fs::path{own};
    if (const auto base = variable("XDG_CONFIG_HOME"); !base.empty())
        return fs::path{base} / "tally";
    if (const auto home = variable("HOME"); !home.empty())
        return fs::path{home} / ".config" / "tally";
    return problem(Exit::failed, "no_home",
                   "Set TALLY_HOME to the folder that the wallet may use.");
}

Try<void> make_private_folder(const fs::path& folder) {
    std::error_code error;
    if (fs::is_directory(folder, error)) return {};
    if (folder.has_parent_path() && folder.parent_path() != folder) {
        if (const auto above = make_private_folder(folder.parent_path()); !above) return above;
    }
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return system_problem("cannot_write", "Cannot make the folder", folder);
    if (!sync_folder(folder_of(folder)))
        return system_problem("cannot_write", "Cannot make the folder", folder);
    return {};
}

Try<void> write_atomically(const fs::path& path, std::string_view content, Access access) {
    const auto temporary = write_beside(path, content, access);
    if (!temporary) return Failure{temporary.error()};
    if (::rename(temporary->c_str(), path.c_str()) != 0 || !sync_folder(folder_of(path))) {
        const auto failure = system_problem("cannot_write", "Cannot write", path);
        ::unlink(temporary->c_str());
        return failure;
    }
    return {};
}

Try<void> write_new_file(const fs::path& path, std::string_view content, Access access) {
    const auto temporary = write_beside(path, content, access);
    if (!temporary) return Failure{temporary.error()};
    // link() fails where rename() would silently replace: two commands at once cannot lose a key.
    const bool linked = ::link(temporary->c_str(), path.c_str()) == 0;
    const int why = errno;
    ::unlink(temporary->c_str());
    errno = why;
    if (!linked && why == EEXIST)
        return problem(Exit::failed, "file_exists",
                       shown(path.string()) + " is there already and stays as it is.");
    if (!linked || !sync_folder(folder_of(path)))
        return system_problem("cannot_write", "Cannot write", path);
    return {};
}

Try<std::string> read_file(const fs::path& path, std::size_t bytes_max) {
    const bool standard_input = path == "-";
    const Descriptor file{standard_input ? ::dup(0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.good() && errno == ENOENT)
        return problem(Exit::failed, "no_such_file",
                       "There is no file " + shown(path.string()) + ".");
    if (!file.good()) return system_problem("cannot_read", "Cannot read", path);
    std::string content;
    std::array<char, 65536> piece{};
    while (true) {
        const auto read = ::read(file.get(), piece.data(), piece.size());
        if (read < 0 && errno == EINTR) continue;
        if (read < 0) return system_problem("cannot_read", "Cannot read", path);
        if (read == 0) return content;
        content.append(piece.data(), static_cast<std::size_t>(read));
        if (content.size() > bytes_max)
            return problem(Exit::failed, "file_too_large",
                           shown(path.string()) + " is larger than " + std::to_string(bytes_max) +
                               " bytes and is not read.");
    }
}

Try<void> check_private(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return system_problem("cannot_read", "Cannot read", path);
    if (S_ISREG(status.st_mode) && (status.st_mode & 077U) != 0)
        return problem(
            Exit::locked, "file_open_to_others",
            "Others on this machine can open " + shown(path.string()) +
                ". Run chmod 600 on it; if they may have read it, replace what it holds.");
    return {};
}

std::vector<std::string> names_in(const fs::path& folder, std::string_view suffix) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        auto name = entry.path().filename().string();
        if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
        name.resize(name.size() - suffix.size());
        names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    return names;
}

Try<void> remove_file(const fs::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return system_problem("cannot_write", "Cannot remove", path);
    if (!sync_folder(folder_of(path))) return system_problem("cannot_write", "Cannot remove", path);
    return {};
}

}  // namespace tallystick::wallet
