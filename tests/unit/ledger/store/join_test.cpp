#include <fstream>
#include <iterator>

#include "ledger/store/snapshot_reader.hpp"
#include "ledger/store/snapshot_writer.hpp"
#include "ledger/validators.hpp"
#include "protocol/log_proof.hpp"
#include "protocol/wire.hpp"
#include "unit/ledger/store/network_fixture.hpp"

/// Joining late: snapshots written, taken apart, lied about, restored, and nodes that go on from
/// them.
namespace tallystick::ledger::test {

namespace {

std::string whole_file(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

Hash app_hash_of(const pb::AppState& state) {
    return app_hash(*Hash::from(state.state_root()), *Hash::from(state.log_root()),
                    state.log_size());
}

/// A snapshot in memory, to be given and to be lied in.
struct Given {
    pb::SnapshotManifest manifest;
    std::vector<std::string> chunks;

    [[nodiscard]] std::vector<pb::SnapshotRecord> records() const {
        std::string all;
        for (const auto& chunk : chunks) all += chunk;
        std::vector<pb::SnapshotRecord> records;
        for (std::size_t at = 0; at < all.size();) {
            std::size_t length = 0;
            for (unsigned shift = 0;; shift += 7) {
                const auto byte = static_cast<std::uint8_t>(all[at++]);
                length |= static_cast<std::size_t>(byte & 0x7f) << shift;
                if ((byte & 0x80) == 0) break;
            }
            records.emplace_back();
            REQUIRE(records.back().ParseFromString(all.substr(at, length)));
            at += length;
        }
        return records;
    }
    void set_bytes(std::string bytes) {
        chunks = {std::move(bytes)};
        manifest.clear_chunks();
        for (const auto& chunk : chunks) manifest.add_chunks(sha256(chunk).str());
    }
    void set_records(const std::vector<pb::SnapshotRecord>& records) {
        std::string all;
        for (const auto& record : records) {
            const auto bytes = canonical_bytes(record);
            wire::put_varint(all, bytes.size());
            all += bytes;
        }
        set_bytes(std::move(all));
    }
};

Given snapshot_given(NetworkFixture& data, Store& store, std::size_t chunk_bytes = 5000) {
    const auto folder =
        data.scratch() / ("snapshot-" + std::to_string(store.height()) + "-" +
                          std::to_string(store.base_height()) + "-" + std::to_string(chunk_bytes));
    Given given;
    auto written =
        write_snapshot(*NetworkFixture::snapshot_of(store), data.genesis(), folder, chunk_bytes);
    INFO((written ? std::string{} : written.error().what));
    REQUIRE(written.ok());
    given.manifest = *written;
    CHECK(whole_file(manifest_file(folder)) == canonical_bytes(given.manifest));
    for (int i = 0; i < given.manifest.chunks_size(); ++i)
        given.chunks.push_back(whole_file(chunk_file(folder, static_cast<std::size_t>(i))));
    return given;
}

SnapshotRestore::Options options_for(NetworkFixture& data, const Given& given,
                                     const std::string& name = "joined") {
    return {.folder = data.scratch() / name,
            .genesis = data.genesis(),
            .manifest = canonical_bytes(given.manifest),
            .trusted_app_hash = app_hash_of(given.manifest.app_state())};
}

std::unique_ptr<SnapshotRestore> begun(NetworkFixture& data, const Given& given,
                                       const std::string& name = "joined") {
    auto restore = SnapshotRestore::begin(options_for(data, given, name));
    INFO((restore ? std::string{} : restore.error().what));
    REQUIRE(restore.ok());
    return std::move(restore).value();
}

/// Gives all of it. What is wrong with it, or nothing.
StoreResult<void> restored(NetworkFixture& data, const Given& given,
                           const std::string& name = "joined") {
    auto restore = SnapshotRestore::begin(options_for(data, given, name));
    if (!restore) return Failure{restore.error()};
    for (const auto& chunk : given.chunks)
        if (auto added = (*restore)->add_chunk(chunk); !added) {
            CHECK((*restore)->is_hopeless());
            return added;
        }
    return (*restore)->finish();
}

std::unique_ptr<Store> opened(NetworkFixture& data, const std::string& name = "joined",
                              StoreOptions options = {}) {
    auto store = Store::open(data.scratch() / name, std::move(options));
    INFO((store ? std::string{} : store.error().what));
    REQUIRE(store.ok());
    return std::move(store).value();
}

/// A ledger of which some entries can be left out: 70 blocks, 40 days, 40 blocks.
void age(NetworkFixture& data) {
    data.grow(70);
    data.engine().wait(40 * day);
    data.grow(40);
}

}  // namespace

TEST_CASE("a node joins with a snapshot and goes on as the others do", "[store][join]") {
    NetworkFixture data;
    age(data);
    data.add_all_headers();
    const auto given = snapshot_given(data, data.store());
    CHECK(given.chunks.size() > 10);
    REQUIRE(restored(data, given).ok());
    auto joined = opened(data);
    CHECK(joined->height() == 110);
    CHECK(joined->base_height() == 110);
    CHECK(joined->headers_until() == 110);
    CHECK(joined->chain_id() == store_chain_id);
    CHECK(joined->engine() == pb::ENGINE_COMETBFT);
    CHECK(canonical_bytes(joined->genesis_file()) == canonical_bytes(data.genesis()));
    CHECK(canonical_bytes(joined->segment_validators()) ==
          canonical_bytes(data.store().segment_validators()));
    CHECK(joined->app_state().SerializeAsString() == data.store().app_state().SerializeAsString());
    CHECK(std::ranges::equal(joined->nodes(), data.store().nodes()));
    CHECK(joined->sign_state().height == 110);

    // An envelope that was taken before cannot be taken again, here or there.
    const auto repeated =
        registration(data.store().ledger_id(), "project-100", data.engine().now(100) + day);
    data.block({repeated});
    CHECK(data.engine().last_result().envelopes[0].skip == Skip::id_used);
    REQUIRE(data.engine().give(*joined, 111).ok());
    CHECK(data.engine().last_result().envelopes[0].skip == Skip::id_used);
    data.grow(2);
    REQUIRE(data.engine().give(*joined, 112).ok());
    REQUIRE(data.engine().give(*joined, 113).ok());
    REQUIRE(data.engine().add_all(*joined).ok());
    CHECK(joined->headers_until() == 113);
    CHECK(joined->app_state().SerializeAsString() == data.store().app_state().SerializeAsString());

    joined.reset();
    CHECK(verified(data.scratch() / "joined") == "sound");
    joined = opened(data);
    CHECK(joined->height() == 113);

    // It can give snapshots itself.
    const auto again = snapshot_given(data, *joined);
    const auto same = snapshot_given(data, data.store());
    CHECK(again.chunks == same.chunks);
    REQUIRE(restored(data, again, "third").ok());
    CHECK(opened(data, "third")->app_state().SerializeAsString() ==
          data.store().app_state().SerializeAsString());
    CHECK(verified(data.scratch() / "third") == "sound");
}

TEST_CASE("a node that joined late says what it does not keep", "[store][join]") {
    NetworkFixture data;
    age(data);
    REQUIRE(restored(data, snapshot_given(data, data.store())).ok());
    auto joined = opened(data);
    data.grow(2);
    for (const std::uint64_t height : {111U, 112U})
        REQUIRE(data.engine().give(*joined, height).ok());
    const auto snapshot = NetworkFixture::snapshot_of(*joined);
    CHECK(snapshot->base_height() == 110);
    CHECK(snapshot->first_entry() == 128);
    CHECK(snapshot->first_entry_with_block() == 220);
    CHECK(snapshot->log_size() == 224);

    const auto not_kept = [](const auto& result) {
        REQUIRE_FALSE(result.ok());
        CHECK(result.error().fault == StoreFault::not_found);
        CHECK(says(result.error().what, "is not kept on this node"));
    };
    for (const std::uint64_t height : {1U, 109U, 110U}) {
        not_kept(snapshot->block(height));
        not_kept(snapshot->header(height));
        not_kept(snapshot->commit(height));
        not_kept(snapshot->validators(height));
    }
    not_kept(snapshot->app_state(109));
    CHECK(snapshot->app_state(110).ok());
    CHECK(snapshot->block(111)->entries_size() == 2);
    CHECK(snapshot->validators(111).ok());
    not_kept(snapshot->entry(127));
    not_kept(snapshot->prove_entry(127, 224));
    not_kept(snapshot->prove_consistency(100, 224));
    not_kept(snapshot->log_edge_of(100));
    not_kept(snapshot->envelope_of_entry(200));
    CHECK(snapshot->envelope_of_entry(221)->has_value());
    CHECK(snapshot->prove_consistency(0, 224)->empty());

    // What it keeps it proves as the others do.
    const auto whole = data.snapshot();
    for (const std::uint64_t index : {128U, 129U, 191U, 200U, 219U, 220U, 223U}) {
        CHECK(*snapshot->entry(index) == *whole->entry(index));
        CHECK(canonical_bytes(*snapshot->prove_entry(index, 224)) ==
              canonical_bytes(*whole->prove_entry(index, 224)));
    }
    for (const std::uint64_t size : {128U, 129U, 190U, 220U, 224U})
        CHECK(*snapshot->prove_consistency(size, 224) == *whole->prove_consistency(size, 224));
    const auto kept =
        registration(data.store().ledger_id(), "project-90", data.engine().now(90) + day);
    CHECK(*snapshot->find_entry(kept->id) == 178);
    CHECK(*snapshot->find_entry(kept->id, kept->body.valid_until()) == 178);
    CHECK_FALSE(
        snapshot->find_entry(registration(data.store().ledger_id(), "project-3")->id)->has_value());
    CHECK(snapshot->entries_of_account(suffolk, 224, 1000)->size() == 4);
}

TEST_CASE("a late joiner's state is rebuilt from what it began with, which stays",
          "[store][join]") {
    NetworkFixture data;
    data.grow(5);
    REQUIRE(restored(data, snapshot_given(data, data.store())).ok());
    const auto folder = data.scratch() / "joined";
    StoreOptions options;
    options.copy_blocks = 1;
    auto joined = opened(data, "joined", options);
    for (std::uint64_t height = 6; height < 11; ++height) {
        data.grow(1);
        REQUIRE(data.engine().give(*joined, height).ok());
        REQUIRE(joined->copy_state().ok());
    }
    const auto copies = [&] {
        std::vector<std::string> names;
        for (const auto& file : std::filesystem::directory_iterator(folder / "copies"))
            names.push_back(file.path().filename().string());
        std::ranges::sort(names);
        return names;
    };
    REQUIRE(copies().size() == 3);
    const auto first = copies().front();
    CHECK(first == "00000000000000000005.mdb");
    SECTION("from that alone") {
        joined.reset();
        std::filesystem::remove_all(folder / "state");
        for (const auto& name : copies())
            if (name != first) std::filesystem::remove(folder / "copies" / name);
        joined = opened(data);
        CHECK(joined->app_state().SerializeAsString() ==
              data.store().app_state().SerializeAsString());
    }
    SECTION("without it, when nothing newer is sound, the node must join again") {
        joined.reset();
        std::filesystem::remove_all(folder / "state");
        std::filesystem::remove_all(folder / "copies");
        const auto refused = Store::open(folder, {});
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().fault == StoreFault::damaged);
        CHECK(says(refused.error().what, "join again"));
        CHECK(verified(folder) != "sound");
    }
    SECTION("a backup has it") {
        REQUIRE(joined->backup_to(data.scratch() / "backup").ok());
        CHECK(verified(data.scratch() / "backup") == "sound");
        CHECK(Store::open(data.scratch() / "backup", {}).ok());
    }
}

TEST_CASE("a snapshot is not taken before the first block or while validators change",
          "[store][join]") {
    NetworkFixture data;
    const auto target = data.scratch() / "snapshot";
    CHECK(says(unfit_words(write_snapshot(*data.snapshot(), data.genesis(), target)),
               "before the first block"));
    data.grow(2);
    data.block({}, [](Changes& changes) {
        auto node = std::make_shared<pb::AuthorityNode>();
        node->set_public_key(key_of("node-kent").public_key().str());
        changes[authority_node_key("kent").bytes] = std::move(node);
    });
    for (int i = 0; i < 2; ++i) {
        CHECK(says(unfit_words(write_snapshot(*data.snapshot(), data.genesis(), target)),
                   "change of the validators is under way"));
        CHECK_FALSE(std::filesystem::exists(target));
        data.block();
    }
    REQUIRE(write_snapshot(*data.snapshot(), data.genesis(), target).ok());
    const auto again = write_snapshot(*data.snapshot(), data.genesis(), target);
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().fault == StoreFault::exists);
}

