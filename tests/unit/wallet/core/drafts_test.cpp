#include "wallet/core/drafts.hpp"

#include "protocol/canonical.hpp"
#include "protocol/keys.hpp"
#include "unit/catch.hpp"
#include "wallet/core/approvals.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

namespace {

SigningKey key_of(char c) {
    return SigningKey::from_seed(bytes_of(std::string(32, c)));
}

pb::Body a_body() {
    pb::Body body;
    body.set_ledger_id(std::string(32, 'L'));
    body.set_account("suffolk/food-bank");
    body.set_nonce(std::string(16, 'n'));
    body.set_valid_until(1800000000);
    auto& action = *body.mutable_transfer();
    action.mutable_claim()->mutable_contract()->set_authority("suffolk");
    action.mutable_claim()->mutable_contract()->set_ocid("ocds-1");
    action.mutable_claim()->set_supplier("suffolk/acme-build");
    action.set_amount(5000);
    action.set_to("suffolk/youth-club");
    return body;
}

HalfSigned signed_by(std::initializer_list<char> signers) {
    auto draft = unsigned_draft(a_body());
    for (const auto signer : signers) REQUIRE(add_signature(draft, key_of(signer)));
    return draft;
}

/// Facts that hold an account with these keys: one signs up to 10 credits, two above.
Facts facts_with(const std::string& account, std::initializer_list<char> keys) {
    pb::Account record;
    std::vector<std::string> raw;
    for (const auto key : keys) raw.push_back(key_of(key).public_key().str());
    std::sort(raw.begin(), raw.end());
    for (const auto& key : raw) record.mutable_policy()->add_keys(key);
    record.mutable_policy()->set_routine_threshold(1);
    record.mutable_policy()->set_amount_limit(1000);
    record.mutable_policy()->set_above_threshold(2);
    record.mutable_policy()->set_policy_threshold(2);
    Facts facts;
    facts.learn(account_key(account).bytes, canonical_bytes(record));
    return facts;
}

}  // namespace

TEST_CASE("a draft travels as a file with its signatures", "[wallet][drafts]") {
    REQUIRE(initialise_crypto());
    const auto draft = signed_by({'a', 'b'});
    const auto read = parse_draft(draft_file(draft));
    REQUIRE(read);
    CHECK(read->body_bytes == draft.body_bytes);
    CHECK(read->signers() == draft.signers());
    CHECK(read->id() == draft.id());
    const auto envelope = decode_envelope(envelope_bytes(*read));
    REQUIRE(envelope);
    CHECK(verify_signatures(*envelope));
}

TEST_CASE("signing twice with one key changes nothing", "[wallet][drafts]") {
    REQUIRE(initialise_crypto());
    CHECK(envelope_bytes(signed_by({'a', 'a'})) == envelope_bytes(signed_by({'a'})));
    CHECK(envelope_bytes(signed_by({'a', 'b'})) == envelope_bytes(signed_by({'b', 'a'})));
}

TEST_CASE("no altered byte of a draft passes", "[wallet][drafts]") {
    REQUIRE(initialise_crypto());
    const auto file = draft_file(signed_by({'a'}));
    for (std::size_t at = 0; at < file.size(); ++at) {
        auto altered = file;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        INFO("byte " << at);
        CHECK_FALSE(parse_draft(altered));
    }
    for (std::size_t size = 0; size < file.size(); size += 7)
        CHECK_FALSE(parse_draft(file.substr(0, size)));
    CHECK(parse_draft("something else").error().code == "not_a_draft");
}

TEST_CASE("a signature moved to another body is called false", "[wallet][drafts]") {
    REQUIRE(initialise_crypto());
    auto draft = signed_by({'a'});
    draft.body.mutable_transfer()->set_amount(5001);
    draft.body_bytes = canonical_bytes(draft.body);
    CHECK(parse_draft(draft_file(draft)).error().code == "false_signature");
}

TEST_CASE("approvals count the keys of the policy and the amount", "[wallet][drafts]") {
    REQUIRE(initialise_crypto());
    const auto facts = facts_with("suffolk/food-bank", {'a', 'b', 'c'});
    auto approvals = approvals_of(signed_by({'a'}), facts);
    REQUIRE(approvals.size() == 1);
    CHECK(approvals[0].needed == 2);  // 50 credits are above the limit
    CHECK(approvals[0].have == 1);
    CHECK(approvals[0].not_yet.size() == 2);
    CHECK_FALSE(all_satisfied(approvals));
    CHECK(all_satisfied(approvals_of(signed_by({'a', 'c'}), facts)));
    // A stranger's signature counts for nothing.
    CHECK_FALSE(all_satisfied(approvals_of(signed_by({'a', 'x'}), facts)));

    auto small = a_body();
    small.mutable_transfer()->set_amount(1000);
    auto draft = unsigned_draft(small);
    REQUIRE(add_signature(draft, key_of('b')));
    CHECK(all_satisfied(approvals_of(draft, facts)));
}

TEST_CASE("an account that the ledger does not know is never satisfied", "[wallet][drafts]") {
    REQUIRE(initialise_crypto());
    auto body = a_body();
    body.add_co_signers("suffolk");
    auto draft = unsigned_draft(body);
    REQUIRE(add_signature(draft, key_of('a')));
    REQUIRE(add_signature(draft, key_of('b')));
    const auto approvals = approvals_of(draft, facts_with("suffolk/food-bank", {'a', 'b'}));
    REQUIRE(approvals.size() == 2);
    CHECK(approvals[0].satisfied());
    CHECK_FALSE(approvals[1].satisfied());
    CHECK(missing_text(approvals).find("suffolk: the ledger knows no such account") !=
          std::string::npos);
}

TEST_CASE("prepared bodies are read, damaged ones named by their row", "[wallet][drafts]") {
    auto body = a_body();
    body.clear_nonce();
    body.clear_valid_until();
    pb::PreparedBodies prepared;
    auto& one = *prepared.add_bodies();
    one.set_body(canonical_bytes(body));
    one.set_row(17);
    const auto file = std::string{bodies_magic} + canonical_bytes(prepared);
    REQUIRE(parse_bodies(file));
    CHECK(parse_bodies(file)->bodies(0).row() == 17);
    one.set_body("not a body");
    const auto damaged = parse_bodies(std::string{bodies_magic} + canonical_bytes(prepared));
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error().code == "bodies_damaged");
    CHECK(damaged.error().message.find("row 17") != std::string::npos);
    CHECK(parse_bodies("x").error().code == "not_bodies");
    CHECK(parse_bodies(file + "x").error().code == "bodies_damaged");
}
