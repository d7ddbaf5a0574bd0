#include "ledger/store/verify.hpp"

#include <algorithm>
#include <utility>

#include "ledger/laws/law.hpp"
#include "ledger/memory_state.hpp"
#include "ledger/store/chain_check.hpp"
#include "ledger/store/late_begin.hpp"
#include "ledger/store/record.hpp"
#include "ledger/store/snapshot_format.hpp"
#include "ledger/store/store_parts.hpp"
#include "ledger/validators.hpp"
#include "protocol/canonical.hpp"

namespace tallystick::ledger {

namespace {

/// Errors of the store say the place first.
Finding finding_of(const std::string& what) {
    const auto colon = what.find(": ");
    if (colon == std::string::npos) return {"data folder", what};
    return {what.substr(0, colon), what.substr(colon + 2)};
}

/// The chain executed again from its genesis, beside what is recorded.
class Replay {
  public:
    Replay(const std::filesystem::path& folder, const VerifyOptions& options,
           Verification& verification)
        : folder_(folder),
          options_(options),
          verification_(verification),
          chain_(folder / "chain", 1ULL << 30, true),
          constants_(chain_.load()),
          reader_(chain_.read()) {}

    void run();

  private:
    [[nodiscard]] bool full() const {
        return verification_.findings.size() >= options_.findings_max;
    }
    void find(std::string place, std::string what) {
        if (!full()) verification_.findings.push_back({std::move(place), std::move(what)});
    }
    void begin();
    void begin_with_genesis();
    void begin_with_base();
    void run_block(std::uint64_t height);
    void check_signed(std::uint64_t height, const StoredBlock& stored,
                      std::span<const std::string> bundles);
    void begin_segment(const SegmentStart& segment);
    void note_set(std::uint64_t first_height, const pb::ValidatorSet& validators);
    [[nodiscard]] const pb::ValidatorSet& set_of(std::uint64_t height) const;
    void check_sets();
    void check_entries(const StoredBlock& stored, const EncodedBlock& block,
                       const std::string& place);
    void check_indexes();
    void check_state(std::uint64_t height);

    const std::filesystem::path& folder_;
    const VerifyOptions& options_;
    Verification& verification_;
    ChainStore chain_;
    ChainConstants constants_;
    ChainReader reader_;