TEST_CASE("snapshots that are cut, altered, foreign or from the future are refused",
          "[store][join]") {
    NetworkFixture data;
    data.grow(5);
    const auto good = snapshot_given(data, data.store());
    auto given = good;
    SECTION("a chunk with one bit flipped: another node may have it whole") {
        auto restore = begun(data, good);
        REQUIRE(restore->add_chunk(good.chunks[0]).ok());
        auto flipped = good.chunks[1];
        flipped[100] = static_cast<char>(flipped[100] ^ 4);
        CHECK(says(unfit_words(restore->add_chunk(flipped)), "another chunk 1"));
        CHECK_FALSE(restore->is_hopeless());
        CHECK(restore->next_chunk() == 1);
        for (std::size_t i = 1; i < good.chunks.size(); ++i)
            REQUIRE(restore->add_chunk(good.chunks[i]).ok());
        CHECK(says(unfit_words(restore->add_chunk(good.chunks[0])), "no more chunks"));
        REQUIRE(restore->finish().ok());
        CHECK(opened(data)->height() == 5);
    }
    SECTION("cut: not all chunks") {
        auto restore = begun(data, good);
        REQUIRE(restore->add_chunk(good.chunks[0]).ok());
        CHECK(says(unfit_words(restore->finish()), "is not all here"));
    }
    SECTION("cut: a manifest without the last chunk") {
        given.chunks.pop_back();
        given.manifest.mutable_chunks()->RemoveLast();
        CHECK(says(unfit_words(restored(data, given)), "does not end with its last chunk"));
    }
    SECTION("of another ledger") {
        auto options = options_for(data, good);
        options.genesis = network_genesis(pb::ENGINE_COMETBFT, {"essex", "kent", "norfolk"});
        auto restore = SnapshotRestore::begin(options);
        REQUIRE(restore.ok());
        CHECK(says(unfit_words((*restore)->add_chunk(good.chunks[0])), "of another ledger"));
        CHECK((*restore)->is_hopeless());
    }
    SECTION("from the future, or of a fork: not the app hash that was verified") {
        auto options = options_for(data, good);
        options.trusted_app_hash = sha256("what the headers say");
        CHECK(says(unfit_words(SnapshotRestore::begin(options)), "verified header names"));
    }
    SECTION("a manifest that is not whole") {
        auto options = options_for(data, good);
        options.manifest.pop_back();
        CHECK(says(unfit_words(SnapshotRestore::begin(options)), "no whole manifest"));
    }
    SECTION("of a newer format") {
        given.manifest.set_format(2);
        const auto refused = SnapshotRestore::begin(options_for(data, given));
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().fault == StoreFault::newer_version);
    }
    SECTION("of no format") {
        given.manifest.set_format(0);
        CHECK(says(unfit_words(SnapshotRestore::begin(options_for(data, given))), "format"));
    }
    SECTION("of no block") {
        given.manifest.set_height(0);
        CHECK(says(unfit_words(SnapshotRestore::begin(options_for(data, given))), "no block"));
    }
    SECTION("without chunks") {
        given.manifest.clear_chunks();
        CHECK(says(unfit_words(SnapshotRestore::begin(options_for(data, given))), "no chunks"));
    }
    SECTION("with a chunk's hash that is none") {
        given.manifest.add_chunks("short");
        CHECK(says(unfit_words(SnapshotRestore::begin(options_for(data, given))), "no hash"));
    }
    SECTION("where there are blocks already") {
        auto options = options_for(data, good);
        options.folder = data.path();
        CHECK(says(unfit_words(SnapshotRestore::begin(options)), "holds blocks already"));
    }
    SECTION("nothing of a refused one is left") {
        given.chunks.pop_back();
        given.manifest.mutable_chunks()->RemoveLast();
        unfit_words(restored(data, given));
        CHECK_FALSE(std::filesystem::exists(data.scratch() / "joined"));
        CHECK_FALSE(std::filesystem::exists(data.scratch() / "joined.joining"));
    }
}

