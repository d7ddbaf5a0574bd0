#include "ledger/store/chain_store.hpp"

#include <utility>

#include "ledger/store/record.hpp"
#include "protocol/canonical.hpp"

namespace tallystick::ledger {

namespace {

std::string encode_sign_state(const SignState& state) {
    auto bytes = number_bytes(state.height);
    add_small_number(bytes, static_cast<std::uint32_t>(state.round));
    add_small_number(bytes, static_cast<std::uint32_t>(state.step));
    return bytes;
}

void put_sealed(LmdbWrite& write, LmdbTable table, std::string_view name, std::string_view key,
                std::string_view content) {
    write.put(table, key, sealed(name, key, content));
}

void put_block(LmdbWrite& write, LmdbTable table, std::uint64_t height, const BlockExtent& extent,
               const pb::BlockRecord& record) {
    auto content = number_bytes(extent.first_entry);
    add_number(content, extent.entries);
    add_number(content, extent.bundles);
    content.append(canonical_bytes(record));
    put_sealed(write, table, "blocks", number_bytes(height), content);
}

void put_validators(LmdbWrite& write, LmdbTable table, std::uint64_t first_height,
                    const pb::ValidatorSet& validators) {
    put_sealed(write, table, "validators", number_bytes(first_height), canonical_bytes(validators));
}

void put_segment(LmdbWrite& write, const ChainTables& tables, const pb::Segment& segment) {
    put_sealed(write, tables.segments, "segments", number_bytes(segment.first_height()),
               canonical_bytes(segment));
}

SegmentStart start_of(const pb::Segment& segment) {
    return {segment.chain_id(), segment.first_height(), segment.engine()};
}

std::string entry_record(std::string_view key, const EncodedEntry& entry) {
    auto record = sealed("entries", key, entry.leaf.text());
    return record.append(entry.bytes);
}

void put_entries(LmdbWrite& write, const ChainTables& tables, std::uint64_t first_entry,
                 std::span<const EncodedEntry> entries, OpenRuns& open_runs) {
    std::vector<Term> terms;
    auto index = first_entry;
    for (const auto& entry : entries) {
        const auto key = number_bytes(index);
        write.append(tables.entries, key, entry_record(key, entry));
        if (entry.valid_until != 0) {
            auto id_key = number_bytes(entry.valid_until);
            id_key.append(entry.id.text());
            put_sealed(write, tables.ids, "ids", id_key, key);
        }
        for (const auto term : entry.terms) terms.push_back({term, index});
        ++index;
    }
    add_run(write, tables.runs, first_entry, entries.size(), std::move(terms), open_runs);
}

void put_nodes(LmdbWrite& write, LmdbTable table, std::span<const LogNode> nodes) {
    for (const auto& [id, hash] : nodes) {
        auto key = small_number_bytes(id.level);
        add_number(key, id.index);
        put_sealed(write, table, "nodes", key, hash.text());
    }
}

ChainShape load_shape(const LmdbRead& read, const ChainTables& tables) {
    const auto base = required(read, tables.meta, "meta", "base");
    if (base.size() != 24) fail_damaged("chain/meta base", "not three numbers");
    ChainShape shape{number_at(base, 0), number_at(base, 8), number_at(base, 16)};
    read.ascend(tables.segments, {}, [&](auto key, auto record) {
        const auto content = unsealed("segments", key, record);
        const auto segment = content ? decode_canonical_as<pb::Segment>(*content) : std::nullopt;
        const bool follows =
            segment && (shape.segments.empty() ||
                        shape.segments.back().first_height < segment->first_height());
        if (!follows || number_bytes(segment->first_height()) != key)
            fail_damaged(place_of("chain", "segments", key), "not the segment that begins there");
        shape.segments.push_back(start_of(*segment));
        return true;
    });
    if (shape.segments.empty() || shape.segments.front().first_height > shape.base_height + 1)
        fail_damaged("chain/segments", "the first is missing");
    return shape;
}

}  // namespace

std::string_view required(const LmdbRead& read, LmdbTable table, std::string_view name,
                          std::string_view key) {
    const auto record = read.get(table, key);
    if (!record) fail_damaged(place_of("chain", name, key), "the record is missing");
    const auto content = unsealed(name, key, *record);
    if (!content) fail_damaged(place_of("chain", name, key), "the record does not fit its check");
    return *content;
}

ChainTables ChainTables::open(Lmdb& environment) {
    return {
        environment.table("meta"),   environment.table("segments"), environment.table("validators"),
        environment.table("blocks"), environment.table("bundles"),  environment.table("entries"),
        environment.table("ids"),    environment.table("nodes"),    environment.table("runs")};
}

ChainStore::ChainStore(const std::filesystem::path& folder, std::uint64_t map_bytes, bool read_only)
    : environment_(folder, "chain", {map_bytes, true, read_only}),
      tables_(ChainTables::open(environment_)),
      head_(folder) {}

void ChainStore::import(const BareEntries& bare) {
    auto open_runs = open_runs_.value_or(OpenRuns{bare.first_entry, 0});
    auto write = environment_.write();
    put_entries(write, tables_, bare.first_entry, bare.entries, open_runs);
    put_nodes(write, tables_.nodes, bare.nodes);
    write.commit();
    open_runs_ = open_runs;
}

void ChainStore::create(const LedgerId& ledger_id, const std::string& genesis_file,
                        const ChainBase& base) {
    auto write = environment_.write();
    const auto put_meta = [&](std::string_view name, std::string_view content) {
        put_sealed(write, tables_.meta, "meta", name, content);
    };
    const auto log_size = base.record.app_state().log_size();
    auto begin = number_bytes(base.height);
    add_number(begin, base.first_entry);
    add_number(begin, log_size);
    put_meta("version", small_number_bytes(chain_format_version));
    put_meta("ledger_id", ledger_id.text());
    put_meta("genesis", genesis_file);
    put_meta("sign_state", encode_sign_state({base.height, 0, 0}));
    put_meta("barred", std::string(1, '\0'));
    put_meta("base", begin);
    put_segment(write, tables_, base.segment);
    put_validators(write, tables_.validators, base.height + 1, base.validators);
    put_block(write, tables_.blocks, base.height, {log_size, 0, 0}, base.record);
    write.commit();
    shape_ = std::make_shared<const ChainShape>(
        ChainShape{base.height, base.first_entry, log_size, {start_of(base.segment)}});
}

ChainConstants ChainStore::load() {
    const auto read = environment_.read();
    const auto meta = [&](std::string_view name) {
        return required(read, tables_.meta, "meta", name);
    };
    const auto version = meta("version");
    if (version.size() != 4) fail_damaged("chain/meta version", "not a number");
    if (small_number_at(version, 0) > chain_format_version)
        throw LmdbFailure{{StoreFault::newer_version,
                           "the data folder has format " +
                               std::to_string(small_number_at(version, 0)) +
                               ", this program knows up to " +
                               std::to_string(chain_format_version) + ": use the newer program"}};
    ChainConstants constants;
    const auto ledger_id = LedgerId::from(meta("ledger_id"));
    if (!ledger_id) fail_damaged("chain/meta ledger_id", "not 32 bytes");
    constants.ledger_id = *ledger_id;
    if (!decode_canonical(meta("genesis"), constants.genesis_file) ||
        !decode_canonical(constants.genesis_file.genesis(), constants.genesis) ||
        sha256(constants.genesis_file.genesis()).bytes != ledger_id->bytes)
        fail_damaged("chain/meta genesis", "it is not that of this ledger");
    shape_ = std::make_shared<const ChainShape>(load_shape(read, tables_));
    const auto newest = number_bytes(shape_->segments.back().first_height);
    pb::Segment segment;
    if (!decode_canonical(required(read, tables_.segments, "segments", newest), segment))
        fail_damaged(place_of("chain", "segments", newest), "not a segment");
    constants.segment_validators = segment.validators();
    return constants;
}

ChainReader ChainStore::read() const {
    ensure(shape_ != nullptr, "a chain is loaded before it is read");
    return {environment_.read(), tables_, shape_};
}

void ChainStore::check_head() const {
    const auto height = read().height();
    const auto head = head_.height();
    if (!head || *head <= height) return;
    fail_damaged("chain/blocks height " + std::to_string(height + 1),
                 "the chain ends before it, but block " + std::to_string(*head) +
                     " was durable here: a damaged page brought an older version back. Restore a "
                     "backup that has it");
}

void ChainStore::append(const ChainAppend& block) {
    if (!open_runs_)
        open_runs_ = find_open_runs(environment_.read(), tables_.runs,
                                    {shape_->first_entry, block.first_entry});
    auto open_runs = *open_runs_;
    auto write = environment_.write();
    put_entries(write, tables_, block.first_entry, block.entries, open_runs);
    put_nodes(write, tables_.nodes, block.nodes);
    std::uint32_t number = 0;
    for (const auto& bundle : block.bundles) {
        auto key = number_bytes(block.height);
        add_small_number(key, number++);
        put_sealed(write, tables_.bundles, "bundles", key, bundle);
    }
    put_block(write, tables_.blocks, block.height,
              {block.first_entry, block.entries.size(), block.bundles.size()}, block.record);
    if (block.validators != nullptr)
        put_validators(write, tables_.validators, block.height + 2, *block.validators);
    put_sealed(write, tables_.meta, "meta", "sign_state", encode_sign_state(block.sign_state));
    write.commit();
    open_runs_ = open_runs;
    head_.write(block.height);
}

void ChainStore::replace(std::span<const std::pair<std::uint64_t, StoredBlock>> blocks) {
    auto write = environment_.write();
    for (const auto& [height, block] : blocks)
        put_block(write, tables_.blocks, height, block.extent, block.record);
    write.commit();
}

void ChainStore::begin_segment(const pb::Segment& segment) {
    auto write = environment_.write();
    put_segment(write, tables_, segment);
    put_validators(write, tables_.validators, segment.first_height(), segment.validators());
    write.commit();
    auto shape = *shape_;
    shape.segments.push_back(start_of(segment));
    shape_ = std::make_shared<const ChainShape>(std::move(shape));
}

void ChainStore::set_barred(bool barred) {
    auto write = environment_.write();
    put_sealed(write, tables_.meta, "meta", "barred", std::string(1, barred ? '\1' : '\0'));
    write.commit();
}

}  // namespace tallystick::ledger
