#include "wallet/core/seals.hpp"

#include "protocol/envelope.hpp"
#include "temporary_folder.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

namespace {

constexpr std::string_view typed = "suffolk/food-bank:laptop:3:skills:E05000001:2027-03-01";

Seal a_seal() {
    pb::Claim bidder;
    bidder.mutable_contract()->set_authority("suffolk");
    bidder.mutable_contract()->set_ocid("ocds-1");
    bidder.set_supplier("suffolk/acme-build");
    pb::CommitmentLines lines;
    *lines.add_lines() = *line_from_text(typed, 0);
    return new_seal(*LedgerId::from(std::string(32, 'L')), bidder, lines);
}

}  // namespace

TEST_CASE("what was sealed can be revealed: salt and lines come back by the hash",
          "[wallet][seals]") {
    REQUIRE(initialise_crypto());
    const TemporaryFolder folder;
    const auto first = a_seal();
    const auto second = a_seal();
    CHECK(first.hash() != second.hash());  // fresh salts
    const SealBook book{folder.path};
    REQUIRE(book.keep(first));
    REQUIRE(book.keep(second));
    for (const auto* seal : {&first, &second}) {
        const auto found = book.find(seal->hash());
        REQUIRE(found);
        CHECK(found->salt == seal->salt);
        CHECK(seal_hash(found->ledger_id, found->bidder, found->salt, found->lines) ==
              seal->hash());
    }
}

TEST_CASE("a seal of another wallet, or a damaged one, is not revealed", "[wallet][seals]") {
    REQUIRE(initialise_crypto());
    const TemporaryFolder folder;
    const SealBook book{folder.path};
    const auto seal = a_seal();
    CHECK(book.find(seal.hash()).error().code == "no_such_seal");
    REQUIRE(book.keep(seal));
    const auto path = folder.path / "seals" / (to_hex(seal.hash().view()) + ".json");
    auto text = *read_file(path, 100000);
    const auto at = text.find("\"salt\": \"") + 12;
    text[at] = text[at] == '0' ? '1' : '0';
    REQUIRE(write_atomically(path, text, Access::owner_only));
    CHECK(book.find(seal.hash()).error().code == "seal_damaged");
}

TEST_CASE("commitment lines are typed or read from a file", "[wallet][seals]") {
    const auto line = line_from_text(typed, 0);
    REQUIRE(line);
    CHECK(line->project() == "suffolk/food-bank");
    CHECK(line->resource() == "laptop");
    CHECK(line->quantity() == 3);
    CHECK(line->outcome() == "skills");
    CHECK(line->ward() == "E05000001");
    CHECK(line->due() == 1803945599);
    CHECK(line_from_text("suffolk/food-bank:laptop:3:skills:E05:2027-03-01T12:00:00Z", 0)->due() ==
          1803902400);
    for (const auto* bad :
         {"", "suffolk/food-bank:laptop:0:skills:E05:2027-03-01",
          "suffolk/food-bank:laptop:x:skills:E05:2027-03-01",
          "suffolk/food-bank:laptop:3:skills:E05", "Food Bank:laptop:3:skills:E05:2027-03-01",
          "suffolk/food-bank:lap top:3:skills:E05:2027-03-01"}) {
        INFO(bad);
        CHECK_FALSE(line_from_text(bad, 0));
    }
    const auto read = lines_from_json(
        R"([{"project":"suffolk/food-bank","resource":"laptop","quantity":3,"outcome":"skills","ward":"E05","due":"2027-03-01"},
            {"project":"suffolk/food-bank","resource":"laptop","quantity":3,"outcome":"skills","ward":"E05","due":1803902400}])",
        0);
    REQUIRE(read);
    CHECK(read->lines_size() == 2);
    CHECK(read->lines(1).due() == 1803902400);
    CHECK_FALSE(lines_from_json("{}", 0));
    CHECK_FALSE(lines_from_json("[{}]", 0));
    CHECK_FALSE(lines_from_json(
        R"([{"project":"suffolk/food-bank","resource":"laptop","quantity":-3,"outcome":"s","ward":"E","due":1}])",
        0));
}
