#include "ledger/store/state_store.hpp"

#include <algorithm>
#include <utility>

#include "ledger/changed_leaf.hpp"
#include "ledger/store/files.hpp"
#include "ledger/store/record.hpp"
#include "protocol/canonical.hpp"
#include "protocol/state_proof.hpp"

namespace tallystick::ledger {

namespace {

std::filesystem::path marker_of(const std::filesystem::path& folder) {
    return folder / "state.marker";
}

std::filesystem::path data_of(const std::filesystem::path& folder) {
    return folder / "state" / "data.mdb";
}

std::filesystem::path made(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return folder;
}

/// Does what the disk holds fit the tree in memory? Throws if not.
void check_leaf(std::string_view key, std::optional<std::string_view> value,
                const TreeSnapshot& tree) {
    const auto expected = tree.find(sparse::path_of(key));
    if (expected.has_value() != value.has_value())
        fail_damaged(place_of("state", "leaves", key), value ? "a leaf that the tree does not have"
                                                             : "a leaf of the tree is missing");
    if (value && sha256(*value) != *expected)
        fail_damaged(place_of("state", "leaves", key), "the value does not fit its leaf");
}

ValuePtr decode_value(std::string_view key, std::string_view value,
                      const google::protobuf::Message& prototype) {
    std::shared_ptr<google::protobuf::Message> message{prototype.New()};
    if (!message->ParseFromArray(value.data(), static_cast<int>(value.size())))
        fail_damaged(place_of("state", "leaves", key), "not a value of its kind");
    return message;
}

}  // namespace

StateReader::StateReader(const StateStore& store, LmdbRead read, std::uint64_t height,
                         TreeSnapshot tree)
    : store_(store), read_(std::move(read)), height_(height), tree_(std::move(tree)) {}

std::optional<std::string_view> StateReader::value(const std::string& key) const {
    try {
        const auto value = read_.get(store_.leaves(), key);
        check_leaf(key, value, tree_);
        return value;
    } catch (const LmdbFailure& failure) {
        store_.distrust();
        throw;
    }
}

void StateReader::note(const StoreError& damage) const {
    store_.distrust();
    if (!damage_) damage_ = damage;
}

ValuePtr StateReader::find(const std::string& key,
                           const google::protobuf::Message& prototype) const {
    try {
        const auto found = value(key);
        return found ? decode_value(key, *found, prototype) : nullptr;
    } catch (const LmdbFailure& failure) {
        note(failure.error());
        return nullptr;
    }
}

void StateReader::scan(std::string_view prefix, std::string_view from,
                       const std::function<bool(std::string_view, std::string_view)>& take) const {
    const auto begin = std::max(prefix, from);
    try {
        read_.ascend(store_.leaves(), begin, [&](auto key, auto value) {
            if (!key.starts_with(prefix)) return false;
            check_leaf(key, value, tree_);
            return take(key, value);
        });
    } catch (const LmdbFailure& failure) {
        store_.distrust();
        throw;
    }
}

void StateReader::for_each(std::string_view prefix, const Visit& visit) const {
    try {
        scan(prefix, {}, [&](auto key, auto value) {
            const auto* prototype = prototype_of(key);
            if (prototype == nullptr)
                fail_damaged(place_of("state", "leaves", key), "a key of no listed kind");
            return visit(key, decode_value(key, value, *prototype));
        });
    } catch (const LmdbFailure& failure) {
        note(failure.error());
    }
}

StateStore::StateStore(const std::filesystem::path& folder, std::uint64_t map_bytes, bool read_only)
    : folder_(folder),
      environment_(read_only ? folder / "state" : made(folder / "state"), "state",
                   {map_bytes, false, read_only}),
      leaves_(environment_.table("leaves")),
      meta_(environment_.table("meta")),
      marked_(std::filesystem::exists(marker_of(folder)) && is_sound(folder)) {}

bool StateStore::is_sound(const std::filesystem::path& folder) {
    if (!std::filesystem::exists(data_of(folder))) return false;
    if (!std::filesystem::exists(marker_of(folder))) return true;
    const auto marker = read_small_file(marker_of(folder));
    // After kill -9 the kernel still holds every page; after another boot, or in a copied file, it
    // does not.
    return marker && marker == identity_of(data_of(folder));
}

void StateStore::mark_unsound(const std::filesystem::path& folder, std::string_view why) noexcept {
    try {
        write_file_durably(marker_of(folder), why);
    } catch (const LmdbFailure&) {
        // The disk takes nothing more. The root will not fit at the next start.
        return;
    }
}

void StateStore::begin_opening() {
    // As well as a disk in trouble allows: what is there can be read on a full one. Before anything
    // is written the marker must be there.
    if (is_sound(folder_)) mark_unsound(folder_, "it is being opened\n");
    const std::lock_guard lock{marking_};
    marked_ = !is_sound(folder_);
    opening_ = true;
}

void StateStore::opened() {
    const std::lock_guard lock{marking_};
    opening_ = false;
}

void StateStore::distrust() const noexcept {
    const std::lock_guard lock{marking_};
    if (std::exchange(distrusted_, true)) return;
    mark_unsound(folder_, "something in it was damaged when it was read\n");
}

void StateStore::begin_anew(const std::filesystem::path& folder) {
    // First: a power cut must not leave a file that is half made and no marker that says so.
    write_file_durably(marker_of(folder), "the state is being made\n");
    std::filesystem::remove_all(folder / "state");
}

std::optional<std::string_view> StateStore::meta(const LmdbRead& read,
                                                 std::string_view name) const {
    const auto record = read.get(meta_, name);
    return record ? unsealed("meta", name, *record) : std::nullopt;
}

std::optional<std::uint64_t> StateStore::height(const LedgerId& ledger_id) const {
    const auto read = environment_.read();
    const auto owner = meta(read, "ledger_id");
    const auto height = meta(read, "height");
    if (!owner || *owner != ledger_id.text() || !height || height->size() != 8) return std::nullopt;
    return number_at(*height, 0);
}

std::uint64_t StateStore::height_of(const LmdbRead& read) const {
    const auto height = meta(read, "height");
    if (!height || height->size() != 8)
        fail_damaged("state/meta height", "it is missing or does not fit its check");
    return number_at(*height, 0);
}

void StateStore::mark_unsynced() {
    const std::lock_guard lock{marking_};
    if (marked_ || distrusted_) return;
    const auto identity = opening_ ? std::nullopt : identity_of(data_of(folder_));
    write_file_durably(marker_of(folder_), identity.value_or("it is being opened\n"));
    marked_ = true;
}

void StateStore::apply(std::span<const EncodedChange> changes, std::uint64_t height,
                       const LedgerId& ledger_id) {
    mark_unsynced();
    auto write = environment_.write();
    for (const auto& change : changes) {
        if (change.value)
            write.put(leaves_, change.key, *change.value);
        else
            write.erase(leaves_, change.key);
    }
    const auto put_meta = [&](std::string_view name, std::string_view content) {
        write.put(meta_, name, sealed("meta", name, content));
    };
    if (height == 0) put_meta("ledger_id", ledger_id.text());
    put_meta("height", number_bytes(height));
    write.commit();
}

void StateStore::checkpoint() {
    environment_.sync();
    const std::lock_guard lock{marking_};
    if (distrusted_) return;
    remove_file_durably(marker_of(folder_));
    marked_ = false;
}

}  // namespace tallystick::ledger
