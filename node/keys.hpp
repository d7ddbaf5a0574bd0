#pragma once

#include <filesystem>

#include "node/files.hpp"
#include "protocol/crypto.hpp"
#include "protocol/result.hpp"

/// The node's signing key: `node.key` in the data folder, mode 0600, or the systemd credential
/// `tallystick-node-key`. Content: "tallystick node key 1\n", the 32-byte seed in hexadecimal,
/// "\n". It never stands in a backup.
namespace tallystick::node {

/// Makes a key and writes it. Refuses to replace an existing file: a node that loses its key can
/// sign no more.
[[nodiscard]] Result<SigningKey, FileError> create_node_key(const std::filesystem::path& file);

/// Writes a key as such a file, mode 0600, in the place of any that is there.
[[nodiscard]] Result<void, FileError> write_node_key(const std::filesystem::path& file,
                                                     const SigningKey& key);

/// Reads a key file. Refuses one that others than its owner may read, and any other content.
[[nodiscard]] Result<SigningKey, FileError> read_node_key(const std::filesystem::path& file);

/// Where this process finds its key: the systemd credential where one is given
/// ($CREDENTIALS_DIRECTORY), else `data/node.key`.
[[nodiscard]] std::filesystem::path node_key_file(const std::filesystem::path& data);

}  // namespace tallystick::node
