#pragma once

#include <string>
#include <string_view>

#include "node/import/preview.hpp"
#include "node/import/template.hpp"

namespace tallystick::import {

inline constexpr std::string_view prepared_bodies_magic = "tallystick bodies 1\n";

/// Opens each kept contract that the template chooses, in the order of their ocids: the latest word
/// on each. A contract whose allocation follows from a value that was not published is left out and
/// noted.
[[nodiscard]] pb::PreparedBodies contract_bodies(Preview& preview, const ContractTemplate& chosen,
                                                 std::string_view source);

/// Registers each kept organisation under `authority` with these roles. Policy and key proofs are
/// not known here: the wallet adds them from what each organisation's own wallet made. Handles come
/// from names, told apart by a number where two would be the same.
[[nodiscard]] pb::PreparedBodies organisation_bodies(const Preview& preview,
                                                     std::string_view authority, pb::Role role,
                                                     std::string_view source);

/// The file: magic, then canonical PreparedBodies.
[[nodiscard]] std::string prepared_bodies_file(const pb::PreparedBodies& bodies);

}  // namespace tallystick::import
