#include "ledger/store/chain_head.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "ledger/store/files.hpp"
#include "ledger/store/record.hpp"

namespace tallystick::ledger {

namespace {

constexpr const char* table = "head";
constexpr const char* key = "height";

[[noreturn]] void fail(const std::filesystem::path& file) {
    const int code = errno;
    const bool full = code == ENOSPC || code == EDQUOT;
    throw LmdbFailure{
        {full ? StoreFault::out_of_space : StoreFault::input_output,
         "chain: write " + file.string() + ": " + std::generic_category().message(code)}};
}

}  // namespace

ChainHead::ChainHead(const std::filesystem::path& folder) : file_(folder / "head") {}

ChainHead::~ChainHead() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::uint64_t> ChainHead::height() const {
    const auto record = read_small_file(file_);
    if (!record) return std::nullopt;
    const auto content = unsealed(table, key, *record);
    if (!content || content->size() != 8) return std::nullopt;
    return number_at(*content, 0);
}

void ChainHead::write(std::uint64_t height) {
    if (descriptor_ < 0) descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) fail(file_);
    // In place and within one sector: whole or not at all, or the check does not fit.
    const auto record = sealed(table, key, number_bytes(height));
    if (::pwrite(descriptor_, record.data(), record.size(), 0) !=
        static_cast<ssize_t>(record.size()))
        fail(file_);
}

}  // namespace tallystick::ledger
