#include "ledger/store/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "ledger/store/lmdb.hpp"

namespace tallystick::ledger {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing) {
    const int code = errno;
    const bool full = code == ENOSPC || code == EDQUOT;
    throw LmdbFailure{
        {full ? StoreFault::out_of_space : StoreFault::input_output,
         path.string() + ": " + doing + ": " + std::generic_category().message(code)}};
}

class Descriptor {
  public:
    Descriptor(const std::filesystem::path& path, int flags)
        : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
        if (number_ < 0) fail(path_, "open");
    }
    ~Descriptor() { ::close(number_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    void write(std::string_view content) const {
        while (!content.empty()) {
            const auto written = ::write(number_, content.data(), content.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail(path_, "write");
            content.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    void sync() const {
        if (::fsync(number_) != 0) fail(path_, "make durable");
    }

  private:
    const std::filesystem::path& path_;
    int number_;
};

}  // namespace

void sync_folder(const std::filesystem::path& folder) {
    const Descriptor opened{folder, O_RDONLY | O_DIRECTORY};
    opened.sync();
}

void write_file_durably(const std::filesystem::path& file, std::string_view content) {
    auto temporary = file;
    temporary += ".new";
    {
        const Descriptor opened{temporary, O_WRONLY | O_CREAT | O_TRUNC};
        opened.write(content);
        opened.sync();
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0) fail(file, "rename");
    sync_folder(file.parent_path());
}

void copy_file_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::filesystem::copy_file(from, to);
    const Descriptor opened{to, O_RDONLY};
    opened.sync();
}

void remove_file_durably(const std::filesystem::path& file) {
    if (::unlink(file.c_str()) != 0) {
        if (errno == ENOENT) return;
        fail(file, "remove");
    }
    sync_folder(file.parent_path());
}

std::optional<std::string> read_small_file(const std::filesystem::path& file) {
    const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (opened < 0) return std::nullopt;
    std::array<char, 4096> buffer{};
    const auto count = ::read(opened, buffer.data(), buffer.size());
    ::close(opened);
    if (count < 0) return std::nullopt;
    return std::string{buffer.data(), static_cast<std::size_t>(count)};
}

std::optional<std::string> identity_of(const std::filesystem::path& file) {
    const auto boot = read_small_file("/proc/sys/kernel/random/boot_id");
    struct stat status {};
    if (!boot || ::stat(file.c_str(), &status) != 0) return std::nullopt;
    return "boot " + *boot + "device " + std::to_string(status.st_dev) + "\ninode " +
           std::to_string(status.st_ino) + "\n";
}

FolderLock::FolderLock(const std::filesystem::path& folder) {
    const auto file = folder / "lock";
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) fail(file, "open");
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    const bool held = errno == EWOULDBLOCK;
    ::close(descriptor_);
    if (!held) fail(file, "lock");
    throw LmdbFailure{{StoreFault::in_use,
                       folder.string() + " is in use by another process: stop that one first"}};
}

FolderLock::~FolderLock() {
    ::close(descriptor_);
}

}  // namespace tallystick::ledger
