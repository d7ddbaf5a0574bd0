#include "wallet/core/sentence.hpp"

#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

namespace {

const std::string award_id(32, '\xAA');
const std::string redemption_id(32, '\xBB');
const std::string need_id(32, '\xCC');

pb::ContractId contract() {
    pb::ContractId id;
    id.set_authority("suffolk");
    id.set_ocid("ocds-1");
    id.set_lot("2");
    return id;
}

pb::Claim claim() {
    pb::Claim made;
    *made.mutable_contract() = contract();
    made.set_supplier("suffolk/acme-build");
    return made;
}

pb::CommitmentLine line() {
    pb::CommitmentLine made;
    made.set_project("suffolk/food-bank");
    made.set_resource("laptop");
    made.set_quantity(3);
    made.set_outcome("skills");
    made.set_ward("E05");
    made.set_due(1803945599);
    return made;
}

/// A ledger with a price list, an award, a redemption and a need.
Facts a_ledger() {
    Facts facts;
    pb::Contract opened;
    auto& laptop = *opened.add_prices();
    laptop.mutable_price()->set_resource("laptop");
    laptop.mutable_price()->set_unit(pb::RESOURCE_UNIT_ITEM);
    laptop.set_unit_value(25000);
    auto& hours = *opened.add_prices();
    hours.mutable_price()->set_resource("mentor");
    hours.mutable_price()->set_unit(pb::RESOURCE_UNIT_HOUR);
    hours.set_unit_value(4050);
    facts.learn(contract_key(contract()).bytes, canonical_bytes(opened));
    pb::AwardRecord award;
    *award.mutable_claim() = claim();
    award.set_value(75000);
    facts.learn(award_key(award_id).bytes, canonical_bytes(award));
    pb::AwardedLine awarded;
    *awarded.mutable_line() = line();
    awarded.set_unit_value(25000);
    facts.learn(awarded_line_key(award_id, 0).bytes, canonical_bytes(awarded));
    pb::Redemption redemption;
    *redemption.mutable_claim() = claim();
    redemption.set_project("suffolk/food-bank");
    redemption.set_lines(1);
    facts.learn(redemption_key(redemption_id).bytes, canonical_bytes(redemption));
    pb::RedemptionLine redeemed;
    redeemed.set_resource("laptop");
    redeemed.set_unit_value(25000);
    redeemed.set_requested(3);
    redeemed.mutable_cells()->set_outstanding(2);
    facts.learn(redemption_line_key(redemption_id, 0).bytes, canonical_bytes(redeemed));
    pb::Need need;
    *need.mutable_contract() = contract();
    need.set_resource("mentor");
    need.set_quantity(1);
    facts.learn(need_key(need_id).bytes, canonical_bytes(need));
    pb::RevealedLine revealed;
    *revealed.mutable_line() = line();
    facts.learn(revealed_line_key(claim(), 4).bytes, canonical_bytes(revealed));
    return facts;
}

pb::Body by(const char* account) {
    pb::Body body;
    body.set_account(account);
    return body;
}

void set_reason(pb::Reason& reason, pb::ReasonCode code) {
    reason.set_code(code);
}

}  // namespace

TEST_CASE("redeeming says what, how much it is worth, of whom and by when", "[wallet][sentence]") {
    auto body = by("suffolk/food-bank");
    auto& action = *body.mutable_redeem();
    *action.mutable_claim() = claim();
    auto& asked = *action.add_lines();
    asked.set_resource("laptop");
    asked.set_quantity(3);
    asked.set_outcome("skills");
    asked.set_ward("E05");
    action.set_wanted_by(1803945599);
    CHECK(
        sentence_of(body, a_ledger()) ==
        "You, suffolk/food-bank, ask suffolk/acme-build for 3 × laptop (worth 750.00 credits) for "
        "outcome skills, ward E05, by 1 March 2027, under contract ocds-1 (lot 2) of suffolk.");
    CHECK(sentence_of(body, {}) ==
          "You, suffolk/food-bank, ask suffolk/acme-build for 3 × laptop for outcome skills, ward "
          "E05, "
          "by 1 March 2027, under contract ocds-1 (lot 2) of suffolk.");
    CHECK(*amount_moved(body, a_ledger()) == 75000);
    CHECK_FALSE(amount_moved(body, {}));
}

