#include "ledger/store/snapshot_reader.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/store/chain_head.hpp"
#include "ledger/store/files.hpp"
#include "ledger/store/record.hpp"
#include "ledger/store/restore_parts.hpp"
#include "ledger/store/store_parts.hpp"
#include "ledger/validators.hpp"
#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"
#include "protocol/header.hpp"
#include "protocol/merkle.hpp"
#include "protocol/state_proof.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::ledger {

namespace {

[[noreturn]] void fail_unfit(const std::string& what) {
    throw LmdbFailure{{StoreFault::unfit, "the snapshot " + what}};
}

std::optional<Hash> app_hash_in(const pb::AppState& state) {
    const auto state_root = Hash::from(state.state_root());
    const auto log_root = Hash::from(state.log_root());
    if (!state_root || !log_root) return std::nullopt;
    return app_hash(*state_root, *log_root, state.log_size());
}

pb::SnapshotManifest checked_manifest(const SnapshotRestore::Options& options) {
    pb::SnapshotManifest manifest;
    if (!decode_canonical(options.manifest, manifest)) fail_unfit("has no whole manifest");
    if (manifest.format() > snapshot_format_version)
        throw LmdbFailure{{StoreFault::newer_version, "the snapshot has format " +
                                                          std::to_string(manifest.format()) +
                                                          ", this program knows up to " +
                                                          std::to_string(snapshot_format_version) +
                                                          ": use the newer program"}};
    if (manifest.format() != snapshot_format_version) fail_unfit("has no known format");
    if (manifest.height() == 0) fail_unfit("is of no block");
    if (app_hash_in(manifest.app_state()) != options.trusted_app_hash)
        fail_unfit("after block " + std::to_string(manifest.height()) +
                   " is not of the app hash that the verified header names");
    if (manifest.chunks_size() == 0 || manifest.chunks_size() > snapshot_chunks_max)
        fail_unfit("has no chunks, or too many");
    for (const auto& hash : manifest.chunks())
        if (!Hash::from(hash)) fail_unfit("names a chunk by something that is no hash");
    return manifest;
}

}  // namespace

/// The records of a snapshot in their order, each checked as it comes, and at last all together.
class SnapshotRestore::Work {
  public:
    Work(Options options, pb::SnapshotManifest manifest)
        : options_(std::move(options)),
          manifest_(std::move(manifest)),
          folder_(folder_beside(options_.folder)) {
        if (!decode_canonical(options_.genesis.genesis(), genesis_))
            fail_damaged("genesis", "it is not canonical");
        ledger_id_ = LedgerId{sha256(options_.genesis.genesis()).bytes};
    }

