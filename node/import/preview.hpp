#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "protocol/pb.hpp"

/// What an importer says of a file before anything of it goes near the ledger.
namespace tallystick::import {

/// A row given back, with the reason why.
struct ReturnedRow {
    std::uint64_t row = 0;
    std::string reason;  ///< stable name, such as `missing_ocid`
    std::vector<std::string>
        cells;  ///< as read, for the officer's own file; for JSON what identifies the row
};

/// Something kept that the officer should know: the reason's name and the row.
struct Note {
    std::uint64_t row = 0;
    std::string note;
};

/// A published contract as far as the ledger cares: no title, no description, no person.
struct ContractRow {
    std::uint64_t row = 0;
    std::string ocid;
    std::string release_id;
    std::string buyer;                         ///< the public body's name, cleaned
    std::vector<pb::Identifier> buyer_ids;     ///< of public registers
    std::string stage;                         ///< `tender` or `award`
    std::uint64_t value_pence = 0;             ///< 0: none published, or none in pounds
    std::uint64_t date = 0;                    ///< of the release, seconds; 0 if none
    std::uint64_t tender_closes = 0;           ///< seconds; 0 if none
    std::uint64_t contract_ends = 0;           ///< seconds; 0 if none
    std::vector<pb::Identifier> supplier_ids;  ///< of public registers only
    std::size_t suppliers = 0;                 ///< named, with or without such an id
};

/// A group or supplier from a list. Sole traders are people: `name` is then empty and the ids are
/// salted hashes.
struct OrganisationRow {
    std::uint64_t row = 0;
    std::string name;
    std::vector<pb::Identifier> identifiers;  ///< ascending; at least one
    bool person = false;
    std::string ward;  ///< GSS code or empty
};

/// The answer for one or more files. `read` = kept + returned + duplicates.
struct Preview {
    std::uint64_t read = 0;
    std::uint64_t kept = 0;
    std::uint64_t returned = 0;
    std::uint64_t duplicates = 0;
    std::map<std::string, std::uint64_t> reasons;  ///< of returned rows
    std::map<std::string, std::uint64_t> notes;    ///< of kept rows
    std::vector<ReturnedRow> returned_rows;
    std::vector<Note> noted_rows;
    std::vector<std::string> header;  ///< of the source, where it is a table
    std::vector<ContractRow> contracts;
    std::vector<OrganisationRow> organisations;

    void give_back(std::uint64_t row, std::string reason, std::vector<std::string> cells);
    void note(std::uint64_t row, std::string note);
    /// Takes the notes of the row read last back: it is given back or a duplicate after all.
    void notes_of_row_taken_back(std::uint64_t row);
};

/// Why a file could not be read at all; a sentence for the officer.
struct FileError {
    std::string sentence;
};

/// The counts as JSON: {"read", "kept", "returned", "duplicates", "reasons", "notes", …}. No
/// person, no free text.
[[nodiscard]] std::string preview_json(const Preview& preview, std::size_t bodies);

/// The same in words, with the rows given back and why.
[[nodiscard]] std::string preview_words(const Preview& preview, std::size_t rows_shown_max);

/// The returned rows as CSV with row number and reason: the file that goes back to the officer.
[[nodiscard]] std::string returned_csv(const Preview& preview);

/// A sentence for a reason or a note.
[[nodiscard]] std::string reason_sentence(const std::string& reason);

}  // namespace tallystick::import
