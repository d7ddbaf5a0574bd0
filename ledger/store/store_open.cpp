#include <algorithm>
#include <utility>

#include "ledger/laws/law.hpp"
#include "ledger/memory_state.hpp"
#include "ledger/store/record.hpp"
#include "ledger/store/snapshot_reader.hpp"
#include "ledger/store/store_parts.hpp"
#include "ledger/validators.hpp"
#include "protocol/canonical.hpp"
#include "protocol/state_proof.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::ledger {

EncodedBlock genesis_block(const pb::Genesis& genesis) {
    auto changes = genesis_state(genesis);
    if (!changes) fail_damaged("genesis", "it breaks a rule");
    BlockResult result;
    result.changes = *std::move(changes);
    return encode_block(std::move(result), {});
}

pb::Segment first_segment(const pb::Genesis& genesis, const EncodedBlock& block,
                          const std::string& chain_id) {
    MemoryState state;
    state.apply(block.result.changes);
    pb::Segment segment;
    segment.set_chain_id(chain_id);
    segment.set_first_height(1);
    *segment.mutable_validators() = validators_of(state);
    segment.set_engine(genesis.engine() == pb::ENGINE_COMETBFT ? pb::ENGINE_COMETBFT
                                                               : pb::ENGINE_SOLO);
    return segment;
}

pb::AppState make_app_state(const Hash& state_root, const LogTree& log) {
    pb::AppState state;
    state.set_state_root(state_root.str());
    state.set_log_root(log.root().str());
    state.set_log_size(log.size());
    return state;
}

StoreResult<void> Store::create(const std::filesystem::path& folder,
                                const pb::GenesisFile& genesis_file, const std::string& chain_id) {
    return guarded([&] {
        if (std::filesystem::exists(folder / "chain" / "data.mdb"))
            throw LmdbFailure{{StoreFault::exists, folder.string() + " holds a ledger already"}};
        pb::Genesis genesis;
        if (!decode_canonical(genesis_file.genesis(), genesis))
            fail_damaged("genesis", "it is not canonical");
        const auto block = genesis_block(genesis);
        std::filesystem::create_directories(folder / "chain");
        const FolderLock lock{folder};
        StateTree tree;
        tree.update(tree_changes(block));
        const LedgerId ledger_id{sha256(genesis_file.genesis()).bytes};
        ChainStore chain{folder / "chain", 1ULL << 30, false};
        ChainBase base;
        *base.record.mutable_app_state() = make_app_state(tree.root(), {});
        base.segment = first_segment(genesis, block, chain_id);
        base.validators = base.segment.validators();
        chain.create(ledger_id, canonical_bytes(genesis_file), base);
        sync_folder(folder / "chain");
        sync_folder(folder);
    });
}

StoreResult<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder,
                                                StoreOptions options,
                                                std::optional<LedgerId> expected) {
    return guarded([&] {
        if (install_restored(folder) && options.progress)
            options.progress("this node joins with the snapshot that it was given");
        if (!std::filesystem::exists(folder / "chain" / "data.mdb"))
            throw LmdbFailure{{StoreFault::not_found,
                               folder.string() + " holds no ledger: make one with tallyd init"}};
        auto parts = std::make_unique<Parts>(folder, std::move(options));
        parts->open_chain(expected);
        parts->open_state();
        parts->load_derived();
        return std::unique_ptr<Store>{new Store{std::move(parts)}};
    });
}

