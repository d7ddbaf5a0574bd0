#include "wallet/core/table.hpp"

#include <algorithm>
#include <charconv>

#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string row_text(const std::vector<Column>& columns, const std::vector<std::string>& cells,
                     const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string padding(widths[i] - std::min(widths[i], width_of(cells[i])), ' ');
        if (i > 0) line += "  ";
        line += columns[i].figures ? padding + cells[i] : cells[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

const Json* at(const Json& json, const std::string& pointer) {
    const Json::json_pointer place{pointer};
    return json.contains(place) ? &json.at(place) : nullptr;
}

}  // namespace

std::string table_text(const std::vector<Column>& columns,
                       const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::vector<std::string>> safe;
    std::vector<std::string> headings;
    std::vector<std::size_t> widths;
    for (const auto& column : columns) {
        headings.push_back(column.heading);
        widths.push_back(width_of(column.heading));
    }
    for (const auto& row : rows) {
        auto& cells = safe.emplace_back();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            cells.push_back(i < row.size() ? shown(row[i]) : "");
            widths[i] = std::max(widths[i], width_of(cells.back()));
        }
    }
    auto text = row_text(columns, headings, widths);
    for (const auto& row : safe) text += row_text(columns, row, widths);
    return text;
}

std::string json_text(const Json& json, const std::string& pointer) {
    const auto* found = at(json, pointer);
    if (found == nullptr || found->is_null()) return "";
    if (found->is_string()) return found->get<std::string>();
    if (found->is_boolean()) return found->get<bool>() ? "yes" : "no";
    if (!found->is_array()) return found->dump();
    std::string list;
    for (const auto& item : *found)
        list +=
            (list.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : item.dump());
    return list;
}

std::string json_credits(const Json& json, const std::string& pointer) {
    const auto text = json_text(json, pointer);
    const bool negative = text.starts_with('-');
    const auto number =
        number_from_text(std::string_view{text}.substr(negative ? 1 : 0), Amount::hundredths_max);
    if (!number) return text;
    const auto amount = Amount::from(*number);
    return (negative ? "-" : "") + (amount ? to_text(*amount) : text);
}

std::string json_time(const Json& json, const std::string& pointer) {
    const auto* found = at(json, pointer);
    if (found == nullptr || !found->is_number_unsigned()) return "";
    return rfc3339(found->get<std::uint64_t>());
}

std::string json_contract(const Json& json, const std::string& pointer) {
    const auto* found = at(json, pointer);
    const auto contract = found == nullptr ? std::nullopt : contract_from_json(*found);
    return contract ? typed_contract(*contract) : "";
}

Json contract_json(const pb::ContractId& contract) {
    return {
        {"authority", contract.authority()}, {"ocid", contract.ocid()}, {"lot", contract.lot()}};
}

std::string typed_contract(const pb::ContractId& contract) {
    // A colon at the end says that the lot is empty, where the ocid has colons of its own.
    const bool needs_colon =
        !contract.lot().empty() || contract.ocid().find(':') != std::string::npos;
    return contract.authority() + ":" + contract.ocid() +
           (needs_colon ? ":" + contract.lot() : std::string{});
}

std::optional<pb::ContractId> contract_from_json(const Json& json) {
    if (!json.is_object()) return std::nullopt;
    pb::ContractId contract;
    contract.set_authority(json_text(json, "/authority"));
    contract.set_ocid(json_text(json, "/ocid"));
    contract.set_lot(json_text(json, "/lot"));
    if (!AccountId::from(contract.authority()) || !is_ocid(contract.ocid()) ||
        !is_lot(contract.lot()))
        return std::nullopt;
    return contract;
}

}  // namespace tallystick::wallet
