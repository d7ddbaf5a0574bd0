#include "protocol/receipt.hpp"

#include "protocol/light_client.hpp"
#include "protocol/receipt_words.hpp"
#include "unit/catch.hpp"
#include "unit/protocol/signed_chain.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

const SmallLedger& ledger() {
    static const SmallLedger made;
    return made;
}

std::string name_of(const pb::Receipt& receipt, const Trust& trust) {
    const auto verified = verify_receipt(receipt_file(receipt), trust);
    if (verified) return "accepted";
    CHECK(receipt_error_sentence(verified.error()).ends_with("."));
    return std::string{receipt_error_name(verified.error())};
}

std::string name_of(const pb::Receipt& receipt) {
    return name_of(receipt, ledger().trust);
}

bool says(const std::string& words, std::string_view what) {
    INFO(words);
    return words.find(what) != std::string::npos;
}

/// The receipt with its block signed anew after `change` has altered its header.
template <class Change>
pb::Receipt resigned(pb::Receipt receipt, Change change) {
    MadeBlock made{receipt.block().header(), receipt.block().commit().block_id()};
    change(made.header);
    made.block_id.set_hash(header_hash(made.header).str());
    *receipt.mutable_block() = signed_block(made, receipt.block().validators(), {1, 2, 3});
    return receipt;
}

}  // namespace

TEST_CASE("receipts of an outcome, balance, redemption and absence are accepted", "[receipt]") {
    const auto& one = ledger();
    for (const auto& receipt : {one.outcome(), one.outcome(0), one.outcome(2), one.balance(),
                                one.redemption(), one.absence()}) {
        const auto verified = verify_receipt(receipt_file(receipt), one.trust);
        REQUIRE(verified);
        CHECK(verified->height == 3);
        CHECK(verified->signed_power == 30);
        CHECK(verified->total_power == 40);
        CHECK(verified->signers.size() == 3);
    }
    const auto balance = verify_receipt(receipt_file(one.balance()), one.trust).value();
    CHECK(std::get<ProvedBalance>(balance.statement).balance.available() == 1234500);
    const auto absent = verify_receipt(receipt_file(one.absence()), one.trust).value();
    CHECK_FALSE(std::get<ProvedEntry>(absent.statement).value);
}

TEST_CASE("every flipped byte, truncation and extension of a receipt is rejected", "[receipt]") {
    const auto& one = ledger();
    for (const auto& receipt : {one.outcome(), one.balance(), one.redemption(), one.absence()}) {
        const auto file = receipt_file(receipt);
        for (std::size_t at = 0; at < file.size(); ++at) {
            // One bit of each byte, a different one from byte to byte.
            auto flipped = file;
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
            INFO("byte " << at);
            REQUIRE_FALSE(verify_receipt(flipped, one.trust));
            if (at % 7 == 0) REQUIRE_FALSE(verify_receipt(file.substr(0, at), one.trust));
        }
        for (int byte = 0; byte < 256; ++byte)
            REQUIRE_FALSE(verify_receipt(file + static_cast<char>(byte), one.trust));
        REQUIRE_FALSE(verify_receipt(file + file, one.trust));
    }
}

TEST_CASE("no byte of a receipt has another value that is accepted", "[receipt]") {
    const auto& one = ledger();
    const auto file = receipt_file(one.absence());
    for (std::size_t at = 0; at < file.size(); at += 23) {
        for (int value = 1; value < 256; ++value) {
            auto flipped = file;
            flipped[at] = static_cast<char>(flipped[at] ^ value);
            REQUIRE_FALSE(verify_receipt(flipped, one.trust));
        }
    }
}

