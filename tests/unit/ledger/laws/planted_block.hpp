#pragma once

#include <string>
#include <vector>

#include "ledger/laws/law.hpp"
#include "ledger/memory_state.hpp"
#include "unit/ledger/blocks.hpp"

/// Blocks whose effect is written by a test, to see which law finds it.
namespace tallystick::ledger::test {

/// Which law the change of one leaf breaks, as a block's effect and in the whole state.
struct Broken {
    std::string in_block;
    std::string in_full;
};

inline std::string name_of(const std::optional<ledger::Breach>& breach) {
    return breach ? std::string{breach->law} : "none";
}

/// A block with one entry that is done, so that changes as such are allowed.
class PlantedBlock {
  public:
    explicit PlantedBlock(const MemoryState& before) : before_(before) {
        envelopes_.push_back(envelope_of({food_bank, "planted", time_ + day}, need_of()));
        auto& entry = result_.entries.emplace_back();
        entry.set_id(envelopes_[0]->id.str());
        entry.set_height(1);
        entry.set_time(time_);
        entry.mutable_outcome()->set_status(pb::STATUS_DONE);
        result_.envelopes.push_back({std::nullopt, 0});
    }

    template <class Value, class Edit>
    PlantedBlock& edit(const Key<Value>& key, Edit change) {
        auto value = before_.get_or_default(key);
        change(value);
        result_.changes[key.bytes] = std::make_shared<const Value>(std::move(value));
        return *this;
    }
    pb::Outcome& outcome() { return *result_.entries[0].mutable_outcome(); }
    BlockResult& result() { return result_; }

    [[nodiscard]] Broken broken() const {
        const OverChanges after{result_.changes, before_};
        const auto leaves = changed_leaves(result_.changes, before_);
        const auto ledger_id = test_ledger();
        const BlockInput input{1, time_, envelopes_};
        Broken found;
        found.in_block = name_of(check_laws({ledger_id, before_, after, input, result_, leaves}));
        ledger::MemoryState full;
        Changes all{before_.leaves().begin(), before_.leaves().end()};
        full.apply(all);
        full.apply(result_.changes);
        found.in_full = name_of(check_laws_in_full(full));
        return found;
    }

  private:
    static constexpr std::uint64_t time_ = reveal_ends + 11 * day;
    const MemoryState& before_;
    std::vector<VerifiedEnvelope> envelopes_;
    BlockResult result_;
};

}  // namespace tallystick::ledger::test