TEST_CASE("co-signers are named in the sentence", "[wallet][sentence]") {
    auto body = by("suffolk/food-bank");
    auto& action = *body.mutable_transfer();
    *action.mutable_claim() = claim();
    action.set_amount(1250);
    action.set_to("suffolk/youth-club");
    body.add_co_signers("suffolk");
    CHECK(
        sentence_of(body, {}) ==
        "You, suffolk/food-bank, send 12.50 credits (a claim on suffolk/acme-build under contract "
        "ocds-1 "
        "(lot 2) of suffolk) to suffolk/youth-club. It takes effect only if suffolk signs it too.");
}

TEST_CASE("every action of accounts and programme has its sentence", "[wallet][sentence]") {
    const auto facts = a_ledger();
    const auto says = [&](const pb::Body& body, const std::string& expected) {
        const auto sentence = sentence_of(body, facts);
        INFO(sentence);
        CHECK(sentence == "You, " + body.account() + ", " + expected + ".");
    };
    auto body = by("suffolk");
    auto& registering = *body.mutable_register_();
    registering.set_handle("suffolk/food-bank");
    registering.add_roles(pb::ROLE_PROJECT);
    registering.add_names()->set_text("Food\x1b[31m Bank");
    registering.add_identifiers()->set_scheme("GB-CHC");
    registering.mutable_identifiers(0)->set_id("1");
    registering.mutable_policy()->add_keys(std::string(32, '\x01'));
    registering.mutable_policy()->set_routine_threshold(1);
    registering.mutable_policy()->set_above_threshold(1);
    registering.mutable_policy()->set_policy_threshold(1);
    registering.mutable_policy()->set_amount_limit(50000);
    says(body,
         "register \"Food\xEF\xBF\xBD[31m Bank\" as suffolk/food-bank, a project known as GB-CHC "
         "1, with 1 key "
         "(01010101…); 1 of 1 must sign, 1 of 1 what moves more than 500.00 credits, 1 of 1 a "
         "change of "
         "this rule");
    *body.mutable_set_policy()->mutable_policy() = pb::Policy{};
    CHECK(sentence_of(body, facts).starts_with("You, suffolk, change who signs for you to 0 keys"));

    auto& opening = *body.mutable_open_contract();
    *opening.mutable_contract() = contract();
    opening.set_value_pence(100000000);
    opening.mutable_allocation_rate()->set_basis_points(1000);
    opening.mutable_allocation_rate()->set_pence_per_credit(100);
    opening.add_prices();
    opening.add_outcomes("skills");
    opening.add_wards("E05");
    opening.set_bids_close(1803902400);
    opening.set_standstill_seconds(864000);
    opening.set_redemption_deadline(1803945599);
    says(body,
         "open contract ocds-1 (lot 2) of suffolk for at most 100,000.00 credits, with 1 resource "
         "on its price "
         "list, for outcome skills in ward E05; bids close on 1 March 2027 at 12:00 UTC, a "
         "standstill lasts 10 "
         "days and credits can be redeemed until 1 March 2027; none of this can be changed "
         "afterwards");
    *body.mutable_close_contract()->mutable_contract() = contract();
    says(body, "close contract ocds-1 (lot 2) of suffolk for ever");
    auto& applying = *body.mutable_apply_for_accreditation();
    *applying.mutable_contract() = contract();
    applying.add_outcomes("a");
    applying.add_outcomes("b");
    applying.add_wards("E05");
    says(body,
         "apply to be accredited to contract ocds-1 (lot 2) of suffolk for outcomes a and b in "
         "ward E05");
    auto& declining = *body.mutable_decline_application();
    *declining.mutable_contract() = contract();
    declining.set_project("suffolk/food-bank");
    set_reason(*declining.mutable_reason(), pb::REASON_CODE_OUT_OF_SCOPE);
    says(body,
         "decline the application of suffolk/food-bank to contract ocds-1 (lot 2) of suffolk "
         "(reason: out of "
         "scope)");
    auto& granting = *body.mutable_accredit();
    *granting.mutable_contract() = contract();
    granting.set_project("suffolk/food-bank");
    granting.set_expires(1803945599);
    granting.add_outcomes("skills");
    granting.add_wards("E05");
    set_reason(*granting.mutable_relevance(), pb::REASON_CODE_RELEVANT_TO_PLACE);
    says(body,
         "accredit suffolk/food-bank to contract ocds-1 (lot 2) of suffolk until 1 March 2027 for "
         "outcome skills "
         "in ward E05 (reason: relevant to place)");
    auto& publishing = *body.mutable_publish_need();
    *publishing.mutable_contract() = contract();
    publishing.set_resource("mentor");
    publishing.set_quantity(2);
    publishing.set_by_when(1803945599);
    publishing.set_ward("E05");
    says(body,
         "publish to every bidder on contract ocds-1 (lot 2) of suffolk that you could use 2 hours "
         "of mentor "
         "(worth 81.00 credits) by 1 March 2027 in ward E05");
    body.mutable_withdraw_need()->set_need(need_id);
    says(body,
         "withdraw your need of 1 hour of mentor (worth 40.50 credits) on contract ocds-1 (lot 2) "
         "of suffolk");
    CHECK(sentence_of(body, {}) == "You, suffolk, withdraw your need cccccccc….");
}

