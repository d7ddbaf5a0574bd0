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

std::string entry_record(std::string_view key, const EncodedEntry& entry) {
    auto record = sealed("entries", key, entry.leaf.text());
    return record.append(entry.bytes);
}

void put_entries(LmdbWrite& write, const ChainTables& tables, const ChainAppend& block,
                 OpenRuns& open_runs) {
    std::vector<Term> terms;
    auto index = block.first_entry;
    for (const auto& entry : block.entries) {
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
    add_run(write, tables.runs, block.first_entry, block.entries.size(), std::move(terms),
            open_runs);
}

}  // namespace

ChainTables ChainTables::open(Lmdb& environment) {
    return {environment.table("meta"),    environment.table("blocks"), environment.table("bundles"),
            environment.table("entries"), environment.table("ids"),    environment.table("nodes"),
            environment.table("runs")};
}

ChainStore::ChainStore(const std::filesystem::path& folder, std::uint64_t map_bytes, bool read_only)
    : environment_(folder, "chain", {map_bytes, true, read_only}),
      tables_(ChainTables::open(environment_)),
      head_(folder) {}

void ChainStore::create(const LedgerId& ledger_id, const std::string& chain_id,
                        const std::string& genesis_file, const pb::AppState& genesis_state) {
    auto write = environment_.write();
    const auto put_meta = [&](std::string_view name, std::string_view content) {
        put_sealed(write, tables_.meta, "meta", name, content);
    };
    put_meta("version", small_number_bytes(chain_format_version));
    put_meta("ledger_id", ledger_id.text());
    put_meta("chain_id", chain_id);
    put_meta("genesis", genesis_file);
    put_meta("sign_state", encode_sign_state({}));
    put_meta("barred", std::string(1, '\0'));
    pb::BlockRecord record;
    *record.mutable_app_state() = genesis_state;
    put_block(write, tables_.blocks, 0, {}, record);
    write.commit();
}

ChainReader ChainStore::read() const {
    return {environment_.read(), tables_};
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
        open_runs_ = find_open_runs(environment_.read(), tables_.runs, block.first_entry);
    auto open_runs = *open_runs_;
    auto write = environment_.write();
    put_entries(write, tables_, block, open_runs);
    for (const auto& [id, hash] : block.nodes) {
        auto key = small_number_bytes(id.level);
        add_number(key, id.index);
        put_sealed(write, tables_.nodes, "nodes", key, hash.text());
    }
    std::uint32_t number = 0;
    for (const auto& bundle : block.bundles) {
        auto key = number_bytes(block.height);
        add_small_number(key, number++);
        put_sealed(write, tables_.bundles, "bundles", key, bundle);
    }
    pb::BlockRecord record;
    *record.mutable_header() = block.header;
    *record.mutable_commit() = block.commit;
    *record.mutable_app_state() = block.app_state;
    put_block(write, tables_.blocks, block.height,
              {block.first_entry, block.entries.size(), block.bundles.size()}, record);
    put_sealed(write, tables_.meta, "meta", "sign_state", encode_sign_state(block.sign_state));
    write.commit();
    open_runs_ = open_runs;
    head_.write(block.height);
}

void ChainStore::set_barred(bool barred) {
    auto write = environment_.write();
    put_sealed(write, tables_.meta, "meta", "barred", std::string(1, barred ? '\1' : '\0'));
    write.commit();
}

}  // namespace tallystick::ledger