void Store::Parts::open_chain(const std::optional<LedgerId>& expected) {
    chain = std::make_unique<ChainStore>(folder / "chain", options.chain_map_bytes, false);
    auto constants = chain->load();
    const auto reader = chain->read();
    chain->check_head();
    if (expected && *expected != constants.ledger_id)
        throw LmdbFailure{{StoreFault::other_ledger, folder.string() + " belongs to ledger " +
                                                         to_hex(constants.ledger_id.view()) +
                                                         ", not to " + to_hex(expected->view())}};
    ledger_id = constants.ledger_id;
    genesis_file = std::move(constants.genesis_file);
    genesis = std::move(constants.genesis);
    segment_validators = std::move(constants.segment_validators);
    headers_until = find_headers_until(reader);
    sign_state = reader.sign_state();
    // Both become durable together. An older one would let this node sign a height again.
    if (reader.height() > base_height() && sign_state.height != reader.height())
        fail_damaged("chain/meta sign_state",
                     "it is of height " + std::to_string(sign_state.height) +
                         ", the newest block of height " + std::to_string(reader.height()));
    barred = reader.meta("barred") != std::string(1, '\0');
}

std::vector<std::filesystem::path> Store::Parts::copies_newest_first() const {
    std::vector<std::filesystem::path> copies;
    std::error_code none;
    for (const auto& file : std::filesystem::directory_iterator(folder / "copies", none))
        if (file.path().extension() == ".mdb") copies.push_back(file.path());
    std::ranges::sort(copies, std::ranges::greater{});
    return copies;
}

void Store::Parts::open_state() {
    if (StateStore::is_sound(folder)) {
        // Already to open its file is to read it: see StateStore::begin_opening.
        StateStore::mark_unsound(folder, "it is being opened\n");
        if (try_state()) return;
    }
    report("the state is not sound: it is rebuilt from the chain");
    for (const auto& copy : copies_newest_first()) {
        close_state();
        StateStore::begin_anew(folder);
        std::filesystem::create_directories(folder / "state");
        std::filesystem::copy_file(copy, folder / "state" / "data.mdb");
        report("trying the copy " + copy.filename().string());
        if (try_state()) return;
    }
    if (base_height() > 0)
        fail_damaged("copies", "the state after block " + std::to_string(base_height()) +
                                   ", with which this node joined, is not there or not sound: "
                                   "join again");
    close_state();
    StateStore::begin_anew(folder);
    state = std::make_unique<StateStore>(folder, options.state_map_bytes, false);
    state->apply(genesis_block(genesis).changes, 0, ledger_id);
    report("executing the chain from its genesis");
    if (!try_state())
        fail_damaged("chain", "its blocks do not give the app hashes that it records");
}

void Store::Parts::close_state() {
    view.reset();  // it may hold a version of the state open
    state.reset();
}

/// Opens what stands in `state` and brings it to the chain's height. False if it does not fit.
bool Store::Parts::try_state() {
    try {
        if (!state) state = std::make_unique<StateStore>(folder, options.state_map_bytes, false);
        state->begin_opening();
        const auto reader = chain->read();
        const auto at = state->height(ledger_id);
        if (!at || *at > reader.height()) return false;
        load_trees(*at);
        if (app_state.SerializeAsString() !=
            reader.block(*at).record.app_state().SerializeAsString())
            return false;
        // Only now: rules may rely on what a state says that the chain vouches for, on no other.
        load_view();
        replay();
        check_laws();
        return true;
    } catch (const LmdbFailure& failure) {
        const bool mine = failure.error().what.starts_with("state");
        if (!mine || failure.error().fault == StoreFault::out_of_space) throw;
        report(failure.error().what);
        close_state();
        return false;
    }
}

/// Both trees at this height, and with them the app state that the chain must have recorded.
void Store::Parts::load_trees(std::uint64_t state_height) {
    std::vector<TreeChange> leaves;
    const auto read = state->read();
    read.ascend(state->leaves(), {}, [&](auto key, auto value) {
        leaves.push_back({sparse::path_of(key), sha256(value)});
        return true;
    });
    std::ranges::sort(leaves, {}, &TreeChange::path);
    tree = StateTree{};
    tree.update(leaves);

    const auto reader = chain->read();
    const auto block = reader.block(state_height);
    const auto size = block.extent.first_entry + block.extent.entries;
    std::vector<Hash> edge;
    for (const auto id : log_edge(size)) edge.push_back(reader.node(id));
    log = LogTree{size, std::move(edge)};

    height = state_height;
    block_time = state_height == 0 ? make_timestamp(static_cast<std::int64_t>(genesis.time()), 0)
                                   : time_of(block.record);
    app_state = make_app_state(tree.root(), log);
}

