#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ledger/memory_state.hpp"
#include "node/node_service.hpp"
#include "unit/protocol/signed_chain.hpp"

/// A node in which nothing happens: one state, one log, three blocks. Enough for every route of the
/// API to find something, and the same for every input.
namespace tallystick::fuzz {

class StillNode final : public node::NodeService {
  public:
    StillNode();

    void submit(std::vector<std::string> envelopes, SubmitDone done) override;
    [[nodiscard]] node::DryRunAnswer dry_run(std::string bytes,
                                             node::DryRunForm form) const override;

    [[nodiscard]] node::Head head() const override;
    [[nodiscard]] Result<std::unique_ptr<node::Snapshot>, node::ReadError> snapshot()
        const override;
    [[nodiscard]] Result<node::LoggedEntry, node::ReadError> lookup(
        const EnvelopeId& id) const override;
    [[nodiscard]] Result<node::LoggedEntry, node::ReadError> entry(
        std::uint64_t log_index) const override;
    [[nodiscard]] Result<std::string, node::ReadError> envelope(
        std::uint64_t log_index) const override;
    [[nodiscard]] Result<pb::BlockRecord, node::ReadError> block(
        std::uint64_t height) const override;
    [[nodiscard]] Result<pb::LightBlock, node::ReadError> light_block(
        std::uint64_t height) const override;

    void prove_state(std::vector<std::string> keys, ProvedStateDone done) const override;
    void prove_entry(std::uint64_t log_index, ProvedEntryDone done) const override;
    [[nodiscard]] Result<node::ConsistencyProof, node::ReadError> prove_consistency(
        std::uint64_t first, std::uint64_t second) const override;

    [[nodiscard]] std::unique_ptr<node::Subscription> subscribe(BlockListener listener) override;

    [[nodiscard]] const pb::GenesisFile& genesis_file() const override { return genesis_file_; }
    [[nodiscard]] const pb::Genesis& genesis() const override { return genesis_; }
    [[nodiscard]] const LedgerId& ledger_id() const override { return ledger_.ledger_id; }
    [[nodiscard]] const std::string& chain_id() const override { return chain_id_; }
    [[nodiscard]] pb::ValidatorSet validators() const override { return ledger_.set; }
    [[nodiscard]] node::NodeMetrics metrics() const override { return {}; }
    [[nodiscard]] std::vector<std::string> not_ready() const override { return {}; }

    /// What the state holds beside what the small ledger proves.
    [[nodiscard]] const ledger::MemoryState& state() const noexcept { return state_; }

  private:
    test::SmallLedger ledger_;
    ledger::MemoryState state_;
    std::vector<pb::LogEntry> entries_;
    pb::GenesisFile genesis_file_;
    pb::Genesis genesis_;
    std::string chain_id_ = "suffolk-1";
};

}  // namespace tallystick::fuzz