TEST_CASE("a snapshot that lies in what its chunks hold is refused, whoever gives it",
          "[store][join]") {
    NetworkFixture data;
    age(data);
    const auto good = snapshot_given(data, data.store());
    auto given = good;
    auto records = good.records();
    const auto first_leaf = records.begin() + 1;
    const auto first_entry = std::ranges::find_if(records, [](const auto& record) {
        return record.record_case() == pb::SnapshotRecord::kEntry;
    });
    auto& start = *records.front().mutable_start();
    auto& end = *records.back().mutable_end();
    std::string words;
    SECTION("another value of a leaf") {
        for (auto& record : records)
            if (record.leaf().key() == authority_node_key("kent").bytes)
                record.mutable_leaf()->mutable_value()->back() ^= 2;
        words = "do not give the state root";
    }
    SECTION("a leaf left out") {
        records.erase(first_leaf + 5);
        end.set_leaves(end.leaves() - 1);
        words = "do not give the state root";
    }
    SECTION("leaves out of order") {
        std::iter_swap(first_leaf + 3, first_leaf + 4);
        words = "leaves that do not ascend";
    }
    SECTION("a leaf that is none") {
        first_leaf->mutable_leaf()->set_key("\x01x");
        words = "leaves that do not ascend, or are no leaves";
    }
    SECTION("another entry") {
        pb::LogEntry entry;
        REQUIRE(entry.ParseFromString(first_entry->entry()));
        entry.set_valid_until(entry.valid_until() + 1);
        first_entry->set_entry(canonical_bytes(entry));
        words = "do not give the log root";
    }
    SECTION("an entry that is none") {
        first_entry->set_entry("entry");
        words = "an entry that is none";
    }
    SECTION("an entry left out") {
        records.erase(first_entry + 7);
        end.set_entries(end.entries() - 1);
        words = "do not give the log root";
    }
    SECTION("entries that could still be repeated left out") {
        // What is left is true: only the ids are missing.
        const auto from = start.first_entry();
        start.set_first_entry(192);
        start.clear_edge();
        const auto edge = data.snapshot()->log_edge_of(192);
        for (const auto& hash : *edge) start.add_edge(hash.str());
        const auto left_out = static_cast<std::ptrdiff_t>(192 - from);
        records.erase(first_entry, first_entry + left_out);
        records.back().mutable_end()->set_entries(220 - 192);
        words = "entries that could still be repeated";
    }
    SECTION("a log that begins between stored nodes") {
        start.set_first_entry(start.first_entry() + 1);
        words = "where its log begins";
    }
    SECTION("another edge") {
        start.mutable_edge(0)->front() ^= 1;
        words = "do not give the log root";
    }
    SECTION("an edge too long") {
        start.add_edge(sha256("more").str());
        words = "where its log begins";
    }
    SECTION("validators that are not the state's") {
        for (auto* set : {start.mutable_validators(), start.mutable_next_validators(),
                          start.mutable_after_next_validators()})
            set->mutable_validators()->RemoveLast();
        words = "validators that are not those of its state";
    }
    SECTION("one set of them") {
        start.mutable_next_validators()->mutable_validators(0)->set_power(9);
        words = "validators that are not those of its state";
    }
    SECTION("another segment") {
        start.mutable_segments(0)->set_chain_id("east-anglia-7");
        words = "a segment that is not that of its state";
    }
    SECTION("another engine") {
        start.mutable_segments(0)->set_engine(pb::ENGINE_SOLO);
        words = "a segment that is not that of its state";
    }
    SECTION("another height than its manifest") {
        start.set_height(start.height() + 1);
        words = "not the one that its manifest describes";
    }
    SECTION("false counts at its end") {
        end.set_leaves(end.leaves() + 1);
        words = "what its end counts";
    }
    SECTION("no end") {
        records.pop_back();
        words = "does not end with its last chunk";
    }
    SECTION("something after its end") {
        records.push_back(*first_leaf);
        words = "goes on after its end";
    }
    SECTION("two starts") {
        records.insert(first_leaf, records.front());
        words = "does not begin with its start";
    }
    SECTION("no start") {
        records.erase(records.begin());
        words = "does not begin with its start";
    }
    SECTION("a leaf among the entries") {
        auto leaf = *first_leaf;
        leaf.mutable_leaf()->set_key("\xff");
        records.insert(first_entry + 1, leaf);
        words = "a leaf among its entries";
    }
    SECTION("an empty record") {
        records.insert(first_leaf, pb::SnapshotRecord{});
        words = "does not begin with its start";
        std::iter_swap(records.begin(), records.begin());
        words = "an empty record";
    }
    given.set_records(records);
    const auto refused = restored(data, given);
    CHECK(says(unfit_words(refused), words));
    CHECK_FALSE(std::filesystem::exists(data.scratch() / "joined.joining"));
}

