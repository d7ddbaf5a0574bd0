#include "node/import/ocds.hpp"

#include "unit/catch.hpp"

using namespace tallystick::import;

namespace {

const std::string tender = R"({"ocid":"ocds-1","id":"r1","date":"2025-01-01T00:00:00Z",
  "buyer":{"id":"GB-CFS-1","name":"Suffolk County Council"},
  "parties":[{"id":"GB-CFS-1","name":"Suffolk County Council","identifier":{"scheme":"GB-LAE","id":"SFK1"},
              "contactPoint":{"name":"Jo Bloggs","email":"jo@example.com"}}],
  "tender":{"title":"Secret title","value":{"amount":100000.25,"currency":"GBP"},
            "tenderPeriod":{"endDate":"2025-02-01T12:00:00Z"},"contractPeriod":{"endDate":"2027-02-01"}}})";

const std::string award = R"({"ocid":"ocds-1","id":"r2","date":"2025-03-01T00:00:00Z",
  "buyer":{"name":"Suffolk County Council"},
  "awards":[{"value":{"amount":70000,"currency":"GBP"},"suppliers":[{"id":"GB-COH-1234567","name":"Acme"}]},
            {"value":{"amount":20000},"suppliers":[{"id":"x","name":"NOT AWARDED TO SUPPLIER"}]}]})";

std::string package(const std::string& releases) {
    return "\xef\xbb\xbf{\"releases\":[" + releases + "]}";
}

Preview read(const std::string& bytes) {
    SeenReleases seen;
    Preview preview;
    REQUIRE(read_ocds(bytes, seen, preview));
    CHECK(preview.read == preview.kept + preview.returned + preview.duplicates);
    return preview;
}

std::string refused(const std::string& bytes) {
    SeenReleases seen;
    Preview preview;
    const auto result = read_ocds(bytes, seen, preview);
    REQUIRE_FALSE(result);
    return result.error().sentence;
}

}  // namespace

TEST_CASE("a release with ocid, named buyer and tender is kept, with ids, amounts and dates only",
          "[import][ocds]") {
    const auto preview = read(package(tender));
    REQUIRE(preview.contracts.size() == 1);
    const auto& row = preview.contracts[0];
    CHECK(row.ocid == "ocds-1");
    CHECK(row.buyer == "Suffolk County Council");
    REQUIRE(row.buyer_ids.size() == 1);
    CHECK(row.buyer_ids[0].id() == "SFK1");
    CHECK(row.value_pence == 10000025);
    CHECK(row.tender_closes == 1738411200);
    CHECK(row.stage == "tender");
}

TEST_CASE("awards add up, and a supplier that is nobody does not count", "[import][ocds]") {
    const auto preview = read(package(award));
    const auto& row = preview.contracts[0];
    CHECK(row.value_pence == 9000000);
    CHECK(row.suppliers == 1);
    REQUIRE(row.supplier_ids.size() == 1);
    CHECK(row.supplier_ids[0].id() == "01234567");
    CHECK(preview.notes.at("supplier_not_named") == 1);
}

TEST_CASE("several releases of one ocid are all kept; the award is the latest word",
          "[import][ocds]") {
    const auto preview = read(package(award + "," + tender));
    CHECK(preview.kept == 2);
    const auto latest = latest_by_ocid(preview.contracts);
    REQUIRE(latest.size() == 1);
    CHECK(latest[0].release_id == "r2");
}

TEST_CASE("the same file twice adds nothing", "[import][ocds]") {
    SeenReleases seen;
    Preview preview;
    const auto without_id = R"({"ocid":"o2","buyer":{"name":"B Council"},"tender":{"id":1}})";
    const auto bytes = package(tender + "," + without_id);
    REQUIRE(read_ocds(bytes, seen, preview));
    REQUIRE(read_ocds(bytes, seen, preview));
    CHECK(preview.read == 4);
    CHECK(preview.kept == 2);
    CHECK(preview.duplicates == 2);
}

TEST_CASE("each kind of bad release is given back with its reason", "[import][ocds]") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"7", "not_a_release"},
        {R"({"buyer":{"name":"B"},"tender":{"id":1}})", "missing_ocid"},
        {R"({"ocid":"a b","buyer":{"name":"B Council"},"tender":{"id":1}})", "ocid_not_usable"},
        {R"({"ocid":"o","tender":{"id":1}})", "missing_buyer"},
        {R"({"ocid":"o","buyer":{"id":"p","name":" n/a "},"tender":{"id":1}})", "buyer_not_named"},
        {R"({"ocid":"o","buyer":{"name":"B Council"},"tender":{},"awards":[]})",
         "no_tender_or_award"},
    };
    for (const auto& [release, reason] : cases) {
        CAPTURE(release);
        const auto preview = read(package(release));
        CHECK(preview.returned == 1);
        CHECK(preview.reasons.at(reason) == 1);
        CHECK(preview.returned_rows[0].row == 1);
    }
}

TEST_CASE("record packages give their compiled releases or those they embed", "[import][ocds]") {
    const auto preview = read(R"({"records":[{"ocid":"ocds-1","compiledRelease":)" + tender +
                              R"(},{"ocid":"o2","releases":[{"url":"https://example.com/1"},)" +
                              award + R"(]},{"ocid":"o3"}]})");
    CHECK(preview.read == 4);
    CHECK(preview.kept == 2);
    CHECK(preview.reasons.at("linked_release") == 1);
    CHECK(preview.reasons.at("record_without_releases") == 1);
}

TEST_CASE("values that are none are left out and noted", "[import][ocds]") {
    const auto with = [](const std::string& value) {
        return read(
            package(R"({"ocid":"o","id":"1","buyer":{"name":"B Council"},"tender":{"value":)" +
                    value + "}}"));
    };
    CHECK(with(R"({"amount":0,"currency":"GBP"})").notes.contains("value_not_usable"));
    CHECK(with(R"({"amount":0.01,"currency":"GBP"})").notes.contains("value_not_usable"));
    CHECK(with(R"({"amount":"60-85%"})").notes.contains("value_not_usable"));
    CHECK(with(R"({"amount":5,"currency":"EUR"})").notes.contains("value_not_in_pounds"));
    CHECK(with("{}").notes.contains("no_value_published"));
    CHECK(with(R"({"amount":750000000,"currency":"GBP"})").contracts[0].value_pence == 75000000000);
}

TEST_CASE("a file that is no package is refused with a sentence", "[import][ocds]") {
    CHECK(refused("{").find("breaks at byte") != std::string::npos);
    CHECK(refused("{}").find("neither an OCDS release package") != std::string::npos);
    CHECK(refused("").find("not JSON") != std::string::npos);
    CHECK(refused(std::string(100000, '[')).find("deeper than 64") + 1 +
              refused(std::string(100000, '[')).find("breaks at byte") + 1 >
          0);
    CHECK(refused("{\"releases\":[1e999]}").find("number") != std::string::npos);
}
