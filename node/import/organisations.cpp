#include "node/import/organisations.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "node/import/csv_file.hpp"
#include "node/import/identifier.hpp"
#include "node/import/json_file.hpp"
#include "node/import/text.hpp"
#include "protocol/crypto.hpp"
#include "protocol/types.hpp"

namespace tallystick::import {

namespace {

using nlohmann::json;

constexpr std::size_t name_bytes_max = 200;

/// One organisation as its source wrote it.
struct RawOrganisation {
    std::string id;
    std::string name;
    std::string charity_number;
    std::string company_number;
    std::string type;
    std::string ward;
};

bool is_person(std::string_view type) {
    constexpr std::array<std::string_view, 4> people{"sole trader", "individual", "person",
                                                     "self-employed"};
    const auto lower = lower_ascii(type);
    return std::ranges::any_of(people, [&](auto word) { return lower.starts_with(word); });
}

bool is_ward(std::string_view code) {
    return code.size() == 9 && is_code(code) &&
           std::string_view{"EWSN"}.find(code[0]) != std::string_view::npos;
}

/// Every identifier of the row, the published one first. Company and charity numbers that are none
/// are noted.
std::vector<OrganisationId> identifiers_of(const RawOrganisation& raw, std::uint64_t row,
                                           Preview& preview) {
    std::vector<OrganisationId> ids;
    const auto add = [&](std::optional<OrganisationId> id) {
        if (!id) return false;
        const auto same = [&](const OrganisationId& other) {
            return text_of(other.identifier) == text_of(id->identifier);
        };
        if (!std::ranges::any_of(ids, same)) ids.push_back(std::move(*id));
        return true;
    };
    if (!add(organisation_id(raw.id)) && !clean_line(raw.id).empty()) {
        preview.note(row, "published_id_not_usable");
    }
    if (!ids.empty() && ids.front().identifier.scheme() == "PUBLISHER") {
        preview.note(row, "published_id_not_in_its_registers_form");
    }
    if (!add(charity_number(raw.charity_number)) && !clean_line(raw.charity_number).empty()) {
        preview.note(row, "charity_number_not_usable");
    }
    if (!add(company_number(raw.company_number)) && !clean_line(raw.company_number).empty()) {
        preview.note(row, "company_number_not_usable");
    }
    return ids;
}

/// A person's id under a salted hash: the same salt gives the same id, nobody without it can guess
/// the name back.
pb::Identifier salted(const pb::Identifier& identifier, const std::string& salt) {
    pb::Identifier hidden;
    hidden.set_scheme("SALTED-SHA256");
    hidden.set_id(to_hex(sha256_of({salt, identifier.scheme(), "-", identifier.id()}).view()));
    return hidden;
}

void sort_identifiers(std::vector<pb::Identifier>& identifiers) {
    std::ranges::sort(identifiers, [](const auto& a, const auto& b) {
        return std::tie(a.scheme(), a.id()) < std::tie(b.scheme(), b.id());
    });
}

void take(const RawOrganisation& raw, std::uint64_t row, const std::vector<std::string>& cells,
          const std::string& salt, SeenIdentifiers& seen, Preview& preview) {
    ++preview.read;
    const auto name = clean_line(raw.name);
    if (says_nobody(name)) {
        preview.give_back(row, name.empty() ? "missing_name" : "name_says_nobody", cells);
        return;
    }
    const auto ids = identifiers_of(raw, row, preview);
    if (ids.empty()) {
        preview.notes_of_row_taken_back(row);
        const bool blank = clean_line(raw.id).empty();
        preview.give_back(row, blank ? "missing_identifier" : "identifier_not_usable", cells);
        return;
    }
    if (seen.contains(text_of(ids.front().identifier))) {
        preview.notes_of_row_taken_back(row);
        ++preview.duplicates;
        return;
    }
    OrganisationRow kept;
    kept.row = row;
    kept.person = is_person(raw.type);
    for (const auto& id : ids) {
        if (!seen.emplace(text_of(id.identifier), row).second) {
            preview.note(row, "shares_an_identifier_with_an_earlier_row");
            continue;
        }
        kept.identifiers.push_back(kept.person ? salted(id.identifier, salt) : id.identifier);
    }
    if (ids.front().kind == IdentifierKind::publisher && ids.size() == 1) {
        preview.note(row, "no_register_number");
    }
    sort_identifiers(kept.identifiers);
    if (kept.person) {
        preview.note(row, "sole_trader_kept_without_name");
    } else {
        kept.name = cut_utf8(name, name_bytes_max);
    }
    const auto ward = clean_line(raw.ward);
    if (is_ward(ward)) kept.ward = ward;
    ++preview.kept;
    preview.organisations.push_back(std::move(kept));
}

RawOrganisation recipient(const json& grant, const json& organisation) {
    RawOrganisation raw;
    raw.id = json_text(organisation, "id");
    raw.name = json_text(organisation, "name");
    raw.charity_number = json_text(organisation, "charityNumber");
    raw.company_number = json_text(organisation, "companyNumber");
    raw.type = json_text(organisation, "organisationType");
    raw.ward = json_text(grant, "recipientWardNameGeoCode");
    return raw;
}

/// Grants, each with its recipients. A grant to an individual is given back without their name.
void take_grants(const json& grants, const std::string& salt, SeenIdentifiers& seen,
                 Preview& preview) {
    std::uint64_t row = 0;
    for (const auto& grant : grants) {
        const auto* recipients = json_member(grant, "recipientOrganization");
        if (recipients == nullptr || !recipients->is_array() || recipients->empty()) {
            ++preview.read;
            const bool individual = json_member(grant, "recipientIndividual") != nullptr;
            preview.give_back(++row, individual ? "recipient_is_a_person" : "no_recipient",
                              {json_text(grant, "id")});
            continue;
        }
        for (const auto& organisation : *recipients) {
            const auto raw = recipient(grant, organisation);
            take(raw, ++row,
                 {clean_line(raw.id), is_person(raw.type) ? std::string{} : clean_line(raw.name)},
                 salt, seen, preview);
        }
    }
}

Result<void, FileError> read_grants(const std::string& bytes, const std::string& salt,
                                    SeenIdentifiers& seen, Preview& preview) {
    auto parsed = parse_json_file(bytes);
    if (!parsed) return Failure{parsed.error()};
    const auto* grants = parsed->is_array() ? &*parsed : json_member(*parsed, "grants");
    if (grants == nullptr || !grants->is_array()) {
        return Failure{
            FileError{"The file is JSON, but has no list called \"grants\" as 360Giving's files "
                      "have. Choose a "
                      "360Giving file or a CSV list of organisations."}};
    }
    preview.header = {"id", "name"};
    take_grants(*grants, salt, seen, preview);
    return {};
}

/// Which columns hold what, in our own lists and in 360Giving's flat form.
struct Columns {
    std::optional<std::size_t> id, name, charity, company, type, ward;

