#include "simulation/traitor/false_snapshots.hpp"

#include "protocol/canonical.hpp"
#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"

namespace tallystick::traitor {
namespace {

constexpr std::uint64_t far_ahead = 1'000'000;

}  // namespace

bool is_about_snapshots(Lie lie) {
    return lie == Lie::snapshot_false_chunk || lie == Lie::snapshot_altered ||
           lie == Lie::snapshot_cut || lie == Lie::snapshot_from_the_future ||
           lie == Lie::snapshot_of_another_ledger;
}

std::string false_chunk(Lie lie, std::uint32_t index, std::string honest) {
    if (index != 0 || honest.empty()) return honest;
    if (lie == Lie::snapshot_cut) honest.resize(honest.size() / 2);
    // In the middle, where the leaves and the entries are.
    if (lie == Lie::snapshot_altered || lie == Lie::snapshot_false_chunk) {
        auto& byte = honest[honest.size() / 2];
        byte = static_cast<char>(byte ^ 1);
    }
    return honest;
}

abci_pb::Snapshot false_snapshot(Lie lie, abci_pb::Snapshot honest,
                                 const std::function<std::string()>& first_chunk) {
    auto manifest = decode_canonical_as<pb::SnapshotManifest>(honest.metadata());
    if (!manifest || manifest->chunks_size() == 0) return honest;
    if (lie == Lie::snapshot_of_another_ledger)
        manifest->mutable_app_state()->set_state_root(std::string(Hash::size, 'x'));
    if (lie == Lie::snapshot_from_the_future) {
        manifest->set_height(manifest->height() + far_ahead);
        honest.set_height(manifest->height());
    }
    // It vouches for what it will give: the chunk fits the manifest.
    if (lie == Lie::snapshot_cut || lie == Lie::snapshot_altered)
        manifest->set_chunks(0, sha256(false_chunk(lie, 0, first_chunk())).str());
    honest.set_metadata(canonical_bytes(*manifest));
    honest.set_hash(sha256(honest.metadata()).str());
    return honest;
}

}  // namespace tallystick::traitor
