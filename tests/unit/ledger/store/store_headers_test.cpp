#include <fstream>

#include "unit/ledger/store/network_fixture.hpp"

namespace tallystick::ledger::test {

namespace {

/// Gives the authority's node another power, as a change in force would.
std::function<void(Changes&)> power_of(const std::string& handle, std::uint64_t power) {
    return [handle, power](Changes& changes) {
        auto node = std::make_shared<pb::AuthorityNode>();
        node->set_public_key(key_of(node_of(handle)).public_key().str());
        node->set_power(power);
        changes[authority_node_key(handle).bytes] = std::move(node);
    };
}

std::function<void(Changes&)> hand_over(Store& store, std::uint64_t initial_height,
                                        pb::Engine engine = pb::ENGINE_COMETBFT) {
    auto handover = std::make_shared<pb::Handover>();
    handover->set_segment(2);
    handover->set_chain_id("east-anglia-2");
    handover->set_initial_height(initial_height);
    *handover->mutable_validators() = store.segment_validators();
    handover->set_engine(engine);
    handover->set_decided_at(opened_at);
    return [handover](Changes& changes) { changes[handover_key().bytes] = handover; };
}

}  // namespace

TEST_CASE("a block is durable before its header, which is read once it has arrived",
          "[store][network]") {
    NetworkFixture data;
    data.grow(3);
    CHECK(data.store().engine() == pb::ENGINE_COMETBFT);
    CHECK(data.store().headers_until() == 0);
    data.open();
    CHECK(data.store().height() == 3);
    CHECK(data.store().headers_until() == 0);
    CHECK(data.store().sign_state().height == 3);

    auto snapshot = data.snapshot();
    const auto missing = snapshot->header(2);
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().fault == StoreFault::not_found);
    CHECK(says(missing.error().what, "has not arrived yet"));
    CHECK(snapshot->commit(2).error().fault == StoreFault::not_found);
    const auto block = *snapshot->block(2);
    CHECK(block.hash() == header_hash(data.engine().at(2).header).text());
    CHECK(is_eq(compare(block.time(), data.engine().at(2).header.time())));
    CHECK(block.bundles_size() == 1);

    REQUIRE(data.engine().add_canonical(data.store(), 1).ok());
    REQUIRE(data.engine().add_canonical(data.store(), 2).ok());
    CHECK(data.store().headers_until() == 2);
    snapshot = data.snapshot();
    CHECK(canonical_bytes(*snapshot->header(2)) == canonical_bytes(data.engine().at(2).header));
    CHECK(snapshot->block(2)->hash().empty());
    CHECK_FALSE(snapshot->block(2)->has_time());
    CHECK_FALSE(snapshot->header(3).ok());
    snapshot.reset();
    data.open();
    CHECK(data.store().headers_until() == 2);
    data.grow(1);
    data.close();
    const auto verification = verify_folder(data.path(), {});
    REQUIRE(verification.ok());
    CHECK(verification->findings.empty());
    CHECK(verification->without_header == 2);
}

TEST_CASE("a seen commit is replaced by the one that the next header hashes, which must come first",
          "[store][network]") {
    NetworkFixture data;
    data.grow(3);
    auto& store = data.store();
    auto& engine = data.engine();
    REQUIRE(engine.add_seen(store, 1).ok());
    CHECK(says(unfit_words(engine.add_seen(store, 2)), "the last commit is not that of the block"));
    CHECK(store.headers_until() == 1);
    SECTION("one by one") {
        REQUIRE(engine.add_canonical(store, 1).ok());
        REQUIRE(engine.add_seen(store, 2).ok());
    }
    SECTION("both at once") {
        const HeaderToStore both[]{{1, &engine.at(1).header, &engine.at(1).canonical},
                                   {2, &engine.at(2).header, &engine.at(2).seen}};
        REQUIRE(store.add_headers(both).ok());
    }
    CHECK(store.headers_until() == 2);
    CHECK(canonical_bytes(*data.snapshot()->commit(1)) == canonical_bytes(engine.at(1).canonical));
    CHECK(canonical_bytes(*data.snapshot()->commit(2)) == canonical_bytes(engine.at(2).seen));

    // What is settled stays as it is, whatever is brought again.
    CHECK(engine.add_seen(store, 1).ok());
    CHECK(canonical_bytes(*data.snapshot()->commit(1)) == canonical_bytes(engine.at(1).canonical));
    data.close();
    CHECK(verified(data.path()) == "sound");
}

