#include "protocol/merkle.hpp"

#include "unit/catch.hpp"
#include "unit/protocol/trees.hpp"

using namespace tallystick;
using namespace tallystick::test;

TEST_CASE("the empty tree and a tree of one leaf have the roots of RFC 6962", "[merkle]") {
    CHECK(to_hex(merkle::empty_root().view()) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(merkle::leaf_hash("").view()) ==
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    CHECK(merkle::root({}) == merkle::empty_root());
    const std::vector<std::string> one{""};
    CHECK(merkle::root(one) == merkle::leaf_hash(""));
}

TEST_CASE("the root of eight known leaves is the published one", "[merkle]") {
    // The reference leaves of the certificate-transparency tests.
    const std::vector<std::string> leaves{
        "",
        std::string(1, '\0'),
        "\x10",
        "\x20\x21",
        "\x30\x31",
        "\x40\x41\x42\x43",
        "\x50\x51\x52\x53\x54\x55\x56\x57",
        "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
    CHECK(to_hex(merkle::root(leaves).view()) ==
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST_CASE("the frontier has the root of the whole tree after every append", "[merkle]") {
    merkle::Frontier frontier;
    std::vector<Hash> leaves;
    CHECK(frontier.root() == slow_root(leaves));
    for (int i = 0; i < 70; ++i) {
        leaves.push_back(merkle::leaf_hash(std::to_string(i)));
        frontier.append(leaves.back());
        REQUIRE(frontier.size() == leaves.size());
        REQUIRE(frontier.root() == slow_root(leaves));
        REQUIRE(merkle::root_of_leaf_hashes(leaves) == frontier.root());
        const auto again = merkle::Frontier::from(frontier.size(), frontier.peaks());
        REQUIRE(again);
        REQUIRE(*again == frontier);
    }
}

TEST_CASE("a frontier is not made of the wrong number of peaks", "[merkle]") {
    CHECK(merkle::Frontier::from(0, {}));
    CHECK_FALSE(merkle::Frontier::from(0, {Hash{}}));
    CHECK_FALSE(merkle::Frontier::from(3, {Hash{}}));
    CHECK(merkle::Frontier::from(3, {Hash{}, Hash{}}));
    CHECK_FALSE(merkle::Frontier::from(4, {Hash{}, Hash{}}));
}
