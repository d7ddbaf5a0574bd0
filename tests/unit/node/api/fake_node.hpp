#pragma once

#include <map>
#include <memory>

#include "ledger/memory_state.hpp"
#include "node/api/api.hpp"
#include "node/api/json.hpp"
#include "node/node_service.hpp"
#include "protocol/canonical.hpp"

/// A node that says what a test tells it to: the API is tested without sockets, threads or a store.
namespace tallystick::node {

/// Leaves in memory, read as a snapshot of a height.
struct FakeLedger {
    ledger::MemoryState state;
    std::map<std::string, std::string> leaves;  ///< the same, as bytes
    std::vector<pb::LogEntry> entries;
    std::map<std::uint64_t, std::string> envelopes;  ///< by log index
    std::vector<std::uint64_t> of_account;           ///< newest first
    std::uint64_t height = 7;
    std::uint64_t time = 1000;
    bool damaged = false;

    template <class Value>
    void put(const Key<Value>& key, const Value& value) {
        state.apply({{key.bytes, std::make_shared<const Value>(value)}});
        leaves[key.bytes] = canonical_bytes(value);
    }
    [[nodiscard]] Result<LoggedEntry, ReadError> entry(std::uint64_t index) const {
        if (index >= entries.size()) return Failure{ReadError::not_found};
        const auto bytes = std::make_shared<const std::string>(canonical_bytes(entries[index]));
        return LoggedEntry{bytes, entries[index], *bytes, index};
    }
    [[nodiscard]] Result<std::string, ReadError> envelope(std::uint64_t index) const {
        const auto found = envelopes.find(index);
        if (found == envelopes.end()) return Failure{ReadError::not_found};
        return found->second;
    }
};

class FakeSnapshot final : public Snapshot {
  public:
    explicit FakeSnapshot(const FakeLedger& its_ledger) : ledger_(its_ledger) {}
    [[nodiscard]] std::uint64_t height() const override { return ledger_.height; }
    [[nodiscard]] std::uint64_t time() const override { return ledger_.time; }
    [[nodiscard]] const ledger::StateView& state() const override { return ledger_.state; }
    void scan(std::string_view prefix, std::string_view start,
              const std::function<bool(std::string_view, std::string_view)>& visit) const override {
        for (auto leaf = ledger_.leaves.lower_bound(std::string{std::max(prefix, start)});
             leaf != ledger_.leaves.end() && leaf->first.starts_with(prefix); ++leaf)
            if (!visit(leaf->first, leaf->second)) return;
    }
    [[nodiscard]] Result<std::vector<std::uint64_t>, ReadError> entries_of_account(
        std::string_view, std::uint64_t before, std::size_t most) const override {
        std::vector<std::uint64_t> found;
        for (const auto index : ledger_.of_account)
            if (index < before && found.size() < most) found.push_back(index);
        return found;
    }
    [[nodiscard]] std::uint64_t log_size() const override { return ledger_.entries.size(); }
    [[nodiscard]] Result<LoggedEntry, ReadError> entry(std::uint64_t index) const override {
        return ledger_.entry(index);
    }
    [[nodiscard]] Result<std::string, ReadError> envelope(std::uint64_t index) const override {
        return ledger_.envelope(index);
    }
    [[nodiscard]] bool is_damaged() const override { return ledger_.damaged; }

  private:
    const FakeLedger& ledger_;
};

class FakeNode final : public NodeService {
  public:
    FakeNode() {
        genesis_.set_name("suffolk-credits");
        *genesis_file_.mutable_genesis() = canonical_bytes(genesis_);
    }

    FakeLedger ledger;
    Head its_head;
    NodeMetrics its_metrics;
    std::vector<std::string> failing;
    std::vector<Answer> answers;         ///< to the next `submit`
    std::vector<std::string> submitted;  ///< what the last `submit` was given
    bool holds_answers = false;          ///< `submit` keeps `done` in `held`
    SubmitDone held;
    DryRunAnswer dry_run_answer;
    std::optional<ReadError> proof_error;
    /// The chain, if a test has one: blocks, segments, sets and handovers.
    std::function<Result<pb::LightBlock, ReadError>(std::uint64_t)> its_light_block;
    std::map<std::uint64_t, pb::BlockRecord> its_blocks;
    std::vector<SegmentInfo> its_segments;
    std::vector<ValidatorsFrom> its_sets;
    std::map<std::uint32_t, pb::HandoverRecord> its_handovers;
    NetworkState its_network;
    pb::ValidatorSet its_validators;

