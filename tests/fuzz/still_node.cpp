#include "fuzz/still_node.hpp"

#include "ledger/changed_leaf.hpp"
#include "unit/ledger/support.hpp"

namespace tallystick::fuzz {

namespace {

using node::ReadError;

/// The standard world of the rules' tests, with what happens to its contract later.
ledger::Changes world() {
    auto state = ledger::test::standard_world();
    const auto contract = ledger::test::bridge();
    const auto claim = ledger::test::claim_on(contract, ledger::test::builders);
    const auto line = ledger::test::commitment(ledger::test::food_bank, "laptop", 4);

    pb::Need need;
    *need.mutable_contract() = contract;
    need.set_project(ledger::test::food_bank);
    need.set_resource("laptop");
    need.set_quantity(9);
    need.set_by_when(ledger::test::deadline - 1);
    need.set_ward("orwell");
    state.put(need_key(std::string(32, 'n')), need);

    pb::AwardRecord award;
    *award.mutable_claim() = claim;
    award.set_status(pb::AWARD_STATUS_ISSUED);
    award.set_lines(1);
    award.set_value(20'000);
    state.put(award_key(std::string(32, 'w')), award);
    pb::AwardedLine awarded;
    *awarded.mutable_line() = line;
    awarded.set_unit_value(ledger::test::laptop_value);
    state.put(awarded_line_key(std::string(32, 'w'), 0), awarded);

    pb::Bid bid;
    bid.set_hash(std::string(32, 's'));
    state.put(bid_key(claim), bid);
    pb::RevealedLine revealed;
    *revealed.mutable_line() = line;
    state.put(revealed_line_key(claim, 0), revealed);
    pb::Promise promise;
    promise.set_awarded(4);
    state.put(promise_key(claim, "laptop"), promise);
    pb::Totals totals;
    totals.set_issued(20'000);
    totals.set_available(20'000);
    state.put(contract_totals_key(contract), totals);
    state.put(claim_totals_key(claim), totals);
    return {state.leaves().begin(), state.leaves().end()};
}

node::LoggedEntry logged(const pb::LogEntry& entry, const std::string& bytes,
                         std::uint64_t log_index) {
    return {nullptr, entry, bytes, log_index};
}

class StillSnapshot final : public node::Snapshot {
  public:
    explicit StillSnapshot(const StillNode& node) : node_(node) {}

    [[nodiscard]] std::uint64_t height() const override { return 2; }
    [[nodiscard]] std::uint64_t time() const override { return test::chain_begins + 2; }
    [[nodiscard]] const ledger::StateView& state() const override { return node_.state(); }

    void scan(std::string_view prefix, std::string_view start,
              const std::function<bool(std::string_view, std::string_view)>& visit) const override {
        node_.state().for_each(prefix, [&](std::string_view key, const ledger::ValuePtr& value) {
            return key < start || visit(key, canonical_bytes(*value));
        });
    }

    [[nodiscard]] Result<std::vector<std::uint64_t>, ReadError> entries_of_account(
        std::string_view, std::uint64_t before, std::size_t most) const override {
        std::vector<std::uint64_t> indexes;
        for (auto i = std::min(before, log_size()); i > 0 && indexes.size() < most; --i)
            indexes.push_back(i - 1);
        return indexes;
    }
    [[nodiscard]] std::uint64_t log_size() const override {
        return node_.head().app_state.log_size();
    }
    [[nodiscard]] Result<node::LoggedEntry, ReadError> entry(std::uint64_t index) const override {
        return node_.entry(index);
    }
    [[nodiscard]] Result<std::string, ReadError> envelope(std::uint64_t index) const override {
        return node_.envelope(index);
    }
    [[nodiscard]] bool is_damaged() const override { return false; }

  private:
    const StillNode& node_;
};

class Nothing final : public node::Subscription {};

}  // namespace

StillNode::StillNode() {
    state_.apply(world());
    // The small ledger's redemption needs the contract that it is under.
    ledger::Changes contract;
    contract.emplace(contract_key(ledger_.claim.contract()).bytes,
                     std::make_shared<const pb::Contract>(ledger::test::standard_contract()));
    state_.apply(contract);
    for (const auto& [key, bytes] : ledger_.state.values) {
        const auto* prototype = ledger::prototype_of(key);
        std::shared_ptr<google::protobuf::Message> value{prototype->New()};
        ensure(decode_canonical(bytes, *value), "the small ledger's values are canonical");
        ledger::Changes one;
        one.emplace(key, std::move(value));
        state_.apply(one);
    }
    for (const auto& bytes : ledger_.entries)
        entries_.push_back(decode_canonical_as<pb::LogEntry>(bytes).value());
    genesis_.set_name("suffolk");
    genesis_.set_time(test::chain_begins);
    *genesis_.mutable_parameters() = ledger::default_parameters();
    genesis_file_.set_genesis(canonical_bytes(genesis_));
}

void StillNode::submit(std::vector<std::string> envelopes, SubmitDone done) {
    std::vector<node::Answer> answers;
    for (auto& bytes : envelopes) {
        node::Answer answer;
        const auto decoded = decode_envelope(std::move(bytes));
        if (!decoded) {
            answer.status = node::AnswerStatus::malformed;
            answer.code = envelope_error_name(decoded.error());
            answer.sentence = envelope_error_sentence(decoded.error());
        } else if (decoded->bytes == ledger_.envelope) {
            answer.status = node::AnswerStatus::done;
            answer.id = decoded->id;
            answer.first = false;
            answer.logged = std::make_shared<const node::LoggedEntry>(entry(1).value());
        } else {
            answer.status = node::AnswerStatus::busy;
            answer.id = decoded->id;
        }
        answers.push_back(std::move(answer));
    }
    done(std::move(answers));
}

node::DryRunAnswer StillNode::dry_run(std::string bytes, node::DryRunForm form) const {
    node::DryRunAnswer answer;
    answer.status = node::AnswerStatus::malformed;
    answer.code = "not_canonical";
    if (form == node::DryRunForm::envelope) {
        const auto decoded = decode_envelope(std::move(bytes));
        if (!decoded) return answer;
        answer.id = decoded->id;
    } else if (!decode_canonical_as<pb::Body>(bytes)) {
        return answer;
    }
    answer.status = node::AnswerStatus::done;
    answer.code = {};
    *answer.movements.emplace_back().mutable_claim() = ledger_.claim;
    return answer;
}

node::Head StillNode::head() const {
    node::Head head;
    head.height = 2;
    head.time_ms = (test::chain_begins + 2) * 1000;
    head.header_hash = header_hash(ledger_.second.header());
    head.app_state = ledger_.app;
    head.provable_height = 2;
    return head;
}

Result<std::unique_ptr<node::Snapshot>, ReadError> StillNode::snapshot() const {
    return std::unique_ptr<node::Snapshot>{std::make_unique<StillSnapshot>(*this)};
}

Result<node::LoggedEntry, ReadError> StillNode::lookup(const EnvelopeId& id) const {
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (entries_[i].id() == id.text()) return entry(i);
    return Failure{ReadError::not_found};
}

Result<node::LoggedEntry, ReadError> StillNode::entry(std::uint64_t log_index) const {
    if (log_index >= entries_.size()) return Failure{ReadError::not_found};
    return logged(entries_[log_index], ledger_.entries[log_index], log_index);
}

Result<std::string, ReadError> StillNode::envelope(std::uint64_t log_index) const {
    if (log_index != 1) return Failure{ReadError::not_found};
    return ledger_.envelope;
}

Result<pb::BlockRecord, ReadError> StillNode::block(std::uint64_t height) const {
    const auto light = light_block(height);
    if (!light) return Failure{light.error()};
    pb::BlockRecord record;
    *record.mutable_header() = light->header();
    *record.mutable_commit() = light->commit();
    if (height == 2)
        for (const auto& bytes : ledger_.entries) record.add_entries(bytes);
    *record.mutable_app_state() = ledger_.app;
    return record;
}

Result<pb::LightBlock, ReadError> StillNode::light_block(std::uint64_t height) const {
    if (height == 1) return ledger_.first;
    if (height == 2) return ledger_.second;
    return Failure{ReadError::not_found};
}

void StillNode::prove_state(std::vector<std::string> keys, ProvedStateDone done) const {
    node::ProvedState proved;
    for (const auto& key : keys) proved.items.push_back(ledger_.state.item(key));
    proved.app_state = ledger_.app;
    proved.block = ledger_.third;
    done(std::move(proved));
}

void StillNode::prove_entry(std::uint64_t log_index, ProvedEntryDone done) const {
    if (log_index >= entries_.size()) return done(Failure{ReadError::not_found});
    const auto receipt = ledger_.outcome(log_index);
    done(node::ProvedEntry{receipt.outcome(), receipt.envelope(), ledger_.app, ledger_.third});
}

Result<node::ConsistencyProof, ReadError> StillNode::prove_consistency(std::uint64_t first,
                                                                       std::uint64_t second) const {
    const auto size = second == 0 ? entries_.size() : second;
    if (first > size || size > entries_.size()) return Failure{ReadError::not_found};
    const std::span<const Hash> newer = std::span{ledger_.leaves}.first(size);
    node::ConsistencyProof proof{
        first, size, test::slow_root(newer.first(first)), test::slow_root(newer), {}};
    if (first > 0 && first < size) proof.path = test::slow_subproof(first, newer, true);
    return proof;
}

std::unique_ptr<node::Subscription> StillNode::subscribe(BlockListener) {
    return std::make_unique<Nothing>();
}

}  // namespace tallystick::fuzz
