#include "node/ops/disk_watch.hpp"

#include <sys/statvfs.h>

namespace tallystick::node {
namespace {

constexpr std::uint64_t mib = 1048576;

}  // namespace

std::optional<std::uint64_t> disk_free_bytes(const std::filesystem::path& folder) {
    struct statvfs about {};
    if (::statvfs(folder.c_str(), &about) != 0) return std::nullopt;
    return std::uint64_t{about.f_bavail} * about.f_frsize;
}

std::optional<std::string> disk_nearly_full(const std::filesystem::path& folder,
                                            std::uint64_t mib_min) {
    const auto free_bytes = disk_free_bytes(folder);
    if (!free_bytes || *free_bytes / mib >= mib_min) return std::nullopt;
    return "The disk of " + folder.string() +
           " is nearly full: " + std::to_string(*free_bytes / mib) +
           " MiB are left, fewer than the " + std::to_string(mib_min) +
           " of ops.disk_free_mib_min. Once it is full the node only reads.";
}

}  // namespace tallystick::node