    MemoryState state_;
    MemoryUsedIds used_ids_;
    DueIndex due_;
    StateTree tree_;
    LogTree log_;
    Governing governing_;
    std::vector<ValidatorsFrom> sets_;  ///< ascending
    StoredBlock last_;
    std::vector<Term> terms_;
    std::vector<LogNode> log_nodes_;
    std::uint64_t ids_ = 0;
    std::optional<std::uint64_t> state_height_;
};

void Replay::begin() {
    last_ = reader_.block(reader_.shape().base_height);
    if (reader_.shape().base_height == 0)
        begin_with_genesis();
    else
        begin_with_base();
    static_cast<void>(reader_.sign_state());
    static_cast<void>(reader_.meta("barred"));
}

void Replay::begin_with_genesis() {
    const auto block = genesis_block(constants_.genesis);
    state_.apply(block.result.changes);
    tree_.update(tree_changes(block));
    if (last_.record.app_state().SerializeAsString() !=
        make_app_state(tree_.root(), log_).SerializeAsString())
        find("chain/blocks height 0", "the genesis gives another app hash");
    const auto segment = first_segment(constants_.genesis, block, {});
    const auto& stored = reader_.shape().segments.front();
    if (stored.first_height != 1 || stored.engine != segment.engine())
        find("chain/segments", "the first is not that of the genesis");
    note_set(1, segment.validators());
    governing_.load(state_, segment.validators(), segment);
}

/// A node that joined late begins with the state that it was given and the entries that could still
/// be repeated; the first header after it vouches for their app hash.
void Replay::begin_with_base() {
    const auto& shape = reader_.shape();
    const auto place = "chain/blocks height " + std::to_string(shape.base_height);
    auto begun = load_late_begin(reader_, folder_ / "copies" / copy_name(shape.base_height));
    state_.apply(begun.leaves);
    tree_ = std::move(begun.tree);
    log_ = std::move(begun.log);
    log_nodes_ = std::move(begun.nodes);
    terms_ = std::move(begun.terms);
    for (const auto& [id, valid_until] : begun.used) used_ids_.insert(id, valid_until);
    ids_ = begun.used.size();
    // Nothing can be executed on a state that nobody vouches for.
    if (last_.record.app_state().SerializeAsString() !=
        make_app_state(tree_.root(), log_).SerializeAsString())
        fail_damaged(place,
                     "the state and the log that this node began with give another app hash");
    for (const auto& [key, value] : state_.leaves())
        refresh_due(due_, constants_.ledger_id, key, state_);
    const auto segment = segment_at(shape.base_height, state_, constants_.genesis);
    const auto& stored = shape.segments.front();
    if (stored.chain_id != segment.chain_id() || stored.engine != segment.engine() ||
        stored.first_height != segment.first_height())
        find("chain/segments", "the first is not that of the state that this node began with");
    auto validators = validators_of(state_);
    note_set(shape.base_height + 1, validators);
    governing_.load(state_, std::move(validators), segment);
}

void Replay::run() {
    chain_.check_head();
    begin();
    // One that is not sound is thrown away at the next start: what a power cut left of it is no
    // news.
    if (StateStore::is_sound(folder_)) {
        const StateStore state{folder_, 1ULL << 30, true};
        state_height_ = state.height(constants_.ledger_id);
        if (!state_height_ || *state_height_ > reader_.height())
            find("state/meta", "the state is of another ledger, or ahead of the chain");
    }
    const auto base = reader_.shape().base_height;
    verification_.height = base;
    check_state(base);
    for (auto height = base + 1; height <= reader_.height() && !full(); ++height) {
        run_block(height);
        verification_.height = height;
        check_state(height);
        if (options_.progress) options_.progress(height, reader_.height());
    }
    verification_.entries = log_.size();
    const auto& newest = reader_.shape().segments.back();
    if (newest.first_height == reader_.height() + 1 && newest.first_height > 1)
        begin_segment(newest);  // it has no block yet
    check_sets();
    check_indexes();
    if (const auto broken = check_laws_in_full(state_))
        find("state after block " + std::to_string(verification_.height), breach_text(*broken));
}

const pb::ValidatorSet& Replay::set_of(std::uint64_t height) const {
    const auto* found = &sets_.front();
    for (const auto& set : sets_)
        if (set.first_height <= height) found = &set;
    return found->validators;
}

void Replay::note_set(std::uint64_t first_height, const pb::ValidatorSet& validators) {
    if (!sets_.empty() && sets_.back().first_height == first_height) sets_.pop_back();
    sets_.push_back({first_height, validators});
}

void Replay::check_sets() {
    const auto stored = reader_.validator_sets();
    const bool same = std::ranges::equal(stored, sets_, [](const auto& a, const auto& b) {
        return a.first_height == b.first_height &&
               a.validators.SerializeAsString() == b.validators.SerializeAsString();
    });
    if (!same) find("chain/validators", "not the sets that the ledger gives");
}

/// A segment after the first: is it the one that the state hands over to?
void Replay::begin_segment(const SegmentStart& segment) {
    const auto& handover = governing_.handover();
    const bool fits = handover && handover->chain_id() == segment.chain_id &&
                      handover->initial_height() == segment.first_height &&
                      handover->engine() == segment.engine;
    if (!fits)
        return find("chain/segments height " + std::to_string(segment.first_height),
                    "not the segment that the ledger hands over to");
    note_set(segment.first_height, handover->validators());
    pb::Segment begun;
    begun.set_engine(handover->engine());
    *begun.mutable_validators() = handover->validators();
    governing_.begin_segment(begun);
}

/// What the engine made of the block: header and commit, if they have arrived.
void Replay::check_signed(std::uint64_t height, const StoredBlock& stored,
                          std::span<const std::string> bundles) {
    const auto place = "chain/blocks height " + std::to_string(height);
    const auto& shape = reader_.shape();
    const auto& segment = shape.segment_of(height);
    if (!stored.record.has_header()) {
        const bool may_follow = &segment == &shape.segments.back() &&
                                segment.engine == pb::ENGINE_COMETBFT &&
                                !stored.record.has_commit();
        if (!may_follow) find(place, "its header is missing");
        ++verification_.without_header;
        return;
    }
    if (verification_.without_header > 0)
        find(place, "it has a header, and a block before it has none");
    const ChainStep step{segment,
                         height,
                         set_of(height),
                         set_of(height + 1),
                         last_.record,
                         last_.extent.bundles,
                         height - 1 > shape.base_height,
                         stored.record,
                         bundles};
    for (auto& what : check_chain_step(step)) find(place, std::move(what));
}

void Replay::run_block(std::uint64_t height) {
    const auto place = "chain/blocks height " + std::to_string(height);
    const auto& segment = reader_.shape().segment_of(height);
    const auto stored = reader_.block(height);
    const auto bundles = reader_.bundles(height, stored.extent);
    if (&segment != &reader_.shape().segments.front() && height == segment.first_height)
        begin_segment(segment);
    check_signed(height, stored, bundles);
    for (auto& what :
         check_bundles(bundles, constants_.ledger_id, segment.chain_id, options_.signatures))
        find("chain/bundles height " + std::to_string(height), std::move(what));
    if (stored.extent.first_entry != log_.size()) find(place, "its entries do not follow the last");

    const auto envelopes = envelopes_of_bundles(bundles, governing_.nodes());
    if (!envelopes) fail_damaged(place, "a bundle is malformed");
    const auto now = static_cast<std::uint64_t>(time_of(stored.record).seconds());
    if (auto cannot = why_not_executable(state_))
        throw LmdbFailure{{StoreFault::newer_version, *std::move(cannot)}};
    const auto misbehaviours = misbehaviours_of(stored.record);
    auto result = execute_block(constants_.ledger_id, state_, used_ids_, due_,
                                {height, now, *envelopes, misbehaviours, segment.chain_id});
    const auto block = encode_block(std::move(result), *envelopes);
    check_entries(stored, block, place);

    state_.apply(block.result.changes);
    tree_.update(tree_changes(block));
    std::vector<Hash> leaves;
    for (const auto& entry : block.entries) {
        for (const auto term : entry.terms) terms_.push_back({term, log_.size() + leaves.size()});
        leaves.push_back(entry.leaf);
        if (entry.valid_until == 0) continue;
        used_ids_.insert(entry.id, entry.valid_until);
        ++ids_;
    }
    for (auto& node : log_.append(leaves)) log_nodes_.push_back(node);
    if (stored.record.app_state().SerializeAsString() !=
        make_app_state(tree_.root(), log_).SerializeAsString())
        find(place, "executing it gives another app hash than it records");
    const auto noted = governing_.note(height, reader_.shape(), block.result.changes, state_);
    if (noted.validators) note_set(height + 2, *noted.validators);
    if (noted.beyond_segment) find(place, "it follows the last block of its segment");
    last_ = stored;
}

void Replay::check_entries(const StoredBlock& stored, const EncodedBlock& block,
                           const std::string& place) {
    if (block.entries.size() != stored.extent.entries)
        return find(place, "executing it gives " + std::to_string(block.entries.size()) +
                               " entries, recorded are " + std::to_string(stored.extent.entries));
    for (std::uint64_t i = 0; i < block.entries.size() && !full(); ++i) {
        const auto index = stored.extent.first_entry + i;
        const auto where = "chain/entries " + std::to_string(index);
        const auto& expected = block.entries[i];
        if (reader_.entry(index) != expected.bytes) find(where, "another outcome than executing");
        if (expected.valid_until != 0 &&
            reader_.find_used(expected.id, expected.valid_until) != index)
            find("chain/ids " + to_hex(expected.id.view()),
                 "does not name entry " + std::to_string(index));
    }
}

void Replay::check_indexes() {
    std::uint64_t ids = 0;
    reader_.for_each_id(0, [&](auto, const auto&, auto) { ++ids; });
    if (ids != ids_) find("chain/ids", "not as many as envelopes in the log");

    std::vector<Term> terms;
    reader_.for_each_run_term([&](const Term& it) { terms.push_back(it); });
    std::ranges::sort(terms);
    std::ranges::sort(terms_);
    if (terms != terms_) find("chain/runs", "not what the log's entries are found by");

    std::vector<LogNode> nodes;
    reader_.for_each_node([&](LogNodeId id, const Hash& hash) { nodes.push_back({id, hash}); });
    std::ranges::sort(log_nodes_, {}, &LogNode::id);
    if (!std::ranges::equal(nodes, log_nodes_, [](const auto& a, const auto& b) {
            return a.id == b.id && a.hash == b.hash;
        }))
        find("chain/nodes", "not the nodes of the log's tree");
}

/// Every leaf of the state on the disk, if it is that of this height.
void Replay::check_state(std::uint64_t height) {
    if (state_height_ != height) return;
    const StateStore state{folder_, 1ULL << 30, true};
    const auto read = state.read();
    auto expected = state_.leaves().begin();
    const auto end = state_.leaves().end();
    std::uint64_t leaves = 0;
    read.ascend(state.leaves(), {}, [&](auto key, auto value) {
        ++leaves;
        for (; expected != end && expected->first < key; ++expected)
            find(place_of("state", "leaves", expected->first), "the leaf is missing");
        if (expected == end || expected->first != key) {
            find(place_of("state", "leaves", key), "a leaf that the chain does not give");
            return !full();
        }
        if (canonical_bytes(*expected->second) != value)
            find(place_of("state", "leaves", key), "another value than the chain gives");
        ++expected;
        return !full();
    });
    for (; expected != end && !full(); ++expected)
        find(place_of("state", "leaves", expected->first), "the leaf is missing");
    verification_.leaves = leaves;
}

}  // namespace

StoreResult<Verification> verify_folder(const std::filesystem::path& folder,
                                        const VerifyOptions& options) {
    return guarded([&] {
        if (!std::filesystem::exists(folder / "chain" / "data.mdb"))
            throw LmdbFailure{{StoreFault::not_found, folder.string() + " holds no ledger"}};
        const FolderLock lock{folder};
        Verification verification;
        try {
            Replay{folder, options, verification}.run();
        } catch (const LmdbFailure& failure) {
            const auto fault = failure.error().fault;
            if (fault != StoreFault::damaged && fault != StoreFault::not_found) throw;
            verification.findings.push_back(finding_of(failure.error().what));
        }
        return verification;
    });
}

}  // namespace tallystick::ledger
