#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/api/http.hpp"
#include "protocol/types.hpp"

namespace tallystick::node::api {

/// Reads a request's captures and query parameters, and remembers the first thing that is wrong
/// with them. Ask for everything, then look at `fault`. One thread, one request.
class Parameters {
  public:
    explicit Parameters(const Request& request) : request_(request) {}

    /// A query parameter; an empty one counts as left out.
    std::optional<std::string> text(std::string_view name);
    std::uint64_t number(std::string_view name, std::uint64_t min, std::uint64_t max,
                         std::uint64_t otherwise);
    std::optional<std::uint64_t> optional_number(std::string_view name, std::uint64_t min,
                                                 std::uint64_t max);
    std::optional<bool> flag(std::string_view name);
    /// One of these words; `otherwise` when left out.
    std::string word(std::string_view name, std::initializer_list<std::string_view> words,
                     std::string_view otherwise);
    std::optional<std::string> handle(std::string_view name);
    std::optional<std::string> code(std::string_view name);
    std::optional<std::string> ocid(std::string_view name);
    std::optional<std::string> lot(std::string_view name);
    /// As `text`, but it must be there.
    std::string required(std::string_view name, std::optional<std::string> value);
    std::uint64_t required_number(std::string_view name);

    // What stands in the path. A wrong form is a fault too.
    std::string handle_at(std::size_t place);
    std::string authority_at(std::size_t place);
    std::string ocid_at(std::size_t place);
    std::uint64_t number_at(std::size_t place);
    /// 32 bytes from hexadecimal.
    EnvelopeId id_at(std::size_t place);
    /// Bytes from hexadecimal.
    std::string bytes_at(std::size_t place);

    /// The answer to what is wrong: the first wrong value, or a parameter that was never asked for.
    [[nodiscard]] std::optional<Response> fault() const;

    /// Says that a parameter is wrong: `wanted` is what it should be.
    void refuse(std::string_view name, std::string_view wanted);

  private:
    std::optional<std::string> checked(std::string_view name, bool (*is_right)(std::string_view),
                                       std::string_view wanted);
    std::string checked_at(std::size_t place, bool (*is_right)(std::string_view),
                           std::string_view name, std::string_view wanted);

    const Request& request_;
    std::vector<std::string_view> asked_;
    std::optional<std::string> fault_;
};

/// A whole number without sign or leading zeros; nothing otherwise.
[[nodiscard]] std::optional<std::uint64_t> number_from(std::string_view text);

}  // namespace tallystick::node::api