TEST_CASE("every action of bids and awards has its sentence", "[wallet][sentence]") {
    const auto facts = a_ledger();
    auto body = by("suffolk/acme-build");
    const auto has = [&](const std::string& words) {
        const auto sentence = sentence_of(body, facts);
        INFO(sentence);
        CHECK(sentence.find(words) != std::string::npos);
    };
    *body.mutable_seal_lines()->mutable_contract() = contract();
    has("seal your bid on contract ocds-1 (lot 2) of suffolk; others see only that you bid");
    *body.mutable_reveal_lines()->mutable_contract() = contract();
    *body.mutable_reveal_lines()->add_lines() = line();
    has("to everyone, and promise 3 × laptop (worth 750.00 credits) for suffolk/food-bank by 1 "
        "March 2027, for "
        "outcome skills, ward E05.");
    *body.mutable_withdraw_lines()->mutable_contract() = contract();
    has("withdraw your bid on contract ocds-1 (lot 2) of suffolk");
    auto& award = *body.mutable_award();
    *award.mutable_contract() = contract();
    award.set_supplier("suffolk/acme-build");
    award.add_revealed(4);
    award.set_standstill_ends(1803945599);
    has("award suffolk/acme-build under contract ocds-1 (lot 2) of suffolk: line 4, 3 × laptop "
        "(worth 750.00 "
        "credits) for suffolk/food-bank");
    has("credits are issued when the standstill ends on 1 March 2027.");
    CHECK(*amount_moved(body, facts) == 75000);
    body.mutable_cancel_award()->set_award(award_id);
    set_reason(*body.mutable_cancel_award()->mutable_reason(), pb::REASON_CODE_CHALLENGE_UPHELD);
    has("cancel the award aaaaaaaa… of 750.00 credits to suffolk/acme-build under contract ocds-1 "
        "(lot 2) of "
        "suffolk (reason: challenge upheld).");
}

