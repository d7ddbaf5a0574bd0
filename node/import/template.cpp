#include "node/import/template.hpp"

// toml++ 3.3 asserts what a file may well break ("[[[x" trips it); without the assertion it says so
// as an error, as it does in release builds.
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

#include "node/import/dates.hpp"
#include "protocol/types.hpp"

namespace tallystick::import {

namespace {

/// Thrown inside this file only, caught in `read_template`: a template is read top down and breaks
/// at the first error.
struct TemplateError {
    std::string sentence;
};

[[noreturn]] void fail(std::string sentence) {
    throw TemplateError{std::move(sentence)};
}

void only_keys(const toml::table& table, std::string_view where,
               std::initializer_list<std::string_view> known) {
    for (const auto& [key, value] : table) {
        if (std::ranges::find(known, key.str()) == known.end()) {
            fail("The template has a key that is not known: " + std::string{where} +
                 std::string{key.str()} + " (line " + std::to_string(key.source().begin.line) +
                 ").");
        }
    }
}

std::string text_key(const toml::table& table, std::string_view where, std::string_view key) {
    const auto value = table[key].value<std::string>();
    if (!value) fail("The template lacks " + std::string{where} + std::string{key} + ", a text.");
    return *value;
}

std::uint64_t whole_key(const toml::table& table, std::string_view where, std::string_view key,
                        std::uint64_t max) {
    const auto value = table[key].value_exact<std::int64_t>();
    if (!value || *value < 0 || static_cast<std::uint64_t>(*value) > max) {
        fail("The template lacks " + std::string{where} + std::string{key} +
             ", a whole number from 0 to " + std::to_string(max) + ".");
    }
    return static_cast<std::uint64_t>(*value);
}

std::uint64_t credits_key(const toml::table& table, std::string_view where, std::string_view key) {
    const auto amount = amount_from_text(text_key(table, where, key));
    if (!amount || amount->is_zero()) {
        fail(std::string{where} + std::string{key} +
             " is not an amount of credits, such as \"150.00\" (in quotes).");
    }
    return amount->hundredths();
}

std::uint64_t instant_key(const toml::table& table, std::string_view key) {
    std::ostringstream text;
    if (const auto* date = table[key].as_date_time()) {
        text << **date;
    } else if (const auto* day = table[key].as_date()) {
        text << **day;
    } else {
        text << table[key].value_or(std::string{});
    }
    const auto instant = instant_from_text(text.str());
    if (!instant)
        fail("The template lacks " + std::string{key} + ", a date such as 2027-01-31T12:00:00Z.");
    return *instant;
}

std::vector<std::string> list_key(const toml::table& table, std::string_view key, bool needed) {
    std::vector<std::string> out;
    const auto* array = table[key].as_array();
    if (array != nullptr) {
        for (const auto& item : *array) {
            const auto text = item.value<std::string>();
            if (!text)
                fail("The template's list " + std::string{key} +
                     " holds something that is no text.");
            out.push_back(*text);
        }
    }
    if (needed && out.empty())
        fail("The template lacks " + std::string{key} + ", a list of codes.");
    return out;
}

std::vector<std::string> codes_key(const toml::table& table, std::string_view key) {
    auto codes = list_key(table, key, true);
    std::ranges::sort(codes);
    const auto bad = std::ranges::find_if_not(codes, is_code);
    if (bad != codes.end())
        fail("\"" + *bad + "\" in " + std::string{key} +
             " is not a code (letters, digits, - _ .).");
    if (std::ranges::adjacent_find(codes) != codes.end())
        fail("The list " + std::string{key} + " repeats a code.");
    return codes;
}

pb::ResourceKind kind_of(const std::string& text) {
    if (text == "time") return pb::RESOURCE_KIND_TIME;
    if (text == "materials") return pb::RESOURCE_KIND_MATERIALS;
    fail("price.kind is \"" + text + "\"; it is \"time\" or \"materials\".");
}

pb::ResourceUnit unit_of(const std::string& text) {
    if (text == "hour") return pb::RESOURCE_UNIT_HOUR;
    if (text == "day") return pb::RESOURCE_UNIT_DAY;
    if (text == "item") return pb::RESOURCE_UNIT_ITEM;
    if (text == "month") return pb::RESOURCE_UNIT_MONTH;
    fail("price.unit is \"" + text + "\"; it is \"hour\", \"day\", \"item\" or \"month\".");
}

void read_prices(const toml::table& table, pb::OpenContract& terms) {
    const auto* list = table["price"].as_array();
    if (list == nullptr || list->empty())
        fail("The template lacks a price list: one [[price]] a resource.");
    std::map<std::string, pb::PriceItem> prices;
    for (const auto& node : *list) {
        const auto* item = node.as_table();
        if (item == nullptr) fail("Each [[price]] of the template is a table.");
        only_keys(*item, "price.",
                  {"resource", "kind", "unit", "credits", "deadweight_basis_points"});
        pb::PriceItem price;
        price.set_resource(text_key(*item, "price.", "resource"));
        if (!is_code(price.resource()))
            fail("price.resource \"" + price.resource() + "\" is not a code.");
        price.set_kind(kind_of(text_key(*item, "price.", "kind")));
        price.set_unit(unit_of(text_key(*item, "price.", "unit")));
        price.set_hundredths_per_unit(credits_key(*item, "price.", "credits"));
        price.set_deadweight_basis_points(
            item->contains("deadweight_basis_points")
                ? static_cast<std::uint32_t>(
                      whole_key(*item, "price.", "deadweight_basis_points", 10000))
                : 0);
        const auto resource = price.resource();
        if (!prices.emplace(resource, std::move(price)).second) {
            fail("The price list names \"" + resource + "\" twice.");
        }
    }
    for (auto& [resource, price] : prices) *terms.add_prices() = std::move(price);
}

void read_allocation(const toml::table& table, pb::OpenContract& terms) {
    const auto* allocation = table["allocation"].as_table();
    if (allocation == nullptr) fail("The template lacks [allocation]: credits, a rate, or bands.");
    only_keys(*allocation, "allocation.", {"credits", "basis_points", "pence_per_credit", "band"});
    constexpr std::uint64_t pence_max = 1000000000000000;
    if (allocation->contains("credits")) {
        terms.set_allocation_fixed(credits_key(*allocation, "allocation.", "credits"));
    } else if (allocation->contains("basis_points")) {
        auto& rate = *terms.mutable_allocation_rate();
        rate.set_basis_points(static_cast<std::uint32_t>(
            whole_key(*allocation, "allocation.", "basis_points", 10000)));
        rate.set_pence_per_credit(
            whole_key(*allocation, "allocation.", "pence_per_credit", pence_max));
    } else if (const auto* bands = (*allocation)["band"].as_array()) {
        for (const auto& node : *bands) {
            const auto* item = node.as_table();
            if (item == nullptr) fail("Each [[allocation.band]] is a table.");
            only_keys(*item, "allocation.band.", {"from_pounds", "credits"});
            auto& band = *terms.mutable_allocation_bands()->add_bands();
            band.set_from_pence(
                whole_key(*item, "allocation.band.", "from_pounds", pence_max / 100) * 100);
            band.set_allocation(credits_key(*item, "allocation.band.", "credits"));
        }
    } else {
        fail(
            "[allocation] needs credits, or basis_points with pence_per_credit, or "
            "[[allocation.band]].");
    }
}

ContractTemplate read(const toml::table& table) {
    constexpr std::uint64_t standstill_days_max = 365;
    only_keys(table, "",
              {"authority", "buyers", "ocids", "lot", "outcomes", "wards", "bids_close",
               "standstill_days", "redemption_deadline", "allocation", "price"});
    ContractTemplate out;
    out.authority = text_key(table, "", "authority");
    if (!is_handle_part(out.authority))
        fail("authority \"" + out.authority + "\" is not an authority's handle.");
    out.buyers = list_key(table, "buyers", false);
    out.ocids = list_key(table, "ocids", false);
    out.lot = table["lot"].value_or(std::string{});
    if (!is_lot(out.lot)) fail("lot \"" + out.lot + "\" has spaces or is too long.");
    for (auto& code : codes_key(table, "outcomes")) out.terms.add_outcomes(std::move(code));
    for (auto& code : codes_key(table, "wards")) out.terms.add_wards(std::move(code));
    out.terms.set_bids_close(instant_key(table, "bids_close"));
    out.terms.set_standstill_seconds(whole_key(table, "", "standstill_days", standstill_days_max) *
                                     86400);
    out.terms.set_redemption_deadline(instant_key(table, "redemption_deadline"));
    read_allocation(table, out.terms);
    read_prices(table, out.terms);
    return out;
}

}  // namespace

Result<ContractTemplate, FileError> read_template(const std::string& toml) {
    try {
        return read(toml::parse(toml));
    } catch (const TemplateError& error) {
        return Failure{FileError{error.sentence}};
    } catch (const toml::parse_error& error) {
        return Failure{FileError{"The template is not TOML at line " +
                                 std::to_string(error.source().begin.line) + ": " +
                                 std::string{error.description()} + "."}};
    }
}

}  // namespace tallystick::import
