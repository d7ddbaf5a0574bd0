#include "node/import/ocds.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "node/import/dates.hpp"
#include "node/import/identifier.hpp"
#include "node/import/json_file.hpp"
#include "node/import/text.hpp"
#include "protocol/crypto.hpp"
#include "protocol/types.hpp"

namespace tallystick::import {

namespace {

using nlohmann::json;

const json* member(const json& object, const char* name) {
    return json_member(object, name);
}

std::string text_member(const json& object, const char* name) {
    return json_text(object, name);
}

std::uint64_t instant_member(const json& object, const char* name) {
    return instant_from_text(text_member(object, name)).value_or(0);
}

/// A party of this release by its id; ids are unique only inside one release.
const json* party_of(const json& release, const std::string& id) {
    const auto* parties = member(release, "parties");
    if (parties == nullptr || !parties->is_array() || id.empty()) return nullptr;
    for (const auto& party : *parties) {
        if (text_member(party, "id") == id) return &party;
    }
    return nullptr;
}

void add_register_id(std::vector<pb::Identifier>& into, std::string_view published) {
    const auto id = organisation_id(published);
    if (!id || id->kind != IdentifierKind::register_number) return;
    const auto same = [&](const pb::Identifier& other) {
        return text_of(other) == text_of(id->identifier);
    };
    if (!std::ranges::any_of(into, same)) into.push_back(id->identifier);
}

void add_identifier_object(std::vector<pb::Identifier>& into, const json& identifier) {
    const auto scheme = text_member(identifier, "scheme");
    const auto id = text_member(identifier, "id");
    if (!scheme.empty() && !id.empty()) add_register_id(into, scheme + "-" + id);
}

/// Register ids of an organisation reference, with what its party says: id, identifier,
/// additionalIdentifiers.
std::vector<pb::Identifier> register_ids(const json& release, const json& reference) {
    std::vector<pb::Identifier> ids;
    const auto id = text_member(reference, "id");
    add_register_id(ids, id);
    for (const auto* organisation : {&reference, party_of(release, id)}) {
        if (organisation == nullptr) continue;
        if (const auto* identifier = member(*organisation, "identifier")) {
            add_identifier_object(ids, *identifier);
        }
        const auto* additional = member(*organisation, "additionalIdentifiers");
        if (additional == nullptr || !additional->is_array()) continue;
        for (const auto& identifier : *additional) add_identifier_object(ids, identifier);
    }
    return ids;
}

std::string buyer_name(const json& release, const json& buyer) {
    auto name = clean_line(text_member(buyer, "name"));
    if (!says_nobody(name)) return name;
    const auto* party = party_of(release, text_member(buyer, "id"));
    if (party == nullptr) return {};
    name = clean_line(text_member(*party, "name"));
    return says_nobody(name) ? std::string{} : name;
}

enum class Money { none, pounds, foreign, unusable };

struct Value {
    Money money = Money::none;
    std::uint64_t pence = 0;
};

/// An OCDS value object. Zero and amounts below a pound are published where the true value is not:
/// no estimate.
Value value_of(const json& holder) {
    constexpr double pounds_max = 9e13;
    const auto* value = member(holder, "value");
    if (value == nullptr || !value->is_object()) return {};
    const auto* amount = member(*value, "amount");
    if (amount == nullptr || amount->is_null()) return {};
    if (!amount->is_number()) return {Money::unusable, 0};
    const auto pounds = amount->get<double>();
    if (!(pounds >= 1.0) || pounds > pounds_max) return {Money::unusable, 0};
    const auto currency = text_member(*value, "currency");
    if (!currency.empty() && currency != "GBP") return {Money::foreign, 0};
    return {Money::pounds, static_cast<std::uint64_t>(std::llround(pounds * 100.0))};
}

void take_tender(const json& tender, ContractRow& row, Value& value) {
    row.stage = "tender";
    value = value_of(tender);
    if (const auto* period = member(tender, "tenderPeriod")) {
        row.tender_closes = instant_member(*period, "endDate");
    }
    if (const auto* period = member(tender, "contractPeriod")) {
        row.contract_ends = instant_member(*period, "endDate");
    }
}

/// What was awarded: the sum of the awards' values, the last end, the suppliers that are somebody.
void take_awards(const json& release, const json& awards, ContractRow& row, Value& value,
                 Preview& preview) {
    row.stage = "award";
    Value sum;
    for (const auto& award : awards) {
        const auto awarded = value_of(award);
        if (awarded.money == Money::pounds) {
            sum = {Money::pounds, sum.pence + awarded.pence};
        } else if (sum.money == Money::none) {
            sum.money = awarded.money;
        }
        if (const auto* period = member(award, "contractPeriod")) {
            row.contract_ends = std::max(row.contract_ends, instant_member(*period, "endDate"));
        }
        const auto* suppliers = member(award, "suppliers");
        if (suppliers == nullptr || !suppliers->is_array()) continue;
        for (const auto& supplier : *suppliers) {
            if (says_nobody(clean_line(text_member(supplier, "name")))) {
                preview.note(row.row, "supplier_not_named");
                continue;
            }
            ++row.suppliers;
            for (auto& id : register_ids(release, supplier)) {
                row.supplier_ids.push_back(std::move(id));
            }
        }
    }
    if (sum.money != Money::none) value = sum;
}

std::optional<std::string> why_not(const json& release, const std::string& ocid) {
    if (!release.is_object()) return "not_a_release";
    if (ocid.empty()) return "missing_ocid";
    if (!is_ocid(ocid)) return "ocid_not_usable";
    const auto* buyer = member(release, "buyer");
    if (buyer == nullptr || !buyer->is_object()) return "missing_buyer";
    if (buyer_name(release, *buyer).empty()) return "buyer_not_named";
    const auto* tender = member(release, "tender");
    const auto* awards = member(release, "awards");
    const bool has_tender = tender != nullptr && tender->is_object() && !tender->empty();
    const bool has_award = awards != nullptr && awards->is_array() && !awards->empty();
    if (!has_tender && !has_award) return "no_tender_or_award";
    return std::nullopt;
}

ContractRow contract_of(const json& release, std::uint64_t number, const std::string& ocid,
                        Preview& preview) {
    ContractRow row;
    row.row = number;
    row.ocid = ocid;
    row.release_id = clean_line(text_member(release, "id"));
    row.date = instant_member(release, "date");
    const auto& buyer = *member(release, "buyer");
    row.buyer = buyer_name(release, buyer);
    row.buyer_ids = register_ids(release, buyer);
    Value value;
    if (const auto* tender = member(release, "tender"); tender && tender->is_object()) {
        take_tender(*tender, row, value);
    }
    const auto* awards = member(release, "awards");
    if (awards != nullptr && awards->is_array() && !awards->empty()) {
        take_awards(release, *awards, row, value, preview);
    }
    row.value_pence = value.pence;
    switch (value.money) {
        case Money::none: preview.note(number, "no_value_published"); break;
        case Money::foreign: preview.note(number, "value_not_in_pounds"); break;
        case Money::unusable: preview.note(number, "value_not_usable"); break;
        case Money::pounds: break;
    }
    if (row.buyer_ids.empty()) preview.note(number, "buyer_without_register_id");
    if (row.release_id.empty()) preview.note(number, "release_without_id");
    return row;
}

void take_release(const json& release, std::uint64_t number, SeenReleases& seen, Preview& preview) {
    ++preview.read;
    const auto ocid = clean_line(text_member(release, "ocid"));
    if (auto reason = why_not(release, ocid)) {
        preview.give_back(number, std::move(*reason), {ocid});
        return;
    }
    auto id = clean_line(text_member(release, "id"));
    if (id.empty())
        id = to_hex(sha256(release.dump(-1, ' ', false, json::error_handler_t::replace)).view());
    if (!seen.insert(ocid + "\n" + id).second) {
        ++preview.duplicates;
        return;
    }
    ++preview.kept;
    preview.contracts.push_back(contract_of(release, number, ocid, preview));
}

/// A record's releases: the compiled one where there is one, else those it embeds.
void take_record(const json& record, std::uint64_t& number, SeenReleases& seen, Preview& preview) {
    if (const auto* compiled = member(record, "compiledRelease")) {
        take_release(*compiled, ++number, seen, preview);
        return;
    }
    const auto* releases = member(record, "releases");
    if (releases == nullptr || !releases->is_array() || releases->empty()) {
        ++preview.read;
        preview.give_back(++number, "record_without_releases",
                          {clean_line(text_member(record, "ocid"))});
        return;
    }
    for (const auto& release : *releases) {
        ++number;
        const bool linked =
            release.is_object() && member(release, "url") && !member(release, "ocid");
        if (linked) {
            ++preview.read;
            preview.give_back(number, "linked_release", {clean_line(text_member(record, "ocid"))});
        } else {
            take_release(release, number, seen, preview);
        }
    }
}

}  // namespace

Result<void, FileError> read_ocds(const std::string& bytes, SeenReleases& seen, Preview& preview) {
    auto parsed = parse_json_file(bytes);
    if (!parsed) return Failure{parsed.error()};
    const json& document = *parsed;
    std::uint64_t number = 0;
    const auto* releases = document.is_array() ? &document : member(document, "releases");
    if (releases != nullptr && releases->is_array()) {
        for (const auto& release : *releases) take_release(release, ++number, seen, preview);
        return {};
    }
    const auto* records = member(document, "records");
    if (records != nullptr && records->is_array()) {
        for (const auto& record : *records) take_record(record, number, seen, preview);
        return {};
    }
    if (member(document, "ocid") != nullptr) {
        take_release(document, 1, seen, preview);
        return {};
    }
    return Failure{FileError{
        "The file is JSON, but neither an OCDS release package nor a record package: it has no "
        "list "
        "called \"releases\" or \"records\". Choose the file that the notice service gave out."}};
}

std::vector<ContractRow> latest_by_ocid(const std::vector<ContractRow>& rows) {
    std::map<std::string, const ContractRow*> latest;
    const auto rank = [](const ContractRow& row) {
        return std::tuple{row.stage == "award", row.date, row.row};
    };
    for (const auto& row : rows) {
        auto& best = latest[row.ocid];
        if (best == nullptr || rank(*best) < rank(row)) best = &row;
    }
    std::vector<ContractRow> out;
    out.reserve(latest.size());
    for (const auto& [ocid, row] : latest) out.push_back(*row);
    return out;
}

}  // namespace tallystick::import
