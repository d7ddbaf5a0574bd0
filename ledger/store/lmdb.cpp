#include "ledger/store/lmdb.hpp"

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ledger/store/record.hpp"

namespace tallystick::ledger {

namespace {

StoreFault fault_of(int code) {
    switch (code) {
        case ENOSPC:
        case EDQUOT:
        case MDB_MAP_FULL: return StoreFault::out_of_space;
        case ENOENT: return StoreFault::not_found;
        case MDB_VERSION_MISMATCH: return StoreFault::newer_version;
        case MDB_INVALID:
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_PAGE_FULL:
        case MDB_CURSOR_FULL:   // pages that lead to themselves
        case MDB_INCOMPATIBLE:  // what should be a table is none
        case MDB_PANIC:
        case MDB_NOTFOUND: return StoreFault::damaged;
        default: return StoreFault::input_output;
    }
}

void check(int code, const std::string& place, const char* doing) {
    if (code == MDB_SUCCESS) return;
    throw LmdbFailure{{fault_of(code), place + ": " + doing + ": " + mdb_strerror(code)}};
}

MDB_val val_of(std::string_view bytes) {
    // LMDB's interface is not const-correct; it does not write through the pointers it is given.
    return {bytes.size(), const_cast<char*>(bytes.data())};
}

std::string_view view_of(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

class Cursor {
  public:
    Cursor(MDB_txn* txn, LmdbTable table, const std::string& place) : table_(table), place_(place) {
        check(mdb_cursor_open(txn, table.handle, &cursor_), place_, "open a cursor");
    }
    ~Cursor() { mdb_cursor_close(cursor_); }
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    [[nodiscard]] bool move(MDB_val& key, MDB_val& value, MDB_cursor_op how) {
        const int code = mdb_cursor_get(cursor_, &key, &value, how);
        if (code == MDB_NOTFOUND) return false;
        check(code, place_, "read");
        return true;
    }

    /// To the first key at or after `from`; false if there is none. The key before it must be
    /// smaller: else a damaged page led into another part of the table.
    [[nodiscard]] bool seek(std::string_view from, MDB_val& key, MDB_val& value) {
        key = val_of(from);
        const bool found = move(key, value, MDB_SET_RANGE);
        if (found && view_of(key) == from) return true;
        if (found) ensure_order(from, view_of(key));
        MDB_val before{};
        MDB_val ignored{};
        const bool any_before = move(before, ignored, found ? MDB_PREV : MDB_LAST);
        if (any_before) ensure_order(view_of(before), from);
        return found && move(key, value, any_before ? MDB_NEXT : MDB_FIRST);
    }

    /// Throws `damaged` unless one key is smaller than the other.
    void ensure_order(std::string_view smaller, std::string_view larger) const {
        if (smaller < larger) return;
        fail_damaged(place_of(place_, table_.name, larger),
                     "a page is damaged: the key does not stand where its order wants it");
    }

  private:
    LmdbTable table_;
    MDB_cursor* cursor_ = nullptr;
    const std::string& place_;
};

class File {
  public:
    File(const std::filesystem::path& path, int flags)
        : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  private:
    int descriptor_;
};

bool is_empty_or_missing(const std::filesystem::path& file) {
    std::error_code missing;
    return std::filesystem::file_size(file, missing) == 0 || missing;
}

/// What LMDB takes for impossible is a damaged page: it cannot go on, and aborts after this.
void stop_in_lmdb(MDB_env* environment, const char* what) {
    const auto* place = static_cast<const std::string*>(mdb_env_get_userctx(environment));
    stop_on_damage(*place + ": a page is damaged: " + what);
}

}  // namespace

LmdbRead::LmdbRead(LmdbRead&& other) noexcept
    : txn_(std::exchange(other.txn_, nullptr)), place_(std::move(other.place_)) {}

LmdbRead& LmdbRead::operator=(LmdbRead&& other) noexcept {
    std::swap(txn_, other.txn_);
    std::swap(place_, other.place_);
    return *this;
}

LmdbRead::~LmdbRead() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
}

std::optional<std::string_view> LmdbRead::get(LmdbTable table, std::string_view key) const {
    auto wanted = val_of(key);
    MDB_val value;
    const int code = mdb_get(txn_, table.handle, &wanted, &value);
    if (code == MDB_NOTFOUND) return std::nullopt;
    check(code, place_, "read");
    return view_of(value);
}

void LmdbRead::ascend(LmdbTable table, std::string_view from, const Take& take) const {
    Cursor cursor{txn_, table, place_};
    MDB_val key{};
    MDB_val value{};
    bool found = from.empty() ? cursor.move(key, value, MDB_FIRST) : cursor.seek(from, key, value);
    while (found && take(view_of(key), view_of(value))) {
        const auto last = view_of(key);
        found = cursor.move(key, value, MDB_NEXT);
        if (found) cursor.ensure_order(last, view_of(key));
    }
}

void LmdbRead::descend(LmdbTable table, std::string_view from, const Take& take) const {
    Cursor cursor{txn_, table, place_};
    MDB_val key{};
    MDB_val value{};
    bool found = cursor.seek(from, key, value);
    if (!found)
        found = cursor.move(key, value, MDB_LAST);
    else if (view_of(key) != from)
        found = cursor.move(key, value, MDB_PREV);
    while (found && take(view_of(key), view_of(value))) {
        const auto last = view_of(key);
        found = cursor.move(key, value, MDB_PREV);
        if (found) cursor.ensure_order(view_of(key), last);
    }
}

void LmdbWrite::put(LmdbTable table, std::string_view key, std::string_view value) {
    auto to = val_of(key);
    auto what = val_of(value);
    check(mdb_put(txn_, table.handle, &to, &what, 0), place_, "write");
}

void LmdbWrite::append(LmdbTable table, std::string_view key, std::string_view value) {
    auto to = val_of(key);
    auto what = val_of(value);
    check(mdb_put(txn_, table.handle, &to, &what, MDB_APPEND), place_, "append");
}

void LmdbWrite::erase(LmdbTable table, std::string_view key) {
    auto which = val_of(key);
    const int code = mdb_del(txn_, table.handle, &which, nullptr);
    if (code != MDB_NOTFOUND) check(code, place_, "remove");
}

void LmdbWrite::commit() {
    check(mdb_txn_commit(std::exchange(txn_, nullptr)), place_, "make durable");
}

Lmdb::Lmdb(const std::filesystem::path& folder, std::string place, const LmdbOptions& options)
    : place_(std::move(place)),
      read_only_(options.read_only || options.single_file),
      is_new_(!read_only_ && is_empty_or_missing(folder / "data.mdb")) {
    check(mdb_env_create(&env_), place_, "open");
    unsigned int flags = MDB_NOTLS | MDB_NORDAHEAD;
    if (!options.sync) flags |= MDB_NOSYNC;
    if (options.read_only) flags |= MDB_RDONLY;
    if (options.single_file) flags |= MDB_NOSUBDIR | MDB_NOLOCK | MDB_RDONLY;
    try {
        std::error_code ignored;
        const auto size =
            std::filesystem::file_size(options.single_file ? folder : folder / "data.mdb", ignored);
        // Grows long before it is full: each start leaves room for four times what is there.
        const auto room = ignored ? options.map_bytes : std::max(options.map_bytes, size * 4);
        check(mdb_env_set_mapsize(env_, room), place_, "set the size of the map");
        check(mdb_env_set_maxdbs(env_, 16), place_, "open");
        check(mdb_env_set_maxreaders(env_, 1024), place_, "open");
        check(mdb_env_set_userctx(env_, &place_), place_, "open");
        check(mdb_env_set_assert(env_, stop_in_lmdb), place_, "open");
        check(mdb_env_open(env_, folder.c_str(), flags, 0600), place_, "open");
    } catch (...) {
        mdb_env_close(env_);
        throw;
    }
}

Lmdb::~Lmdb() {
    mdb_env_close(env_);
}

LmdbTable Lmdb::table(const char* name) {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, read_only_ ? MDB_RDONLY : 0, &txn), place_, "begin");
    LmdbTable table{0, name};
    // One that is missing later is damage, and a new one in its place would hide that.
    const int code = mdb_dbi_open(txn, name, is_new_ ? MDB_CREATE : 0, &table.handle);
    if (code != MDB_SUCCESS) mdb_txn_abort(txn);
    check(code, place_ + "/" + name, "open the table");
    check(mdb_txn_commit(txn), place_, "begin");
    return table;
}

LmdbRead Lmdb::read() const {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn), place_, "begin to read");
    return {txn, place_};
}

LmdbWrite Lmdb::write() {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn), place_, "begin to write");
    return {txn, place_};
}

void Lmdb::sync() {
    // With 0 it would do nothing in an environment that does not sync by itself.
    check(mdb_env_sync(env_, 1), place_, "make durable");
}

void Lmdb::copy_to(const std::filesystem::path& file) const {
    const File target{file, O_WRONLY | O_CREAT | O_EXCL};
    check(target.descriptor() < 0 ? errno : 0, place_, "make a copy");
    check(mdb_env_copyfd2(env_, target.descriptor(), MDB_CP_COMPACT), place_, "copy");
    check(::fsync(target.descriptor()) != 0 ? errno : 0, place_, "make the copy durable");
}

}  // namespace tallystick::ledger
