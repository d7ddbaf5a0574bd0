#include "ledger/state_machine.hpp"

#include <algorithm>

#include "unit/ledger/story.hpp"
#include "unit/ledger/test_chain.hpp"

namespace tallystick::ledger::test {

namespace {

constexpr std::uint64_t now = opened_at + 2 * day;

/// Blocks at the usual time, where nothing else is said.
struct Chain : TestChain {
    BlockResult block(const std::vector<VerifiedEnvelope>& envelopes, std::uint64_t at = now) {
        return TestChain::block(envelopes, at);
    }
};

VerifiedEnvelope need(std::string_view name, std::string_view account = food_bank) {
    return envelope_of({std::string{account}, std::string{name}}, need_of());
}
VerifiedEnvelope bad_need(std::string_view name, std::string_view account = food_bank) {
    return envelope_of({std::string{account}, std::string{name}}, need_of("no-such"));
}

/// The standard world with an award of two lines in standstill, built by the story.
MemoryState awarded_world(std::uint32_t lines = 2) {
    Story story;
    std::vector<pb::CommitmentLine> committed;
    for (std::uint32_t i = 0; i < lines; ++i) committed.push_back(commitment(food_bank, laptop, 1));
    story.award(builders, "award", committed);
    return story.state();
}

}  // namespace

TEST_CASE("a done envelope changes the state and has an entry", "[ledger][state_machine]") {
    Chain chain;
    const auto envelope = need("one");
    const auto result = chain.block({envelope});
    CHECK(told(result) == "done");
    REQUIRE(result.entries.size() == 1);
    const auto& entry = result.entries[0];
    CHECK(entry.id() == envelope->id.text());
    CHECK(entry.envelope_hash() == envelope->envelope_hash.text());
    CHECK(entry.valid_until() == envelope->body.valid_until());
    CHECK(entry.time() == now);
    CHECK(entry.height() == 1);
    CHECK(entry.index() == 0);
    CHECK(chain.state.get(need_key(envelope->id.text())) != nullptr);
}

TEST_CASE("a refused envelope changes nothing and uses its id up", "[ledger][state_machine]") {
    Chain chain;
    const auto refused = chain.block({bad_need("one")});
    CHECK(told(refused) == "unknown_resource");
    CHECK(refused.changes.empty());
    CHECK(refused.entries.size() == 1);
    CHECK(told(chain.block({bad_need("one")})) == "id_used");
}

TEST_CASE("each reason to skip is reached, and changes nothing", "[ledger][state_machine]") {
    Chain chain;
    const auto skip_of = [&](const VerifiedEnvelope& envelope) {
        const auto result = chain.block({envelope});
        CHECK(result.entries.empty());
        CHECK(result.changes.empty());
        return told(result);
    };
    const auto sent = [](Sending sending) { return envelope_of(sending, need_of()); };

    CHECK(skip_of(sent({.account = food_bank,
                        .name = "x",
                        .ledger_id = *LedgerId::from(bytes32("another"))})) == "wrong_ledger");
    CHECK(skip_of(sent({food_bank, "x", now - 1})) == "expired");
    CHECK(skip_of(sent({food_bank, "x", now + validity_seconds_max + 1})) == "too_distant");
    CHECK(skip_of(sent({"suffolk/nobody", "x", now})) == "not_authorised");
    CHECK(skip_of(sent({.account = food_bank, .name = "x", .signers = {builders}})) ==
          "not_authorised");
    CHECK(skip_of(sent({.account = food_bank,
                        .name = "x",
                        .co_signers = {suffolk},
                        .signers = {food_bank}})) == "not_authorised");
    CHECK(skip_of(sent({.account = food_bank,
                        .name = "x",
                        .co_signers = {"suffolk/nobody"},
                        .signers = {food_bank}})) == "not_authorised");
    CHECK(told(chain.block({sent({food_bank, "a", now})})) == "done");
    CHECK(told(chain.block({sent({food_bank, "b", now + validity_seconds_max})})) == "done");
}

TEST_CASE("what is wrong first is what is said", "[ledger][state_machine]") {
    Chain chain;
    const auto late_and_foreign = envelope_of({.account = "suffolk/nobody",
                                               .name = "x",
                                               .valid_until = now - 1,
                                               .ledger_id = *LedgerId::from(bytes32("another"))},
                                              need_of());
    CHECK(told(chain.block({late_and_foreign})) == "wrong_ledger");
    chain.used.insert(late_and_foreign->id, late_and_foreign->body.valid_until());
    CHECK(told(chain.block({late_and_foreign})) == "id_used");
}

TEST_CASE("a copy stripped of its signature burns nobody's id", "[ledger][state_machine]") {
    const auto good = need("one");
    const auto stripped =
        envelope_of({.account = food_bank, .name = "one", .signers = {builders}}, need_of());
    REQUIRE(good->id == stripped->id);
    SECTION("before the good one in a block") {
        Chain chain;
        CHECK(told(chain.block({stripped, good})) == "not_authorised, done");
    }
    SECTION("after it") {
        Chain chain;
        CHECK(told(chain.block({good, stripped})) == "done, id_used");
    }
    SECTION("in a block before") {
        Chain chain;
        CHECK(told(chain.block({stripped})) == "not_authorised");
        CHECK(told(chain.block({good})) == "done");
        CHECK(told(chain.block({stripped, good})) == "id_used, id_used");
    }
}

TEST_CASE("the same envelope twice in a block takes effect once", "[ledger][state_machine]") {
    Chain chain;
    const auto result = chain.block({need("one"), need("one")});
    CHECK(told(result) == "done, id_used");
    CHECK(result.entries.size() == 1);
}

TEST_CASE("an account over its limit of refusals is skipped, others are not",
          "[ledger][state_machine]") {
    Chain chain;
    chain.state.edit(parameters_key(),
                     [](auto& it) { it.set_refusals_per_account_per_block_max(2); });
    const auto result = chain.block(
        {bad_need("a"), bad_need("b"), bad_need("c"), need("d"), need("e", youth_club)});
    CHECK(told(result) == "unknown_resource, unknown_resource, refusal_limit, refusal_limit, done");
    CHECK(told(chain.block({need("d")})) == "done");
}

TEST_CASE("a later envelope sees what an earlier one of the block changed",
          "[ledger][state_machine]") {
    Chain chain;
    pb::Register first;
    first.set_handle("suffolk/new-one");
    first.add_roles(pb::ROLE_PROJECT);
    auto* identifier = first.add_identifiers();
    identifier->set_scheme("GB-TEST");
    identifier->set_id("new");
    auto* name = first.add_names();
    name->set_language("en");
    name->set_text("New");
    *first.mutable_policy() = policy_of("suffolk/new-one");
    const auto key = key_of("suffolk/new-one");
    auto* proof = first.add_proofs();
    proof->set_public_key(key.public_key().str());
    const auto message =
        key_proof_message(test_ledger(), "suffolk/new-one", key.public_key().text());
    proof->set_signature(key.sign(bytes_of(message)).str());
    const auto result =
        chain.block({envelope_of({suffolk, "one"}, first), envelope_of({suffolk, "two"}, first)});
    CHECK(told(result) == "done, account_exists");
}

TEST_CASE("due items run before envelopes, in order, with entries of their own",
          "[ledger][state_machine]") {
    Chain chain;
    chain.state = awarded_world();
    chain.index_due();
    CHECK(chain.block({}, issued_at - 1).entries.empty());

    const auto waiting = envelope_of({food_bank, "one", issued_at + day}, need_of());
    const auto result = chain.block({waiting}, issued_at);
    REQUIRE(result.entries.size() == 2);
    CHECK(result.due_items == 1);
    CHECK_FALSE(result.more_due);
    const auto& issue = result.entries[0];
    CHECK(issue.outcome().due().kind() == pb::DUE_KIND_ISSUE);
    CHECK(issue.outcome().due().time() == issued_at);
    CHECK(issue.id() ==
          due_id(test_ledger(), issued_at, pb::DUE_KIND_ISSUE, award_key(bytes32("award")).bytes)
              .text());
    CHECK(issue.envelope_hash() == Hash{}.text());
    CHECK(issue.valid_until() == 0);
    CHECK(*result.envelopes[0].entry == 1);

    // Both lines pass on, then what is left expires: a year of silence in one block.
    const auto later = chain.block({}, deadline);
    std::vector<pb::DueKind> kinds;
    for (const auto& entry : later.entries) kinds.push_back(entry.outcome().due().kind());
    CHECK(kinds == std::vector<pb::DueKind>{pb::DUE_KIND_PASS_ON, pb::DUE_KIND_PASS_ON,
                                            pb::DUE_KIND_EXPIRE});
    CHECK(std::ranges::is_sorted(later.entries, {}, [](const auto& entry) {
        return std::pair{entry.outcome().due().time(), entry.outcome().due().kind()};
    }));
    CHECK(chain.due.size() == 0);
}

TEST_CASE("more due items than a block's bound wait, and hold back what they concern",
          "[ledger][state_machine]") {
    Chain chain;
    chain.state = awarded_world(5);
    chain.index_due();
    chain.state.edit(parameters_key(), [](auto& it) { it.set_due_items_per_block_max(2); });
    chain.block({}, issued_at);

    const auto expiry = passes_on_at + 2 * day;
    const auto touching = [&](std::string_view name) {
        pb::Body body;
        return envelope_of({food_bank, std::string{name}, expiry}, need_of());
    };
    const auto first = chain.block({touching("a")}, passes_on_at);
    CHECK(first.due_items == 2);
    CHECK(first.more_due);
    // Publishing a need touches neither an overdue line nor the contract's totals.
    CHECK(told(first) == "done");
    const auto second = chain.block({}, passes_on_at + 1);
    CHECK(second.due_items == 2);
    CHECK(second.more_due);
    const auto third = chain.block({}, passes_on_at + 2);
    CHECK(third.due_items == 1);
    CHECK_FALSE(third.more_due);
}

TEST_CASE("an envelope that touches what is overdue is skipped until it was done",
          "[ledger][state_machine]") {
    Chain chain;
    chain.state = awarded_world(3);
    chain.index_due();
    chain.block({}, issued_at);
    chain.state.edit(parameters_key(), [](auto& it) { it.set_due_items_per_block_max(1); });

    pb::Body body;
    const auto transfer_of = [&](std::uint32_t line, std::string_view name) {
        const auto action = transfer_awarded("award", line, 1, food_bank);
        pb::Body made;
        made.set_ledger_id(test_ledger().str());
        made.set_account(builders);
        made.set_nonce(bytes32(name).substr(0, nonce_bytes));
        made.set_valid_until(passes_on_at + day);
        *made.mutable_transfer_awarded() = action;
        const auto key = key_of(builders);
        auto decoded = decode_envelope(sign_envelope(made, {&key}));
        REQUIRE(decoded.ok());
        return std::make_shared<const DecodedEnvelope>(std::move(decoded).value());
    };
    const auto result =
        chain.block({transfer_of(0, "a"), transfer_of(1, "b"), transfer_of(2, "c")}, passes_on_at);
    CHECK(result.due_items == 1);
    CHECK(std::ranges::count(result.envelopes, std::optional{Skip::deadline_pending},
                             &EnvelopeResult::skip) == 2);
    chain.block({}, passes_on_at + 1);
    chain.block({}, passes_on_at + 2);
    CHECK(told(chain.block({transfer_of(0, "d")}, passes_on_at + 3)) == "insufficient_units");
}

TEST_CASE("silence is an empty block that changes nothing", "[ledger][state_machine]") {
    Chain chain;
    const auto result = chain.block({});
    CHECK(result.entries.empty());
    CHECK(result.changes.empty());
}

TEST_CASE("a preview says what a block would, and changes nothing", "[ledger][preview]") {
    Chain chain;
    const auto say = [&](const VerifiedEnvelope& envelope, bool signatures = true) {
        return preview(test_ledger(), chain.state, chain.used, chain.due, *envelope, now,
                       signatures);
    };
    CHECK(say(need("one")).outcome->status() == pb::STATUS_DONE);
    CHECK(say(bad_need("one")).outcome->refusal() ==
          static_cast<std::uint32_t>(Refusal::unknown_resource));
    const auto unsigned_one =
        envelope_of({.account = food_bank, .name = "one", .signers = {builders}}, need_of());
    CHECK(say(unsigned_one).skip == Skip::not_authorised);
    CHECK(say(unsigned_one, false).outcome->status() == pb::STATUS_DONE);
    chain.block({need("one")});
    CHECK(say(need("one")).skip == Skip::id_used);
}

TEST_CASE("the root of a block does not depend on how its envelopes are ordered",
          "[ledger][state_machine]") {
    std::vector<VerifiedEnvelope> envelopes;
    for (int i = 0; i < 20; ++i) envelopes.push_back(need("need " + std::to_string(i)));
    const auto root_of = [](const std::vector<VerifiedEnvelope>& ordered) {
        Chain chain;
        const auto block = encode_block(chain.block(ordered), ordered);
        StateTree tree;
        tree.update(tree_changes(block));
        return tree.root();
    };
    const auto root = root_of(envelopes);
    std::ranges::reverse(envelopes);
    CHECK(root_of(envelopes) == root);
}

}  // namespace tallystick::ledger::test
