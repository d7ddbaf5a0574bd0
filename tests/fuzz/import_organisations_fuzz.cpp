// Lists of organisations, however broken: every row is counted once, the same list twice adds
// nothing, and what is kept can be registered.
#include "fuzz/fuzz.hpp"
#include "fuzz/import_check.hpp"
#include "ledger/actions/form.hpp"
#include "node/import/bodies.hpp"
#include "node/import/organisations.hpp"
#include "protocol/canonical.hpp"

using namespace tallystick;
using namespace tallystick::import;
using fuzz::check;

namespace {

void check_rows(const Preview& preview) {
    check(preview.organisations.size() == preview.kept, "what is counted as kept is kept");
    for (const auto& row : preview.organisations) {
        check(row.name.empty() == row.person, "all but people have a name");
        check(!row.identifiers.empty(), "a kept row has an identifier");
        for (const auto& id : row.identifiers) fuzz::check_identifier(id);
    }
}

void check_body(const pb::PreparedBody& prepared) {
    const auto body = decode_canonical_as<pb::Body>(prepared.body());
    check(body && body->has_register_(), "a prepared body registers someone");
    const auto& action = body->register_();
    check(!ledger::check_registered_handle(action.handle()), "its handle is one");
    check(!ledger::check_identifiers(action.identifiers()), "its identifiers are well-formed");
    check(!ledger::check_names(action.names()), "its names are well-formed");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input{fuzz::text_of_input(data, size)};
    const std::string salt(32, 's');
    SeenIdentifiers seen;
    Preview preview;
    const auto read = read_organisations(input, salt, seen, preview);
    if (!read) {
        check(!read.error().sentence.empty(), "what is wrong with a file is said");
        return 0;
    }
    fuzz::check_counts(preview);
    check_rows(preview);

    Preview again;
    check(read_organisations(input, salt, seen, again).ok(), "a file reads the same twice");
    fuzz::check_counts(again);
    check(again.kept == 0, "the same file twice adds nothing");

    const auto bodies = organisation_bodies(preview, "suffolk", pb::ROLE_PROJECT, "fuzz.csv");
    for (const auto& one : bodies.bodies()) check_body(one);
    fuzz::check_words(preview);
    return 0;
}
