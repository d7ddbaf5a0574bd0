#include "protocol/light_client.hpp"

#include "unit/catch.hpp"
#include "unit/protocol/signed_chain.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

/// Block 2 of four equal authorities, signed by three, after `change`.
template <class Change>
ChainFault fault_after(Change change) {
    const auto set = set_of({1, 2, 3, 4});
    auto block = signed_block(block_at(2, set, set), set, {1, 2, 3});
    REQUIRE(verify_commit(block, SlotRule::blank));
    change(block);
    const auto verified = verify_commit(block, SlotRule::blank);
    REQUIRE_FALSE(verified);
    CHECK(chain_fault_name(verified.error()) != "unknown");
    CHECK(chain_fault_sentence(verified.error()).ends_with("."));
    return verified.error();
}

/// The slot of a block that is (or is not) signed.
pb::CommitSig& slot_of(pb::LightBlock& block, pb::BlockIdFlag flag) {
    for (auto& slot : *block.mutable_commit()->mutable_signatures())
        if (slot.block_id_flag() == flag) return slot;
    throw std::logic_error("no such slot");
}

}  // namespace

TEST_CASE("each way in which a commit can be wrong is refused by name", "[light_client]") {
    struct Case {
        void (*change)(pb::LightBlock&);
        ChainFault fault;
    };
    using B = pb::LightBlock;
    const Case cases[] = {
        {[](B& b) { b.clear_header(); }, ChainFault::incomplete},
        {[](B& b) { b.mutable_header()->clear_time(); }, ChainFault::incomplete},
        {[](B& b) { b.mutable_header()->set_data_hash("x"); }, ChainFault::incomplete},
        {[](B& b) { b.mutable_header()->mutable_version()->set_block(12); },
         ChainFault::bad_version},
        {[](B& b) { b.mutable_header()->set_height(0); }, ChainFault::bad_height},
        {[](B& b) { b.mutable_header()->set_height(INT64_MIN); }, ChainFault::bad_height},
        {[](B& b) { b.mutable_header()->mutable_time()->set_seconds(-1); }, ChainFault::bad_time},
        {[](B& b) { b.mutable_header()->mutable_time()->set_nanos(1000000000); },
         ChainFault::bad_time},
        {[](B& b) { b.clear_commit(); }, ChainFault::incomplete},
        {[](B& b) { b.mutable_commit()->set_round(-1); }, ChainFault::incomplete},
        {[](B& b) { b.mutable_commit()->set_height(3); }, ChainFault::height_mismatch},
        {[](B& b) { b.mutable_header()->set_app_hash(std::string(32, 'x')); },
         ChainFault::block_id_mismatch},
        {[](B& b) { b.mutable_validators()->clear_validators(); }, ChainFault::bad_validator_set},
        {[](B& b) { b.mutable_validators()->mutable_validators()->SwapElements(0, 1); },
         ChainFault::bad_validator_set},
        {[](B& b) { b.mutable_validators()->mutable_validators(0)->set_power(INT64_MAX); },
         ChainFault::bad_validator_set},
        {[](B& b) { b.mutable_validators()->mutable_validators(3)->set_power(-1); },
         ChainFault::bad_validator_set},
        {[](B& b) { b.mutable_validators()->mutable_validators(0)->set_power(11); },
         ChainFault::validators_mismatch},
        {[](B& b) { b.mutable_commit()->add_signatures(); }, ChainFault::wrong_number_of_slots},
        {[](B& b) { slot_of(b, pb::BLOCK_ID_FLAG_COMMIT).clear_timestamp(); },
         ChainFault::bad_slot},
        {[](B& b) { slot_of(b, pb::BLOCK_ID_FLAG_COMMIT).set_signature("x"); },
         ChainFault::bad_slot},
        {[](B& b) {
             slot_of(b, pb::BLOCK_ID_FLAG_COMMIT).set_block_id_flag(pb::BLOCK_ID_FLAG_UNKNOWN);
         },
         ChainFault::bad_slot},
        {[](B& b) {
             slot_of(b, pb::BLOCK_ID_FLAG_COMMIT).set_block_id_flag(pb::BLOCK_ID_FLAG_NIL);
         },
         ChainFault::slot_not_blank},
        {[](B& b) { slot_of(b, pb::BLOCK_ID_FLAG_ABSENT).mutable_timestamp(); },
         ChainFault::slot_not_blank},
        {[](B& b) {
             slot_of(b, pb::BLOCK_ID_FLAG_COMMIT).set_validator_address(std::string(20, 'x'));
         },
         ChainFault::wrong_address},
        {[](B& b) { b.mutable_commit()->set_round(1); }, ChainFault::false_signature},
        {[](B& b) {
             auto& slot = slot_of(b, pb::BLOCK_ID_FLAG_COMMIT);
             slot.Clear();
             slot.set_block_id_flag(pb::BLOCK_ID_FLAG_ABSENT);
         },
         ChainFault::too_few_signatures},
    };
    std::size_t number = 0;
    for (const auto& one : cases) {
        INFO("case " << number++);
        CHECK(fault_after(one.change) == one.fault);
    }
}

