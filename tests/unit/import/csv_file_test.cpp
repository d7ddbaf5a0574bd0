#include "node/import/csv_file.hpp"

#include "unit/catch.hpp"

using namespace tallystick::import;

TEST_CASE("rows keep the spreadsheet's numbers over line breaks in cells and blank lines",
          "[import][csv]") {
    const auto table = read_csv("name,id\r\n\"two\r\nlines\",1\r\n\r\nlast,2\r\n");
    REQUIRE(table);
    REQUIRE(table->rows.size() == 3);
    CHECK(table->rows[0] == std::vector<std::string>{"two\nlines", "1"});
    CHECK(table->rows[1].empty());
    CHECK(table->rows[2][0] == "last");
}

TEST_CASE("the delimiter is the one the header has most of", "[import][csv]") {
    CHECK(read_csv("a;b;c\n1;2;3\n")->header.size() == 3);
    CHECK(read_csv("a\tb\n1\t2\n")->header.size() == 2);
    CHECK_FALSE(read_csv("one column\nx\n"));
    CHECK_FALSE(read_csv(""));
}

TEST_CASE("columns are found without regard to case and punctuation", "[import][csv]") {
    const auto table = read_csv("Recipient Org:Identifier,NAME\nx,y\n");
    REQUIRE(table);
    CHECK(table->column({"recipient_org_identifier"}) == 0U);
    CHECK(table->column({"absent", "name"}) == 1U);
    CHECK_FALSE(table->column({"absent"}));
}

TEST_CASE("cells that a spreadsheet would compute are neutralised", "[import][csv]") {
    CHECK(csv_line({"=1+1", "+1", "-1", "@x", "a,b", "say \"hi\"", ""}) ==
          "'=1+1,'+1,'-1,'@x,\"a,b\",\"say \"\"hi\"\"\",\r\n");
}
