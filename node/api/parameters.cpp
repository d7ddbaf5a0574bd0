#include "node/api/parameters.hpp"

#include <algorithm>
#include <charconv>

#include "node/api/problem.hpp"

namespace tallystick::node::api {

namespace {

constexpr std::size_t key_bytes_max = 1024;

bool is_handle(std::string_view text) {
    return AccountId::from(text).has_value();
}

constexpr std::string_view wanted_handle =
    "an account's handle, such as suffolk/food-bank (lower-case letters, digits and -)";
constexpr std::string_view wanted_code = "a code of 1 to 40 letters, digits, -, _ or .";
constexpr std::string_view wanted_ocid = "an ocid of 1 to 80 printable characters without spaces";
constexpr std::string_view wanted_lot = "a lot of at most 80 printable characters without spaces";

std::string range_text(std::uint64_t min, std::uint64_t max) {
    return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

}  // namespace

std::optional<std::uint64_t> number_from(std::string_view text) {
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return number;
}

void Parameters::refuse(std::string_view name, std::string_view wanted) {
    if (!fault_) fault_ = "`" + std::string{name} + "` must be " + std::string{wanted} + ".";
}

std::optional<std::string> Parameters::text(std::string_view name) {
    asked_.push_back(name);
    std::optional<std::string> found;
    for (const auto& [key, value] : request_.query) {
        if (key != name) continue;
        if (found) refuse(name, "given once");
        found = value;
    }
    if (found && found->empty()) return std::nullopt;
    return found;
}

std::optional<std::uint64_t> Parameters::optional_number(std::string_view name, std::uint64_t min,
                                                         std::uint64_t max) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    const auto number = number_from(*value);
    if (!number || *number < min || *number > max) {
        refuse(name, range_text(min, max));
        return std::nullopt;
    }
    return number;
}

std::uint64_t Parameters::number(std::string_view name, std::uint64_t min, std::uint64_t max,
                                 std::uint64_t otherwise) {
    return optional_number(name, min, max).value_or(otherwise);
}

std::uint64_t Parameters::required_number(std::string_view name) {
    if (!text(name)) refuse(name, "given");
    return optional_number(name, 0, UINT64_MAX).value_or(0);
}

std::optional<bool> Parameters::flag(std::string_view name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    if (*value != "true" && *value != "false") refuse(name, "true or false");
    return *value == "true";
}

std::string Parameters::word(std::string_view name, std::initializer_list<std::string_view> words,
                             std::string_view otherwise) {
    const auto value = text(name);
    if (!value) return std::string{otherwise};
    if (std::ranges::find(words, *value) == words.end()) {
        std::string wanted = "one of";
        for (const auto word : words) wanted += " " + std::string{word};
        refuse(name, wanted);
        return std::string{otherwise};
    }
    return *value;
}

std::optional<std::string> Parameters::checked(std::string_view name,
                                               bool (*is_right)(std::string_view),
                                               std::string_view wanted) {
    auto value = text(name);
    if (value && !is_right(*value)) {
        refuse(name, wanted);
        return std::nullopt;
    }
    return value;
}

std::optional<std::string> Parameters::handle(std::string_view name) {
    return checked(name, is_handle, wanted_handle);
}

std::optional<std::string> Parameters::code(std::string_view name) {
    return checked(
        name, [](std::string_view text) { return is_code(text); }, wanted_code);
}

std::optional<std::string> Parameters::ocid(std::string_view name) {
    return checked(
        name, [](std::string_view text) { return is_ocid(text); }, wanted_ocid);
}

std::optional<std::string> Parameters::lot(std::string_view name) {
    return checked(
        name, [](std::string_view text) { return is_lot(text); }, wanted_lot);
}

std::string Parameters::required(std::string_view name, std::optional<std::string> value) {
    if (!value) refuse(name, "given");
    return std::move(value).value_or("");
}

std::string Parameters::checked_at(std::size_t place, bool (*is_right)(std::string_view),
                                   std::string_view name, std::string_view wanted) {
    const auto& value = request_.captures.at(place);
    if (!is_right(value)) refuse(name, wanted);
    return value;
}

std::string Parameters::handle_at(std::size_t place) {
    return checked_at(place, is_handle, "handle", wanted_handle);
}

std::string Parameters::authority_at(std::size_t place) {
    return checked_at(
        place, [](std::string_view text) { return is_handle_part(text); }, "authority",
        "an authority's handle, such as suffolk");
}

std::string Parameters::ocid_at(std::size_t place) {
    return checked_at(
        place, [](std::string_view text) { return is_ocid(text); }, "ocid", wanted_ocid);
}

std::uint64_t Parameters::number_at(std::size_t place) {
    const auto number = number_from(request_.captures.at(place));
    if (!number) refuse("height", "a whole number");
    return number.value_or(0);
}

EnvelopeId Parameters::id_at(std::size_t place) {
    const auto bytes = from_hex(request_.captures.at(place));
    const auto id = bytes ? EnvelopeId::from(*bytes) : std::nullopt;
    if (!id) refuse("id", "32 bytes in hexadecimal (64 digits)");
    return id.value_or(EnvelopeId{});
}

std::string Parameters::bytes_at(std::size_t place) {
    const auto bytes = from_hex(request_.captures.at(place));
    if (!bytes || bytes->empty() || bytes->size() > key_bytes_max)
        refuse("key", "1 to 1,024 bytes in hexadecimal");
    return bytes.value_or("");
}

std::optional<Response> Parameters::fault() const {
    if (fault_) return problem(Code::bad_parameter, *fault_);
    for (const auto& [name, value] : request_.query)
        if (std::ranges::find(asked_, name) == asked_.end())
            return problem(Code::unknown_parameter,
                           "`" + name.substr(0, 80) + "` is not a parameter of this address.");
    return std::nullopt;
}

}  // namespace tallystick::node::api
