#include "ledger/store/snapshot_writer.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/store/chain_store.hpp"
#include "ledger/store/files.hpp"
#include "ledger/store/record.hpp"
#include "ledger/validators.hpp"
#include "protocol/canonical.hpp"
#include "protocol/ensure.hpp"
#include "protocol/envelope.hpp"
#include "protocol/wire.hpp"

namespace tallystick::ledger {

namespace {

/// What a snapshot's functions give, or throws its error.
template <class T>
T given(StoreResult<T> result) {
    if (!result) throw LmdbFailure{result.error()};
    return std::move(result).value();
}

/// Cuts records into chunks, each written when it is full.
class ChunkWriter {
  public:
    ChunkWriter(std::filesystem::path folder, pb::SnapshotManifest& manifest,
                std::size_t chunk_bytes)
        : folder_(std::move(folder)), manifest_(manifest), chunk_bytes_(chunk_bytes) {}

    void add(const pb::SnapshotRecord& record) {
        const auto bytes = canonical_bytes(record);
        wire::put_varint(buffer_, bytes.size());
        buffer_ += bytes;
        while (buffer_.size() >= chunk_bytes_) write(chunk_bytes_);
    }
    void finish() {
        if (!buffer_.empty()) write(buffer_.size());
    }

  private:
    void write(std::size_t bytes) {
        const auto chunk = std::string_view{buffer_}.substr(0, bytes);
        const auto number = static_cast<std::size_t>(manifest_.chunks_size());
        write_file_durably(chunk_file(folder_, number), chunk);
        manifest_.add_chunks(sha256(chunk).str());
        buffer_.erase(0, bytes);
    }

    std::filesystem::path folder_;
    pb::SnapshotManifest& manifest_;
    std::size_t chunk_bytes_;
    std::string buffer_;
};

std::uint64_t time_of_entry(const StoreSnapshot& snapshot, std::uint64_t index) {
    const auto entry = decode_canonical_as<pb::LogEntry>(given(snapshot.entry(index)));
    if (!entry) fail_damaged("chain/entries " + std::to_string(index), "not an entry");
    return entry->time();
}

/// The entry to begin with: before it lies nothing that could still be taken.
std::uint64_t first_entry_for(const StoreSnapshot& snapshot, std::uint64_t log_size) {
    auto low = snapshot.first_entry();
    if (low == log_size) return low;
    const auto newest = time_of_entry(snapshot, log_size - 1);
    const auto begin = low;
    auto high = log_size;
    while (low < high) {  // the first that is not older than 30 days; times never fall
        const auto middle = low + (high - low) / 2;
        if (time_of_entry(snapshot, middle) + validity_seconds_max < newest)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == begin) return begin;
    return std::max(begin, (low - 1) / snapshot_entries_aligned * snapshot_entries_aligned);
}

/// A node that joins knows who validates from the state alone; so nothing else may be under way.
void check_settled(const StoreSnapshot& snapshot, std::uint64_t height) {
    const auto expected = canonical_bytes(validators_of(snapshot.state()));
    for (const auto at : {height, height + 1, height + 2})
        if (canonical_bytes(given(snapshot.validators(at))) != expected)
            throw LmdbFailure{{StoreFault::unfit,
                               "no snapshot can be taken after block " + std::to_string(height) +
                                   ": a change of the validators is under way; take it a few "
                                   "blocks later"}};
}

pb::SnapshotStart start_of(const StoreSnapshot& snapshot, const pb::GenesisFile& genesis_file) {
    const auto height = snapshot.state_height();
    pb::Genesis genesis;
    if (!decode_canonical(genesis_file.genesis(), genesis))
        fail_damaged("chain/meta genesis", "it is not canonical");
    const auto block = given(snapshot.block(height));
    pb::SnapshotStart start;
    *start.mutable_genesis() = genesis_file;
    *start.add_segments() = segment_at(height, snapshot.state(), genesis);
    start.set_height(height);
    start.set_block_hash(hash_of(block));
    *start.mutable_block_time() = time_of(block);
    *start.mutable_app_state() = block.app_state();
    start.set_first_entry(first_entry_for(snapshot, block.app_state().log_size()));
    for (const auto& hash : given(snapshot.log_edge_of(start.first_entry())))
        start.add_edge(hash.str());
    *start.mutable_validators() = given(snapshot.validators(height));
    *start.mutable_next_validators() = given(snapshot.validators(height + 1));
    *start.mutable_after_next_validators() = given(snapshot.validators(height + 2));
    return start;
}

pb::SnapshotManifest write_into(const StoreSnapshot& snapshot, const pb::GenesisFile& genesis,
                                const std::filesystem::path& folder, std::size_t chunk_bytes) {
    pb::SnapshotRecord record;
    *record.mutable_start() = start_of(snapshot, genesis);
    pb::SnapshotManifest manifest;
    manifest.set_format(snapshot_format_version);
    manifest.set_height(snapshot.state_height());
    *manifest.mutable_app_state() = record.start().app_state();
    const auto first = record.start().first_entry();
    const auto log_size = manifest.app_state().log_size();

    ChunkWriter chunks{folder, manifest, chunk_bytes};
    chunks.add(record);
    std::uint64_t leaves = 0;
    const auto read = snapshot.for_each_leaf("", "", [&](auto key, auto value) {
        record.mutable_leaf()->set_key(std::string{key});
        record.mutable_leaf()->set_value(std::string{value});
        chunks.add(record);
        ++leaves;
        return true;
    });
    if (!read) throw LmdbFailure{read.error()};
    for (auto index = first; index < log_size; ++index) {
        record.set_entry(given(snapshot.entry(index)));
        chunks.add(record);
    }
    record.mutable_end()->set_leaves(leaves);
    record.mutable_end()->set_entries(log_size - first);
    chunks.add(record);
    chunks.finish();
    write_file_durably(manifest_file(folder), canonical_bytes(manifest));
    return manifest;
}

}  // namespace

StoreResult<pb::SnapshotManifest> write_snapshot(const StoreSnapshot& snapshot,
                                                 const pb::GenesisFile& genesis,
                                                 const std::filesystem::path& target,
                                                 std::size_t chunk_bytes) {
    ensure(chunk_bytes >= 1 && chunk_bytes <= snapshot_chunk_bytes_max, "chunks have a bound");
    return guarded([&] {
        const auto height = snapshot.state_height();
        if (std::filesystem::exists(target))
            throw LmdbFailure{{StoreFault::exists, target.string() + " exists already"}};
        if (height <= snapshot.base_height())
            throw LmdbFailure{
                {StoreFault::unfit, "no snapshot can be taken before the first block"}};
        check_settled(snapshot, height);
        auto making = target;
        making += ".new";
        std::filesystem::remove_all(making);
        std::filesystem::create_directories(making);
        auto manifest = write_into(snapshot, genesis, making, chunk_bytes);
        if (snapshot.damage()) throw LmdbFailure{*snapshot.damage()};
        sync_folder(making);
        std::filesystem::rename(making, target);
        sync_folder(std::filesystem::absolute(target).parent_path());
        return manifest;
    });
}

}  // namespace tallystick::ledger
