#include "protocol/types.hpp"

#include "unit/catch.hpp"

using namespace tallystick;

TEST_CASE("fixed bytes take exactly their length", "[types]") {
    CHECK(Hash::from(std::string(32, 'x')));
    CHECK_FALSE(Hash::from(std::string(31, 'x')));
    CHECK_FALSE(Hash::from(std::string(33, 'x')));
    CHECK(Hash::from(std::string(32, 'x'))->str() == std::string(32, 'x'));
    static_assert(!std::is_convertible_v<EnvelopeId, Hash>);
}

TEST_CASE("hexadecimal goes both ways", "[types]") {
    CHECK(to_hex(bytes_of(std::string("\x00\x7f\xff", 3))) == "007fff");
    CHECK(from_hex("007fFF") == std::string("\x00\x7f\xff", 3));
    CHECK(from_hex("") == "");
    CHECK_FALSE(from_hex("0"));
    CHECK_FALSE(from_hex("0g"));
    CHECK_FALSE(from_hex(" 0"));
}

TEST_CASE("an amount is 0 to 2^53 - 1 hundredths, and sums stay within", "[types]") {
    const auto largest = Amount::from((std::uint64_t{1} << 53) - 1);
    REQUIRE(largest);
    CHECK_FALSE(Amount::from(std::uint64_t{1} << 53));
    CHECK_FALSE(Amount::from(UINT64_MAX));
    CHECK(Amount{}.is_zero());
    const auto one = *Amount::from(1);
    CHECK_FALSE(largest->plus(one));
    CHECK(largest->minus(one)->plus(one) == largest);
    CHECK_FALSE(one.minus(*Amount::from(2)));
    CHECK(one.minus(one) == Amount{});
    CHECK(one.times(Amount::hundredths_max) == largest);
    CHECK_FALSE(one.times(Amount::hundredths_max + 1));
    CHECK_FALSE(largest->times(UINT64_MAX));
    CHECK(Amount{}.times(UINT64_MAX) == Amount{});
}

TEST_CASE("amounts are written for people and read back", "[types]") {
    const auto text = [](std::uint64_t hundredths) { return to_text(*Amount::from(hundredths)); };
    CHECK(text(0) == "0.00");
    CHECK(text(5) == "0.05");
    CHECK(text(123456) == "1,234.56");
    CHECK(text(100000000) == "1,000,000.00");
    CHECK(text(Amount::hundredths_max) == "90,071,992,547,409.91");

    const auto read = [](std::string_view written) -> std::optional<std::uint64_t> {
        const auto amount = amount_from_text(written);
        if (!amount) return std::nullopt;
        return amount->hundredths();
    };
    CHECK(read("1234") == 123400);
    CHECK(read("1234.5") == 123450);
    CHECK(read("1,234.50") == 123450);
    CHECK(read("0") == 0);
    CHECK(read("90,071,992,547,409.91") == Amount::hundredths_max);
    for (const auto* wrong :
         {"", ".", "1.", ".5", "1.234", "-1", "+1", " 1", "1 ", "1,23", "12,34.00", ",123",
          "1,,234", "1.2.3", "1e3", "90,071,992,547,409.92", "99999999999999999999999999"}) {
        INFO(wrong);
        CHECK_FALSE(read(wrong));
    }
}

TEST_CASE("a product is divided without overflow, rounding down", "[types]") {
    CHECK(multiply_divide(7, 3, 2) == 10);
    CHECK(multiply_divide(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
    CHECK_FALSE(multiply_divide(UINT64_MAX, 2, 1));
    CHECK_FALSE(multiply_divide(1, 1, 0));
}

TEST_CASE("a handle is one or two parts of 3 to 40 lower-case letters, digits and hyphens",
          "[types]") {
    const std::string forty(40, 'a');
    for (const auto& good : {std::string{"abc"}, std::string{"suffolk/befriending-scheme"},
                             std::string{"a1-"} + "2", forty + "/" + forty}) {
        INFO(good);
        CHECK(AccountId::from(good));
    }
    for (const auto& bad :
         {std::string{}, std::string{"ab"}, forty + "a", std::string{"Abc"}, std::string{"-abc"},
          std::string{"abc-"}, std::string{"abc/"}, std::string{"/abc"}, std::string{"abc/de"},
          std::string{"abc/def/ghi"}, std::string{"ab c"}, std::string{"caf\xc3\xa9"},
          std::string("abc\0", 4)}) {
        INFO(bad);
        CHECK_FALSE(AccountId::from(bad));
    }
    CHECK(AccountId::from("suffolk")->is_authority());
    CHECK_FALSE(AccountId::from("suffolk/food-bank")->is_authority());
    CHECK(AccountId::from("suffolk/food-bank")->authority() == "suffolk");
    CHECK(AccountId::from("suffolk")->authority() == "suffolk");
}

TEST_CASE("codes, ocids and lots have their letters and lengths", "[types]") {
    CHECK(is_code("E05-0001_a.B"));
    CHECK(is_code(std::string(40, 'x')));
    CHECK_FALSE(is_code(std::string(41, 'x')));
    CHECK_FALSE(is_code(""));
    CHECK_FALSE(is_code("a b"));
    CHECK_FALSE(is_code("a/b"));
    CHECK(is_ocid("ocds-h6vhtk-0410df"));
    CHECK(is_ocid(std::string(80, '~')));
    CHECK_FALSE(is_ocid(""));
    CHECK_FALSE(is_ocid(std::string(81, 'x')));
    CHECK_FALSE(is_ocid("a b"));
    CHECK_FALSE(is_ocid("caf\xc3\xa9"));
    CHECK_FALSE(is_ocid("a\x7f"));
    CHECK(is_lot(""));
    CHECK_FALSE(is_lot(std::string(81, 'x')));
    CHECK_FALSE(is_lot("1\n"));
}