TEST_CASE("records of a snapshot that are no records are refused", "[store][join]") {
    NetworkFixture data;
    data.grow(2);
    auto given = snapshot_given(data, data.store());
    SECTION("too long") {
        given.set_bytes("\xff\xff\xff\x7f and so on");
        CHECK(says(unfit_words(restored(data, given)), "too long"));
    }
    SECTION("malformed") {
        given.set_bytes(std::string{"\x03\x0a\x7f\x00", 4});
        CHECK(says(unfit_words(restored(data, given)), "a malformed record"));
    }
    SECTION("a chunk larger than chunks are") {
        given.set_bytes(std::string(snapshot_chunk_bytes_max + 1, 'x'));
        auto restore = begun(data, given);
        unfit_words(restore->add_chunk(given.chunks[0]));
    }
}

TEST_CASE("a time that a snapshot claims is not believed", "[store][join]") {
    NetworkFixture data;
    data.grow(3);
    auto given = snapshot_given(data, data.store());
    auto records = given.records();
    records.front().mutable_start()->mutable_block_time()->set_seconds(opened_at + 999 * day);
    records.front().mutable_start()->set_block_hash("no hash");
    given.set_records(records);
    REQUIRE(restored(data, given).ok());
    auto joined = opened(data);
    CHECK(joined->block_time().seconds() <= data.store().block_time().seconds());
    data.grow(1);
    REQUIRE(data.engine().give(*joined, 4).ok());
    REQUIRE(data.engine().add_all(*joined).ok());
}