TEST_CASE("a receipt of another ledger, chain or too few authorities is rejected", "[receipt]") {
    const auto& one = ledger();
    auto other = one.trust;
    other.ledger_id = *LedgerId::from(std::string(32, 'M'));
    CHECK(name_of(one.balance(), other) == "other_ledger");
    other = one.trust;
    other.segments[0].chain_id = "norfolk-1";
    CHECK(name_of(one.balance(), other) == "unknown_chain");

    auto receipt = one.balance();
    MadeBlock made{one.third.header(), one.third.commit().block_id()};
    *receipt.mutable_block() = signed_block(made, one.set, {1, 2});
    CHECK(name_of(receipt) == "too_few_signatures");

    // Others than the listed authorities, properly signed among themselves.
    const auto strangers = set_of({11, 12, 13});
    const auto hash = *Hash::from(one.third.header().app_hash());
    *receipt.mutable_block() =
        signed_block(block_at(3, strangers, strangers, hash), strangers, {11, 12, 13});
    CHECK(name_of(receipt) == "listed_set_differs");
    other = one.trust;
    other.segments[0].validator_sets[0].last_height = 2;
    CHECK(name_of(receipt, other) == "not_trusted");
    other.segments[0].validator_sets[0].last_height = 3;
    CHECK(name_of(receipt, other) == "listed_set_differs");
}

TEST_CASE("another block at the trusted height is a fork", "[receipt]") {
    const auto& one = ledger();
    auto trust = one.trust;
    trust.segments[0].trusted = {3, one.third.header().time().seconds(),
                                 one.third.header().time().nanos(),
                                 header_hash(one.third.header())};
    CHECK(name_of(one.balance(), trust) == "accepted");
    const auto forged =
        resigned(one.balance(), [](pb::Header& header) { header.mutable_time()->set_nanos(6); });
    CHECK(name_of(forged, trust) == "fork");
    CHECK(name_of(forged, one.trust) == "accepted");
    CHECK(is_fork(one.third, forged.block(), SlotRule::blank));
    CHECK_FALSE(is_fork(one.third, one.third, SlotRule::blank));
    CHECK_FALSE(is_fork(one.third, one.second, SlotRule::blank));
}

TEST_CASE("a trail leads to authorities that the trust file does not list", "[receipt]") {
    const auto& one = ledger();
    auto trust = one.trust;
    trust.segments[0].validator_sets[0].last_height = 1;
    const auto hash = *Hash::from(one.third.header().app_hash());
    const auto joined = set_of({1, 2, 3, 4, 5});
    auto receipt = one.balance();
    *receipt.mutable_block() =
        signed_block(block_at(3, joined, joined, hash), joined, {1, 3, 4, 5});
    CHECK(name_of(receipt, trust) == "not_trusted");
    *receipt.add_trail() = one.first;
    CHECK(name_of(receipt, trust) == "accepted");  // skips: more than a third of the trusted signed
    *receipt.mutable_trail(0) = signed_block(block_at(1, one.set, joined), one.set, {1, 2, 3});
    CHECK(name_of(receipt, trust) == "fork");

    const auto strangers = set_of({11, 12, 13});
    *receipt.mutable_trail(0) = one.first;
    *receipt.mutable_block() =
        signed_block(block_at(3, strangers, strangers, hash), strangers, {11, 12, 13});
    CHECK(name_of(receipt, trust) == "not_enough_trust");
    *receipt.mutable_block() =
        signed_block(block_at(2, strangers, strangers, hash), strangers, {11, 12, 13});
    CHECK(name_of(receipt, trust) == "next_validators_mismatch");
}

