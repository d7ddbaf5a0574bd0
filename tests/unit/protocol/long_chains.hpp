#pragma once

#include <map>

#include "protocol/handover.hpp"
#include "protocol/walk.hpp"
#include "unit/protocol/signed_chain.hpp"

/// Chains whose members change, and which hand over to one another.
namespace tallystick::test {

/// A chain on which other keys validate from given heights on, all of them signing.
class LongChain {
  public:
    /// `members`: first height -> keys. The first entry is that of the chain's first block.
    LongChain(std::string chain_id, std::map<std::int64_t, std::vector<std::uint8_t>> members)
        : chain_id_(std::move(chain_id)), members_(std::move(members)) {}

    [[nodiscard]] const std::vector<std::uint8_t>& keys(std::int64_t height) const {
        return std::prev(members_.upper_bound(height))->second;
    }
    [[nodiscard]] pb::LightBlock block(std::int64_t height, const Hash& app = Hash{}) const {
        return block_signed_by(height, keys(height), app);
    }
    [[nodiscard]] pb::LightBlock block_signed_by(std::int64_t height,
                                                 const std::vector<std::uint8_t>& signers,
                                                 const Hash& app = Hash{}) const {
        const auto set = set_of(keys(height));
        return signed_block(block_at(height, set, set_of(keys(height + 1)), app, chain_id_), set,
                            signers);
    }

    /// A trust file that knows the chain from this height on and nothing of later members.
    [[nodiscard]] Trust trust_at(std::int64_t height) const {
        const auto header = block(height).header();
        Trust trust;
        trust.ledger_id = *LedgerId::from(std::string(32, 'L'));
        trust.name = "suffolk";
        trust.trusting_period_seconds = 2592000;
        TrustedSet set{height, std::nullopt, {}};
        for (const auto key : keys(height))
            set.validators.push_back(
                {"authority-" + std::to_string(key), key_of(key).public_key(), 10});
        trust.segments.push_back(
            {chain_id_,
             {height, header.time().seconds(), header.time().nanos(), header_hash(header)},
             {set}});
        return trust;
    }

  private:
    std::string chain_id_;
    std::map<std::int64_t, std::vector<std::uint8_t>> members_;
};

/// A ledger that one authority began alone and handed over to four others at block 10; what can be
/// proved of it is that of `SmallLedger`.
struct HandedOver {
    SmallLedger small;
    LongChain old{"suffolk-1", {{1, {1}}}};
    LongChain next{"suffolk-2", {{11, {1, 5, 6, 7}}}};
    pb::Handover handover;
    SlowState state = small.state;
    pb::AppState app = small.app;
    Hash hash;
    pb::LightBlock last;
    pb::LightBlock first;

    HandedOver() {
        handover.set_segment(2);
        handover.set_chain_id("suffolk-2");
        handover.set_initial_height(11);
        *handover.mutable_validators() = set_of({1, 5, 6, 7});
        handover.set_engine(pb::ENGINE_COMETBFT);
        handover.set_decided_at(chain_begins + 8);
        begin_again();
    }

    /// Signs the state with `handover` as it stands now, and the blocks around it.
    void begin_again() {
        state.values[handover_key().bytes] = canonical_bytes(handover);
        app.set_state_root(state.root().str());
        hash = app_hash(state.root(), *Hash::from(app.log_root()), app.log_size());
        last = old.block(10, hash);
        first = next.block(11, hash);
    }

    [[nodiscard]] pb::HandoverRecord record() const {
        pb::HandoverRecord made;
        *made.mutable_record() = state.item(handover_key().bytes);
        *made.mutable_app_state() = app;
        *made.mutable_last() = last;
        *made.mutable_first() = first;
        return made;
    }

    /// A receipt under a block of the new segment, without what leads there.
    [[nodiscard]] pb::Receipt balance(const pb::LightBlock& block) const {
        pb::Receipt made;
        made.set_ledger_id(small.ledger_id.str());
        *made.mutable_app_state() = app;
        *made.mutable_block() = block;
        *made.mutable_balance() =
            state.item(balance_key("suffolk/befriending-scheme", small.claim).bytes);
        return made;
    }
};

}  // namespace tallystick::test
