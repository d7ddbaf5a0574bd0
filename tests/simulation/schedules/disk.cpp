#include "simulation/schedules/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/ensure.hpp"

namespace tallystick::simulation {
namespace {

constexpr std::size_t descriptors_max = 4096;
constexpr std::uint64_t sector_bytes = 512;
constexpr std::string_view boot_id_file = "/proc/sys/kernel/random/boot_id";

/// A change of a file that no sync covers yet.
struct Change {
    std::string file;
    bool is_write = false;  ///< else a change of size
    std::uint64_t offset = 0;
    std::uint64_t old_size = 0;
    std::uint64_t new_size = 0;
    std::string before;  ///< what stood there; shorter than `after` where the file ended
    std::string after;
};

}  // namespace

struct Disk::State {
    std::filesystem::path folder;
    std::string prefix;  ///< the folder with a slash
    std::uint64_t boots = 1;
    bool full = false;
    bool wanted_space = false;
    bool dead = false;
    std::uint64_t writes_left = 0;  ///< 0: no death is planned
    std::uint64_t steps = 0;
    std::vector<Change> unsynced;
};

namespace {

struct Open {
    Disk::State* disk = nullptr;
    std::string file;
    bool synchronous = false;
    bool readable = false;
};

std::recursive_mutex& mutex() {
    static std::recursive_mutex made;
    return made;
}
std::array<Open, descriptors_max>& opened() {
    static std::array<Open, descriptors_max> made;
    return made;
}
std::map<std::string, Disk::State*, std::less<>>& disks() {
    static std::map<std::string, Disk::State*, std::less<>> made;
    return made;
}
const Disk*& machine() {
    static const Disk* current = nullptr;
    return current;
}

Disk::State* disk_of(std::string_view path) {
    const auto next = disks().upper_bound(path);
    if (next == disks().begin()) return nullptr;
    const auto& [prefix, state] = *std::prev(next);
    return path.starts_with(prefix) ? state : nullptr;
}

Open* watched(int descriptor) {
    if (descriptor < 0 || static_cast<std::size_t>(descriptor) >= descriptors_max) return nullptr;
    auto& open = opened().at(static_cast<std::size_t>(descriptor));
    return open.disk != nullptr ? &open : nullptr;
}

/// Counts a step; false if nothing more reaches this disk, with errno set.
bool may_step(Disk::State& disk) {
    if (!disk.dead && disk.writes_left != 0 && --disk.writes_left == 0) disk.dead = true;
    if (disk.dead) {
        errno = EIO;
        return false;
    }
    ++disk.steps;
    return true;
}

bool may_write(Disk::State& disk) {
    if (!may_step(disk)) return false;
    if (!disk.full) return true;
    disk.wanted_space = true;
    errno = ENOSPC;
    return false;
}

std::uint64_t size_of(int descriptor) {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

ssize_t plain_pread(int descriptor, void* data, std::size_t size, std::uint64_t offset) {
    return ::syscall(SYS_pread64, descriptor, data, size, static_cast<off_t>(offset));
}
ssize_t plain_pwrite(int descriptor, const void* data, std::size_t size, std::uint64_t offset) {
    return ::syscall(SYS_pwrite64, descriptor, data, size, static_cast<off_t>(offset));
}

/// What stands in the file, also where the descriptor is write-only.
ssize_t read_back(int descriptor, const Open& open, std::string& into, std::uint64_t offset) {
    if (open.readable) return plain_pread(descriptor, into.data(), into.size(), offset);
    const auto path = "/proc/self/fd/" + std::to_string(descriptor);
    const auto reading =
        static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC, 0));
    if (reading < 0) return 0;
    const auto had = plain_pread(reading, into.data(), into.size(), offset);
    ::syscall(SYS_close, reading);
    return had;
}

ssize_t write_at(int descriptor, Open& open, const void* data, std::size_t size,
                 std::uint64_t offset) {
    if (!may_write(*open.disk)) return -1;
    if (open.synchronous) return plain_pwrite(descriptor, data, size, offset);
    Change change;
    change.file = open.file;
    change.is_write = true;
    change.offset = offset;
    change.old_size = size_of(descriptor);
    if (offset < change.old_size) {
        const auto there = std::min<std::uint64_t>(size, change.old_size - offset);
        change.before.resize(static_cast<std::size_t>(there));
        const auto had = read_back(descriptor, open, change.before, offset);
        change.before.resize(had > 0 ? static_cast<std::size_t>(had) : 0);
    }
    const auto written = plain_pwrite(descriptor, data, size, offset);
    if (written <= 0) return written;
    change.after.assign(static_cast<const char*>(data), static_cast<std::size_t>(written));
    open.disk->unsynced.push_back(std::move(change));
    return written;
}

void forget_unsynced(Disk::State& disk, std::string_view file) {
    std::erase_if(disk.unsynced, [&](const Change& change) { return change.file == file; });
}

int open_common(int folder, const char* path, int flags, mode_t mode) {
    const std::lock_guard lock{mutex()};
    std::string substitute;
    if (path == boot_id_file && machine() != nullptr) {
        substitute = (machine()->folder().string() + ".boot");
        path = substitute.c_str();
    }
    auto* disk = path[0] == '/' ? disk_of(path) : nullptr;
    const bool writes = (flags & O_ACCMODE) != O_RDONLY;
    if (disk != nullptr && disk->dead && writes) {
        errno = EIO;
        return -1;
    }
    // Where there is no such file, what was written to an earlier one of this name is gone with it.
    if (disk != nullptr && (flags & O_CREAT) != 0 && ::access(path, F_OK) != 0)
        forget_unsynced(*disk, path);
    const auto descriptor = static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
    if (descriptor < 0 || static_cast<std::size_t>(descriptor) >= descriptors_max)
        return descriptor;
    auto& open = opened().at(static_cast<std::size_t>(descriptor));
    open.disk = disk;
    open.file = disk != nullptr ? path : "";
    open.synchronous = (flags & O_DSYNC) != 0;
    open.readable = (flags & O_ACCMODE) == O_RDWR;
    return descriptor;
}

int synced(int descriptor) {
    const std::lock_guard lock{mutex()};
    auto* open = watched(descriptor);
    if (open == nullptr) return static_cast<int>(::syscall(SYS_fsync, descriptor));
    if (!may_step(*open->disk)) return -1;
    forget_unsynced(*open->disk, open->file);
    return 0;
}

int resized(int descriptor, off_t size) {
    const std::lock_guard lock{mutex()};
    auto* open = watched(descriptor);
    if (open != nullptr) {
        if (!may_write(*open->disk)) return -1;
        Change change;
        change.file = open->file;
        change.old_size = size_of(descriptor);
        change.new_size = static_cast<std::uint64_t>(size);
        open->disk->unsynced.push_back(std::move(change));
    }
    return static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
}

ssize_t written_here(int descriptor, const void* data, std::size_t size) {
    const std::lock_guard lock{mutex()};
    auto* open = watched(descriptor);
    if (open == nullptr) return ::syscall(SYS_write, descriptor, data, size);
    const auto at = ::lseek(descriptor, 0, SEEK_CUR);
    const auto written =
        write_at(descriptor, *open, data, size, static_cast<std::uint64_t>(std::max<off_t>(at, 0)));
    if (written > 0) ::lseek(descriptor, at + written, SEEK_SET);
    return written;
}

std::string joined(const struct iovec* parts, int count) {
    std::string bytes;
    for (int i = 0; i < count; ++i)
        bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    return bytes;
}

/// False with errno set if a name under a disk cannot be changed now.
bool may_change_name(const char* path) {
    auto* disk = disk_of(path);
    return disk == nullptr || may_step(*disk);
}

}  // namespace