    void open() {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_ / "chain");
        std::filesystem::create_directories(folder_ / "copies");
        lock_.emplace(folder_);
        StateStore::begin_anew(folder_);
        leaves_ = std::make_unique<RestoredLeaves>(folder_, options_.state_map_bytes, ledger_id_);
        chain_ = std::make_unique<ChainStore>(folder_ / "chain", 1ULL << 40, false);
    }
    ~Work() {
        if (finished_) return;
        close();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    void add_chunk(std::string_view chunk) {
        if (hopeless_) fail_unfit("was found to be false before");
        if (next_ == chunks()) fail_unfit("has no more chunks");
        if (chunk.size() > snapshot_chunk_bytes_max ||
            sha256(chunk).text() != manifest_.chunks(static_cast<int>(next_)))
            fail_unfit("names another chunk " + std::to_string(next_) + " in its manifest");
        // From here on whatever is wrong is wrong in the snapshot that the manifest stands for.
        hopeless_ = true;
        buffer_ += chunk;
        take_records();
        ++next_;
        hopeless_ = false;
    }

    void finish() {
        if (hopeless_) fail_unfit("was found to be false before");
        if (next_ != chunks()) fail_unfit("is not all here");
        hopeless_ = true;
        if (!ended_ || !buffer_.empty()) fail_unfit("does not end with its last chunk");
        flush_entries();
        check_whole();
        make_durable();
        close();
        write_file_durably(folder_ / restored_name, number_bytes(manifest_.height()));
        finished_ = true;
    }

    [[nodiscard]] std::size_t chunks() const noexcept {
        return static_cast<std::size_t>(manifest_.chunks_size());
    }
    [[nodiscard]] std::size_t next_chunk() const noexcept { return next_; }
    [[nodiscard]] std::uint64_t height() const noexcept { return manifest_.height(); }
    [[nodiscard]] bool is_hopeless() const noexcept { return hopeless_; }

  private:
    void take_records() {
        std::string_view left{buffer_};
        while (const auto record = next_record(left)) {
            pb::SnapshotRecord decoded;
            if (!decode_canonical(*record, decoded)) fail_unfit("holds a malformed record");
            take(decoded);
        }
        buffer_.erase(0, buffer_.size() - left.size());
    }

    void take(const pb::SnapshotRecord& record) {
        if (ended_) fail_unfit("goes on after its end");
        if (started_ != (record.record_case() != pb::SnapshotRecord::kStart))
            fail_unfit("does not begin with its start");
        switch (record.record_case()) {
            case pb::SnapshotRecord::kStart: return take_start(record.start());
            case pb::SnapshotRecord::kLeaf: return take_leaf(record.leaf());
            case pb::SnapshotRecord::kEntry: return take_entry(record.entry());
            case pb::SnapshotRecord::kEnd: return take_end(record.end());
            case pb::SnapshotRecord::RECORD_NOT_SET: fail_unfit("holds an empty record");
        }
        fail_unfit("holds an unknown record");
    }

    void take_start(const pb::SnapshotStart& start) {
        if (start.genesis().genesis() != options_.genesis.genesis())
            fail_unfit("is of another ledger");
        if (start.height() != manifest_.height() ||
            canonical_bytes(start.app_state()) != canonical_bytes(manifest_.app_state()))
            fail_unfit("is not the one that its manifest describes");
        const auto log_size = start.app_state().log_size();
        const auto ids = start.first_entry() <= log_size ? log_edge(start.first_entry())
                                                         : std::vector<LogNodeId>{};
        if (start.first_entry() > log_size || start.first_entry() % snapshot_entries_aligned != 0 ||
            static_cast<std::size_t>(start.edge_size()) != ids.size())
            fail_unfit("does not say where its log begins");
        std::vector<Hash> edge;
        std::vector<LogNode> nodes;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto hash = Hash::from(start.edge(static_cast<int>(i)));
            if (!hash) fail_unfit("does not say where its log begins");
            edge.push_back(*hash);
            nodes.push_back({ids[i], *hash});
        }
        log_ = LogTree{start.first_entry(), std::move(edge)};
        chain_->import({start.first_entry(), {}, nodes});
        start_ = start;
        started_ = true;
    }

    void take_leaf(const pb::StateLeaf& leaf) {
        if (entries_ > 0) fail_unfit("has a leaf among its entries");
        if (!leaves_->add(leaf)) fail_unfit("has leaves that do not ascend, or are no leaves");
    }

    void take_entry(const std::string& bytes) {
        const auto entry = decode_canonical_as<pb::LogEntry>(bytes);
        const auto id = entry ? EnvelopeId::from(entry->id()) : std::nullopt;
        if (!id) fail_unfit("holds an entry that is none");
        if (entries_ == 0) oldest_ = entry->time();
        newest_ = entry->time();
        EncodedEntry encoded;
        encoded.leaf = merkle::leaf_hash(bytes);
        encoded.bytes = bytes;
        encoded.id = *id;
        encoded.valid_until = entry->valid_until();
        encoded.terms = {term_of_id(*id)};
        batch_.push_back(std::move(encoded));
        ++entries_;
        if (batch_.size() >= batch_entries) flush_entries();
    }

    void flush_entries() {
        if (batch_.empty()) return;
        std::vector<Hash> hashes;
        hashes.reserve(batch_.size());
        for (const auto& entry : batch_) hashes.push_back(entry.leaf);
        const auto first = log_.size();
        const auto nodes = log_.append(hashes);
        chain_->import({first, batch_, nodes});
        batch_.clear();
    }

    void take_end(const pb::SnapshotEnd& end) {
        if (end.leaves() != leaves_->count() || end.entries() != entries_)
            fail_unfit("does not hold what its end counts");
        ended_ = true;
    }

    void check_whole() {
        const auto& expected = manifest_.app_state();
        leaves_->finish(manifest_.height());
        if (leaves_->root().text() != expected.state_root())
            fail_unfit("holds leaves that do not give the state root");
        if (log_.size() != expected.log_size() || log_.root().text() != expected.log_root())
            fail_unfit("holds entries that do not give the log root");
        // Else an id could be missing that can still be used, and be used again here alone.
        if (start_.first_entry() > 0 &&
            (entries_ == 0 || oldest_ + validity_seconds_max >= newest_))
            fail_unfit("leaves out entries that could still be repeated");
        const auto state = leaves_->view(manifest_.height());
        const auto validators = validators_of(*state);
        for (const auto* set :
             {&start_.validators(), &start_.next_validators(), &start_.after_next_validators()})
            if (canonical_bytes(*set) != canonical_bytes(validators))
                fail_unfit("names validators that are not those of its state");
        segment_ = segment_at(manifest_.height(), *state, genesis_);
        if (start_.segments_size() == 0 ||
            canonical_bytes(start_.segments(start_.segments_size() - 1)) !=
                canonical_bytes(segment_))
            fail_unfit("names a segment that is not that of its state");
        validators_ = validators;
        if (state->damage()) throw LmdbFailure{*state->damage()};
    }

    void make_durable() {
        ChainBase base;
        base.height = manifest_.height();
        base.first_entry = start_.first_entry();
        *base.record.mutable_app_state() = manifest_.app_state();
        // Not the time that the snapshot says, which nothing vouches for: the newest entry's is
        // never later than the block's.
        const auto seconds = entries_ > 0 ? newest_ : genesis_.time();
        *base.record.mutable_time() = make_timestamp(static_cast<std::int64_t>(seconds), 0);
        base.segment = segment_;
        base.validators = validators_;
        chain_->create(ledger_id_, canonical_bytes(options_.genesis), base);
        leaves_->make_durable(folder_ / "copies" / copy_name(manifest_.height()));
        for (const auto* part : {"chain", "copies", "state"}) sync_folder(folder_ / part);
        sync_folder(folder_);
    }

    void close() {
        leaves_.reset();
        chain_.reset();
        lock_.reset();
    }

    static constexpr std::size_t batch_entries = 8192;

    Options options_;
    pb::SnapshotManifest manifest_;
    std::filesystem::path folder_;
    pb::Genesis genesis_;
    LedgerId ledger_id_;
    std::optional<FolderLock> lock_;
    std::unique_ptr<RestoredLeaves> leaves_;
    std::unique_ptr<ChainStore> chain_;

    std::size_t next_ = 0;
    std::string buffer_;
    bool started_ = false;
    bool ended_ = false;
    bool hopeless_ = false;
    bool finished_ = false;
    pb::SnapshotStart start_;
    LogTree log_;
    std::vector<EncodedEntry> batch_;
    std::uint64_t entries_ = 0;
    std::uint64_t oldest_ = 0;
    std::uint64_t newest_ = 0;
    pb::Segment segment_;
    pb::ValidatorSet validators_;
};

