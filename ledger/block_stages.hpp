#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/merkle/state_tree.hpp"
#include "ledger/state_machine.hpp"

/// What happens to a block after it was executed and before it is durable. The parts that cost time
/// work on ranges, so that a node can spread them over threads; the result does not depend on how
/// it is cut.
namespace tallystick::ledger {

/// A log entry as it is stored.
struct EncodedEntry {
    std::string bytes;  ///< canonical pb::LogEntry
    Hash leaf;          ///< SHA-256(00 bytes)
    EnvelopeId id;
    std::uint64_t valid_until = 0;     ///< 0 for a due item
    std::vector<std::uint64_t> terms;  ///< what it can be found by: its id and the accounts
};

/// What an entry is found by: the first 8 bytes of its id.
[[nodiscard]] std::uint64_t term_of_id(const EnvelopeId& id) noexcept;
/// The same for an account that acted, co-signed, or stands in a movement.
[[nodiscard]] std::uint64_t term_of_account(std::string_view account) noexcept;

/// `envelope`: what the entry answers; null for a due item.
[[nodiscard]] EncodedEntry encode_entry(const pb::LogEntry& entry, const DecodedEnvelope* envelope);

/// A changed leaf as it is stored. `key` points into the `Changes` it was made from.
struct EncodedChange {
    std::string_view key;
    std::optional<std::string> value;  ///< canonical bytes; nothing: the leaf is removed
    TreeChange leaf;
};

[[nodiscard]] EncodedChange encode_change(const Changes::value_type& change);

/// A block ready to be made durable. Keeps the result alive, since the changes point into it.
struct EncodedBlock {
    BlockResult result;
    std::vector<EncodedEntry> entries;   ///< in the log's order
    std::vector<EncodedChange> changes;  ///< in the order of the keys
};

/// Which envelope each entry answers, null for due items; as long as `result.entries`.
[[nodiscard]] std::vector<const DecodedEnvelope*> envelopes_of_entries(
    const BlockResult& result, std::span<const VerifiedEnvelope> envelopes);

/// All of it on the calling thread.
[[nodiscard]] EncodedBlock encode_block(BlockResult result,
                                        std::span<const VerifiedEnvelope> envelopes);

/// In two or more pieces: `begin_encoding` makes room, `encode_part` fills in part `part` of
/// `parts`. Parts may run on different threads at once.
[[nodiscard]] EncodedBlock begin_encoding(BlockResult result);
void encode_part(EncodedBlock& block, std::span<const VerifiedEnvelope> envelopes, std::size_t part,
                 std::size_t parts);

/// The changes of a block as the tree takes them: ascending by path.
[[nodiscard]] std::vector<TreeChange> tree_changes(const EncodedBlock& block);

/// The envelopes of a block's bundles, in order, as the state machine takes them. Bundles of keys
/// that are not in `nodes` (sorted) are passed over (`Skip::unknown_node`). Nothing if a bundle or
/// an envelope is malformed, which never is in a block. Signatures are not verified.
[[nodiscard]] std::optional<std::vector<VerifiedEnvelope>> envelopes_of_bundles(
    std::span<const std::string> bundles, std::span<const PublicKey> nodes);

}  // namespace tallystick::ledger