Disk::Disk(std::filesystem::path folder) : state_(std::make_unique<State>()) {
    state_->folder = std::move(folder);
    state_->prefix = state_->folder.string() + "/";
    std::filesystem::create_directories(state_->folder);
    {
        const std::lock_guard lock{mutex()};
        disks()[state_->prefix] = state_.get();
    }
    revive();
}

Disk::~Disk() {
    {
        const std::lock_guard lock{mutex()};
        for (auto& open : opened())
            if (open.disk == state_.get()) open.disk = nullptr;
        disks().erase(state_->prefix);
    }
    std::error_code ignored;
    std::filesystem::remove_all(state_->folder, ignored);
    std::filesystem::remove(state_->folder.string() + ".boot", ignored);
}

const std::filesystem::path& Disk::folder() const noexcept {
    return state_->folder;
}

void Disk::set_full(bool full) {
    state_->full = full;
}

bool Disk::is_full() const noexcept {
    return state_->full;
}

bool Disk::take_want_of_space() {
    return std::exchange(state_->wanted_space, false);
}

void Disk::kill() {
    state_->dead = true;
}

void Disk::die_at_write(std::uint64_t writes) {
    ensure(writes > 0, "a process dies at a write that is still to come");
    state_->writes_left = writes;
}

void Disk::cancel_death() {
    state_->writes_left = 0;
}

bool Disk::is_dead() const {
    return state_->dead;
}

