#include "ledger/state_machine.hpp"

#include <utility>

#include "ledger/attempt.hpp"
#include "ledger/block_overlay.hpp"
#include "ledger/changed_leaf.hpp"
#include "ledger/governance/nodes.hpp"
#include "ledger/laws/law.hpp"

namespace tallystick::ledger {

namespace {

/// One block on its way. What the ledger does by itself first, then envelopes, each on what those
/// before it left.
class BlockRun {
  public:
    BlockRun(const LedgerId& ledger_id, const StateView& state, const UsedIds& used, DueIndex& due,
             const BlockInput& input)
        : ledger_id_(ledger_id),
          state_(state),
          used_(used),
          due_(due),
          input_(input),
          overlay_(state),
          parameters_(state.get(parameters_key())) {
        ensure(parameters_ != nullptr, "a ledger has parameters");
        ensure(parameters_->rule_set() <= rule_set_known,
               "a node stops before a block whose rules it does not know");
    }

    void record_misbehaviours();
    void run_due_items();
    void run_envelopes();
    void skip_envelopes();
    [[nodiscard]] BlockResult finish();

  private:
    [[nodiscard]] bool is_overdue() const {
        const auto* first = due_.first();
        return first != nullptr && first->time <= input_.now;
    }
    void run_due_item(const DueItem& item);
    [[nodiscard]] bool has_handed_over(const DueItem& done) const;
    void add_own_entry(const DueItem& item, const Verdict& refusal,
                       std::vector<pb::Movement> movements);
    void run_envelope(const DecodedEnvelope& envelope);
    pb::LogEntry& add_entry(std::string_view id, std::string_view envelope_hash,
                            std::uint64_t valid_until);
    static void answer(pb::LogEntry& entry, const Verdict& refusal,
                       std::vector<pb::Movement> movements);