    void submit(std::vector<std::string> envelopes, SubmitDone done) override {
        submitted = std::move(envelopes);
        if (holds_answers)
            held = std::move(done);
        else
            done(answers);
    }
    [[nodiscard]] DryRunAnswer dry_run(std::string, DryRunForm) const override {
        return dry_run_answer;
    }
    [[nodiscard]] Head head() const override { return its_head; }
    [[nodiscard]] Result<std::unique_ptr<Snapshot>, ReadError> snapshot() const override {
        return std::unique_ptr<Snapshot>{std::make_unique<FakeSnapshot>(ledger)};
    }
    [[nodiscard]] Result<LoggedEntry, ReadError> lookup(const EnvelopeId& id) const override {
        for (std::size_t i = 0; i < ledger.entries.size(); ++i)
            if (ledger.entries[i].id() == id.str()) return ledger.entry(i);
        return Failure{ReadError::not_found};
    }
    [[nodiscard]] Result<LoggedEntry, ReadError> entry(std::uint64_t index) const override {
        return ledger.entry(index);
    }
    [[nodiscard]] Result<std::string, ReadError> envelope(std::uint64_t index) const override {
        return ledger.envelope(index);
    }
    [[nodiscard]] Result<pb::BlockRecord, ReadError> block(std::uint64_t height) const override {
        const auto found = its_blocks.find(height);
        if (found == its_blocks.end()) return Failure{ReadError::not_found};
        return found->second;
    }
    [[nodiscard]] Result<pb::LightBlock, ReadError> light_block(
        std::uint64_t height) const override {
        if (its_light_block) return its_light_block(height);
        return Failure{ReadError::not_found};
    }
    [[nodiscard]] std::vector<SegmentInfo> segments() const override {
        return its_segments.empty() ? NodeService::segments() : its_segments;
    }
    [[nodiscard]] Result<std::vector<ValidatorsFrom>, ReadError> validator_sets() const override {
        return its_sets.empty() ? NodeService::validator_sets() : its_sets;
    }
    [[nodiscard]] Result<pb::HandoverRecord, ReadError> handover(
        std::uint32_t segment) const override {
        const auto found = its_handovers.find(segment);
        if (found == its_handovers.end()) return Failure{ReadError::not_found};
        return found->second;
    }
    void prove_state(std::vector<std::string> keys, ProvedStateDone done) const override {
        if (proof_error) return done(Failure{*proof_error});
        ProvedState proved;
        for (const auto& key : keys) proved.items.emplace_back().set_key(key);
        proved.block.mutable_header()->set_height(8);
        if (its_light_block)
            if (auto block = its_light_block(its_head.height)) proved.block = std::move(*block);
        done(std::move(proved));
    }
    void prove_entry(std::uint64_t, ProvedEntryDone done) const override {
        done(Failure{proof_error.value_or(ReadError::not_found)});
    }
    [[nodiscard]] Result<ConsistencyProof, ReadError> prove_consistency(
        std::uint64_t, std::uint64_t) const override {
        return Failure{ReadError::not_found};
    }
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(BlockListener) override {
        return std::make_unique<Subscription>();
    }
    [[nodiscard]] const pb::GenesisFile& genesis_file() const override { return genesis_file_; }
    [[nodiscard]] const pb::Genesis& genesis() const override { return genesis_; }
    [[nodiscard]] const LedgerId& ledger_id() const override { return ledger_id_; }
    [[nodiscard]] const std::string& chain_id() const override { return chain_id_; }
    [[nodiscard]] pb::ValidatorSet validators() const override { return its_validators; }
    [[nodiscard]] NetworkState network_state() const override { return its_network; }
    [[nodiscard]] NodeMetrics metrics() const override { return its_metrics; }
    [[nodiscard]] std::vector<std::string> not_ready() const override { return failing; }

  private:
    pb::Genesis genesis_;
    pb::GenesisFile genesis_file_;
    LedgerId ledger_id_;
    std::string chain_id_ = "suffolk-credits-1";
};

/// Asks an Api and gives its answer; what is late is answered as late.
[[nodiscard]] inline api::Response answer_to(const api::Api& api, api::Request request,
                                             std::string_view target) {
    const auto build = std::make_shared<api::Build>();  // a reply may come when nobody waits
    const auto late = api.handle(std::move(request), target,
                                 [build](api::Build its_build) { *build = std::move(its_build); });
    return *build ? (*build)() : late.build();
}

[[nodiscard]] inline api::Response get(const api::Api& api, std::string_view target) {
    return answer_to(api, {}, target);
}

[[nodiscard]] inline api::Json json_in(const api::Response& response) {
    return api::Json::parse(response.body);
}

[[nodiscard]] inline std::string code_in(const api::Response& response) {
    return json_in(response)["code"];
}

}  // namespace tallystick::node
