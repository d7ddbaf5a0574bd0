#include "node/ledger_node.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "ledger/actions/action.hpp"
#include "node/answers.hpp"
#include "node/handover_archive.hpp"
#include "node/log.hpp"
#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::node {
namespace {

/// Of a block whose header may not be here yet.
ledger::StoreResult<Hash> hash_of_block(const ledger::StoreSnapshot& snapshot,
                                        std::uint64_t height) {
    const auto block = snapshot.block(height);
    if (!block) return Failure{block.error()};
    if (block->has_header()) return header_hash(block->header());
    const auto hash = Hash::from(block->hash());
    ensure(hash.has_value(), "a block without a header is kept with its hash");
    return *hash;
}

/// Where the store stands, as readers are told.
ledger::StoreResult<Head> head_of(const ledger::Store& store,
                                  const ledger::StoreSnapshot& snapshot) {
    Head head;
    head.height = store.height();
    head.time_ms = milliseconds_of(store.block_time());
    head.app_state = store.app_state();
    const auto state_root = Hash::from(head.app_state.state_root());
    const auto log_root = Hash::from(head.app_state.log_root());
    ensure(state_root && log_root, "roots have 32 bytes");
    head.app_hash = app_hash(*state_root, *log_root, head.app_state.log_size());
    if (head.height > snapshot.base_height()) {
        auto hash = hash_of_block(snapshot, head.height);
        if (!hash) return Failure{hash.error()};
        head.header_hash = *hash;
    }
    const auto proved = store.headers_until();
    if (proved <= snapshot.base_height()) return head;
    // A header carries the state after the block before, and its own block's if that changed
    // nothing.
    const auto before = snapshot.app_state(proved - 1);
    if (!before) return Failure{before.error()};
    const auto after = snapshot.app_state(proved);
    if (!after) return Failure{after.error()};
    const bool changed_nothing = before->SerializeAsString() == after->SerializeAsString();
    head.provable_height = changed_nothing ? proved : proved - 1;
    return head;
}

/// An unsigned body as an envelope whose form is right, so that it is judged like one.
std::string envelope_around(std::string body) {
    pb::Envelope envelope;
    envelope.set_body(std::move(body));
    auto& signature = *envelope.add_signatures();
    signature.set_public_key(std::string(PublicKey::size, '\0'));
    signature.set_signature(std::string(SignatureBytes::size, '\0'));
    return canonical_bytes(envelope);
}

DryRunAnswer dry(const Answer& answer) {
    DryRunAnswer made;
    made.status = answer.status;
    made.id = answer.id;
    made.code = answer.code;
    made.sentence = answer.sentence;
    return made;
}

std::optional<Skip> skip_for_time(std::uint64_t valid_until, std::uint64_t now) {
    if (now > valid_until) return Skip::expired;
    if (valid_until - now > validity_seconds_max) return Skip::too_distant;
    return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<LedgerNode>, std::string> LedgerNode::create(
    std::unique_ptr<ledger::Store> store, SigningKey key, LedgerNodeOptions options) {
    const bool is_network = store->engine() == pb::ENGINE_COMETBFT;
    if (is_network != options.cometbft.has_value())
        return Failure{"The newest segment of this ledger, " + store->chain_id() +
                       ", is ordered by the engine " + (is_network ? "cometbft" : "solo") +
                       ": run it with engine = \"" + (is_network ? "cometbft" : "solo") +
                       "\". Another engine takes over only after the authorities decided a "
                       "handover and tallyd handover was run."};
    const auto& validators = store->segment_validators();
    if (!is_network && (validators.validators_size() != 1 ||
                        validators.validators(0).public_key() != key.public_key().text()))
        return Failure{"The signing key is not this ledger's node key: the ledger expects " +
                       to_hex(bytes_of(validators.validators(0).public_key())) +
                       ", the key file holds " + to_hex(key.public_key().view()) + "."};
    const auto moment = store->moment();
    const auto snapshot = store->open_snapshot({&moment, 1});
    if (!snapshot) return Failure{snapshot.error().what};
    const auto head = head_of(*store, **snapshot);
    if (!head) return Failure{head.error().what};
    return std::unique_ptr<LedgerNode>{
        new LedgerNode{std::move(store),
                       std::move(key),
                       {*head, {(*snapshot)->base_height() + 1, (*snapshot)->first_entry()}},
                       std::move(options)}};
}

LedgerNode::LedgerNode(std::unique_ptr<ledger::Store> store, SigningKey key, const Begin& begin,
                       LedgerNodeOptions options)
    : store_(std::move(store)),
      key_(std::move(key)),
      clock_(options.cometbft ? options.cometbft->clocks.wall_ms : options.solo.clock),
      barred_(store_->signing_barred()),
      kept_from_(begin.kept_from),
      data_(options.data) {
    read_side_ = std::make_unique<ReadSide>(*store_, begin.head, store_->moment());
    const auto verifier_options = options.verifier;
    verifier_ = std::make_unique<Verifier>(
        verifier_options, store_->ledger_id(), [this] { return begin_prechecks(); },
        [this](std::vector<Job> jobs) { engine_->offer(std::move(jobs)); });
    verifier_->stop_accepting();
    engine_ = make_engine(std::move(options));
    if (data_.empty()) return;
    keep_handover_now();
    handover_listener_ = read_side_->subscribe(
        [this](const std::shared_ptr<const BlockEvent>& block) { keep_handover_of(*block); });
}

void LedgerNode::keep_handover_of(const BlockEvent& block) {
    const bool has_changed = std::ranges::any_of(block.entries, [](const auto& logged) {
        return logged->entry.outcome().due().kind() == pb::DUE_KIND_PROPOSAL;
    });
    // A change that takes effect may be a handover: then this block or the next is the moment.
    if (has_changed) handover_watched_ = 2;
    if (handover_watched_ == 0) return;
    --handover_watched_;
    keep_handover_now();
}

void LedgerNode::keep_handover_now() const {
    const auto opened = read_side_->open();
    if (!opened)
        return log_event(LogLevel::error, "handover_not_kept", {{"reason", opened.error().what}});
    if (const auto done = keep_handover(**opened, data_); !done)
        log_event(LogLevel::error, "handover_not_kept", {{"reason", done.error().sentence}});
}

std::unique_ptr<Engine> LedgerNode::make_engine(LedgerNodeOptions options) {
    const auto more_is_coming = [this] { return verifier_->is_working(); };
    const auto answer = [this](Job& job, Answer given) {
        verifier_->answer(job, std::move(given));
    };
    if (options.cometbft)
        return std::make_unique<CometbftEngine>(
            CometbftEngine::Parts{
                *store_, *read_side_, key_, *verifier_, more_is_coming, answer, writer_mutex_, {}},
            std::move(*options.cometbft));
    return std::make_unique<SoloEngine>(
        SoloEngine::Parts{*store_, *read_side_, key_, more_is_coming, answer,
                          [this](std::size_t parts, const std::function<void(std::size_t)>& part) {
                              verifier_->spread(parts, part);
                          },
                          writer_mutex_},
        std::move(options.solo));
}

LedgerNode::~LedgerNode() {
    if (started_ && !stopping_) static_cast<void>(shut_down(std::chrono::milliseconds{0}));
}

void LedgerNode::start() {
    ensure(!started_.exchange(true), "a node is started once");
    if (barred_) return;
    engine_->start();
    verifier_->accept_again();
}

bool LedgerNode::wait_for_first_block(std::chrono::milliseconds limit) const {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!barred_ && !engine_->fault() && read_side_->headers_until() == 0) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

Result<void, std::string> LedgerNode::shut_down(std::chrono::milliseconds limit) {
    ensure(!stopping_.exchange(true), "a node is shut down once");
    verifier_->stop_accepting();
    if (barred_ || !started_) return {};
    static_cast<void>(verifier_->wait_until_idle(limit));
    engine_->stop();
    if (auto fault = engine_->fault()) return Failure{std::move(*fault)};
    if (const auto saved = store_->checkpoint(); !saved) return Failure{saved.error().what};
    return {};
}

ledger::StoreResult<void> LedgerNode::backup_to(const std::filesystem::path& target) const {
    return store_->backup_to(target);
}

ledger::StoreResult<std::unique_ptr<ledger::StoreSnapshot>> LedgerNode::open_snapshot() const {
    return read_side_->open();
}

std::uint64_t LedgerNode::now_seconds() const {
    return std::max(clock_(), read_side_->head().time_ms) / 1000;
}

Verifier::Precheck LedgerNode::begin_prechecks() const {
    auto opened = read_side_->open();
    std::shared_ptr<const ledger::StoreSnapshot> snapshot;
    if (opened) snapshot = std::move(*opened);
    return [this, snapshot,
            now = now_seconds()](const DecodedEnvelope& envelope) -> std::optional<Answer> {
        const auto valid_until = envelope.body.valid_until();
        // A used id is answered before the time is looked at: who asks again late still gets the
        // first outcome. If it cannot be read here, the writer finds it.
        const auto skip = skip_for_time(valid_until, now);
        if (snapshot) {
            const auto index = skip ? snapshot->find_entry(envelope.id, valid_until)
                                    : snapshot->find_live_entry(envelope.id, valid_until);
            if (index && *index) {
                if (auto first = read_side_->entry(**index))
                    return logged_answer(std::make_shared<const LoggedEntry>(std::move(*first)),
                                         false);
            }
        }
        if (skip) return skipped_answer(*skip, envelope.id);
        return std::nullopt;
    };
}

void LedgerNode::submit(std::vector<std::string> envelopes, SubmitDone done) {
    verifier_->submit(std::move(envelopes), std::move(done));
}

DryRunAnswer LedgerNode::dry_run(std::string bytes, DryRunForm form) const {
    const bool is_signed = form == DryRunForm::envelope;
    const auto decoded =
        decode_envelope(is_signed ? std::move(bytes) : envelope_around(std::move(bytes)));
    if (!decoded) return dry(malformed_answer(decoded.error(), std::nullopt));
    const auto now = now_seconds();
    const auto with_now = [now](DryRunAnswer answer) {
        answer.now = now;
        return answer;
    };
    if (decoded->body.ledger_id() != store_->ledger_id().text())
        return with_now(dry(skipped_answer(Skip::wrong_ledger, decoded->id)));
    if (const auto malformed = ledger::check_action(decoded->body))
        return with_now(dry(malformed_answer(*malformed, decoded->id)));
    if (is_signed && !verify_signatures(*decoded))
        return with_now(dry(malformed_answer(EnvelopeError::false_signature, decoded->id)));

    ledger::Preview preview;
    {
        const std::lock_guard lock{writer_mutex_};
        preview = ledger::preview(store_->ledger_id(), store_->view(), store_->used_ids(),
                                  store_->due(), *decoded, now, is_signed);
    }
    if (preview.skip) return with_now(dry(skipped_answer(*preview.skip, decoded->id)));
    DryRunAnswer answer;
    answer.id = decoded->id;
    answer.now = now;
    const auto& outcome = *preview.outcome;
    if (outcome.status() == pb::STATUS_DONE) {
        answer.status = AnswerStatus::done;
        answer.movements.assign(outcome.movements().begin(), outcome.movements().end());
        return answer;
    }
    answer.status = AnswerStatus::refused;
    answer.refusal = outcome.refusal();
    if (const auto refusal = refusal_from(answer.refusal)) {
        answer.code = refusal_name(*refusal);
        answer.sentence = refusal_sentence(*refusal);
    }
    return answer;
}

Head LedgerNode::head() const {
    return read_side_->head();
}

Result<std::unique_ptr<Snapshot>, ReadError> LedgerNode::snapshot() const {
    return read_side_->snapshot();
}

Result<LoggedEntry, ReadError> LedgerNode::lookup(const EnvelopeId& id) const {
    return read_side_->lookup(id);
}

Result<LoggedEntry, ReadError> LedgerNode::entry(std::uint64_t log_index) const {
    return read_side_->entry(log_index);
}

Result<std::string, ReadError> LedgerNode::envelope(std::uint64_t log_index) const {
    return read_side_->envelope(log_index);
}

Result<pb::BlockRecord, ReadError> LedgerNode::block(std::uint64_t height) const {
    return read_side_->block(height);
}

Result<pb::LightBlock, ReadError> LedgerNode::light_block(std::uint64_t height) const {
    return read_side_->light_block(height);
}

void LedgerNode::prove_state(std::vector<std::string> keys, ProvedStateDone done) const {
    ensure(keys.size() <= proof_keys_max, "at most proof_keys_max keys are proved at once");
    read_side_->prove_state(std::move(keys), std::move(done));
}

void LedgerNode::prove_entry(std::uint64_t log_index, ProvedEntryDone done) const {
    read_side_->prove_entry(log_index, std::move(done));
}

Result<ConsistencyProof, ReadError> LedgerNode::prove_consistency(std::uint64_t first,
                                                                  std::uint64_t second) const {
    return read_side_->prove_consistency(first, second);
}

std::unique_ptr<Subscription> LedgerNode::subscribe(BlockListener listener) {
    return read_side_->subscribe(std::move(listener));
}

const pb::GenesisFile& LedgerNode::genesis_file() const {
    return store_->genesis_file();
}

const pb::Genesis& LedgerNode::genesis() const {
    return store_->genesis();
}

const LedgerId& LedgerNode::ledger_id() const {
    return store_->ledger_id();
}

std::vector<SegmentInfo> LedgerNode::segments() const {
    std::vector<SegmentInfo> segments;
    for (const auto& segment : store_->segments())
        segments.push_back({segment.chain_id, segment.first_height});
    return segments;
}

Result<std::vector<ValidatorsFrom>, ReadError> LedgerNode::validator_sets() const {
    const auto opened = read_side_->open();
    if (!opened) return Failure{read_side_->error_of(opened.error())};
    auto kept = (*opened)->validator_sets();
    if (!kept) return Failure{read_side_->error_of(kept.error())};
    std::vector<ValidatorsFrom> sets;
    sets.reserve(kept->size());
    for (auto& set : *kept) sets.push_back({set.first_height, std::move(set.validators)});
    return sets;
}

Result<pb::HandoverRecord, ReadError> LedgerNode::handover(std::uint32_t segment) const {
    const auto chain = store_->genesis().name() + "-" + std::to_string(segment);
    for (const auto& known : segments())
        if (known.chain_id == chain && segment > 1 && !data_.empty())
            return read_handover(data_, known,
                                 [this](std::uint64_t height) { return light_block(height); });
    return Failure{ReadError::not_found};
}

NetworkState LedgerNode::network_state() const {
    return engine_->network_state();
}

const std::string& LedgerNode::chain_id() const {
    return store_->chain_id();
}

pb::ValidatorSet LedgerNode::validators() const {
    return read_side_->validators();
}

KeptFrom LedgerNode::kept_from() const {
    return kept_from_;
}

std::vector<SnapshotHere> LedgerNode::snapshots() const {
    return engine_->snapshots();
}

Result<std::vector<std::int64_t>, ReadError> LedgerNode::proposer_priorities(
    std::uint64_t height, const pb::ValidatorSet& validators) const {
    return engine_->proposer_priorities(height, validators);
}

NodeMetrics LedgerNode::metrics() const {
    NodeMetrics metrics;
    const auto head = read_side_->head();
    metrics.height = head.height;
    metrics.provable_height = head.provable_height;
    metrics.head_time_ms = head.time_ms;
    metrics.log_size = head.app_state.log_size();
    const auto& budget = verifier_->budget();
    metrics.queue_envelopes = budget.envelopes();
    metrics.queue_envelopes_max = budget.envelopes_max();
    metrics.queue_bytes = budget.bytes();
    metrics.queue_bytes_max = budget.bytes_max();
    const auto& checked = verifier_->counters();
    metrics.submitted_total = checked.submitted;
    metrics.malformed_total = checked.malformed;
    metrics.busy_total = checked.busy;
    metrics.signatures_verified_total = checked.signatures;
    const auto engine = engine_->metrics();
    metrics.skipped_total = checked.skipped + engine.skipped;
    metrics.repeated_total = checked.repeated + engine.repeated;
    metrics.done_total = engine.done;
    metrics.refused_total = engine.refused;
    metrics.blocks_total = engine.blocks;
    metrics.empty_blocks_total = engine.empty_blocks;
    metrics.due_done_total = engine.due_done;
    metrics.due_items = engine.due_items;
    metrics.due_items_overdue = engine.overdue ? 1 : 0;
    metrics.bundles_refused_total = engine.bundles_refused;
    metrics.proposals_rejected_total = engine.proposals_rejected;
    metrics.engine = engine.health;
    metrics.execute_microseconds_total = engine.execute_microseconds;
    metrics.commit_microseconds_total = engine.commit_microseconds;
    return metrics;
}

std::vector<std::string> LedgerNode::not_ready() const {
    std::vector<std::string> reasons;
    if (!started_) reasons.emplace_back("The node is starting.");
    if (stopping_) reasons.emplace_back("The node is shutting down.");
    if (barred_)
        reasons.emplace_back(
            "This folder was restored from a backup and signs nothing until its operator confirms "
            "the highest height that was released: tallyd restore --confirm-height.");
    if (started_ && !barred_ && read_side_->head().height == 0)
        reasons.emplace_back("The first block is being made.");
    if (auto fault = engine_->fault())
        reasons.push_back("Writing has stopped: " + *fault +
                          ". Reads go on. Start the node again once the cause is gone.");
    if (started_ && !barred_)
        for (auto& reason : engine_->not_ready()) reasons.push_back(std::move(reason));
    if (auto damage = read_side_->damage())
        reasons.push_back("Damage was found: " + *damage +
                          " Run tallyd verify, and restore a backup if it confirms that.");
    return reasons;
}

}  // namespace tallystick::node
