#pragma once

#include <map>
#include <string>

#include "node/import/preview.hpp"
#include "protocol/result.hpp"

namespace tallystick::import {

/// Organisations read before: each identifier with the row that brought it. Kept by the caller over
/// several files.
using SeenIdentifiers = std::map<std::string, std::uint64_t>;

/// Reads a CSV list or 360Giving (JSON or its CSV form). A row is a record, or a grant's recipient.
/// Kept: every recipient with a name and an identifier; one that was read before is a duplicate. A
/// further identifier that an earlier organisation has already is left off and noted, so that the
/// officer can see whether both are one body. `salt` (32 bytes) hides sole traders: their name is
/// left off and their ids become salted hashes.
[[nodiscard]] Result<void, FileError> read_organisations(const std::string& bytes,
                                                         const std::string& salt,
                                                         SeenIdentifiers& seen, Preview& preview);

}  // namespace tallystick::import
