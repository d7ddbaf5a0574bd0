#include "node/import/text.hpp"

#include "unit/catch.hpp"

using namespace tallystick::import;

TEST_CASE("a byte order mark is dropped and UTF-8 kept as it is", "[import][text]") {
    const auto decoded = decode_file("\xef\xbb\xbfŷ ô £");
    CHECK(decoded.text == "ŷ ô £");
    CHECK_FALSE(decoded.was_recoded);
}

TEST_CASE("bytes that are not UTF-8 are read as Windows-1252", "[import][text]") {
    const auto decoded = decode_file(
        "\xa3"
        "5 \x93quoted\x94 \x80");
    CHECK(decoded.text == "£5 “quoted” €");
    CHECK(decoded.was_recoded);
}

TEST_CASE("UTF-8 once taken for Windows-1252 is read back", "[import][text]") {
    CHECK(clean_line("Â£5m â€¢ cafÃ©") == "£5m • café");
    CHECK(clean_line("Canolfan Dŷ") == "Canolfan Dŷ");
    CHECK(clean_line("café") == "café");
}

TEST_CASE("entities, spaces, controls and direction marks leave clean text", "[import][text]") {
    CHECK(clean_line("  Bread &amp; Roses&#39;  \r\n &pound;1\t") == "Bread & Roses' £1");
    CHECK(clean_line("a\xe2\x80\xae"
                     "b") == "a b");
    CHECK(clean_line("&bogus; &#xZZ; &#1114112;") == "&bogus; &#xZZ; &#1114112;");
    CHECK(clean_line(std::string_view{"a\0b", 3}) == "a b");
}

TEST_CASE("a text of ampersands alone is read in time that fits its size", "[import][text]") {
    // Read to its end at each of them it would take an hour, and the test's time limit ends that.
    const std::string ampersands(20'000'000, '&');
    CHECK(clean_line(ampersands) == ampersands);
    CHECK(clean_line("&#00000038;&#000000038;") == "&&#000000038;");
}

TEST_CASE("decomposed letters become composed ones", "[import][text]") {
    CHECK(clean_line("cafe\xcc\x81") == "café");
}

TEST_CASE("names that say there is nobody are told from names", "[import][text]") {
    for (const auto* nobody : {"", "n/a", "N/A", "NOT AWARDED TO SUPPLIER", "Various Suppliers",
                               "Tender abandoned", "TBC", "Please see guidance at VI.4.3 below."}) {
        CHECK(says_nobody(nobody));
    }
    for (const auto* somebody : {"Nathan House", "NAAC", "Various Voices Choir", "Nonesuch Ltd"}) {
        CHECK_FALSE(says_nobody(somebody));
    }
}

TEST_CASE("text is cut between characters", "[import][text]") {
    CHECK(cut_utf8("aŷb", 2) == "a");
    CHECK(cut_utf8("aŷb", 3) == "aŷ");
    CHECK(cut_utf8("ab", 5) == "ab");
}

TEST_CASE("a slug is a part of a handle", "[import][text]") {
    CHECK(slug_of("Bebeccino Kids Café") == "bebeccino-kids-cafe");
    CHECK(slug_of("Carpenter's Arms, Soham") == "carpenters-arms-soham");
    CHECK(slug_of("AB") == "org-ab");
    CHECK(slug_of("日本") == "org");
    CHECK(slug_of(std::string(60, 'x')).size() == 40);
    CHECK(slug_of(std::string(39, 'x') + " yz") == std::string(39, 'x'));
}
