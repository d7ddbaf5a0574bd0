#include "ledger/actions/form.hpp"

#include "protocol/envelope.hpp"
#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

const std::string fine = "well-formed";

std::string of_codes(const std::vector<std::string>& codes, std::size_t size_max = 3) {
    Strings list;
    for (const auto& code : codes) list.Add()->assign(code);
    return told(check_codes(list, size_max));
}

std::string of_numbers(const std::vector<std::uint32_t>& numbers, std::size_t size_max = 3) {
    Numbers list;
    for (const auto number : numbers) list.Add(number);
    return told(check_numbers(list, size_max));
}

struct SchemeAndId {
    std::string scheme;
    std::string id;
};

std::string of_identifiers(const std::vector<SchemeAndId>& identifiers) {
    google::protobuf::RepeatedPtrField<pb::Identifier> list;
    for (const auto& each : identifiers) {
        auto* identifier = list.Add();
        identifier->set_scheme(each.scheme);
        identifier->set_id(each.id);
    }
    return told(check_identifiers(list));
}

struct LanguageAndText {
    std::string language;
    std::string text;
};

std::string of_names(const std::vector<LanguageAndText>& names) {
    google::protobuf::RepeatedPtrField<pb::DisplayName> list;
    for (const auto& each : names) {
        auto* name = list.Add();
        name->set_language(each.language);
        name->set_text(each.text);
    }
    return told(check_names(list));
}

}  // namespace

TEST_CASE("handles have one part for an authority and two for everyone else", "[ledger][form]") {
    CHECK(told(check_handle("suffolk")) == fine);
    CHECK(told(check_handle("suffolk/food-bank")) == fine);
    for (const auto* bad : {"", "ab", "Suffolk", "suffolk/", "/food-bank", "suffolk/food/bank",
                            "-suffolk", "suffolk ",
                            "s\xc3\xbb"
                            "ffolk"}) {
        CHECK(told(check_handle(bad)) == malformed(Malformed::bad_handle));
        CHECK(told(check_authority_handle(bad)) == malformed(Malformed::bad_handle));
        CHECK(told(check_registered_handle(bad)) == malformed(Malformed::bad_handle));
    }
    CHECK(told(check_authority_handle("suffolk")) == fine);
    CHECK(told(check_authority_handle("suffolk/food-bank")) == malformed(Malformed::bad_handle));
    CHECK(told(check_registered_handle("suffolk/food-bank")) == fine);
    CHECK(told(check_registered_handle("suffolk")) == malformed(Malformed::bad_handle));
}

TEST_CASE("a contract is named by an authority, an ocid and a lot that may be empty",
          "[ledger][form]") {
    const auto bad = malformed(Malformed::bad_contract_id);
    CHECK(told(check_contract_id(contract_id("suffolk", "ocds-1"))) == fine);
    CHECK(told(check_contract_id(contract_id("suffolk", "ocds-1", "lot-2"))) == fine);
    CHECK(told(check_contract_id(contract_id("suffolk", std::string(80, 'o')))) == fine);
    CHECK(told(check_contract_id({})) == bad);
    CHECK(told(check_contract_id(contract_id("suffolk/food-bank", "ocds-1"))) == bad);
    CHECK(told(check_contract_id(contract_id("suffolk", ""))) == bad);
    CHECK(told(check_contract_id(contract_id("suffolk", std::string(81, 'o')))) == bad);
    CHECK(told(check_contract_id(contract_id("suffolk", "ocds 1"))) == bad);
    CHECK(told(check_contract_id(contract_id("suffolk", "ocds-1", "lot\n2"))) == bad);
}

TEST_CASE("a claim names a contract and a supplier that an authority registered",
          "[ledger][form]") {
    CHECK(told(check_claim(claim_on(bridge(), builders))) == fine);
    CHECK(told(check_claim(claim_on(bridge(), suffolk))) == malformed(Malformed::bad_claim));
    CHECK(told(check_claim(claim_on({}, ""))) == malformed(Malformed::bad_contract_id));
}

TEST_CASE("a list of codes has its bounds, its form and its order", "[ledger][form]") {
    CHECK(told(check_code("Skills_1.a-b")) == fine);
    CHECK(told(check_code("")) == malformed(Malformed::bad_code));
    CHECK(told(check_code("two words")) == malformed(Malformed::bad_code));
    CHECK(told(check_code(std::string(41, 'c'))) == malformed(Malformed::bad_code));

    CHECK(of_codes({"a", "b", "c"}) == fine);
    CHECK(of_codes({}) == malformed(Malformed::bad_size));
    CHECK(of_codes({"d", "c", "b", ""}) == malformed(Malformed::bad_size));
    CHECK(of_codes({"b", "a", ""}) == malformed(Malformed::bad_code));
    CHECK(of_codes({"b", "a"}) == malformed(Malformed::bad_order));
    CHECK(of_codes({"a", "a"}) == malformed(Malformed::bad_order));
}

