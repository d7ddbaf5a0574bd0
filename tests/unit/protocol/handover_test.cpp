#include "protocol/handover.hpp"

#include "unit/catch.hpp"
#include "unit/protocol/long_chains.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

HandoverError refused(const pb::HandoverRecord& record) {
    const auto verified = verify_handover(record);
    REQUIRE_FALSE(verified);
    CHECK(handover_error_sentence(verified.error()).ends_with("."));
    return verified.error();
}

std::string name_of(const pb::HandoverRecord& record) {
    return std::string{handover_error_name(refused(record))};
}

/// The name under which a whole handover is refused after `change`, everything signed anew.
template <class Change>
std::string name_after(Change change) {
    HandedOver one;
    change(one);
    return name_of(one.record());
}

}  // namespace

TEST_CASE("a handover record says which chain goes on, and is read back as written", "[handover]") {
    const HandedOver one;
    const auto verified = verify_handover(one.record());
    REQUIRE(verified);
    CHECK(verified->chain_id() == "suffolk-2");
    CHECK(verified->initial_height() == 11);
    const auto read = decode_handover(handover_file(one.record()));
    REQUIRE(read);
    CHECK(canonical_bytes(*read) == canonical_bytes(one.record()));
}

TEST_CASE("each way in which a handover can be wrong is refused by name", "[handover]") {
    const auto again = [](HandedOver& one) { one.begin_again(); };
    CHECK(name_after([&](HandedOver& one) {
              one.handover.set_segment(3);
              again(one);
          }) == "handover_not_the_last_block");
    CHECK(name_after([&](HandedOver& one) {
              one.handover.set_initial_height(12);
              again(one);
          }) == "handover_not_the_last_block");
    CHECK(name_after([&](HandedOver& one) {
              one.handover.set_chain_id("norfolk-2");
              again(one);
          }) == "handover_not_the_last_block");
    CHECK(name_after([](HandedOver& one) { one.last = one.old.block(9, one.hash); }) ==
          "handover_not_the_last_block");
    CHECK(name_after([](HandedOver& one) {
              one.first = LongChain{"suffolk-3", {{1, {1, 5, 6, 7}}}}.block(11, one.hash);
          }) == "handover_other_chain");
    CHECK(name_after([](HandedOver& one) { one.first = one.next.block(12, one.hash); }) ==
          "handover_other_height");
    CHECK(name_after([](HandedOver& one) {
              one.first = LongChain{"suffolk-2", {{1, {1, 5, 6, 8}}}}.block(11, one.hash);
          }) == "handover_other_validators");
    CHECK(name_after([](HandedOver& one) { one.first = one.next.block(11); }) ==
          "handover_other_state");
    CHECK(name_after([](HandedOver& one) {
              auto made =
                  block_at(11, set_of({1, 5, 6, 7}), set_of({1, 5, 6, 7}), one.hash, "suffolk-2");
              *made.header.mutable_time() = one.last.header().time();
              made.block_id.set_hash(header_hash(made.header).str());
              one.first = signed_block(made, set_of({1, 5, 6, 7}), {1, 5, 6, 7});
          }) == "handover_time_not_increasing");
    CHECK(name_after([](HandedOver& one) { one.app.set_log_size(99); }) ==
          "handover_app_hash_mismatch");
    CHECK(name_after([](HandedOver& one) {
              one.first = one.next.block_signed_by(11, {1, 5}, one.hash);
          }) == "handover_first_block");
    CHECK(name_after([](HandedOver& one) {
              one.last.mutable_commit()->mutable_signatures(0)->set_signature(std::string(64, 's'));
          }) == "handover_last_block");

    const HandedOver one;
    auto record = one.record();
    *record.mutable_record() = one.state.item(account_key("suffolk/nobody").bytes);
    CHECK(name_of(record) == "handover_not_the_record");
    record = one.record();
    *record.mutable_record() = one.state.item(redemption_key(one.small.redemption_id).bytes);
    CHECK(name_of(record) == "handover_not_the_record");
    record = one.record();
    auto forged = one.handover;
    forged.set_decided_at(1);
    record.mutable_record()->set_value(canonical_bytes(forged));
    CHECK(name_of(record) == "handover_state_proof");
    for (const int part : {0, 1, 2, 3}) {
        record = one.record();
        if (part == 0) record.clear_record();
        if (part == 1) record.clear_app_state();
        if (part == 2) record.clear_last();
        if (part == 3) record.clear_first();
        CHECK(name_of(record) == "handover_incomplete");
    }
    record = one.record();
    record.mutable_app_state()->set_log_root("short");
    CHECK(name_of(record) == "handover_incomplete");
}

TEST_CASE("a damaged handover file is refused, whatever byte it is", "[handover]") {
    const HandedOver one;
    const auto file = handover_file(one.record());
    for (std::size_t at = 0; at < file.size(); ++at) {
        auto flipped = file;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
        INFO("byte " << at);
        const auto read = decode_handover(flipped);
        REQUIRE_FALSE((read && verify_handover(*read)));
        const auto cut = decode_handover(file.substr(0, at));
        REQUIRE_FALSE((cut && verify_handover(*cut)));
    }
    CHECK(handover_error_name(decode_handover("hello").error()) == "not_a_handover");
    CHECK(handover_error_name(decode_handover(file + "x").error()) == "handover_not_canonical");
    CHECK(handover_error_name(decode_handover(std::string(handover_bytes_max + 1, 'x')).error()) ==
          "handover_too_large");
}

TEST_CASE("a chain id is a name and a number", "[handover]") {
    const auto name = segment_name("east-suffolk-12");
    REQUIRE(name);
    CHECK(name->name == "east-suffolk");
    CHECK(name->segment == 12);
    for (const auto* bad : {"", "suffolk", "-1", "suffolk-", "suffolk-0", "suffolk-01",
                            "suffolk-1x", "suffolk-99999999999"})
        CHECK_FALSE(segment_name(bad));
}
