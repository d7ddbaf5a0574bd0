#include <fstream>
#include <iterator>

#include "ledger/store/chain_store.hpp"
#include "unit/ledger/store/network_fixture.hpp"

/// Chains on which authorities really vote, executed again: at a start that lost its state, and by
/// `verify`.
namespace tallystick::ledger::test {

namespace {

/// Makes proposals and votes, each with an id of its own.
class Council {
  public:
    explicit Council(NetworkFixture& data) : data_(data) {}

    /// Proposed by the first founder, agreed by two others; in force with the block after.
    void decide(const pb::Change& change) {
        pb::Propose proposal;
        *proposal.mutable_change() = change;
        const auto proposed = sent(founders()[0], proposal);
        data_.block({proposed});
        pb::Vote vote;
        vote.set_proposal(proposed->id.str());
        vote.set_choice(pb::CHOICE_YES);
        data_.block({sent(founders()[1], vote), sent(founders()[3], vote)});
        REQUIRE(data_.engine().last_result().entries.size() == 2);
        data_.block();
        REQUIRE(data_.engine().last_result().due_items == 1);
        REQUIRE(data_.engine().last_result().entries[0].outcome().status() == pb::STATUS_DONE);
    }

    template <class Action>
    VerifiedEnvelope sent(const std::string& account, const Action& action) {
        const auto height = data_.store().height() + 1;
        return envelope_of({.account = account,
                            .name = "sent-" + std::to_string(++sent_),
                            .valid_until = data_.engine().now(height) + day,
                            .ledger_id = data_.store().ledger_id()},
                           action);
    }

