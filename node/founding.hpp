#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "node/files.hpp"
#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"
#include "protocol/result.hpp"

/// How a network of authorities begins: each makes a founder file on its own machine and gives it
/// to the others; from the same set of files every node works out the same genesis. A founder file
/// holds nothing secret.
///
/// The file is JSON: {"format": "tallystick-founder-1", "ledger", "time", "parameters": {name:
/// number}, "authority": {"handle", "identifiers", "names", "policy", "node"}, "address",
/// "signature"}; keys in hexadecimal, the policy's amount_limit as text. The signature is the
/// node's over "tallystick/founder/1" 00 SHA-256(canonical Genesis with this authority alone)
/// address.
namespace tallystick::node {

/// One authority's part.
struct Founder {
    pb::Genesis genesis;  ///< with this authority alone
    std::string address;  ///< HOST:PORT by which the others' nodes reach its node
};

/// The text of the file.
[[nodiscard]] std::string founder_json(const Founder& founder, const SigningKey& node_key);

/// Errors, each a sentence that does not name the file: no founder file, something missing or of
/// another kind, an address that is none, a signature that is not the node key's.
[[nodiscard]] Result<Founder, std::string> read_founder(std::string_view text);

/// The genesis of all founders together, whatever their order: authorities by handle, the latest
/// of their times. Errors, each a sentence: fewer than one, two of one authority, names or
/// parameters that differ, or what the ledger's rules do not allow (such as a key that stands
/// twice).
[[nodiscard]] Result<pb::Genesis, std::string> found(const std::vector<Founder>& founders);

}  // namespace tallystick::node