TEST_CASE("of several headers all are taken or none", "[store][network]") {
    NetworkFixture data;
    data.grow(3);
    auto& engine = data.engine();
    const HeaderToStore some[]{{1, &engine.at(1).header, &engine.at(1).canonical},
                               {2, &engine.at(2).header, &engine.at(3).canonical}};
    unfit_words(data.store().add_headers(some));
    CHECK(data.store().headers_until() == 0);
    CHECK_FALSE(data.snapshot()->header(1).ok());
}

TEST_CASE("headers and commits that do not fit are refused, each by name", "[store][network]") {
    NetworkFixture data;
    data.grow(3);
    auto& store = data.store();
    auto& engine = data.engine();
    const auto& first = engine.at(1);
    SECTION("too early") {
        CHECK(says(unfit_words(engine.add_seen(store, 2)), "comes too early"));
    }
    SECTION("beyond the chain") {
        data.add_all_headers();
        CHECK(says(unfit_words(store.add_header(4, first.header, first.seen)),
                   "comes before the block itself"));
    }
    SECTION("another block's") {
        CHECK(says(unfit_words(store.add_header(1, engine.at(2).header, engine.at(2).seen)),
                   "not the header of the block that is stored"));
    }
    SECTION("a commit for another block") {
        unfit_words(store.add_header(1, first.header, engine.at(2).seen));
    }
    SECTION("a false signature") {
        auto commit = first.canonical;
        commit.mutable_signatures(0)->mutable_signature()->front() ^= 1;
        unfit_words(store.add_header(1, first.header, commit));
    }
    SECTION("two of four signatures") {
        auto commit = first.canonical;
        *commit.mutable_signatures(0) = commit.signatures(3);
        unfit_words(store.add_header(1, first.header, commit));
    }
    SECTION("signed by others than the block's validators") {
        auto others = store.segment_validators();
        for (int i = 0; i < 4; ++i) {
            const auto key = key_of(node_of(founders()[static_cast<std::size_t>(i)]) + "-2");
            others.mutable_validators(i)->set_public_key(key.public_key().str());
        }
        sort_validators(others);
        const auto commit = NetworkEngine::sign(store_chain_id, 1, first.canonical.block_id(),
                                                first.header.time(), others, -1);
        unfit_words(store.add_header(1, first.header, commit));
    }
    SECTION("the last of them stays replaceable only by one for the same block") {
        REQUIRE(engine.add_seen(store, 1).ok());
        unfit_words(store.add_header(1, engine.at(2).header, engine.at(2).seen));
        CHECK(canonical_bytes(*data.snapshot()->commit(1)) == canonical_bytes(first.seen));
    }
}

