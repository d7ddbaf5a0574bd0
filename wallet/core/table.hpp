#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wallet/core/node.hpp"

/// Plain tables for people.
namespace tallystick::wallet {

/// One column: its heading and whether its cells stand at the right (figures).
struct Column {
    std::string heading;
    bool figures = false;
};

/// Columns padded to the widest cell, two spaces between; widths count characters, not bytes. Cells
/// are made safe to print.
[[nodiscard]] std::string table_text(const std::vector<Column>& columns,
                                     const std::vector<std::vector<std::string>>& rows);

/// The value at a JSON pointer such as `/claim/supplier` as text; empty where there is none.
[[nodiscard]] std::string json_text(const Json& json, const std::string& pointer);

/// The same for an amount: hundredths as credits, `12.50`; `-` for a sign is kept.
[[nodiscard]] std::string json_credits(const Json& json, const std::string& pointer);

/// The same for a time: `2027-03-01T12:00:00Z`.
[[nodiscard]] std::string json_time(const Json& json, const std::string& pointer);

/// The contract at a pointer: `suffolk:ocds-1:2`, as `contract_from_text` reads it.
[[nodiscard]] std::string json_contract(const Json& json, const std::string& pointer);

/// A contract as JSON, as the API writes it, and as it is typed.
[[nodiscard]] Json contract_json(const pb::ContractId& contract);
[[nodiscard]] std::string typed_contract(const pb::ContractId& contract);

/// Nothing unless the JSON is a contract as the API writes it.
[[nodiscard]] std::optional<pb::ContractId> contract_from_json(const Json& json);

}  // namespace tallystick::wallet