void Disk::revive() {
    state_->dead = false;
    state_->writes_left = 0;
    const auto boot = state_->folder.string() + ".boot";
    const auto text = "simulated-boot-" + std::to_string(state_->boots) + "\n";
    const auto file = static_cast<int>(
        ::syscall(SYS_openat, AT_FDCWD, boot.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
    ensure(file >= 0 && plain_pwrite(file, text.data(), text.size(), 0) > 0,
           "the folder for simulated disks can be written to");
    ::syscall(SYS_close, file);
}

std::uint64_t Disk::steps() const {
    return state_->steps;
}

namespace {

/// One file as it was before anything that no sync covers, and then with what the dice keep.
void lose_in_file(const std::string& file, const std::vector<Change>& changes, model::Dice& dice) {
    const auto descriptor =
        static_cast<int>(::syscall(SYS_openat, AT_FDCWD, file.c_str(), O_RDWR | O_CLOEXEC, 0));
    if (descriptor < 0) return;  // it was removed since
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        if (change->is_write)
            plain_pwrite(descriptor, change->before.data(), change->before.size(), change->offset);
        ::syscall(SYS_ftruncate, descriptor, static_cast<off_t>(change->old_size));
    }
    for (const auto& change : changes) {
        const auto fate = dice.below(3);
        if (fate == 0) continue;
        if (!change.is_write) {
            ::syscall(SYS_ftruncate, descriptor, static_cast<off_t>(change.new_size));
            continue;
        }
        auto size = change.after.size();
        if (fate == 2 && size > sector_bytes) {
            const auto sectors = static_cast<std::uint64_t>(size) / sector_bytes;
            size = static_cast<std::size_t>(dice.below(sectors + 1) * sector_bytes);
        }
        plain_pwrite(descriptor, change.after.data(), size, change.offset);
    }
    ::syscall(SYS_close, descriptor);
}

}  // namespace

void Disk::lose_power(model::Dice& dice) {
    std::map<std::string, std::vector<Change>> by_file;
    for (auto& change : state_->unsynced) by_file[change.file].push_back(std::move(change));
    state_->unsynced.clear();
    for (const auto& [file, changes] : by_file) lose_in_file(file, changes, dice);
    ++state_->boots;
    revive();
}

void Disk::wipe() {
    state_->unsynced.clear();
    revive();
    std::error_code fault;
    std::filesystem::remove_all(state_->folder, fault);
    std::filesystem::create_directories(state_->folder, fault);
    ensure(!fault, "a simulated disk can be emptied");
}

OnMachine::OnMachine(const Disk& disk) : before_(machine()) {
    machine() = &disk;
}

OnMachine::~OnMachine() {
    machine() = before_;
}

}  // namespace tallystick::simulation

// What the C library offers under these names, for this program and for the libraries that it
// loads. NOLINTBEGIN: names and signatures are the C library's.
extern "C" {

__attribute__((visibility("default"))) int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return tallystick::simulation::open_common(AT_FDCWD, path, flags, mode);
}
__attribute__((visibility("default"))) int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return tallystick::simulation::open_common(AT_FDCWD, path, flags, mode);
}
__attribute__((visibility("default"))) int close(int descriptor) {
    using namespace tallystick::simulation;
    const std::lock_guard lock{mutex()};
    if (auto* open = watched(descriptor)) open->disk = nullptr;
    return static_cast<int>(::syscall(SYS_close, descriptor));
}
__attribute__((visibility("default"))) ssize_t pwrite(int descriptor, const void* data, size_t size,
                                                      off_t offset) {
    using namespace tallystick::simulation;
    const std::lock_guard lock{mutex()};
    auto* open = watched(descriptor);
    if (open == nullptr)
        return plain_pwrite(descriptor, data, size, static_cast<std::uint64_t>(offset));
    return write_at(descriptor, *open, data, size, static_cast<std::uint64_t>(offset));
}
__attribute__((visibility("default"))) ssize_t pwrite64(int descriptor, const void* data,
                                                        size_t size, off_t offset) {
    return ::pwrite(descriptor, data, size, offset);
}
__attribute__((visibility("default"))) ssize_t write(int descriptor, const void* data,
                                                     size_t size) {
    return tallystick::simulation::written_here(descriptor, data, size);
}
__attribute__((visibility("default"))) ssize_t writev(int descriptor, const struct iovec* parts,
                                                      int count) {
    using namespace tallystick::simulation;
    {
        const std::lock_guard lock{mutex()};
        if (watched(descriptor) == nullptr) return ::syscall(SYS_writev, descriptor, parts, count);
    }
    const auto bytes = joined(parts, count);
    return written_here(descriptor, bytes.data(), bytes.size());
}
__attribute__((visibility("default"))) int ftruncate(int descriptor, off_t size) noexcept {
    return tallystick::simulation::resized(descriptor, size);
}
__attribute__((visibility("default"))) int ftruncate64(int descriptor, off_t size) noexcept {
    return tallystick::simulation::resized(descriptor, size);
}
__attribute__((visibility("default"))) int fsync(int descriptor) {
    return tallystick::simulation::synced(descriptor);
}
__attribute__((visibility("default"))) int fdatasync(int descriptor) {
    return tallystick::simulation::synced(descriptor);
}
__attribute__((visibility("default"))) int rename(const char* from, const char* to) noexcept {
    using namespace tallystick::simulation;
    const std::lock_guard lock{mutex()};
    if (!may_change_name(from)) return -1;
    if (auto* disk = disk_of(from)) {
        // What is not synced moves along, also within a folder that is renamed.
        const std::string_view old{from};
        for (auto& change : disk->unsynced) {
            if (change.file == old)
                change.file = to;
            else if (change.file.starts_with(std::string{old} + "/"))
                change.file = to + change.file.substr(old.size());
        }
    }
    return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
__attribute__((visibility("default"))) int unlink(const char* path) noexcept {
    using namespace tallystick::simulation;
    const std::lock_guard lock{mutex()};
    if (!may_change_name(path)) return -1;
    if (auto* disk = disk_of(path)) forget_unsynced(*disk, path);
    return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

}  // extern "C"
// NOLINTEND