TEST_CASE("a statement that is not what it says is rejected by name", "[receipt]") {
    const auto& one = ledger();
    auto receipt = one.outcome();
    receipt.set_envelope(receipt.envelope() + "x");
    CHECK(name_of(receipt) == "envelope_mismatch");
    receipt = one.balance();
    receipt.set_envelope(one.envelope);
    CHECK(name_of(receipt) == "envelope_mismatch");
    receipt = one.outcome(0);
    receipt.set_envelope(one.envelope);
    CHECK(name_of(receipt) == "envelope_mismatch");
    receipt = one.outcome();
    receipt.mutable_outcome()->set_index(0);
    CHECK(name_of(receipt) == "log_proof");
    receipt = one.balance();
    *receipt.mutable_balance() = one.state.item(redemption_key(one.redemption_id).bytes);
    CHECK(name_of(receipt) == "bad_key");
    *receipt.mutable_balance() = one.state.item("\x01 nonsense");
    CHECK(name_of(receipt) == "bad_key");
    receipt = one.balance();
    receipt.mutable_balance()->set_value("");
    CHECK(name_of(receipt) == "wrong_root");
    receipt = one.balance();
    receipt.mutable_app_state()->set_log_size(4);
    CHECK(name_of(receipt) == "app_hash_mismatch");
    receipt = one.balance();
    receipt.clear_app_state();
    CHECK(name_of(receipt) == "incomplete");
    receipt = one.receipt();
    CHECK(name_of(receipt) == "incomplete");
    receipt = one.redemption();
    receipt.mutable_redemption()->mutable_items()->RemoveLast();
    CHECK(name_of(receipt) == "redemption_incomplete");
    receipt = one.redemption();
    receipt.mutable_redemption()->mutable_items()->SwapElements(1, 2);
    CHECK(name_of(receipt) == "redemption_incomplete");
    // A part of the key that is not as long as a line's number must be refused, not read.
    auto key = awarded_line_key(std::string(32, 'A'), 0).bytes;
    key.pop_back();
    key[key.size() - 4] = 3;
    receipt = one.receipt();
    *receipt.mutable_entry() = one.state.item(key);
    CHECK(name_of(receipt) == "bad_key");
    CHECK(verify_receipt("hello", one.trust).error().fault == ReceiptFault::not_a_receipt);
    CHECK(verify_receipt(std::string(receipt_bytes_max + 1, 'x'), one.trust).error().fault ==
          ReceiptFault::too_large);
}

TEST_CASE("what does not count in a commit must be blank", "[receipt]") {
    const auto& one = ledger();
    auto receipt = one.balance();
    for (auto& slot : *receipt.mutable_block()->mutable_commit()->mutable_signatures())
        if (slot.block_id_flag() == pb::BLOCK_ID_FLAG_ABSENT) slot.set_signature("smuggled");
    CHECK(name_of(receipt) == "slot_not_blank");
    blank_slots(*receipt.mutable_block()->mutable_commit());
    CHECK(name_of(receipt) == "accepted");
}

TEST_CASE("a receipt says in words what, by whom, as of when", "[receipt]") {
    const auto& one = ledger();
    const auto words = [&](const pb::Receipt& receipt) {
        return receipt_in_words(verify_receipt(receipt_file(receipt), one.trust).value());
    };
    const auto outcome = words(one.outcome());
    CHECK(says(outcome, "suffolk/befriending-scheme asked to transfer 12.34 credits"));
    CHECK(says(outcome, "Outcome: done."));
    CHECK(says(outcome,
               "12.34 credits of suffolk/befriending-scheme, available, became "
               "available to suffolk/food-bank"));
    CHECK(says(outcome, "3 of 4 authorities, 30 of 40 votes, under block 3"));
    CHECK(says(outcome, "norwich"));
    CHECK(says(words(one.outcome(2)), "refused (not_accredited)"));
    CHECK(says(words(one.balance()), "available 12,345.00 credits"));
    CHECK(says(words(one.absence()), "does not hold the account suffolk/nobody"));
    CHECK(says(words(one.redemption()),
               "4 x laptop at 50.00 credits each: 3 outstanding, "
               "1 delivered"));
    const auto balance = verify_receipt(receipt_file(one.balance()), one.trust).value();
    const auto now = static_cast<std::uint64_t>(chain_begins) + 3 + 7200;
    CHECK(says(receipt_in_words(balance, now), "2 hours ago"));
    CHECK(says(receipt_in_words(balance, chain_begins), "in the future"));
    CHECK_FALSE(says(receipt_in_words(balance), "ago"));
}

TEST_CASE("words of a receipt cannot move a reader's cursor", "[receipt]") {
    const auto& one = ledger();
    auto receipt = one.receipt();
    *receipt.mutable_entry() = one.state.item(account_key("x\x1b[2J\ny").bytes);
    const auto words = receipt_in_words(verify_receipt(receipt_file(receipt), one.trust).value());
    CHECK(words.find('\x1b') == std::string::npos);
    CHECK(says(words, "x?[2J?y"));
}
