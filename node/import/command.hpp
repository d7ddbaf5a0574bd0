#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "protocol/pb.hpp"

namespace tallystick::import {

enum class Subject { contracts, organisations };

/// What `tallyd import preview` was asked.
struct PreviewOptions {
    Subject subject = Subject::contracts;
    std::vector<std::string> files;
    std::optional<std::string>
        template_file;  ///< contracts: price list and dates; without it no bodies
    std::optional<std::string>
        authority;                     ///< organisations: who registers them; without it no bodies
    pb::Role role = pb::ROLE_PROJECT;  ///< organisations
    std::optional<std::string> bodies_file;    ///< where unsigned bodies go
    std::optional<std::string> returned_file;  ///< where rows given back go, as CSV
    std::optional<std::string>
        salt_file;  ///< organisations: 32 bytes that hide sole traders; made if absent
    bool json = false;
    std::size_t rows_shown_max = 20;
};

/// Reads the files, prints the preview to `out` and errors to `err`, writes what was asked for.
/// Needs no node. Returns the exit code: 0 done, 1 a file cannot be read or written, 2 wrong usage.
[[nodiscard]] int run_preview(const PreviewOptions& options, std::ostream& out, std::ostream& err);

}  // namespace tallystick::import
