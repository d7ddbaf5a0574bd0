#include "node/handover_archive.hpp"

#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/handover.hpp"
#include "protocol/keys.hpp"

namespace tallystick::node {

namespace {

std::filesystem::path file_of(const std::filesystem::path& data_folder,
                              const std::string& chain_id) {
    return data_folder / "handovers" / (chain_id + ".handover");
}

/// The handover that the state announces, if its segment's last block is this one or the next.
ledger::StoreResult<std::optional<pb::Handover>> ending_now(const ledger::StoreSnapshot& snapshot) {
    const auto value = snapshot.value(handover_key().bytes);
    if (!value) return Failure{value.error()};
    pb::Handover handover;
    if (!*value || !decode_canonical(**value, handover)) return std::optional<pb::Handover>{};
    const auto height = snapshot.state_height();
    const bool is_now =
        handover.initial_height() == height + 1 || handover.initial_height() == height + 2;
    return is_now ? std::optional{handover} : std::nullopt;
}

}  // namespace

Result<void, FileError> keep_handover(const ledger::StoreSnapshot& snapshot,
                                      const std::filesystem::path& data_folder) {
    const auto handover = ending_now(snapshot);
    if (!handover) return Failure{FileError{handover.error().what}};
    if (!*handover) return {};
    const auto path = file_of(data_folder, (*handover)->chain_id());
    std::error_code error;
    if (std::filesystem::exists(path, error)) return {};

    auto item = snapshot.prove(handover_key().bytes);
    if (!item) return Failure{FileError{item.error().what}};
    auto app_state = snapshot.app_state(snapshot.state_height());
    if (!app_state) return Failure{FileError{app_state.error().what}};
    pb::HandoverRecord record;
    *record.mutable_record() = std::move(*item);
    *record.mutable_app_state() = std::move(*app_state);
    std::filesystem::create_directories(path.parent_path(), error);
    if (error)
        return Failure{FileError{"The folder " + path.parent_path().string() +
                                 " cannot be made: " + error.message() + '.'}};
    if (auto synced = sync_folder(data_folder); !synced) return synced;
    return write_file_atomically(path, canonical_bytes(record), FileMode::everyone_reads);
}

Result<pb::HandoverRecord, ReadError> read_handover(
    const std::filesystem::path& data_folder, const SegmentInfo& segment,
    const std::function<Result<pb::LightBlock, ReadError>(std::uint64_t height)>& light_block) {
    const auto path = file_of(data_folder, segment.chain_id);
    std::error_code error;
    if (!std::filesystem::exists(path, error))
        return Failure{error ? ReadError::unavailable : ReadError::not_found};
    const auto bytes = read_file(path, handover_bytes_max);
    if (!bytes) return Failure{ReadError::unavailable};
    auto record = decode_canonical_as<pb::HandoverRecord>(*bytes);
    if (!record) return Failure{ReadError::damaged};
    auto last = light_block(segment.first_height - 1);
    if (!last) return Failure{last.error()};
    auto first = light_block(segment.first_height);
    if (!first) return Failure{first.error()};
    blank_slots(*last->mutable_commit());
    blank_slots(*first->mutable_commit());
    *record->mutable_last() = std::move(*last);
    *record->mutable_first() = std::move(*first);
    if (!verify_handover(*record)) return Failure{ReadError::damaged};
    return std::move(*record);
}

}  // namespace tallystick::node
