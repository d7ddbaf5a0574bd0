#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "node/files.hpp"

/// `engine/signer`: whose signatures the memory beside it is of, and where that memory lies. A
/// memory in another place is a copy: where the original still runs, both would sign with one key
/// and neither would know what the other signs.
///
///   PEER-ID \n PLACE \n        PLACE: the folder's number on its disk, and the machine's id
///
/// A folder that is renamed keeps its place; one that is copied, or brought to another disk or
/// machine, has another. A disk that is cloned whole is not noticed.
namespace tallystick::node {

/// Notes that the memory in `folder`, an engine's, is of the node with this peer id, and lies here.
[[nodiscard]] Result<void, FileError> write_signer(const std::filesystem::path& folder,
                                                   const std::string& own_id);

/// Is the memory in `folder` this node's, wherever it lies now? Also if nothing is noted there.
[[nodiscard]] bool is_signer(const std::filesystem::path& folder, const std::string& own_id);

/// Why the memory in `folder` is not to be signed with by this node, as a sentence that says what
/// to do; nothing if it may be, or if nothing is noted there. `data` is named in the sentence.
[[nodiscard]] std::optional<std::string> signer_fault(const std::filesystem::path& folder,
                                                      const std::string& own_id,
                                                      const std::filesystem::path& data);

}  // namespace tallystick::node
