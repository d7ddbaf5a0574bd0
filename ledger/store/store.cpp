#include "ledger/store/store.hpp"

#include <algorithm>
#include <utility>

#include "ledger/store/record.hpp"
#include "ledger/store/store_parts.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::ledger {

namespace {

constexpr std::size_t copies_kept = 2;

pb::BlockRecord record_of(const BlockToStore& block, const AdvancedBlock& advanced) {
    pb::BlockRecord record;
    *record.mutable_app_state() = advanced.app_state;
    for (const auto& misbehaviour : block.misbehaviours) *record.add_misbehaviours() = misbehaviour;
    if (block.header != nullptr) {
        *record.mutable_header() = *block.header;
        *record.mutable_commit() = *block.commit;
    } else {
        record.set_hash(block.block_hash.str());
        *record.mutable_time() = block.time;
    }
    return record;
}

SignState sign_state_after(const BlockToStore& block) {
    // An engine that keeps its own still has signed this height.
    return std::max(block.sign_state, SignState{block.height, 0, 0});
}

}  // namespace

std::string copy_name(std::uint64_t height) {
    auto digits = std::to_string(height);
    return std::string(20 - digits.size(), '0') + digits + ".mdb";
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::~Store() = default;

const LedgerId& Store::ledger_id() const noexcept {
    return parts_->ledger_id;
}
const std::string& Store::chain_id() const noexcept {
    return parts_->newest_segment().chain_id;
}
pb::Engine Store::engine() const noexcept {
    return parts_->newest_segment().engine;
}
const std::vector<SegmentStart>& Store::segments() const noexcept {
    return parts_->chain->shape().segments;
}
const pb::ValidatorSet& Store::segment_validators() const noexcept {
    return parts_->segment_validators;
}
std::uint64_t Store::base_height() const noexcept {
    return parts_->chain->shape().base_height;
}
std::uint64_t Store::headers_until() const noexcept {
    return parts_->headers_until;
}
std::span<const PublicKey> Store::nodes() const noexcept {
    return parts_->governing.nodes();
}
const pb::GenesisFile& Store::genesis_file() const noexcept {
    return parts_->genesis_file;
}
const pb::Genesis& Store::genesis() const noexcept {
    return parts_->genesis;
}
std::uint64_t Store::height() const noexcept {
    return parts_->height;
}
const pb::AppState& Store::app_state() const noexcept {
    return parts_->app_state;
}
const pb::Timestamp& Store::block_time() const noexcept {
    return parts_->block_time;
}
Moment Store::moment() {
    return {parts_->height, parts_->tree.snapshot()};
}
const SignState& Store::sign_state() const noexcept {
    return parts_->sign_state;
}
bool Store::signing_barred() const noexcept {
    return parts_->barred;
}
const StateView& Store::view() const noexcept {
    return *parts_->view;
}
const UsedIds& Store::used_ids() const noexcept {
    return *parts_->used_ids;
}
DueIndex& Store::due() noexcept {
    return parts_->due;
}

StoreResult<bool> Store::confirm_highest_height(std::uint64_t highest_released) {
    return guarded([&] {
        if (!parts_->barred) return true;
        // Blocks above this folder's were signed before: signing them anew would be a fork.
        if (highest_released != parts_->height) return false;
        parts_->chain->set_barred(false);
        parts_->barred = false;
        return true;
    });
}

AdvancedBlock Store::Parts::advance(std::shared_ptr<const EncodedBlock> block, std::uint64_t next,
                                    const pb::Timestamp& now) {
    ensure(next == height + 1, "law broken: heights are consecutive");
    ensure(compare(block_time, now) < 0 || height == 0, "law broken: block time increases");
    const auto first_entry = log.size();
    std::vector<Hash> leaves;
    leaves.reserve(block->entries.size());
    for (const auto& entry : block->entries) leaves.push_back(entry.leaf);
    auto complete = log.append(leaves);
    tree.update(tree_changes(*block));
    app_state = make_app_state(tree.root(), log);
    view->push(next, block);
    height = next;
    block_time = now;
    auto noted = governing.note(next, chain->shape(), block->result.changes, *view);
    return {next,
            app_state,
            first_entry,
            std::move(complete),
            {next, tree.snapshot()},
            std::move(noted.validators),
            std::move(noted.updates),
            noted.beyond_segment};
}

AdvancedBlock Store::advance(std::shared_ptr<const EncodedBlock> block, std::uint64_t height,
                             const pb::Timestamp& now) {
    for (const auto& entry : block->entries)
        if (entry.valid_until != 0) parts_->used_ids->insert(entry.id, entry.valid_until);
    parts_->used_ids->forget_before(static_cast<std::uint64_t>(now.seconds()));
    return parts_->advance(std::move(block), height, now);
}

StoreResult<void> Store::append(const BlockToStore& block, const EncodedBlock& encoded,
                                const AdvancedBlock& advanced) {
    return guarded([&] {
        parts_->check_writable();
        ensure((block.header == nullptr) == (block.commit == nullptr),
               "header and commit come together");
        if (advanced.beyond_segment)
            throw LmdbFailure{{StoreFault::unfit, "block " + std::to_string(block.height) +
                                                      " would follow the last block of segment " +
                                                      chain_id() +
                                                      ": the next segment begins first"}};
        ChainAppend append{block.height,
                           record_of(block, advanced),
                           block.bundles,
                           encoded.entries,
                           advanced.first_entry,
                           advanced.nodes,
                           sign_state_after(block),
                           advanced.validators ? &*advanced.validators : nullptr};
        try {
            parts_->chain->append(append);
        } catch (...) {
            parts_->failed = true;
            throw;
        }
        parts_->sign_state = append.sign_state;
        if (block.header != nullptr && parts_->headers_until == block.height - 1)
            parts_->headers_until = block.height;
    });
}

StoreResult<void> Store::apply(const EncodedBlock& encoded, std::uint64_t height) {
    if (auto writable = guarded([&] { parts_->check_writable(); }); !writable) return writable;
    auto done = guarded([&] {
        parts_->state->apply(encoded.changes, height, parts_->ledger_id);
        if (height - parts_->checkpoint_height < parts_->options.checkpoint_blocks) return;
        parts_->state->checkpoint();
        parts_->checkpoint_height = height;
    });
    if (!done) {
        parts_->failed = true;
        StateStore::mark_unsound(parts_->folder, "an input or output error was seen\n");
    }
    return done;
}

void Store::settle(std::uint64_t applied) {
    parts_->view->settle(applied);
}

StoreResult<void> Store::commit(const BlockToStore& block, const EncodedBlock& encoded,
                                const AdvancedBlock& advanced) {
    if (auto done = append(block, encoded, advanced); !done) return done;
    if (auto done = apply(encoded, block.height); !done) return done;
    settle(block.height);
    return {};
}

StoreResult<std::unique_ptr<StoreSnapshot>> Store::open_snapshot(
    std::span<const Moment> recent) const {
    return guarded([&] {
        auto read = parts_->state->read();
        const auto at = parts_->state->height_of(read);
        // After the state, so that it is never behind it.
        auto chain = std::make_unique<ChainReader>(parts_->chain->read());
        for (const auto& moment : recent)
            if (moment.height == at)
                return std::make_unique<StoreSnapshot>(
                    std::move(chain), std::make_unique<StateReader>(*parts_->state, std::move(read),
                                                                    at, moment.tree));
        throw LmdbFailure{{StoreFault::not_found,
                           "the tree after block " + std::to_string(at) + " is not at hand"}};
    });
}

bool Store::copy_is_due() const noexcept {
    return parts_->height - parts_->copy_height >= parts_->options.copy_blocks;
}

StoreResult<void> Store::copy_state() {
    return guarded([&] {
        const auto folder = parts_->folder / "copies";
        std::filesystem::create_directories(folder);
        const auto temporary = folder / "copy.new";
        std::filesystem::remove(temporary);
        const auto at = parts_->state->height_of(parts_->state->read());
        parts_->state->copy_to(temporary);
        std::filesystem::rename(temporary, folder / copy_name(at));
        sync_folder(folder);
        auto copies = parts_->copies_newest_first();
        // Nothing else holds what a node that joined late began with.
        std::erase(copies, folder / copy_name(base_height()));
        for (std::size_t i = copies_kept; i < copies.size(); ++i) remove_file_durably(copies[i]);
        parts_->copy_height = at;
    });
}

StoreResult<void> Store::backup_to(const std::filesystem::path& target) const {
    return guarded([&] {
        if (std::filesystem::exists(target))
            throw LmdbFailure{{StoreFault::exists, target.string() + " exists already"}};
        std::filesystem::create_directories(target / "chain");
        std::filesystem::create_directories(target / "copies");
        const auto at = parts_->state->height_of(parts_->state->read());
        parts_->state->copy_to(target / "copies" / copy_name(at));
        const auto began = copy_name(base_height());
        if (base_height() > 0 && !std::filesystem::exists(target / "copies" / began))
            copy_file_durably(parts_->folder / "copies" / began, target / "copies" / began);
        // After the state, so that the chain is not behind it.
        parts_->chain->copy_to(target / "chain" / "data.mdb");
        ChainStore copy{target / "chain", 1ULL << 30, false};
        static_cast<void>(copy.load());
        copy.set_barred(true);
        sync_folder(target / "copies");
        sync_folder(target / "chain");
        sync_folder(target);
    });
}

StoreResult<void> Store::checkpoint() {
    if (parts_->failed) return {};
    return guarded([&] {
        parts_->state->checkpoint();
        parts_->checkpoint_height = parts_->height;
    });
}

}  // namespace tallystick::ledger
