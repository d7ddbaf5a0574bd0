#include "ledger/store/lmdb.hpp"

#include <cstring>
#include <fstream>
#include <iterator>

#include "ledger/store/record.hpp"
#include "unit/ledger/store/store_fixture.hpp"

namespace tallystick::ledger::test {

namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::uint64_t rows = 400;

/// Where LMDB 0.9 keeps what in a page: its kind (16 bits) at 10, the end of its index at 12, the
/// index from 16 on; in a node of a branch the page below (48 bits) at 0, the key at 8.
constexpr std::size_t kind_at = 10;
constexpr std::size_t index_end_at = 12;
constexpr std::size_t index_at = 16;
constexpr std::uint16_t branch = 1;
constexpr std::uint16_t leaf = 2;

std::uint16_t short_at(const std::string& bytes, std::size_t at) {
    std::uint16_t number = 0;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

/// A table of many rows, as a file that can be spoiled.
class Spoiled {
  public:
    Spoiled() {
        Lmdb environment{folder(), "small", {1 << 24, true, false}};
        const auto table = environment.table("rows");
        auto write = environment.write();
        for (std::uint64_t i = 0; i < rows; ++i)
            write.put(table, number_bytes(i * 2), std::string(100, 'v'));
        write.commit();
        bytes_ = read_file();
    }

    /// First bytes of the pages of one kind that hold at least two nodes.
    [[nodiscard]] std::vector<std::size_t> pages(std::uint16_t kind) const {
        std::vector<std::size_t> found;
        for (auto at = 2 * page_bytes; at < bytes_.size(); at += page_bytes)
            if (short_at(bytes_, at + kind_at) == kind && nodes(at) >= 2) found.push_back(at);
        return found;
    }
    [[nodiscard]] std::size_t nodes(std::size_t page) const {
        return (static_cast<std::size_t>(short_at(bytes_, page + index_end_at)) - index_at) / 2;
    }
    [[nodiscard]] std::size_t index_of(std::size_t page, std::size_t node) const {
        return page + index_at + node * 2;
    }
    [[nodiscard]] std::size_t place_of_node(std::size_t page, std::size_t node) const {
        return page + short_at(bytes_, index_of(page, node));
    }

    /// The file as it was but for these bytes; then `use` reads it.
    template <class Use>
    void with(std::size_t at, std::string_view changed, Use use) {
        auto spoiled = bytes_;
        spoiled.replace(at, changed.size(), changed);
        write_file(spoiled);
        Lmdb environment{folder(), "small", {1 << 24, true, false}};
        const auto table = environment.table("rows");
        use(environment.read(), table);
        write_file(bytes_);
    }
    [[nodiscard]] std::string bytes(std::size_t at, std::size_t count) const {
        return bytes_.substr(at, count);
    }

  private:
    [[nodiscard]] std::filesystem::path folder() const {
        std::filesystem::create_directories(scratch_.path() / "small");
        return scratch_.path() / "small";
    }
    [[nodiscard]] std::string read_file() const {
        std::ifstream file{folder() / "data.mdb", std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    void write_file(const std::string& bytes) const {
        std::ofstream file{folder() / "data.mdb", std::ios::binary | std::ios::in};
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }

    ScratchFolder scratch_;
    std::string bytes_;
};

/// What a reader was told of the first key at or after `from`, or at or before it.
std::optional<std::string> first(const LmdbRead& read, LmdbTable table, const std::string& from,
                                 bool ascending) {
    std::string found = "none";
    const LmdbRead::Take take = [&](auto key, auto) {
        found = key;
        return false;
    };
    try {
        if (ascending)
            read.ascend(table, from, take);
        else
            read.descend(table, from, take);
    } catch (const LmdbFailure& failure) {
        CHECK(failure.error().fault == StoreFault::damaged);
        return std::nullopt;
    }
    return found;
}

/// Error of reading the whole table in order.
std::optional<StoreError> error_of_all(const LmdbRead& read, LmdbTable table, bool ascending) {
    try {
        const LmdbRead::Take take = [](auto, auto) { return true; };
        if (ascending)
            read.ascend(table, {}, take);
        else
            read.descend(table, number_bytes(~0ULL), take);
    } catch (const LmdbFailure& failure) {
        return failure.error();
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("a cursor begins at the right key from anywhere, in both directions", "[lmdb]") {
    Spoiled file;
    file.with(0, {}, [](const LmdbRead& read, LmdbTable table) {
        for (std::uint64_t at = 0; at < rows * 2; ++at) {
            const auto up = at + at % 2;
            CHECK(first(read, table, number_bytes(at), true) ==
                  (up < rows * 2 ? number_bytes(up) : "none"));
            CHECK(first(read, table, number_bytes(at), false) == number_bytes(at - at % 2));
        }
        CHECK(first(read, table, number_bytes(~0ULL), true) == "none");
        CHECK(first(read, table, number_bytes(~0ULL), false) == number_bytes(rows * 2 - 2));
    });
}

TEST_CASE("a key of an upper page that was changed never makes a cursor pass over rows", "[lmdb]") {
    Spoiled file;
    std::size_t noticed = 0;
    REQUIRE_FALSE(file.pages(branch).empty());
    for (const auto page : file.pages(branch))
        for (std::size_t node = 1; node < file.nodes(page); ++node)
            for (const std::size_t byte : {6U, 7U}) {
                const auto at = file.place_of_node(page, node) + 8 + byte;
                auto changed = file.bytes(at, 1);
                changed[0] = static_cast<char>(changed[0] ^ 0x10);
                file.with(at, changed, [&](const LmdbRead& read, LmdbTable table) {
                    for (std::uint64_t from = 0; from < rows * 2; from += 3) {
                        const auto up = first(read, table, number_bytes(from), true);
                        const auto down = first(read, table, number_bytes(from), false);
                        CHECK((!up ||
                               *up == (from + from % 2 < rows * 2 ? number_bytes(from + from % 2)
                                                                  : "none")));
                        CHECK((!down || *down == number_bytes(from - from % 2)));
                        noticed += (up ? 0U : 1U) + (down ? 0U : 1U);
                    }
                });
            }
    CHECK(noticed > 0);
}

TEST_CASE("a page whose index names a node twice, or in another order, is damaged", "[lmdb]") {
    Spoiled file;
    const auto kind = GENERATE(branch, leaf);
    const bool ascending = GENERATE(true, false);
    for (const auto page : file.pages(kind)) {
        const auto one = file.bytes(file.index_of(page, 0), 2);
        const auto two = file.bytes(file.index_of(page, 1), 2);
        for (const auto& changed : {one + one, two + one})
            file.with(file.index_of(page, 0), changed, [&](const LmdbRead& read, LmdbTable table) {
                const auto error = error_of_all(read, table, ascending);
                REQUIRE(error.has_value());
                CHECK(error->fault == StoreFault::damaged);
                CHECK(error->what.starts_with("small/rows key "));
            });
    }
}

TEST_CASE("a page that leads to itself is damaged, and nobody goes round in it", "[lmdb]") {
    Spoiled file;
    for (const auto page : file.pages(branch)) {
        const auto itself = static_cast<std::uint16_t>(page / page_bytes);
        const std::string number{reinterpret_cast<const char*>(&itself), sizeof itself};
        file.with(file.place_of_node(page, 0), number, [&](const LmdbRead& read, LmdbTable table) {
            const auto error = error_of_all(read, table, true);
            REQUIRE(error.has_value());
            CHECK(error->fault == StoreFault::damaged);
        });
    }
}

TEST_CASE("a table that is missing from an environment that was made before is damage", "[lmdb]") {
    ScratchFolder scratch;
    {
        Lmdb environment{scratch.path(), "small", {1 << 24, true, false}};
        static_cast<void>(environment.table("rows"));
    }
    Lmdb environment{scratch.path(), "small", {1 << 24, true, false}};
    CHECK_NOTHROW(static_cast<void>(environment.table("rows")));
    try {
        static_cast<void>(environment.table("others"));
        FAIL("it was made anew");
    } catch (const LmdbFailure& failure) {
        CHECK(failure.error().fault == StoreFault::damaged);
        CHECK(failure.error().what.starts_with("small/others: "));
    }
}

}  // namespace tallystick::ledger::test