TEST_CASE("a death at any step of a restore leaves the old folder or the whole new one",
          "[store][join]") {
    NetworkFixture data;
    data.grow(5);
    const auto given = snapshot_given(data, data.store());
    const auto folder = data.scratch() / "joined";
    const auto beside = data.scratch() / "joined.joining";
    REQUIRE(Store::create(folder, data.genesis(), store_chain_id).ok());

    // Every unfinished stage, as a killed process leaves it.
    for (std::size_t stage = 0; stage <= given.chunks.size(); ++stage) {
        {
            auto restore = begun(data, given);
            for (std::size_t i = 0; i < stage; ++i)
                REQUIRE(restore->add_chunk(given.chunks[i]).ok());
            std::filesystem::copy(beside, data.scratch() / "left",
                                  std::filesystem::copy_options::recursive);
        }
        CHECK_FALSE(std::filesystem::exists(beside));
        std::filesystem::rename(data.scratch() / "left", beside);
        CHECK(opened(data)->height() == 0);
        CHECK_FALSE(std::filesystem::exists(beside));
    }
    REQUIRE(restored(data, given).ok());
    SECTION("finished, and the old folder is still there") {
        CHECK(std::filesystem::exists(folder));
    }
    SECTION("the old folder is half gone") {
        std::filesystem::remove(folder / "chain" / "data.mdb");
    }
    SECTION("the old folder is gone") {
        std::filesystem::remove_all(folder);
    }
    SECTION("the old folder is gone, and a new genesis was put there") {
        std::filesystem::remove_all(folder);
        REQUIRE(Store::create(folder, data.genesis(), store_chain_id).ok());
    }
    SECTION("it is renamed, and still says that it was finished") {
        std::filesystem::remove_all(folder);
        std::filesystem::rename(beside, folder);
    }
    CHECK(opened(data)->height() == 5);
    CHECK_FALSE(std::filesystem::exists(beside));
    CHECK_FALSE(std::filesystem::exists(folder / "restored"));
    CHECK(opened(data)->height() == 5);
    CHECK(verified(folder) == "sound");
}

