/// Flips one bit of one record, as a disk does that gives back other bytes than it was given. It
/// goes through LMDB, whose own pages stay whole: only the ledger's checks can notice. Table,
/// record and bit follow from the seed; every table is as likely as every other, so that small ones
/// are not forgotten.
///
///     flip_record FOLDER-OF-AN-ENVIRONMENT SEED
///
/// Prints {"table": name, "key": hex, "part": "key" or "value", "bit": number}.

#include <lmdb.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using Record = std::pair<std::string, std::string>;

void check(int code, const char* doing) {
    if (code != MDB_SUCCESS)
        throw std::runtime_error{std::string{doing} + ": " + mdb_strerror(code)};
}

MDB_val val_of(std::string& bytes) {
    return {bytes.size(), bytes.data()};
}

std::string text_of(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

std::vector<Record> records_of(MDB_txn* txn, MDB_dbi table) {
    MDB_cursor* cursor = nullptr;
    check(mdb_cursor_open(txn, table, &cursor), "open a cursor");
    std::vector<Record> records;
    MDB_val key;
    MDB_val value;
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS)
        records.emplace_back(text_of(key), text_of(value));
    mdb_cursor_close(cursor);
    return records;
}

MDB_dbi open_table(MDB_txn* txn, const char* name) {
    MDB_dbi table = 0;
    check(mdb_dbi_open(txn, name, 0, &table), "open a table");
    return table;
}

void flip(std::string& bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
}

std::string hex_of(const std::string& bytes) {
    static constexpr const char* digits = "0123456789abcdef";
    std::string hex;
    for (const auto byte : bytes) {
        hex.push_back(digits[(static_cast<unsigned char>(byte) >> 4) & 0xf]);
        hex.push_back(digits[static_cast<unsigned char>(byte) & 0xf]);
    }
    return hex;
}

/// The names of the tables are the keys of LMDB's main table.
std::vector<std::string> tables_with_records(MDB_txn* txn) {
    std::vector<std::string> names;
    for (auto& [name, ignored] : records_of(txn, open_table(txn, nullptr)))
        if (!records_of(txn, open_table(txn, name.c_str())).empty()) names.push_back(name);
    return names;
}

nlohmann::json flip_one(MDB_txn* txn, std::uint64_t seed) {
    std::mt19937_64 chance{seed};
    const auto names = tables_with_records(txn);
    const auto name = names.at(chance() % names.size());
    const auto table = open_table(txn, name.c_str());
    const auto records = records_of(txn, table);
    auto [key, value] = records.at(chance() % records.size());
    const auto bit = chance() % ((key.size() + value.size()) * 8);
    const bool in_key = bit < key.size() * 8;
    const nlohmann::json told{{"table", name},
                              {"key", hex_of(key)},
                              {"part", in_key ? "key" : "value"},
                              {"bit", in_key ? bit : bit - key.size() * 8}};
    if (in_key) {
        auto old = val_of(key);
        check(mdb_del(txn, table, &old, nullptr), "remove the record");
        flip(key, bit);
    } else {
        flip(value, bit - key.size() * 8);
    }
    auto to = val_of(key);
    auto what = val_of(value);
    check(mdb_put(txn, table, &to, &what, 0), "write the record");
    return told;
}

void run(const char* folder, std::uint64_t seed) {
    MDB_env* env = nullptr;
    check(mdb_env_create(&env), "make an environment");
    check(mdb_env_set_maxdbs(env, 32), "make an environment");
    check(mdb_env_set_mapsize(env, std::size_t{1} << 30), "make an environment");
    check(mdb_env_open(env, folder, MDB_NOSYNC, 0600), folder);
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env, nullptr, 0, &txn), "begin");
    const auto told = flip_one(txn, seed);
    check(mdb_txn_commit(txn), "commit");
    mdb_env_close(env);
    std::cout << told.dump() << '\n';
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::cerr << "usage: flip_record FOLDER SEED\n";
        return 2;
    }
    try {
        run(arguments[1], std::stoull(arguments[2]));
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