TEST_CASE("amounts, quantities and times lie between 1 and their bounds", "[ledger][form]") {
    const std::uint64_t top = (std::uint64_t{1} << 53) - 1;
    CHECK(told(check_amount(1)) == fine);
    CHECK(told(check_amount(top)) == fine);
    CHECK(told(check_amount(0)) == malformed(Malformed::bad_amount));
    CHECK(told(check_amount(top + 1)) == malformed(Malformed::bad_amount));
    CHECK(told(check_amount(UINT64_MAX)) == malformed(Malformed::bad_amount));

    CHECK(told(check_quantity(1)) == fine);
    CHECK(told(check_quantity(top)) == fine);
    CHECK(told(check_quantity(0)) == malformed(Malformed::bad_quantity));
    CHECK(told(check_quantity(top + 1)) == malformed(Malformed::bad_quantity));

    CHECK(told(check_time(1)) == fine);
    CHECK(told(check_time(seconds_max)) == fine);
    CHECK(told(check_time(0)) == malformed(Malformed::bad_time));
    CHECK(told(check_time(seconds_max + 1)) == malformed(Malformed::bad_time));
}

TEST_CASE("a hash has 32 bytes, or none where it may be left out", "[ledger][form]") {
    CHECK(told(check_hash(std::string(32, '\0'))) == fine);
    CHECK(told(check_hash("")) == malformed(Malformed::bad_hash));
    CHECK(told(check_hash(std::string(33, 'h'))) == malformed(Malformed::bad_hash));
    CHECK(told(check_optional_hash("")) == fine);
    CHECK(told(check_optional_hash(std::string(32, 'h'))) == fine);
    CHECK(told(check_optional_hash(std::string(31, 'h'))) == malformed(Malformed::bad_hash));
}

TEST_CASE("a reason is one of the published list", "[ledger][form]") {
    auto given = reason(pb::REASON_CODE_OTHER);
    CHECK(told(check_reason(given)) == fine);
    given.set_text_hash(bytes32("text"));
    CHECK(told(check_reason(given)) == fine);
    given.set_text_hash("text");
    CHECK(told(check_reason(given)) == malformed(Malformed::bad_hash));
    given.set_code(pb::REASON_CODE_UNSPECIFIED);
    CHECK(told(check_reason(given)) == malformed(Malformed::bad_reason));
    given.set_code(static_cast<pb::ReasonCode>(16));
    CHECK(told(check_reason(given)) == malformed(Malformed::bad_reason));
}

TEST_CASE("numbers of lines ascend", "[ledger][form]") {
    CHECK(of_numbers({0, 7, 4294967295}) == fine);
    CHECK(of_numbers({}) == malformed(Malformed::bad_size));
    CHECK(of_numbers({3, 2, 1, 0}) == malformed(Malformed::bad_size));
    CHECK(of_numbers({1, 1}) == malformed(Malformed::bad_order));
    CHECK(of_numbers({2, 1}) == malformed(Malformed::bad_order));
}

TEST_CASE("identifiers ascend by scheme, then id", "[ledger][form]") {
    CHECK(of_identifiers({{"GB-CHC", "2"}, {"GB-COH", "1"}, {"GB-COH", "2"}}) == fine);
    CHECK(of_identifiers({}) == malformed(Malformed::bad_size));
    CHECK(of_identifiers(std::vector<SchemeAndId>(17, {"GB-COH", "1"})) ==
          malformed(Malformed::bad_size));
    CHECK(of_identifiers({{"GB COH", "1"}}) == malformed(Malformed::bad_identifier));
    CHECK(of_identifiers({{"GB-COH", ""}}) == malformed(Malformed::bad_identifier));
    CHECK(of_identifiers({{"GB-COH", "0 1"}}) == malformed(Malformed::bad_identifier));
    CHECK(of_identifiers({{"GB-COH", std::string(81, '1')}}) ==
          malformed(Malformed::bad_identifier));
    CHECK(of_identifiers({{"GB-COH", "2"}, {"GB-COH", "1"}}) == malformed(Malformed::bad_order));
    CHECK(of_identifiers({{"GB-COH", "1"}, {"GB-COH", "1"}}) == malformed(Malformed::bad_order));
    CHECK(of_identifiers({{"GB-COH", "1"}, {"GB-CHC", "2"}}) == malformed(Malformed::bad_order));
}

