#include "protocol/timestamp.hpp"

#include "protocol/types.hpp"
#include "unit/catch.hpp"

using namespace tallystick;

TEST_CASE("times are written with nanoseconds and read back", "[timestamp]") {
    for (const auto seconds : {std::int64_t{0}, std::int64_t{951782400}, std::int64_t{1790000000},
                               static_cast<std::int64_t>(seconds_max)}) {
        const auto text = timestamp_to_text(make_timestamp(seconds, 7));
        const auto read = timestamp_from_text(text);
        REQUIRE(read);
        CHECK(std::is_eq(compare(*read, make_timestamp(seconds, 7))));
    }
    CHECK(timestamp_to_text(make_timestamp(951782400, 120)) == "2000-02-29T00:00:00.000000120Z");
    CHECK(timestamp_from_text("1970-01-01T00:00:01.5Z")->nanos() == 500000000);
    CHECK(milliseconds_of(timestamp_from_milliseconds(1790000000123)) == 1790000000123);
    CHECK(instant_in_words(951782401) == "29 February 2000 at 00:00:01 UTC");
}

TEST_CASE("what is not a time in UTC is not read", "[timestamp]") {
    for (const auto* text : {"", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T00:00:00+00:00",
                             "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.1234567890Z",
                             "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
                             "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "1969-12-31T23:59:59Z",
                             "1970-01-01T00:00:00Zx", "1970-01-01 00:00:00Z"})
        CHECK_FALSE(timestamp_from_text(text));
    CHECK_FALSE(is_valid(make_timestamp(-1, 0)));
    CHECK_FALSE(is_valid(make_timestamp(0, -1)));
    CHECK_FALSE(is_valid(make_timestamp(static_cast<std::int64_t>(seconds_max) + 1, 0)));
}
