#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "node/import/preview.hpp"
#include "protocol/result.hpp"

namespace tallystick::import {

/// Parses a published JSON file: byte order mark and Windows-1252 survive, nesting deeper than 64
/// does not.
[[nodiscard]] Result<nlohmann::json, FileError> parse_json_file(const std::string& bytes);

/// A member of an object, or null (also where `object` is no object).
[[nodiscard]] const nlohmann::json* json_member(const nlohmann::json& object, const char* name);

/// A member that is text or a whole number, as text; empty otherwise.
[[nodiscard]] std::string json_text(const nlohmann::json& object, const char* name);

}  // namespace tallystick::import