/// What is kept in memory of a state that fits. Throws `damaged` where a leaf is not found again.
void Store::Parts::load_view() {
    view = std::make_unique<WriterView>(*state, tree, options.records_cached_max);
    const auto reader = chain->read();
    pb::Segment next;
    next.set_engine(reader.shape().segment_of(height + 1).engine);
    *next.mutable_validators() = reader.validators(height + 1).validators;
    governing.load(*view, reader.validators(height + 2).validators, next);
    due = DueIndex{};
    const auto read = state->read();
    for (unsigned kind = 0; kind < 256; ++kind) {
        const std::string prefix(1, static_cast<char>(kind));
        if (!bears_due_items(prefix)) continue;
        read.ascend(state->leaves(), prefix, [&](auto key, auto) {
            if (!key.starts_with(prefix)) return false;
            refresh_due(due, ledger_id, std::string{key}, *view);
            return true;
        });
    }
}

void Store::Parts::replay() {
    const auto reader = chain->read();
    ReplayedUsedIds used{reader};
    while (height < reader.height()) {
        const auto next = height + 1;
        const auto stored = reader.block(next);
        const auto bundles = reader.bundles(next, stored.extent);
        const auto envelopes = envelopes_of_bundles(bundles, governing.nodes());
        const auto place = "chain/blocks height " + std::to_string(next);
        if (!envelopes) fail_damaged(place, "a bundle is malformed");
        used.set_log_size(stored.extent.first_entry);
        const auto now = static_cast<std::uint64_t>(time_of(stored.record).seconds());
        if (auto cannot = why_not_executable(*view))
            throw LmdbFailure{{StoreFault::newer_version, *std::move(cannot)}};
        const auto misbehaviours = misbehaviours_of(stored.record);
        auto result = execute_block(
            ledger_id, *view, used, due,
            {next, now, *envelopes, misbehaviours, chain->shape().segment_of(next).chain_id});
        auto block =
            std::make_shared<const EncodedBlock>(encode_block(std::move(result), *envelopes));
        const auto advanced = advance(block, next, time_of(stored.record));
        if (advanced.app_state.SerializeAsString() != stored.record.app_state().SerializeAsString())
            fail_damaged("state", "block " + std::to_string(next) + " gives another app hash");
        state->apply(block->changes, next, ledger_id);
        view->settle(next);
        if (next % 10000 != 0) continue;
        state->checkpoint();  // whoever is stopped on the way goes on from here
        report("executed up to block " + std::to_string(next));
    }
}

void Store::Parts::load_derived() {
    used_ids = std::make_unique<StoredUsedIds>(*chain);
    used_ids->load(static_cast<std::uint64_t>(block_time.seconds()));
    state->checkpoint();
    state->opened();
    view->opened();
    checkpoint_height = height;
    const auto copies = copies_newest_first();
    copy_height = copies.empty() ? 0 : std::stoull(copies.front().stem().string());
}

void Store::Parts::check_laws() {
    if (!options.laws_in_full_at_start) return;
    const StateReader leaves{*state, state->read(), height, tree.snapshot()};
    const auto broken = check_laws_in_full(leaves);
    // First: what is damaged reads as absent, which is against a law as well.
    if (leaves.damage()) throw LmdbFailure{*leaves.damage()};
    if (broken)
        throw LmdbFailure{{StoreFault::damaged, "a law is broken after block " +
                                                    std::to_string(height) + ": " +
                                                    breach_text(*broken)}};
}

}  // namespace tallystick::ledger
