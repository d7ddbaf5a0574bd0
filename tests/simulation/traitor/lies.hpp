#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

/// What a traitor can be told to do. Each is one way in which an authority's node could try to stop
/// the others or make them believe what is not so.
namespace tallystick::traitor {

enum class Lie : std::uint8_t {
    none,
    // It proposes blocks that no honest node makes.
    bad_envelope_signature,
    bad_bundle_signature,
    malformed_bundle,
    unordered_bundle,  ///< a true signature over fields in another order
    strangers_bundle,  ///< signed by a key that is no node's
    wrong_chain,
    twice,               ///< one bundle two times
    overfull_bundle,     ///< one envelope more than is allowed
    oversize_bundle,     ///< one byte more than is allowed, or a little more
    too_many_bundles,    ///< of ticks, one more than is allowed
    oversize_proposal,   ///< more bytes than the engine allows
    replayed_bundle,     ///< one that was ordered before
    replayed_envelopes,  ///< in a new bundle
    turned_round,        ///< honest bundles in the opposite order
    // It withholds.
    proposes_nothing,
    proposes_late,  ///< after the others' patience
    votes_for_nothing,
    passes_nothing_on,  ///< nobody's bundles enter its mempool: none is gossiped by it
    // It floods.
    flood,      ///< with bundles of its own, far more than a node may bring
    bad_flood,  ///< with each of the false bundles above
    // It lies about what it decided.
    false_app_hash,
    false_power,
    // It offers false snapshots to those who join late.
    snapshot_false_chunk,  ///< an honest one, with a chunk that is not its own
    snapshot_altered,      ///< whole in itself, but a bit of it
    snapshot_cut,          ///< whole in itself, but its end
    snapshot_from_the_future,
    snapshot_of_another_ledger,
};

inline constexpr std::pair<Lie, std::string_view> lie_names[] = {
    {Lie::none, "none"},
    {Lie::bad_envelope_signature, "bad_envelope_signature"},
    {Lie::bad_bundle_signature, "bad_bundle_signature"},
    {Lie::malformed_bundle, "malformed_bundle"},
    {Lie::unordered_bundle, "unordered_bundle"},
    {Lie::strangers_bundle, "strangers_bundle"},
    {Lie::wrong_chain, "wrong_chain"},
    {Lie::twice, "twice"},
    {Lie::overfull_bundle, "overfull_bundle"},
    {Lie::oversize_bundle, "oversize_bundle"},
    {Lie::too_many_bundles, "too_many_bundles"},
    {Lie::oversize_proposal, "oversize_proposal"},
    {Lie::replayed_bundle, "replayed_bundle"},
    {Lie::replayed_envelopes, "replayed_envelopes"},
    {Lie::proposes_nothing, "proposes_nothing"},
    {Lie::proposes_late, "proposes_late"},
    {Lie::votes_for_nothing, "votes_for_nothing"},
    {Lie::passes_nothing_on, "passes_nothing_on"},
    {Lie::flood, "flood"},
    {Lie::bad_flood, "bad_flood"},
    {Lie::false_app_hash, "false_app_hash"},
    {Lie::false_power, "false_power"},
    {Lie::snapshot_false_chunk, "snapshot_false_chunk"},
    {Lie::snapshot_altered, "snapshot_altered"},
    {Lie::snapshot_cut, "snapshot_cut"},
    {Lie::snapshot_from_the_future, "snapshot_from_the_future"},
    {Lie::snapshot_of_another_ledger, "snapshot_of_another_ledger"},
};

[[nodiscard]] constexpr std::string_view name_of(Lie lie) {
    for (const auto& [one, name] : lie_names)
        if (one == lie) return name;
    return "";
}

[[nodiscard]] constexpr std::optional<Lie> lie_named(std::string_view name) {
    for (const auto& [lie, one] : lie_names)
        if (one == name) return lie;
    return std::nullopt;
}

}  // namespace tallystick::traitor
