#pragma once

#include <set>
#include <string>

#include "node/import/preview.hpp"
#include "protocol/result.hpp"

namespace tallystick::import {

/// What makes a release the same as one read before: its ocid and its id, or the hash of its
/// content where it has none. Kept by the caller over several files, so that a file given twice
/// adds nothing.
using SeenReleases = std::set<std::string>;

/// Reads an OCDS 1.1 release package, record package, or a bare list of releases into `preview`. A
/// row is a release. Kept: every release with an ocid, a named buyer, and a tender or an award. Of
/// what is kept only ids, amounts and dates are taken, and the buyer's name, which is a public
/// body's.
[[nodiscard]] Result<void, FileError> read_ocds(const std::string& bytes, SeenReleases& seen,
                                                Preview& preview);

/// The latest word on each ocid: awards over tenders, then the later date, then the later row.
/// Ascending by ocid.
[[nodiscard]] std::vector<ContractRow> latest_by_ocid(const std::vector<ContractRow>& rows);

}  // namespace tallystick::import