TEST_CASE("names are short, one a language, and cannot steer a terminal", "[ledger][form]") {
    CHECK(of_names({{"cy", "Banc bwyd Gipping a\xc2\xb4r C\xc5\xb5n"},
                    {"en", "Gipping food bank"}}) == fine);
    CHECK(of_names({{"en", std::string(200, 'n')}}) == fine);
    CHECK(of_names({}) == malformed(Malformed::bad_size));
    CHECK(of_names(std::vector<LanguageAndText>(9, {"en", "x"})) == malformed(Malformed::bad_size));
    CHECK(of_names({{"en", ""}}) == malformed(Malformed::bad_name));
    CHECK(of_names({{"en", std::string(201, 'n')}}) == malformed(Malformed::bad_name));
    CHECK(of_names({{"en", "paid\x1b[2K\rdone"}}) == malformed(Malformed::bad_name));
    CHECK(of_names({{"EN", "x"}}) == malformed(Malformed::bad_name));
    CHECK(of_names({{"e", "x"}}) == malformed(Malformed::bad_name));
    CHECK(of_names({{"englishes", "x"}}) == malformed(Malformed::bad_name));
    CHECK(of_names({{"en", "a"}, {"cy", "b"}}) == malformed(Malformed::bad_order));
    CHECK(of_names({{"en", "a"}, {"en", "b"}}) == malformed(Malformed::bad_order));
}

TEST_CASE("a policy can be satisfied by its own signers", "[ledger][form]") {
    auto policy = policy_of(food_bank);
    CHECK(told(check_policy(policy)) == fine);
    CHECK(told(check_policy({})) == malformed(Malformed::bad_policy));
    SECTION("not with more signers than keys") {
        policy.set_policy_threshold(2);
    }
    SECTION("not with no signer at all") {
        policy.set_routine_threshold(0);
    }
    SECTION("not with one key twice") {
        policy.add_keys(policy.keys(0));
    }
    SECTION("not with a limit that is no amount") {
        policy.set_amount_limit(Amount::hundredths_max + 1);
    }
    CHECK(told(check_policy(policy)) == malformed(Malformed::bad_policy));
}

TEST_CASE("a key proves itself for one account of one ledger", "[ledger][form]") {
    const auto key = key_of("ada");
    const auto message = key_proof_message(test_ledger(), food_bank, key.public_key().text());
    KeyProofs proofs;
    proofs.Add()->set_public_key(key.public_key().str());
    proofs[0].set_signature(key.sign(bytes_of(message)).str());
    CHECK(told(check_key_proofs(proofs, test_ledger(), food_bank)) == fine);
    CHECK(told(check_key_proofs(proofs, test_ledger(), youth_club)) ==
          malformed(Malformed::bad_key_proof));
    CHECK(told(check_key_proofs(proofs, *LedgerId::from(bytes32("other")), food_bank)) ==
          malformed(Malformed::bad_key_proof));
    proofs.Add()->CopyFrom(proofs[0]);
    proofs[1].set_public_key("short");
    CHECK(told(check_key_proofs(proofs, test_ledger(), food_bank)) ==
          malformed(Malformed::bad_key_proof));
}

TEST_CASE("a commitment line names who, what, how much, for what, where and when",
          "[ledger][form]") {
    const auto good = commitment(food_bank, laptop, 3);
    CHECK(told(check_commitment_line(good)) == fine);
    auto line = good;
    line.set_due(0);
    CHECK(told(check_commitment_line(line)) == malformed(Malformed::bad_time));
    line.set_ward("");
    CHECK(told(check_commitment_line(line)) == malformed(Malformed::bad_code));
    line = good;
    line.set_due(0);
    line.set_outcome("no code");
    CHECK(told(check_commitment_line(line)) == malformed(Malformed::bad_code));
    line.set_quantity(0);
    CHECK(told(check_commitment_line(line)) == malformed(Malformed::bad_quantity));
    line.set_resource("no code");
    CHECK(told(check_commitment_line(line)) == malformed(Malformed::bad_code));
    line.set_project(suffolk);
    CHECK(told(check_commitment_line(line)) == malformed(Malformed::bad_handle));

    google::protobuf::RepeatedPtrField<pb::CommitmentLine> lines;
    CHECK(told(check_commitment_lines(lines)) == malformed(Malformed::bad_size));
    for (int i = 0; i < 256; ++i) *lines.Add() = good;
    CHECK(told(check_commitment_lines(lines)) == fine);
    *lines.Add() = line;
    CHECK(told(check_commitment_lines(lines)) == malformed(Malformed::bad_size));
    lines.RemoveLast();
    lines[255] = line;
    CHECK(told(check_commitment_lines(lines)) == malformed(Malformed::bad_handle));
}

}  // namespace tallystick::ledger::test
