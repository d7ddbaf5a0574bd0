#include "node/import/bodies.hpp"

#include "node/import/template.hpp"
#include "protocol/canonical.hpp"
#include "protocol/types.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::import;

namespace {

const std::string template_text = R"(
authority = "suffolk"
buyers = ["suffolk  county council"]
outcomes = ["skills", "jobs"]
wards = ["E05000001"]
bids_close = 2027-01-31T12:00:00Z
standstill_days = 10
redemption_deadline = 2028-01-31
[allocation]
basis_points = 500
pence_per_credit = 100
[[price]]
resource = "mentor-hour"
kind = "time"
unit = "hour"
credits = "25.00"
deadweight_basis_points = 1000
[[price]]
resource = "laptop"
kind = "materials"
unit = "item"
credits = "250.00"
)";

ContractTemplate good_template() {
    const auto read = read_template(template_text);
    REQUIRE(read);
    return *read;
}

ContractRow row(std::string ocid, std::string buyer, std::uint64_t pence) {
    ContractRow made;
    made.row = 3;
    made.ocid = std::move(ocid);
    made.buyer = std::move(buyer);
    made.value_pence = pence;
    return made;
}

std::string without(std::string text, const std::string& part) {
    const auto at = text.find(part);
    REQUIRE(at != std::string::npos);
    return text.erase(at, part.size());
}

}  // namespace

TEST_CASE("a contract of the chosen buyer becomes a canonical body", "[import][bodies]") {
    Preview preview;
    preview.contracts = {row("ocds-1", "Suffolk County Council", 123), row("ocds-2", "Other", 5),
                         row("ocds-3", "Suffolk County Council", 0)};
    const auto bodies = contract_bodies(preview, good_template(), "x.json");
    REQUIRE(bodies.bodies_size() == 1);
    CHECK(preview.notes.at("left_out_without_value") == 1);
    const auto body = decode_canonical_as<pb::Body>(bodies.bodies(0).body());
    REQUIRE(body);
    const auto& open = body->open_contract();
    CHECK(open.contract().ocid() == "ocds-1");
    CHECK(open.value_pence() == 123);
    CHECK(open.outcomes(0) == "jobs");
    CHECK(open.prices(0).resource() == "laptop");
    CHECK(open.prices(1).hundredths_per_unit() == 2500);
    CHECK(open.standstill_seconds() == 864000);
    CHECK(bodies.bodies(0).row() == 3);
}

TEST_CASE("every error of a template names what is wrong", "[import][template]") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {without(template_text, "authority = \"suffolk\""), "authority"},
        {template_text + "\n[extra]\n", "extra"},
        {without(template_text, "outcomes = [\"skills\", \"jobs\"]"), "outcomes"},
        {without(template_text, "bids_close = 2027-01-31T12:00:00Z"), "bids_close"},
        {without(template_text, "basis_points = 500\n"), "allocation"},
        {without(template_text, "kind = \"time\""), "kind"},
        {without(template_text, "credits = \"25.00\""), "credits"},
        {template_text +
             "[[price]]\nresource=\"laptop\"\nkind=\"time\"\nunit=\"day\"\ncredits=\"1\"\n",
         "twice"},
        {"authority = ", "not TOML"},
    };
    for (const auto& [text, word] : cases) {
        CAPTURE(text, word);
        const auto read = read_template(text);
        REQUIRE_FALSE(read);
        CHECK(read.error().sentence.find(word) != std::string::npos);
    }
}

TEST_CASE("organisations get handles that are told apart", "[import][bodies]") {
    Preview preview;
    for (const auto* id : {"1", "2"}) {
        OrganisationRow organisation;
        organisation.name = "Youth Club";
        organisation.identifiers.emplace_back();
        organisation.identifiers.back().set_scheme("GB-CHC");
        organisation.identifiers.back().set_id(id);
        preview.organisations.push_back(organisation);
    }
    const auto bodies = organisation_bodies(preview, "suffolk", pb::ROLE_PROJECT, "x.csv");
    REQUIRE(bodies.bodies_size() == 2);
    const auto first = decode_canonical_as<pb::Body>(bodies.bodies(0).body());
    const auto second = decode_canonical_as<pb::Body>(bodies.bodies(1).body());
    REQUIRE((first && second));
    CHECK(first->register_().handle() == "suffolk/youth-club");
    CHECK(second->register_().handle() == "suffolk/youth-club-2");
    CHECK(prepared_bodies_file(bodies).starts_with("tallystick bodies 1\n"));
}

TEST_CASE("many organisations of one name get a handle each, soon", "[import][bodies]") {
    Preview preview;
    OrganisationRow one;
    one.name = "Youth Club";
    one.identifiers.emplace_back().set_scheme("GB-CHC");
    one.identifiers.back().set_id("1153055");
    preview.organisations.assign(50'000, one);
    const auto bodies = organisation_bodies(preview, "suffolk", pb::ROLE_PROJECT, "x.csv");
    REQUIRE(bodies.bodies_size() == 50'000);
    const auto last = decode_canonical_as<pb::Body>(bodies.bodies(49'999).body());
    REQUIRE(last);
    CHECK(last->register_().handle() == "suffolk/youth-club-50000");
}

TEST_CASE("a template whose brackets are wrong is refused, not fatal", "[import][template]") {
    for (const auto* text : {"[[[price]]\n", "[[[[price]]]]\n", "[=a]\n", "[[.]]\n", "["})
        CHECK_FALSE(read_template(text));
}