TEST_CASE("a flipped bit in what a late joiner began with is found", "[store][join][verify]") {
    NetworkFixture data;
    age(data);
    REQUIRE(restored(data, snapshot_given(data, data.store())).ok());
    auto joined = opened(data);
    data.grow(1);
    REQUIRE(data.engine().give(*joined, 111).ok());
    const auto folder = data.scratch() / "joined";
    const auto entry = *NetworkFixture::snapshot_of(*joined)->entry(150);
    const auto edge = NetworkFixture::snapshot_of(*joined)->log_edge_of(128)->front().str();
    const auto value = **data.snapshot()->value(account_key("suffolk/project-9").bytes);
    joined.reset();
    auto file = folder / "chain" / "data.mdb";
    std::string content;
    SECTION("an entry without its block") {
        content = entry;
    }
    SECTION("the log's edge") {
        content = edge;
    }
    SECTION("the state that it began with") {
        file = folder / "copies" / "00000000000000000110.mdb";
        content = value;
    }
    auto bytes = whole_file(file);
    bool any = false;
    for (auto at = bytes.find(content); at != std::string::npos; at = bytes.find(content, at + 1)) {
        auto& byte = bytes[at + content.size() / 2];
        byte = static_cast<char>(byte ^ 0x10);
        any = true;
    }
    REQUIRE(any);
    std::ofstream{file, std::ios::binary} << bytes;
    CHECK(verified(folder) != "sound");
}

}  // namespace tallystick::ledger::test
