#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/store/lmdb.hpp"
#include "protocol/types.hpp"

/// How records of the chain are written: the content, then the first 16 bytes of
/// `SHA-256(table 00 key 00 content)`. A flipped bit in key or content is found when it is read.
namespace tallystick::ledger {

inline constexpr std::size_t record_check_bytes = 16;

/// Numbers in keys and records: 8 or 4 bytes, big-endian, so that keys sort as numbers do.
[[nodiscard]] std::string number_bytes(std::uint64_t number);
[[nodiscard]] std::string small_number_bytes(std::uint32_t number);
void add_number(std::string& bytes, std::uint64_t number);
void add_small_number(std::string& bytes, std::uint32_t number);
/// @pre there are that many bytes.
[[nodiscard]] std::uint64_t number_at(std::string_view bytes, std::size_t at);
[[nodiscard]] std::uint32_t small_number_at(std::string_view bytes, std::size_t at);

/// The content with its check behind it.
[[nodiscard]] std::string sealed(std::string_view table, std::string_view key,
                                 std::string_view content);
/// The content, or nothing if it does not fit its check.
[[nodiscard]] std::optional<std::string_view> unsealed(std::string_view table, std::string_view key,
                                                       std::string_view record);

/// `chain/blocks key 000a...` for errors and findings.
[[nodiscard]] std::string place_of(std::string_view environment, std::string_view table,
                                   std::string_view key);

/// Throws `LmdbFailure` with `damaged`.
[[noreturn]] void fail_damaged(const std::string& place, std::string_view what);

/// Runs `work`, turning what it throws into an error.
template <class Work>
auto guarded(Work work) -> StoreResult<decltype(work())> {
    try {
        if constexpr (std::is_void_v<decltype(work())>) {
            work();
            return {};
        } else {
            return work();
        }
    } catch (const LmdbFailure& failure) {
        return Failure{failure.error()};
    } catch (const std::filesystem::filesystem_error& failure) {
        const bool full = failure.code() == std::errc::no_space_on_device;
        return Failure{
            StoreError{full ? StoreFault::out_of_space : StoreFault::input_output, failure.what()}};
    }
}

}  // namespace tallystick::ledger
