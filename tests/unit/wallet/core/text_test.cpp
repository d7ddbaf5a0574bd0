#include "wallet/core/text.hpp"

#include <utility>
#include <vector>

#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

TEST_CASE("text from outside cannot act on the terminal", "[wallet][text]") {
    const std::string mark = "\xEF\xBF\xBD";
    CHECK(shown("Banc Bwyd Tŷ Gŵyr") == "Banc Bwyd Tŷ Gŵyr");
    CHECK(shown("a\x1b[2Jb") == "a" + mark + "[2Jb");
    CHECK(shown("a\nb\x7f") == "a" + mark + "b" + mark);
    CHECK(shown("x\xC2\x9By") == "x" + mark + "y");  // C1: CSI in one character
    CHECK(shown("pay \xE2\x80\xAE"
                "00.1") == "pay " + mark + "00.1");  // right-to-left override
    CHECK(shown("zero\xE2\x80\x8Bwidth") == "zero" + mark + "width");
    CHECK(shown("\xFF\xC0\xAF") == mark + mark + mark);  // not UTF-8, overlong
    CHECK(shown("\xED\xA0\x80") == mark + mark + mark);  // a surrogate
    CHECK(shown("cut \xE2\x82") == "cut " + mark + mark);
}

TEST_CASE("a display name is text that has one spelling", "[wallet][text]") {
    CHECK(*display_name_from_text("Tŷ Gŵyr") == "Tŷ Gŵyr");
    CHECK_FALSE(display_name_from_text(""));
    CHECK_FALSE(display_name_from_text(std::string(201, 'x')));
    CHECK_FALSE(display_name_from_text("line\nline"));
    CHECK_FALSE(display_name_from_text("\xFF"));
    CHECK_FALSE(display_name_from_text("w\xCC\x82"));  // w and a combining circumflex
}

TEST_CASE("credits are typed with at most two decimals", "[wallet][text]") {
    CHECK(*credits_from_text("12.50") == 1250);
    CHECK(*credits_from_text("12.5") == 1250);
    CHECK(*credits_from_text("1,234.00") == 123400);
    CHECK(*credits_from_text("90071992547409.91") == 9007199254740991);
    for (const auto* bad : {"", "0", "0.00", "12.345", "-1", "1e3", "12.", ".5", " 1", "1 ", "1,2",
                            "90071992547409.92", "99999999999999999999"}) {
        INFO(bad);
        CHECK_FALSE(credits_from_text(bad));
    }
    CHECK(credits_text(1250) == "12.50 credits");
}

TEST_CASE("a time is a day, an instant, or so much from now", "[wallet][text]") {
    CHECK(*time_from_text("2027-03-01", 0) == 1803945599);
    CHECK(*time_from_text("2027-03-01T12:00:00Z", 0) == 1803902400);
    CHECK(*time_from_text("2027-03-01T12:00:00+01:00", 0) == 1803898800);
    CHECK(*time_from_text("2027-03-01T12:00:00-05:30", 0) == 1803922200);
    CHECK(*time_from_text("2028-02-29", 0) == 1835481599);
    CHECK(*time_from_text("+90s", 1000) == 1090);
    CHECK(*time_from_text("+30d", 0) == 2592000);
    for (const auto* bad : {"", "2027-02-29", "2027-13-01", "2027-00-10", "2027-1-1", "01/03/2027",
                            "2027-03-01 12:00:00", "2027-03-01T12:00:00", "2027-03-01T24:00:00Z",
                            "2027-03-01T12:60:00Z", "2027-03-01T12:00:00+1", "1969-12-31", "+",
                            "+1w", "2027-03-01x", "+99999999999d"}) {
        INFO(bad);
        CHECK_FALSE(time_from_text(bad, 1000));
    }
}

TEST_CASE("a time is read back as people say it", "[wallet][text]") {
    CHECK(time_text(1803945599) == "1 March 2027");
    CHECK(time_text(1803902400) == "1 March 2027 at 12:00 UTC");
    CHECK(time_text(1803902401) == "1 March 2027 at 12:00:01 UTC");
    CHECK(rfc3339(1803902400) == "2027-03-01T12:00:00Z");
    CHECK(duration_text(864000) == "10 days");
    CHECK(duration_text(90) == "90 seconds");
    CHECK(duration_text(3600) == "1 hour");
    CHECK(about_text(0) == "0 seconds");
    CHECK(about_text(45) == "45 seconds");
    CHECK(about_text(125) == "2 minutes");
    CHECK(about_text(3 * 3600 + 59) == "3 hours");
    CHECK(about_text(90000) == "1 day");
}

TEST_CASE("a contract is authority, ocid and lot", "[wallet][text]") {
    const auto contract = contract_from_text("suffolk:ocds-b5fd17-1:2", "");
    REQUIRE(contract);
    CHECK(contract->authority() == "suffolk");
    CHECK(contract->ocid() == "ocds-b5fd17-1");
    CHECK(contract->lot() == "2");
    CHECK(contract_from_text("suffolk:ocds-1", "")->lot().empty());
    CHECK(contract_from_text("suffolk:a:b:", "")->ocid() == "a:b");
    for (const auto* bad :
         {"", "suffolk", "suffolk:", ":ocds-1", "suffolk/acme:ocds-1", "Suffolk:ocds-1"}) {
        INFO(bad);
        CHECK_FALSE(contract_from_text(bad, ""));
    }
}

TEST_CASE("reasons are typed as the codes of the list", "[wallet][text]") {
    CHECK(*reason_from_text("no-longer-needed") == pb::REASON_CODE_NO_LONGER_NEEDED);
    CHECK(reason_text(pb::REASON_CODE_POOR_QUALITY) == "poor quality");
    CHECK_FALSE(reason_from_text("because"));
    for (int code = 1; code <= pb::ReasonCode_MAX; ++code) {
        std::string typed{reason_text(static_cast<pb::ReasonCode>(code))};
        for (auto& c : typed)
            if (c == ' ') c = '-';
        INFO(typed);
        REQUIRE(reason_from_text(typed));
        CHECK(*reason_from_text(typed) == code);
    }
}
