#include "node/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tallystick::node {
namespace {

/// A file descriptor that is closed when it goes.
class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return fd_; }

  private:
    int fd_;
};

Failure<FileError> failed(std::string_view what, const std::filesystem::path& path) {
    const auto reason = std::generic_category().message(errno);
    return Failure{
        FileError{"Could not " + std::string{what} + " " + path.string() + ": " + reason + "."}};
}

bool write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const auto written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Result<std::string, FileError> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.get() < 0) return failed("open", path);
    std::string content;
    std::string piece(65536, '\0');
    for (;;) {
        const auto got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path);
        if (got == 0) return content;
        content.append(piece, 0, static_cast<std::size_t>(got));
        if (content.size() > bytes_max)
            return Failure{FileError{path.string() + " is larger than " +
                                     std::to_string(bytes_max) +
                                     " bytes, the most for such a file."}};
    }
}

Result<void, FileError> write_file_atomically(const std::filesystem::path& path,
                                              std::string_view content, FileMode mode) {
    auto beside = path;
    beside += ".new";
    {
        const Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                                     static_cast<mode_t>(mode))};
        if (file.get() < 0) return failed("create", beside);
        // A file left by an earlier attempt keeps its mode through O_CREAT.
        if (::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) return failed("protect", beside);
        if (!write_all(file.get(), content)) return failed("write", beside);
        if (::fsync(file.get()) != 0) return failed("make durable", beside);
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) return failed("put in place", path);
    return sync_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."});
}

Result<void, FileError> sync_folder(const std::filesystem::path& folder) {
    const Descriptor open_folder{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (open_folder.get() < 0) return failed("open the folder", folder);
    if (::fsync(open_folder.get()) != 0) return failed("make durable", folder);
    return {};
}

}  // namespace tallystick::node
