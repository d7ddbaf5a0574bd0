#include "node/import/organisations.hpp"

#include "node/import/identifier.hpp"
#include "unit/catch.hpp"

using namespace tallystick::import;

namespace {

const std::string salt(32, 's');

Preview read(const std::string& bytes) {
    SeenIdentifiers seen;
    Preview preview;
    REQUIRE(read_organisations(bytes, salt, seen, preview));
    CHECK(preview.read == preview.kept + preview.returned + preview.duplicates);
    return preview;
}

}  // namespace

TEST_CASE("a recipient with a name and an identifier is kept", "[import][organisations]") {
    const auto preview =
        read("id,name,charity_number,ward_gss\nGB-COH-1234567,Acme Ltd,1153055,E05004943\n");
    REQUIRE(preview.organisations.size() == 1);
    const auto& row = preview.organisations[0];
    CHECK(row.row == 2);
    REQUIRE(row.identifiers.size() == 2);
    CHECK(text_of(row.identifiers[0]) == "GB-CHC-1153055");
    CHECK(text_of(row.identifiers[1]) == "GB-COH-01234567");
    CHECK(row.ward == "E05004943");
}

TEST_CASE("each kind of bad row is given back with its reason and its cells",
          "[import][organisations]") {
    const auto preview = read(
        "id,name\nGB-CHC-1153055,\nGB-CHC-1153055,n/a\n,Nameless Trust\nGB-COH-n/a,Some Club\n");
    CHECK(preview.returned == 4);
    CHECK(preview.reasons.at("missing_name") == 1);
    CHECK(preview.reasons.at("name_says_nobody") == 1);
    CHECK(preview.reasons.at("missing_identifier") == 1);
    CHECK(preview.reasons.at("identifier_not_usable") == 1);
    CHECK(preview.returned_rows[3].row == 5);
    CHECK(preview.returned_rows[3].cells[1] == "Some Club");
    CHECK(preview.notes.empty());
}

TEST_CASE("the same organisation again is a duplicate, a shared further number is noted",
          "[import][organisations]") {
    const auto preview = read(
        "id,name,charity_number\nGB-CHC-1153055,First,\nGB-CHC- 1153055 ,First "
        "again,\n360G-x-1,Second,1153055\n");
    CHECK(preview.kept == 2);
    CHECK(preview.duplicates == 1);
    CHECK(preview.notes.at("shares_an_identifier_with_an_earlier_row") == 1);
}

TEST_CASE("a sole trader's name stays off and the id becomes a salted hash",
          "[import][organisations]") {
    const auto preview =
        read("id,name,organisation_type\n360G-x-jo-bloggs,Jo Bloggs,Sole Trader\n");
    REQUIRE(preview.organisations.size() == 1);
    const auto& row = preview.organisations[0];
    CHECK(row.person);
    CHECK(row.name.empty());
    CHECK(row.identifiers[0].scheme() == "SALTED-SHA256");
    CHECK(preview_json(preview, 0).find("Bloggs") == std::string::npos);
    CHECK(preview_words(preview, 20).find("Bloggs") == std::string::npos);
}

TEST_CASE("360Giving grants give their recipients; people are given back without a name",
          "[import][organisations]") {
    const auto preview = read(R"({"grants":[
        {"id":"g1","recipientOrganization":[{"id":"GB-CHC-1153055","name":"Trust"}],"recipientWardNameGeoCode":"E05001429"},
        {"id":"g2","recipientOrganization":[{"id":"GB-CHC-1153055","name":"Trust"}]},
        {"id":"g3","recipientIndividual":{"name":"Jo Bloggs"}},
        {"id":"g4"}]})");
    CHECK(preview.read == 4);
    CHECK(preview.kept == 1);
    CHECK(preview.duplicates == 1);
    CHECK(preview.reasons.at("recipient_is_a_person") == 1);
    CHECK(preview.reasons.at("no_recipient") == 1);
    CHECK(returned_csv(preview).find("Bloggs") == std::string::npos);
}

TEST_CASE("files that are no list are refused with a sentence", "[import][organisations]") {
    for (const auto* bytes : {"", "just one column\nx\n", "{\"a\":1}", "{", "postcode,town\nx,y\n",
                              "name,town\nx,y\n"}) {
        CAPTURE(bytes);
        SeenIdentifiers seen;
        Preview preview;
        const auto result = read_organisations(bytes, salt, seen, preview);
        REQUIRE_FALSE(result);
        CHECK(result.error().sentence.size() > 40);
    }
}
