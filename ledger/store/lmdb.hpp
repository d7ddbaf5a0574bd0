#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/store/store_error.hpp"

struct MDB_env;
struct MDB_txn;

/// LMDB behind types that clean up. lmdb.cpp is the only file that includes lmdb.h.
namespace tallystick::ledger {

/// What the functions below throw. The store's public functions turn it into a `StoreError`.
class LmdbFailure final : public std::exception {
  public:
    explicit LmdbFailure(StoreError error) : error_(std::move(error)) {}
    [[nodiscard]] const char* what() const noexcept override { return error_.what.c_str(); }
    [[nodiscard]] const StoreError& error() const noexcept { return error_; }

  private:
    StoreError error_;
};

/// A named table of an environment.
struct LmdbTable {
    unsigned int handle = 0;
    const char* name = "";  ///< for errors
};

/// Reads one version of an environment, whatever is written meanwhile. May pass between threads,
/// one at a time. LMDB believes its own pages, which carry no checksums: what a damaged one would
/// make a cursor repeat or pass over is looked for here, by the order of the keys.
class LmdbRead {
  public:
    LmdbRead(LmdbRead&&) noexcept;
    LmdbRead& operator=(LmdbRead&&) noexcept;
    ~LmdbRead();

    /// The value, valid as long as this. Nothing if there is none.
    [[nodiscard]] std::optional<std::string_view> get(LmdbTable table, std::string_view key) const;

    using Take = std::function<bool(std::string_view key, std::string_view value)>;
    /// Ascending from the first key at or after `from`, until `take`, which must not write, says
    /// false. Throws `damaged` where keys do not strictly ascend, or where LMDB finds another first
    /// one than its neighbours allow: it ends, and meets no key twice.
    void ascend(LmdbTable table, std::string_view from, const Take& take) const;
    /// Descending from the last key at or before `from`; the same holds.
    void descend(LmdbTable table, std::string_view from, const Take& take) const;

  protected:
    friend class Lmdb;
    LmdbRead(MDB_txn* txn, std::string place) : txn_(txn), place_(std::move(place)) {}

    MDB_txn* txn_;
    std::string place_;
};

/// Writes; nothing is kept without `commit`. Each on the thread that began it; one at a time:
/// another waits.
class LmdbWrite final : public LmdbRead {
  public:
    void put(LmdbTable table, std::string_view key, std::string_view value);
    /// Quicker. @pre `key` is greater than every key of the table.
    void append(LmdbTable table, std::string_view key, std::string_view value);
    /// Nothing happens if there is no such key.
    void erase(LmdbTable table, std::string_view key);
    /// Durable on return, unless the environment was opened without syncing.
    void commit();

  private:
    friend class Lmdb;
    using LmdbRead::LmdbRead;
};

struct LmdbOptions {
    std::uint64_t map_bytes = 1ULL << 30;
    bool sync = true;  ///< every commit durable
    bool read_only = false;
    /// `folder` names the data file itself, which nobody has open to write: a copy. Read-only.
    bool single_file = false;
};

/// An environment: a folder with data.mdb and lock.mdb. `read` may be called from any thread. Where
/// LMDB itself finds a page that cannot be, the process ends with words that say which environment.
class Lmdb {
  public:
    /// @param place how errors name it, for example `chain`
    Lmdb(const std::filesystem::path& folder, std::string place, const LmdbOptions& options);
    ~Lmdb();
    Lmdb(const Lmdb&) = delete;
    Lmdb& operator=(const Lmdb&) = delete;

    /// Opens a table; in an environment that was just made, makes it. Only before other threads use
    /// the environment.
    [[nodiscard]] LmdbTable table(const char* name);
    [[nodiscard]] LmdbRead read() const;
    [[nodiscard]] LmdbWrite write();
    /// Makes everything committed so far durable.
    void sync();
    /// Writes a compact copy of one version into a new file and makes it durable.
    void copy_to(const std::filesystem::path& file) const;

  private:
    MDB_env* env_ = nullptr;
    std::string place_;
    bool read_only_;
    bool is_new_;  ///< there was nothing: tables are made
};

}  // namespace tallystick::ledger
