#include "node/import/preview.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "node/import/csv_file.hpp"

namespace tallystick::import {

namespace {

using ReasonText = std::pair<std::string_view, std::string_view>;

constexpr std::array<ReasonText, 28> sentences{{
    {"not_a_release", "the entry is not a release"},
    {"missing_ocid", "the release has no ocid"},
    {"ocid_not_usable", "the ocid has spaces, letters outside ASCII, or more than 80 characters"},
    {"missing_buyer", "the release has no buyer"},
    {"buyer_not_named", "the buyer has no name"},
    {"no_tender_or_award", "the release has neither a tender nor an award"},
    {"record_without_releases", "the record holds no release"},
    {"linked_release", "the record only links to the release; it does not hold it"},
    {"missing_name", "the organisation has no name"},
    {"name_says_nobody", "the name says that there is nobody"},
    {"missing_identifier", "the organisation has no identifier"},
    {"identifier_not_usable", "what stands where an identifier should is none"},
    {"recipient_is_a_person", "the recipient is a person, not an organisation"},
    {"no_recipient", "the grant names no recipient"},
    {"supplier_not_named", "a supplier of the award is not named"},
    {"no_value_published", "no value was published; due then equals promised"},
    {"value_not_in_pounds", "the value is not in pounds and was left out"},
    {"value_not_usable", "the value is zero, below a pound or not a number, and was left out"},
    {"left_out_without_value",
     "no body was prepared: the allocation follows from a value, and none was published"},
    {"buyer_without_register_id", "the buyer has no public register's id, only the portal's"},
    {"release_without_id", "the release has no id; its content tells it apart"},
    {"published_id_not_usable", "the published id is none; another number of the row was taken"},
    {"published_id_not_in_its_registers_form",
     "the published id is not in its register's form and was kept as the publisher's own"},
    {"charity_number_not_usable", "what stands as charity number is none"},
    {"company_number_not_usable", "what stands as company number is none"},
    {"shares_an_identifier_with_an_earlier_row",
     "has an identifier that an earlier row has too; check whether both are one body"},
    {"no_register_number", "has only the publisher's own id, which may change"},
    {"sole_trader_kept_without_name", "a person: the name stays off, the id is a salted hash"},
}};

std::string plural(std::uint64_t number, std::string_view one, std::string_view many) {
    return std::to_string(number) + " " + std::string{number == 1 ? one : many};
}

}  // namespace

void Preview::give_back(std::uint64_t row, std::string reason, std::vector<std::string> cells) {
    ++returned;
    ++reasons[reason];
    returned_rows.push_back({row, std::move(reason), std::move(cells)});
}

void Preview::note(std::uint64_t row, std::string text) {
    ++notes[text];
    noted_rows.push_back({row, std::move(text)});
}

void Preview::notes_of_row_taken_back(std::uint64_t row) {
    while (!noted_rows.empty() && noted_rows.back().row == row) {
        const auto counted = notes.find(noted_rows.back().note);
        if (--counted->second == 0) notes.erase(counted);
        noted_rows.pop_back();
    }
}

std::string reason_sentence(const std::string& reason) {
    const auto* const found = std::ranges::find(sentences, reason, &ReasonText::first);
    return found == sentences.end() ? reason : std::string{found->second};
}

std::string preview_json(const Preview& preview, std::size_t bodies) {
    nlohmann::ordered_json out;
    out["version"] = 1;
    out["read"] = preview.read;
    out["kept"] = preview.kept;
    out["returned"] = preview.returned;
    out["duplicates"] = preview.duplicates;
    out["reasons"] = preview.reasons;
    out["notes"] = preview.notes;
    out["bodies"] = bodies;
    return out.dump(2) + "\n";
}

std::string preview_words(const Preview& preview, std::size_t rows_shown_max) {
    std::string out = "Read " + plural(preview.read, "row", "rows") + ": " +
                      std::to_string(preview.kept) + " kept, " + std::to_string(preview.returned) +
                      " given back, " + plural(preview.duplicates, "duplicate", "duplicates") +
                      ".\n";
    if (!preview.returned_rows.empty()) out += "\nGiven back:\n";
    for (std::size_t i = 0; i < std::min(rows_shown_max, preview.returned_rows.size()); ++i) {
        const auto& returned = preview.returned_rows[i];
        out += "  row " + std::to_string(returned.row) + ": " + reason_sentence(returned.reason) +
               "\n";
    }
    if (preview.returned_rows.size() > rows_shown_max) {
        out += "  and " + std::to_string(preview.returned_rows.size() - rows_shown_max) +
               " more (write them all to a file with --returned FILE)\n";
    }
    if (!preview.notes.empty()) out += "\nKept, but worth a look:\n";
    for (const auto& [note, count] : preview.notes) {
        out += "  " + plural(count, "time: ", "times: ") + reason_sentence(note) + "\n";
    }
    return out;
}

std::string returned_csv(const Preview& preview) {
    auto header = preview.header.empty() ? std::vector<std::string>{"ocid"} : preview.header;
    header.insert(header.begin(), {"row", "reason"});
    std::string out = "\xef\xbb\xbf" + csv_line(header);
    for (const auto& returned : preview.returned_rows) {
        auto cells = returned.cells;
        cells.insert(cells.begin(),
                     {std::to_string(returned.row), reason_sentence(returned.reason)});
        out += csv_line(cells);
    }
    return out;
}

}  // namespace tallystick::import