TEST_CASE("a header that all signed is still held against the ledger", "[store][network]") {
    NetworkFixture data;
    data.grow(2);
    auto& store = data.store();
    auto& engine = data.engine();
    REQUIRE(engine.add_canonical(store, 1).ok());
    std::function<void(pb::Header&)> how;
    std::string words;
    const auto hash = sha256("another").str();
    SECTION("chain id") {
        how = [](auto& header) { header.set_chain_id("east-anglia-3"); };
        words = "of another chain";
    }
    SECTION("height") {
        how = [](auto& header) { header.set_height(9); };
        words = "height";
    }
    SECTION("time") {
        how = [](auto& header) { header.mutable_time()->set_nanos(5); };
        words = "its time is not that of the block that is stored";
    }
    SECTION("app hash") {
        how = [&](auto& header) { header.set_app_hash(hash); };
        words = "another app hash";
    }
    SECTION("bundles") {
        how = [&](auto& header) { header.set_data_hash(hash); };
        words = "the bundles are not those";
    }
    SECTION("validators") {
        how = [&](auto& header) { header.set_validators_hash(hash); };
        words = "authorities listed are not those";
    }
    SECTION("next validators") {
        how = [&](auto& header) { header.set_next_validators_hash(hash); };
        words = "the next validators are not those";
    }
    SECTION("last results") {
        how = [&](auto& header) { header.set_last_results_hash(hash); };
        words = "the last results are not those";
    }
    SECTION("last commit") {
        how = [&](auto& header) { header.set_last_commit_hash(hash); };
        words = "the last commit is not that";
    }
    SECTION("parent") {
        how = [&](auto& header) { header.mutable_last_block_id()->set_hash(hash); };
        words = "the parent is not the block before";
    }
    // The node's application was told this header's hash and the block's own time.
    const auto time = engine.at(2).header.time();
    data.block({});
    engine.lie(store, 3, how);
    NetworkFixture other;
    other.grow(2);
    REQUIRE(other.engine().add_canonical(other.store(), 1).ok());
    REQUIRE(other.engine().add_canonical(other.store(), 2).ok());
    REQUIRE(engine.add_canonical(store, 2).ok());
    // The same block in a store that was told the lying header's hash.
    auto result =
        execute_block(other.store().ledger_id(), other.store().view(), other.store().used_ids(),
                      other.store().due(), {3, static_cast<std::uint64_t>(engine.now(3)), {}});
    const auto encoded = std::make_shared<const EncodedBlock>(encode_block(std::move(result), {}));
    const auto now = make_timestamp(time.seconds() + 1, 0);
    const auto advanced = other.store().advance(encoded, 3, now);
    BlockToStore block;
    block.height = 3;
    block.block_hash = header_hash(engine.at(3).header);
    block.time = now;
    REQUIRE(other.store().commit(block, *encoded, advanced).ok());
    const auto refused = other.store().add_header(3, engine.at(3).header, engine.at(3).canonical);
    CHECK(says(unfit_words(refused), words));
    CHECK(other.store().headers_until() == 2);
}

TEST_CASE("validators change two blocks after the state does, and bundles' nodes at once",
          "[store][network]") {
    NetworkFixture data;
    data.grow(2);
    auto& store = data.store();
    CHECK(store.nodes().size() == 4);
    CHECK(data.engine().last().validator_updates.empty());
    CHECK_FALSE(data.engine().last().validators);
    const auto before = canonical_bytes(*data.snapshot()->validators(3));

    data.block({}, power_of("kent", 0));
    const auto& updates = data.engine().last().validator_updates;
    REQUIRE(updates.size() == 1);
    CHECK(updates[0].public_key() == key_of("node-kent").public_key().text());
    CHECK(updates[0].power() == 0);
    CHECK(store.nodes().size() == 3);
    auto snapshot = data.snapshot();
    CHECK(canonical_bytes(*snapshot->validators(3)) == before);
    CHECK(canonical_bytes(*snapshot->validators(4)) == before);
    CHECK(snapshot->validators(5)->validators_size() == 3);
    const auto sets = *snapshot->validator_sets();
    REQUIRE(sets.size() == 2);
    CHECK(sets[0].first_height == 1);
    CHECK(sets[1].first_height == 5);
    snapshot.reset();

    // The same again is no change; headers go by the sets.
    data.block({}, power_of("kent", 0));
    CHECK(data.engine().last().validator_updates.empty());
    data.grow(2);
    data.add_all_headers();
    CHECK(store.headers_until() == 6);
    CHECK(data.engine().at(6).canonical.signatures_size() == 3);
    data.open();
    CHECK(data.store().nodes().size() == 3);
    CHECK(data.snapshot()->validators(5)->validators_size() == 3);
    data.block({}, power_of("essex", 7));
    CHECK(data.engine().last().validator_updates.size() == 1);
    CHECK(data.snapshot()->validators(9)->validators(0).power() == 7);
}

TEST_CASE("under solo the segment's one validator stays, whatever the state decides",
          "[store][network]") {
    NetworkFixture data{network_genesis(pb::ENGINE_SOLO, {"suffolk"})};
    CHECK(data.store().engine() == pb::ENGINE_SOLO);
    data.block({}, power_of("suffolk", 9));
    CHECK(data.engine().last().validator_updates.empty());
    CHECK(data.snapshot()->validators(3)->validators(0).power() == 1);
}