    const LedgerId& ledger_id_;
    const StateView& state_;
    const UsedIds& used_;
    DueIndex& due_;
    const BlockInput& input_;
    BlockOverlay overlay_;
    std::shared_ptr<const pb::Parameters> parameters_;
    BlockResult result_;
    std::set<EnvelopeId> ids_;                       ///< used by this block
    std::map<std::string, std::uint32_t> refusals_;  ///< by acting account
    std::set<std::string> refreshed_;                ///< by due items
};

pb::LogEntry& BlockRun::add_entry(std::string_view id, std::string_view envelope_hash,
                                  std::uint64_t valid_until) {
    const auto index = result_.entries.size();
    auto& entry = result_.entries.emplace_back();
    entry.set_id(id.data(), id.size());
    entry.set_envelope_hash(envelope_hash.data(), envelope_hash.size());
    entry.set_valid_until(valid_until);
    entry.set_time(input_.now);
    entry.set_height(input_.height);
    entry.set_index(index);
    return entry;
}

void BlockRun::answer(pb::LogEntry& entry, const Verdict& refusal,
                      std::vector<pb::Movement> movements) {
    auto& outcome = *entry.mutable_outcome();
    outcome.set_status(refusal ? pb::STATUS_REFUSED : pb::STATUS_DONE);
    if (refusal) outcome.set_refusal(static_cast<std::uint32_t>(*refusal));
    for (auto& movement : movements) *outcome.add_movements() = std::move(movement);
}

void BlockRun::add_own_entry(const DueItem& item, const Verdict& refusal,
                             std::vector<pb::Movement> movements) {
    auto& entry = add_entry(item.id.text(), Hash{}.text(), 0);
    answer(entry, refusal, std::move(movements));
    auto& due = *entry.mutable_outcome()->mutable_due();
    due.set_time(item.time);
    due.set_kind(item.kind);
    due.set_object(item.object);
    ++result_.due_items;
}

void BlockRun::record_misbehaviours() {
    for (const auto& report : input_.misbehaviours) {
        Draft draft{overlay_};
        const auto key = record_misbehaviour(report, input_.height, draft);
        if (!key) continue;
        const auto kind = pb::DUE_KIND_MISBEHAVIOUR;
        add_own_entry({input_.now, kind, due_id(ledger_id_, input_.now, kind, *key), *key}, {}, {});
        overlay_.merge(draft.take_changes());
    }
}

void BlockRun::run_due_item(const DueItem& item) {
    Draft draft{overlay_};
    const auto refusal = execute_due(item, {input_.height, input_.chain_id}, draft);
    add_own_entry(item, refusal, draft.take_movements());

    auto changes = draft.take_changes();
    std::vector<std::string> touched;
    for (const auto& [key, value] : changes)
        if (bears_due_items(key)) touched.push_back(key);
    overlay_.merge(std::move(changes));
    for (auto& key : touched) {
        refresh_due(due_, ledger_id_, key, overlay_);
        refreshed_.insert(std::move(key));
    }
}

/// Was this the item that ended the segment? What comes after it waits for the next one, so that
/// the record's validators are those of the state that it leaves.
bool BlockRun::has_handed_over(const DueItem& done) const {
    if (done.kind != pb::DUE_KIND_PROPOSAL) return false;
    const auto handover = overlay_.get(handover_key());
    return handover && handover->initial_height() == input_.height + 2;
}

void BlockRun::run_due_items() {
    const auto most = result_.due_items + parameters_->due_items_per_block_max();
    while (result_.due_items < most && is_overdue()) {
        const DueItem item = *due_.first();
        run_due_item(item);
        if (has_handed_over(item)) break;
        const auto* next = due_.first();
        // Else every block would do it again, for ever.
        ensure(next == nullptr || *next != item, "a due item that was done is no longer due");
    }
    result_.more_due = is_overdue();
}

void BlockRun::run_envelope(const DecodedEnvelope& envelope) {
    auto& mine = result_.envelopes.emplace_back();
    if (ids_.contains(envelope.id) || used_.contains(envelope.id, envelope.body.valid_until())) {
        mine.skip = Skip::id_used;
        return;
    }
    AttemptContext context{ledger_id_, overlay_, due_};
    context.now = input_.now;
    context.overdue_remain = result_.more_due;
    if (!refusals_.empty()) {
        const auto refused = refusals_.find(envelope.body.account());
        context.at_refusal_limit =
            refused != refusals_.end() &&
            refused->second >= parameters_->refusals_per_account_per_block_max();
    }
    auto made = attempt(envelope, context);
    if (made.skip) {
        mine.skip = made.skip;
        return;
    }
    mine.entry = result_.entries.size();
    answer(
        add_entry(envelope.id.text(), envelope.envelope_hash.text(), envelope.body.valid_until()),
        made.refusal, std::move(made.movements));
    ids_.insert(envelope.id);
    if (made.refusal) ++refusals_[envelope.body.account()];
    overlay_.merge(std::move(made.changes));
}

void BlockRun::run_envelopes() {
    result_.envelopes.reserve(input_.envelopes.size());
    result_.entries.reserve(result_.entries.size() + input_.envelopes.size());
    for (const auto& envelope : input_.envelopes) run_envelope(*envelope);
}

void BlockRun::skip_envelopes() {
    result_.envelopes.resize(input_.envelopes.size(), {Skip::handed_over, std::nullopt});
    result_.more_due = is_overdue();
}

BlockResult BlockRun::finish() {
    result_.changes = overlay_.take_changes();
    const OverChanges after{result_.changes, state_};
    const auto leaves = changed_leaves(result_.changes, state_);
    for (const auto& leaf : leaves)
        if (bears_due_items(leaf.key) &&
            (refreshed_.contains(leaf.key) || may_change_due_items(leaf)))
            refresh_due(due_, ledger_id_, leaf.key, after);

    const ExecutedBlock block{ledger_id_, state_, after, input_, result_, leaves};
    if (const auto broken = check_laws(block)) stop_on_bug(breach_text(*broken).c_str());
    return std::move(result_);
}

}  // namespace

bool is_last_block(const StateView& before, std::uint64_t height) {
    const auto handover = before.get(handover_key());
    return handover != nullptr && handover->initial_height() == height + 1;
}

std::optional<std::string> why_not_executable(const StateView& state) {
    const auto parameters = state.get(parameters_key());
    ensure(parameters != nullptr, "a ledger has parameters");
    if (parameters->rule_set() <= rule_set_known) return std::nullopt;
    const auto needed = std::to_string(parameters->rule_set());
    return "The authorities have put rule set " + needed +
           " in force, and this version of tallyd knows rule sets up to " +
           std::to_string(rule_set_known) + ": install a version that knows rule set " + needed +
           " and start it; nothing is lost.";
}

BlockResult execute_block(const LedgerId& ledger_id, const StateView& state, const UsedIds& used,
                          DueIndex& due, const BlockInput& input) {
    BlockRun run{ledger_id, state, used, due, input};
    if (is_last_block(state, input.height)) {
        run.skip_envelopes();
        return run.finish();
    }
    run.record_misbehaviours();
    run.run_due_items();
    run.run_envelopes();
    return run.finish();
}

}  // namespace tallystick::ledger