TEST_CASE("exactly two thirds are too few, exactly a third is not trusted", "[light_client]") {
    CHECK_FALSE(is_two_thirds_majority(20, 30));
    CHECK(is_two_thirds_majority(21, 30));
    CHECK_FALSE(is_over_a_third(10, 30));
    CHECK(is_over_a_third(11, 30));
    CHECK(is_two_thirds_majority(total_power_max, total_power_max));
}

TEST_CASE("steps go forward in height and time along announced sets", "[light_client]") {
    const auto set = set_of({1, 2, 3});
    const auto others = set_of({11, 12, 13});
    const auto first = signed_block(block_at(1, set, set), set, {1, 2, 3});
    const auto second = signed_block(block_at(2, set, set), set, {1, 2, 3});
    const auto trusted = trusted_from(first);
    const auto fault = [&](const TrustedBlock& from, const pb::LightBlock& next) {
        const auto step = verify_step(from, next, SlotRule::blank);
        REQUIRE_FALSE(step);
        return step.error();
    };
    CHECK(verify_step(trusted, second, SlotRule::blank));
    CHECK(fault(trusted_from(second), first) == ChainFault::height_not_increasing);
    auto elsewhere = trusted;
    elsewhere.chain_id = "norfolk-1";
    CHECK(fault(elsewhere, second) == ChainFault::other_chain);
    auto late = trusted;
    late.time = second.header().time();
    CHECK(fault(late, second) == ChainFault::time_not_increasing);
    const auto stranger = signed_block(block_at(2, others, others), others, {11, 12, 13});
    CHECK(fault(trusted, stranger) == ChainFault::next_validators_mismatch);
    const auto far = signed_block(block_at(9, others, others), others, {11, 12, 13});
    CHECK(fault(trusted, far) == ChainFault::not_enough_trust);
    const auto weak = signed_block(block_at(9, set, set), set, {1, 2});
    CHECK(fault(trusted, weak) == ChainFault::too_few_signatures);
}

TEST_CASE("following needs a fresh trusted block and none from the future", "[light_client]") {
    const auto set = set_of({1});
    const auto trusted = trusted_from(signed_block(block_at(1, set, set), set, {1}));
    const auto next = signed_block(block_at(2, set, set), set, {1});
    FollowingClock clock;
    clock.trusting_period_seconds = 100;
    clock.now = make_timestamp(chain_begins + 2, 6);
    CHECK(verify_following(trusted, next, SlotRule::blank, clock));
    clock.now = next.header().time();
    CHECK(verify_following(trusted, next, SlotRule::blank, clock).error() ==
          ChainFault::from_the_future);
    clock.drift_nanos = 1;
    CHECK(verify_following(trusted, next, SlotRule::blank, clock));
    clock.now = make_timestamp(chain_begins + 101, 4);
    CHECK(verify_following(trusted, next, SlotRule::blank, clock));
    clock.now.set_nanos(5);
    CHECK(verify_following(trusted, next, SlotRule::blank, clock).error() ==
          ChainFault::trust_expired);
    clock.trusting_period_seconds = UINT64_MAX;
    CHECK(verify_following(trusted, next, SlotRule::blank, clock));
    clock.now.set_seconds(-5);
    CHECK(verify_following(trusted, next, SlotRule::blank, clock).error() == ChainFault::bad_time);
}