TEST_CASE("a segment begins where the ledger hands over, when the old one is whole",
          "[store][network][segment]") {
    NetworkFixture data;
    data.grow(2);
    auto& store = data.store();
    CHECK(says(unfit_words(store.begin_segment("east-anglia-2", 3)), "decided no handover"));
    data.block({}, hand_over(store, 5));
    CHECK(says(unfit_words(store.begin_segment("east-anglia-2", 5)), "begins after block 4"));
    data.block();
    CHECK(says(unfit_words(store.begin_segment("east-anglia-2", 5)), "headers of the last blocks"));
    CHECK(says(unfit_words(data.engine().block(store)), "the next segment begins first"));

    // What was refused has executed in memory only.
    data.open();
    auto& again = data.store();
    CHECK(again.height() == 4);
    CHECK(
        says(unfit_words(again.begin_segment("east-anglia-3", 5)), "hands over to east-anglia-2"));
    CHECK(says(unfit_words(again.begin_segment("east-anglia-2", 6)), "at block 5"));
    for (std::uint64_t height = 1; height <= 3; ++height)
        REQUIRE(data.engine().add_canonical(again, height).ok());
    // Of the last block only what was seen can be had.
    REQUIRE(data.engine().add_seen(again, 4).ok());
    REQUIRE(again.begin_segment("east-anglia-2", 5).ok());
    CHECK(again.begin_segment("east-anglia-2", 5).ok());
    CHECK(again.chain_id() == "east-anglia-2");
    const std::vector<SegmentStart> both{{store_chain_id, 1, pb::ENGINE_COMETBFT},
                                         {"east-anglia-2", 5, pb::ENGINE_COMETBFT}};
    CHECK(again.segments() == both);
    CHECK(data.snapshot()->segments() == both);

    data.grow(2);
    data.add_all_headers();
    CHECK(again.headers_until() == 6);
    CHECK(data.snapshot()->header(5)->last_commit_hash() == merkle::empty_root().text());
    CHECK(data.snapshot()->validator_sets()->back().first_height == 5);
    data.open();
    CHECK(data.store().chain_id() == "east-anglia-2");
    CHECK(data.store().segments() == both);
    data.grow(1);
    data.add_all_headers();
    CHECK(says(unfit_words(data.store().begin_segment("east-anglia-3", 8)), "decided no handover"));
}

TEST_CASE("a first block of a segment that claims a parent is refused", "[store][segment]") {
    NetworkFixture data;
    data.block({}, hand_over(data.store(), 3));
    data.block();
    data.add_all_headers();
    REQUIRE(data.store().begin_segment("east-anglia-2", 3).ok());
    data.block();
    auto lied = data.engine().at(3).header;
    *lied.mutable_last_block_id() = data.engine().at(2).canonical.block_id();
    data.engine().lie(data.store(), 3, [&](pb::Header& header) { header = lied; });
    CHECK(says(unfit_words(data.engine().add_canonical(data.store(), 3)), "has a parent"));
}

TEST_CASE("a solo ledger goes on as a network, and the other way round",
          "[store][network][segment]") {
    NetworkFixture data{network_genesis(pb::ENGINE_SOLO, {"suffolk"})};
    data.grow(1);
    data.block({}, hand_over(data.store(), 4, pb::ENGINE_COMETBFT));
    data.block();
    data.add_all_headers();
    REQUIRE(data.store().begin_segment("east-anglia-2", 4).ok());
    CHECK(data.store().engine() == pb::ENGINE_COMETBFT);
    data.block({}, power_of("suffolk", 5));
    CHECK(data.engine().last().validator_updates.size() == 1);
    data.open();
    CHECK(data.store().engine() == pb::ENGINE_COMETBFT);
    CHECK(data.snapshot()->validators(5)->validators(0).power() == 1);
    CHECK(data.snapshot()->validators(6)->validators(0).power() == 5);
}

}  // namespace tallystick::ledger::test