TEST_CASE("every action of credits and redemptions has its sentence", "[wallet][sentence]") {
    const auto facts = a_ledger();
    auto body = by("suffolk/acme-build");
    const auto says = [&](const std::string& expected, std::uint64_t moves) {
        const auto sentence = sentence_of(body, facts);
        INFO(sentence);
        CHECK(sentence == "You, suffolk/acme-build, " + expected + ".");
        REQUIRE(amount_moved(body, facts));
        CHECK(*amount_moved(body, facts) == moves);
    };
    auto& passing = *body.mutable_transfer_awarded();
    passing.set_award(award_id);
    passing.set_quantity(2);
    passing.set_to("suffolk/food-bank");
    says(
        "pass 2 × laptop (worth 500.00 credits) of line 0 of award aaaaaaaa… on to "
        "suffolk/food-bank",
        50000);
    auto& giving = *body.mutable_return_awarded();
    giving.set_award(award_id);
    giving.set_quantity(1);
    says("give back for ever 1 × laptop (worth 250.00 credits) of line 0 of award aaaaaaaa…",
         25000);
    *body.mutable_return_credits()->mutable_claim() = claim();
    body.mutable_return_credits()->set_amount(100);
    says(
        "give back 1.00 credits (a claim on suffolk/acme-build under contract ocds-1 (lot 2) of "
        "suffolk) for ever",
        100);
    body.mutable_accept_redemption()->set_redemption(redemption_id);
    body.mutable_accept_redemption()->set_date(1803945599);
    says("promise 2 × laptop (worth 500.00 credits) to suffolk/food-bank by 1 March 2027", 0);
    body.mutable_decline_redemption()->set_redemption(redemption_id);
    set_reason(*body.mutable_decline_redemption()->mutable_reason(), pb::REASON_CODE_NO_CAPACITY);
    says(
        "decline to provide 2 × laptop (worth 500.00 credits) to suffolk/food-bank (reason: no "
        "capacity); what "
        "your awarded lines promise of it is reported as a broken promise",
        50000);
    body.mutable_cancel_redemption()->set_redemption(redemption_id);
    body.mutable_cancel_redemption()->add_lines(0);
    says(
        "cancel 2 × laptop (worth 500.00 credits) asked for by suffolk/food-bank from "
        "suffolk/acme-build; the "
        "credits are back with the project",
        50000);
    auto& recording = *body.mutable_record_delivery();
    recording.set_redemption(redemption_id);
    recording.set_quantity(1);
    recording.add_evidence(std::string(32, 'e'));
    says(
        "record that you delivered 1 × laptop (worth 250.00 credits) to suffolk/food-bank, with 1 "
        "evidence tag",
        25000);
    auto& confirming = *body.mutable_confirm_delivery()->add_lines();
    confirming.set_redemption(redemption_id);
    confirming.set_quantity(1);
    says("confirm that you received 1 × laptop (worth 250.00 credits) from suffolk/acme-build",
         25000);
    auto& verifying = *body.mutable_verify_delivery()->add_lines();
    verifying.set_redemption(redemption_id);
    verifying.set_quantity(3);
    says(
        "verify the delivery of 3 × laptop (worth 750.00 credits) from suffolk/acme-build; the "
        "credits are "
        "retired and count as achieved, for ever",
        75000);
    auto& disputing = *body.mutable_dispute();
    disputing.set_redemption(redemption_id);
    disputing.set_quantity(1);
    disputing.set_from(pb::CELL_DELIVERED);
    set_reason(*disputing.mutable_reason(), pb::REASON_CODE_POOR_QUALITY);
    says(
        "dispute 1 × laptop (worth 250.00 credits) that stand as delivered, from "
        "suffolk/acme-build to "
        "suffolk/food-bank (reason: poor quality)",
        25000);
    auto& resolving = *body.mutable_resolve_dispute();
    resolving.set_redemption(redemption_id);
    resolving.set_to_project(1);
    resolving.set_to_retire(2);
    says(
        "resolve the dispute on line 0 of redemption bbbbbbbb…: 1 × laptop (worth 250.00 credits) "
        "back to the "
        "project suffolk/food-bank, 2 × laptop (worth 500.00 credits) counted as achieved",
        75000);
}

TEST_CASE("facts are gathered once, objects before what they name", "[wallet][sentence]") {
    auto body = by("suffolk/acme-build");
    body.mutable_accept_redemption()->set_redemption(redemption_id);
    body.add_co_signers("suffolk");
    std::vector<std::string> asked;
    const auto ledger = a_ledger();
    const EntryFetcher fetch = [&](const std::string& key) -> Try<std::optional<std::string>> {
        asked.push_back(key);
        if (key == redemption_key(redemption_id).bytes)
            return std::optional{canonical_bytes(*ledger.get(redemption_key(redemption_id)))};
        return std::optional<std::string>{};
    };
    Facts facts;
    REQUIRE(gather_facts(body, fetch, facts));
    const auto wanted = std::vector<std::string>{
        redemption_key(redemption_id).bytes, account_key("suffolk/acme-build").bytes,
        account_key("suffolk").bytes, redemption_line_key(redemption_id, 0).bytes,
        contract_key(contract()).bytes};
    CHECK(asked == wanted);
    REQUIRE(gather_facts(body, fetch, facts));
    CHECK(asked.size() == wanted.size());
}