  private:
    NetworkFixture& data_;
    int sent_ = 0;
};

pb::Change handover_to(std::uint32_t segment, pb::Engine engine = pb::ENGINE_COMETBFT) {
    pb::Change change;
    change.mutable_hand_over()->set_segment(segment);
    change.mutable_hand_over()->set_engine(engine);
    return change;
}

/// Another key for the node of a founder.
pb::Change new_key(const LedgerId& ledger_id, const std::string& handle) {
    const auto key = key_of(node_of(handle) + "-2");
    pb::Change change;
    auto& set_node = *change.mutable_set_node();
    set_node.set_authority(handle);
    set_node.mutable_node()->set_public_key(key.public_key().str());
    set_node.mutable_node()->set_power(1);
    const auto message = key_proof_message(ledger_id, handle, key.public_key().text());
    set_node.mutable_node_proof()->set_public_key(key.public_key().str());
    set_node.mutable_node_proof()->set_signature(key.sign(bytes_of(message)).str());
    return change;
}

pb::Change admission(const LedgerId& ledger_id, const std::string& handle) {
    const auto proof = [&](const SigningKey& key) {
        const auto message = key_proof_message(ledger_id, handle, key.public_key().text());
        pb::KeyProof made;
        made.set_public_key(key.public_key().str());
        made.set_signature(key.sign(bytes_of(message)).str());
        return made;
    };
    pb::Change change;
    auto& admit = *change.mutable_admit_authority();
    admit.set_handle(handle);
    auto* identifier = admit.add_identifiers();
    identifier->set_scheme("GB-LAE");
    identifier->set_id(handle);
    auto* display = admit.add_names();
    display->set_language("en");
    display->set_text(handle);
    *admit.mutable_policy() = policy_of(handle);
    *admit.add_proofs() = proof(key_of(handle));
    const auto node = key_of(node_of(handle));
    admit.mutable_node()->set_public_key(node.public_key().str());
    admit.mutable_node()->set_power(1);
    *admit.mutable_node_proof() = proof(node);
    return change;
}

/// Starts anew without a state: everything is executed again.
void rebuild(NetworkFixture& data) {
    const auto before = data.store().app_state().SerializeAsString();
    const auto sets = data.snapshot()->validator_sets()->size();
    data.close();
    std::filesystem::remove_all(data.path() / "state");
    data.open();
    CHECK(data.store().app_state().SerializeAsString() == before);
    CHECK(data.snapshot()->validator_sets()->size() == sets);
}

}  // namespace

TEST_CASE("a node's new key validates two blocks later, and its bundles count at once",
          "[store][network][governed]") {
    NetworkFixture data;
    data.grow(1);
    Council council{data};
    council.decide(new_key(data.store().ledger_id(), "norfolk"));
    const auto decided = data.store().height();
    CHECK(data.engine().last().validator_updates.size() == 2);
    const auto old_key = key_of("node-norfolk").public_key();
    CHECK(std::ranges::find(data.store().nodes(), old_key) == data.store().nodes().end());

    // A bundle of the old key is passed over, live and when it is executed again.
    const auto late = registration(data.store().ledger_id(), "late");
    data.grow(3);
    data.add_all_headers();
    CHECK(data.snapshot()->validator_sets()->back().first_height == decided + 2);
    rebuild(data);
    data.grow(1);
    data.add_all_headers();
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE("evidence that came with a block is kept with it and executed again",
          "[store][network][governed]") {
    NetworkFixture data;
    data.grow(2);
    pb::Misbehaviour misbehaviour;
    misbehaviour.set_kind(pb::MISBEHAVIOUR_KIND_DUPLICATE_VOTE);
    misbehaviour.set_address(address_of(key_of("node-norfolk").public_key()).str());
    misbehaviour.set_power(1);
    misbehaviour.set_height(1);
    *misbehaviour.mutable_time() = make_timestamp(opened_at, 0);
    misbehaviour.set_total_power(4);
    data.engine().bring(misbehaviour);
    data.block();
    CHECK(data.snapshot()->state().get(misbehaviour_key("norfolk", 1)) != nullptr);
    REQUIRE(data.snapshot()->block(3)->misbehaviours_size() == 1);
    CHECK(canonical_bytes(data.snapshot()->block(3)->misbehaviours(0)) ==
          canonical_bytes(misbehaviour));

    Council council{data};
    pb::Change change;
    change.mutable_take_power()->set_authority("norfolk");
    council.decide(change);
    CHECK(data.store().nodes().size() == 3);
    data.grow(3);
    data.add_all_headers();
    CHECK(data.snapshot()->block(3)->misbehaviours_size() == 1);
    rebuild(data);
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE("a ledger is executed and verified across a handover", "[store][network][governed]") {
    NetworkFixture data;
    data.grow(2);
    Council council{data};
    council.decide(handover_to(2));
    const auto decided = data.store().height();
    // The last block: what is in it is skipped, and nothing changes.
    const auto before = data.store().app_state().SerializeAsString();
    data.grow(1);
    CHECK(data.store().app_state().SerializeAsString() == before);
    data.add_all_headers();
    SECTION("before the next segment begins") {
        rebuild(data);
        data.close();
        CHECK(verified(data.path()) == "sound");
    }
    SECTION("after it has begun") {
        REQUIRE(data.store().begin_segment("east-anglia-2", decided + 2).ok());
        rebuild(data);
        data.close();
        CHECK(verified(data.path()) == "sound");
    }
    SECTION("with blocks in it, and a change of validators") {
        REQUIRE(data.store().begin_segment("east-anglia-2", decided + 2).ok());
        data.grow(2);
        council.decide(new_key(data.store().ledger_id(), "norfolk"));
        data.grow(2);
        data.add_all_headers();
        rebuild(data);
        data.grow(1);
        data.close();
        CHECK(verified(data.path()) == "sound");
    }
}

TEST_CASE("a network that shrank to one node becomes solo again", "[store][network][governed]") {
    NetworkFixture data{network_genesis(pb::ENGINE_SOLO, {"suffolk"})};
    pb::Propose proposal;
    *proposal.mutable_change() = handover_to(2);
    Council council{data};
    data.block({council.sent("suffolk", proposal)});
    data.block();
    data.block();
    data.add_all_headers();
    REQUIRE(data.store().begin_segment("east-anglia-2", 4).ok());
    data.grow(1);
    *proposal.mutable_change() = handover_to(3, pb::ENGINE_SOLO);
    data.block({council.sent("suffolk", proposal)});
    data.block();
    data.block();
    data.add_all_headers();
    REQUIRE(data.store().begin_segment("east-anglia-3", 8).ok());
    CHECK(data.store().engine() == pb::ENGINE_SOLO);
    data.grow(2);
    data.add_all_headers();
    CHECK(data.store().segments().size() == 3);
    rebuild(data);
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE(
    "a node that runs a ledger alone goes on when its authority is voted out or its key replaced",
    "[store][network][governed]") {
    NetworkFixture data{network_genesis(pb::ENGINE_SOLO, {"suffolk"})};
    Council council{data};
    const auto& ledger_id = data.store().ledger_id();
    const auto decide = [&](const std::string& proposer, const std::vector<std::string>& voters,
                            const pb::Change& change) {
        pb::Propose proposal;
        *proposal.mutable_change() = change;
        const auto proposed = council.sent(proposer, proposal);
        data.block({proposed});
        pb::Vote vote;
        vote.set_proposal(proposed->id.str());
        vote.set_choice(pb::CHOICE_YES);
        for (const auto& voter : voters) data.block({council.sent(voter, vote)});
        data.block();
        REQUIRE(data.engine().last_result().due_items == 1);
        REQUIRE(data.engine().last_result().entries[0].outcome().status() == pb::STATUS_DONE);
    };
    decide("suffolk", {}, admission(ledger_id, "norfolk"));
    decide("suffolk", {"norfolk"}, admission(ledger_id, "essex"));
    const auto orderer = key_of(node_of("suffolk")).public_key();
    std::vector<std::string> others{"essex"};
    SECTION("voted out") {
        pb::Change removal;
        removal.mutable_remove_authority()->set_authority("suffolk");
        removal.mutable_remove_authority()->set_successor("norfolk");
        decide("norfolk", {"essex"}, removal);
        CHECK(data.store().nodes().size() == 3);
    }
    SECTION("its key replaced") {
        decide("norfolk", {"essex"}, new_key(ledger_id, "suffolk"));
        CHECK(data.store().nodes().size() == 4);
        others.emplace_back("suffolk");
    }
    CHECK(std::ranges::binary_search(data.store().nodes(), orderer));
    // What the others decide is executed, now and when it is executed again: a handover, too.
    decide("norfolk", others, handover_to(2));
    data.block();
    data.add_all_headers();
    rebuild(data);
    CHECK(std::ranges::binary_search(data.store().nodes(), orderer));
    REQUIRE(data.store().begin_segment("east-anglia-2", data.store().height() + 1).ok());
    CHECK_FALSE(std::ranges::binary_search(data.store().nodes(), orderer));
    data.grow(2);
    data.add_all_headers();
    rebuild(data);
    CHECK_FALSE(std::ranges::binary_search(data.store().nodes(), orderer));
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE("a flipped bit in what a network keeps is found", "[store][network][verify]") {
    NetworkFixture data;
    data.grow(2);
    pb::Misbehaviour misbehaviour;
    misbehaviour.set_kind(pb::MISBEHAVIOUR_KIND_DUPLICATE_VOTE);
    misbehaviour.set_address(std::string(20, 'a'));
    misbehaviour.set_height(1);
    data.engine().bring(misbehaviour);
    data.block();
    Council council{data};
    council.decide(handover_to(2));
    data.block();
    const auto last = data.store().height();
    data.add_all_headers();
    REQUIRE(data.store().begin_segment("east-anglia-2", last + 1).ok());
    data.grow(2);
    const auto block = *data.snapshot()->block(last + 1);
    std::string content;
    SECTION("the hash of a block without header") {
        content = block.hash();
    }
    SECTION("the time of a block without header") {
        content = canonical_bytes(block.time());
    }
    SECTION("evidence") {
        content = misbehaviour.address();
    }
    SECTION("a set of validators") {
        content = canonical_bytes(data.store().segment_validators());
    }
    SECTION("the name of a segment") {
        content = "east-anglia-2\x10";
    }
    data.close();
    REQUIRE(verified(data.path()) == "sound");
    const auto file = data.path() / "chain" / "data.mdb";
    std::ifstream in{file, std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    bool any = false;
    for (auto at = bytes.find(content); at != std::string::npos; at = bytes.find(content, at + 1)) {
        bytes[at + content.size() / 2] = static_cast<char>(bytes[at + content.size() / 2] ^ 0x10);
        any = true;
    }
    REQUIRE(any);
    std::ofstream{file, std::ios::binary} << bytes;
    CHECK(verified(data.path()) != "sound");
}

TEST_CASE("verify finds sets and segments that the ledger did not decide",
          "[store][network][governed]") {
    NetworkFixture data;
    data.grow(2);
    Council council{data};
    council.decide(new_key(data.store().ledger_id(), "norfolk"));
    data.grow(2);
    SECTION("a header is missing below one that is there") {
        REQUIRE(data.engine().add_canonical(data.store(), 1).ok());
        data.close();
        ChainStore chain{data.path() / "chain", 1ULL << 30, false};
        static_cast<void>(chain.load());
        auto block = chain.read().block(2);
        *block.record.mutable_header() = data.engine().at(3).header;
        const std::pair<std::uint64_t, StoredBlock> changed[]{{3, block}};
        chain.replace(changed);
    }
    SECTION("another set") {
        data.close();
        ChainStore chain{data.path() / "chain", 1ULL << 30, false};
        static_cast<void>(chain.load());
        pb::Segment segment;
        segment.set_chain_id("east-anglia-2");
        segment.set_first_height(7);
        segment.set_engine(pb::ENGINE_COMETBFT);
        *segment.mutable_validators() = chain.read().validators(1).validators;
        chain.begin_segment(segment);
    }
    CHECK(verified(data.path()) != "sound");
}

}  // namespace tallystick::ledger::test