    explicit Columns(const CsvTable& table)
        : id(table.column(
              {"org_id_as_published", "Recipient Org:Identifier", "org_id", "identifier", "id"})),
          name(table.column({"name", "Recipient Org:Name", "organisation", "organisation_name"})),
          charity(table.column({"charity_number", "Recipient Org:Charity Number"})),
          company(table.column({"company_number", "Recipient Org:Company Number"})),
          type(table.column({"organisation_type", "Recipient Org:Organisation Type", "type"})),
          ward(table.column({"ward_gss", "ward_code", "Recipient Org:Location:Geographic Code"})) {}
};

Result<void, FileError> read_table(const std::string& bytes, const std::string& salt,
                                   SeenIdentifiers& seen, Preview& preview) {
    const auto table = read_csv(decode_file(bytes).text);
    if (!table) {
        return Failure{
            FileError{"The file is neither JSON nor a table with a header and at least two "
                      "columns. Save it from "
                      "the spreadsheet as CSV (comma separated) and try again."}};
    }
    const Columns columns{*table};
    if (!columns.name || (!columns.id && !columns.charity && !columns.company)) {
        return Failure{FileError{
            "The table has no column called \"name\", or none for an identifier (\"id\", "
            "\"charity_number\" or \"company_number\"). Name the columns so in the first row."}};
    }
    preview.header = table->header;
    std::uint64_t row = 1;
    for (const auto& cells : table->rows) {
        ++row;
        const auto blank = [](const std::string& cell) { return clean_line(cell).empty(); };
        if (std::ranges::all_of(cells, blank)) continue;  // spreadsheets end in empty rows
        const auto cell = [&](const std::optional<std::size_t>& column) {
            return column && *column < cells.size() ? cells[*column] : std::string{};
        };
        const RawOrganisation raw{cell(columns.id),      cell(columns.name), cell(columns.charity),
                                  cell(columns.company), cell(columns.type), cell(columns.ward)};
        take(raw, row, cells, salt, seen, preview);
    }
    return {};
}

}  // namespace

Result<void, FileError> read_organisations(const std::string& bytes, const std::string& salt,
                                           SeenIdentifiers& seen, Preview& preview) {
    const auto start = bytes.find_first_not_of("\xef\xbb\xbf \t\r\n");
    const bool looks_like_json =
        start != std::string::npos && (bytes[start] == '{' || bytes[start] == '[');
    return looks_like_json ? read_grants(bytes, salt, seen, preview)
                           : read_table(bytes, salt, seen, preview);
}

}  // namespace tallystick::import
