#pragma once

#include <string>
#include <string_view>

/// What published text needs before it can be trusted to be text.
namespace tallystick::import {

/// Bytes of a file as UTF-8: a byte order mark is dropped; bytes that are not UTF-8 are read as
/// Windows-1252, which is what spreadsheets write. `was_recoded` says that the second happened.
struct DecodedFile {
    std::string text;
    bool was_recoded = false;
};
[[nodiscard]] DecodedFile decode_file(std::string_view bytes);

[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

/// One line of clean text for a name or an id: the five HTML entities and numeric ones resolved,
/// UTF-8 that was read as Windows-1252 once (`â€¢`, `Â£`) read back, normalised to NFC, control
/// characters and runs of white space turned into one space, trimmed.
[[nodiscard]] std::string clean_line(std::string_view text);

/// Does the text say that there is nobody: empty, `n/a`, `none`, `tbc`, `not awarded to supplier`,
/// `various suppliers`, `tender abandoned` and their like, in any case?
[[nodiscard]] bool says_nobody(std::string_view clean);

/// At most `bytes_max` bytes, cut between characters.
[[nodiscard]] std::string cut_utf8(std::string_view text, std::size_t bytes_max);

/// ASCII letters lower-cased; all else as it is.
[[nodiscard]] std::string lower_ascii(std::string_view text);

/// A handle's part from a name: accents dropped, everything else that is not a letter or digit a
/// `-`; 3 to 40. `org` stands in where nothing is left.
[[nodiscard]] std::string slug_of(std::string_view clean);

}  // namespace tallystick::import
