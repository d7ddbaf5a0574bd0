#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallystick::import {

/// A table as a spreadsheet shows it. Row numbers of `rows` start at 2, below the header in row 1;
/// line breaks inside a cell do not count.
struct CsvTable {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;

    /// Which column bears one of these names (compared without case, spaces and punctuation); the
    /// first that does.
    [[nodiscard]] std::optional<std::size_t> column(
        std::initializer_list<std::string_view> names) const;
};

/// Reads comma, semicolon or tab separated text (whichever its first line has most of), quotes as
/// in RFC 4180. Nothing if it is not such a table or has no header.
[[nodiscard]] std::optional<CsvTable> read_csv(const std::string& text);

/// One line of a CSV file for people: quoted where needed; a cell that begins with = + - @ gets a '
/// before it, so that a spreadsheet does not take it for a formula.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

}  // namespace tallystick::import
