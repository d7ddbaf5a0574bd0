#include "node/import/dates.hpp"

#include "unit/catch.hpp"

using namespace tallystick::import;

TEST_CASE("dates are read in the forms that notices use", "[import][dates]") {
    CHECK(instant_from_text("1970-01-02") == 86400U);
    CHECK(instant_from_text("2025-01-23T22:10:19Z") == 1737670219U);
    CHECK(instant_from_text("2025-01-23T22:10:19.123Z") == 1737670219U);
    CHECK(instant_from_text("2025-04-23T23:59:59+01:00") == 1745449199U);
    CHECK(instant_from_text("2025-04-23T23:59:59-0100") == 1745456399U);
    CHECK(instant_from_text("23/01/2025") == 1737590400U);
    CHECK(instant_from_text("2015-06-01T00:00:00+00:00") == 1433116800U);
}

TEST_CASE("what is no date is not read as one", "[import][dates]") {
    for (const auto* none :
         {"", "2025", "2025-13-01", "2025-02-29", "31/02/2025", "2025-01-23T25:00:00Z",
          "2025-01-23T22:10:19 GMT", "tomorrow", "1969-12-31", "2025-01-23T", "1/2/2025",
          "2025-01-23T22:10:19.Z", "-025-01-01"}) {
        CAPTURE(none);
        CHECK_FALSE(instant_from_text(none));
    }
}
