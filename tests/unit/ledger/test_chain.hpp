#pragma once

#include <string>
#include <vector>

#include "ledger/laws/law.hpp"
#include "unit/ledger/blocks.hpp"
#include "unit/ledger/support.hpp"

/// A ledger in memory that takes blocks.
namespace tallystick::ledger::test {

struct TestChain {
    MemoryState state = standard_world();
    MemoryUsedIds used = {};
    DueIndex due = {};
    std::uint64_t height = 0;
    std::string chain_id = "east-anglia-1";

    void index_due() {
        due = {};
        for (const auto& [key, value] : state.leaves()) refresh_due(due, test_ledger(), key, state);
    }

    BlockResult block(const std::vector<VerifiedEnvelope>& envelopes, std::uint64_t at,
                      const std::vector<pb::Misbehaviour>& misbehaviours = {}) {
        auto result = execute_block(test_ledger(), state, used, due,
                                    {++height, at, envelopes, misbehaviours, chain_id});
        state.apply(result.changes);
        for (const auto& entry : result.entries)
            if (entry.valid_until() != 0)
                used.insert(*EnvelopeId::from(entry.id()), entry.valid_until());
        // What the index says is what the state calls for.
        const auto kept = due;
        index_due();
        CHECK(kept == due);
        return result;
    }

    /// Every law over the whole state: "" or what is broken.
    [[nodiscard]] std::string broken_law() const {
        ledger::MemoryState full;
        full.apply({state.leaves().begin(), state.leaves().end()});
        const auto broken = check_laws_in_full(full);
        return broken ? breach_text(*broken) : "";
    }
};

/// What became of a block's envelopes: "done, id_used, unknown_resource".
inline std::string told(const BlockResult& result) {
    std::string text;
    for (const auto& answer : result.envelopes) {
        if (!text.empty()) text += ", ";
        if (answer.skip) {
            text += skip_name(*answer.skip);
            continue;
        }
        const auto& outcome = result.entries.at(*answer.entry).outcome();
        text += outcome.status() == pb::STATUS_DONE ? "done" : *refusal_name(outcome.refusal());
    }
    return text;
}

/// What the ledger did by itself in a block: "PROPOSAL done, ISSUE done".
inline std::string told_by_itself(const BlockResult& result) {
    std::string text;
    for (std::size_t i = 0; i < result.due_items; ++i) {
        const auto& outcome = result.entries[i].outcome();
        if (!text.empty()) text += ", ";
        text += pb::DueKind_Name(outcome.due().kind()).substr(9) + " ";
        text += outcome.status() == pb::STATUS_DONE ? "done" : *refusal_name(outcome.refusal());
    }
    return text;
}

}  // namespace tallystick::ledger::test
