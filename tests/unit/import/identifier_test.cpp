#include "node/import/identifier.hpp"

#include "unit/catch.hpp"

using namespace tallystick::import;

namespace {

std::string read(std::string_view published) {
    const auto id = organisation_id(published);
    return id ? text_of(id->identifier) : "none";
}

}  // namespace

TEST_CASE("register ids are read as their register writes them", "[import][identifier]") {
    CHECK(read("GB-CHC- 1153055 ") == "GB-CHC-1153055");
    CHECK(read("GB-COH-1234567") == "GB-COH-01234567");
    CHECK(read("GB-COH-rs007137") == "GB-COH-RS007137");
    CHECK(read("GB-COH-SC12345") == "GB-COH-SC012345");
    CHECK(read("GB-SC-SC012345") == "GB-SC-SC012345");
    CHECK(read("GB-LAE-BNE") == "GB-LAE-BNE");
    CHECK(read("GB-LAC-E09000003") == "GB-LAC-E09000003");
    CHECK(read("GB-PPON-PXYZ-1234-ABCD") == "GB-PPON-PXYZ-1234-ABCD");
}

TEST_CASE("words where a number should be are no identifier", "[import][identifier]") {
    for (const auto* none :
         {"GB-COH-n/a", "GB-COH-", "GB-COH-CIO", "GB-CHC-none", "n/a", "", "GB-COH-00000000"}) {
        CAPTURE(none);
        CHECK(read(none) == "none");
    }
}

TEST_CASE("a publisher's own ids are kept as such", "[import][identifier]") {
    const auto slug = organisation_id("360G-ptc-ORG:the-crown,-chichester");
    REQUIRE(slug);
    CHECK(slug->kind == IdentifierKind::publisher);
    CHECK(text_of(slug->identifier) == "360G-ptc-ORG:the-crown,-chichester");
    CHECK(read("GB-CFS-18525") == "GB-CFS-18525");
    CHECK(organisation_id("GB-CFS-18525")->kind == IdentifierKind::publisher);
    CHECK(read("XI-GRID-grid.1.2") == "XI-GRID-grid.1.2");
    CHECK(read("plain") == "PUBLISHER-plain");
    CHECK(read("GB-COH-the-windmill") == "PUBLISHER-GB-COH-the-windmill");
    CHECK(read("GB-COH-123456789") == "PUBLISHER-GB-COH-123456789");
}

TEST_CASE("ids that the ledger cannot hold are kept as their hash", "[import][identifier]") {
    const auto id = organisation_id("360G-ptc-ORG:bebeccino-kids-café");
    REQUIRE(id);
    CHECK(id->identifier.scheme() == "360G-SHA256");
    CHECK(id->identifier.id().size() == 64);
    CHECK(organisation_id("360G-" + std::string(100, 'x'))->identifier.scheme() == "360G-SHA256");
}

TEST_CASE("charity numbers name the register of their nation", "[import][identifier]") {
    CHECK(text_of(charity_number(" 1153055 ")->identifier) == "GB-CHC-1153055");
    CHECK(text_of(charity_number("SC012345")->identifier) == "GB-SC-SC012345");
    CHECK(text_of(charity_number("NIC100123")->identifier) == "GB-NIC-100123");
    CHECK_FALSE(charity_number("1234"));
    CHECK_FALSE(charity_number("CIO"));
    CHECK_FALSE(charity_number(""));
    CHECK_FALSE(charity_number("XY123456"));
}
