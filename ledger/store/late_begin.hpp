#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

#include "ledger/draft.hpp"
#include "ledger/merkle/log_tree.hpp"
#include "ledger/merkle/state_tree.hpp"
#include "ledger/store/chain_store.hpp"

namespace tallystick::ledger {

/// What a node that joined late began with, as its folder keeps it: for `verify`.
struct LateBegin {
    Changes leaves;
    StateTree tree;
    LogTree log;                 ///< up to the block after which it joined
    std::vector<LogNode> nodes;  ///< of the log, that are stored
    std::vector<Term> terms;     ///< by which its first entries are found
    std::vector<std::pair<EnvelopeId, std::uint64_t>> used;  ///< ids, each with its `valid_until`
};

/// Reads all of it, each record against its check. Throws `LmdbFailure`: `damaged` where something
/// is missing or is not what it should be.
/// @param copy the state that it began with
[[nodiscard]] LateBegin load_late_begin(const ChainReader& chain,
                                        const std::filesystem::path& copy);

}  // namespace tallystick::ledger