StoreResult<std::unique_ptr<SnapshotRestore>> SnapshotRestore::begin(Options options) {
    return guarded([&] {
        auto manifest = checked_manifest(options);
        if (ChainHead{options.folder / "chain"}.height().value_or(0) > 0)
            fail_unfit("is not needed: " + options.folder.string() + " holds blocks already");
        auto work = std::make_unique<Work>(std::move(options), std::move(manifest));
        work->open();
        return std::unique_ptr<SnapshotRestore>{new SnapshotRestore{std::move(work)}};
    });
}

SnapshotRestore::SnapshotRestore(std::unique_ptr<Work> work) : work_(std::move(work)) {}
SnapshotRestore::~SnapshotRestore() = default;

std::size_t SnapshotRestore::chunks() const noexcept {
    return work_->chunks();
}
std::size_t SnapshotRestore::next_chunk() const noexcept {
    return work_->next_chunk();
}
std::uint64_t SnapshotRestore::height() const noexcept {
    return work_->height();
}
bool SnapshotRestore::is_hopeless() const noexcept {
    return work_->is_hopeless();
}
StoreResult<void> SnapshotRestore::add_chunk(std::string_view chunk) {
    return guarded([&] { work_->add_chunk(chunk); });
}
StoreResult<void> SnapshotRestore::finish() {
    return guarded([&] { work_->finish(); });
}

}  // namespace tallystick::ledger
