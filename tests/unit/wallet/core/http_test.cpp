#include "wallet/core/http.hpp"

#include "unit/catch.hpp"
#include "wallet/core/node.hpp"

using namespace tallystick::wallet;

TEST_CASE("a node's address is taken apart", "[wallet][http]") {
    const auto plain = url_from_text("http://127.0.0.1:7710");
    REQUIRE(plain);
    CHECK_FALSE(plain->tls);
    CHECK(plain->host == "127.0.0.1");
    CHECK(plain->port == "7710");
    const auto tls = url_from_text("https://ledger.example.org/node-1/");
    REQUIRE(tls);
    CHECK(tls->tls);
    CHECK(tls->port == "443");
    CHECK(tls->base == "/node-1");
    CHECK(url_from_text("http://[::1]:80")->host == "::1");
    for (const auto* bad :
         {"", "ledger.example.org", "ftp://x", "http://", "http://x:0", "http://x:99999",
          "http://user:word@x", "http://x/a b", "http://x:1x"}) {
        INFO(bad);
        CHECK_FALSE(url_from_text(bad));
    }
}

TEST_CASE("nobody answering is said as such", "[wallet][http]") {
    // Port 9 of loopback: nothing listens there on a machine that runs tests.
    const auto answer = send_request(*url_from_text("http://127.0.0.1:9"),
                                     {"GET", "/", "*/*", "", ""}, std::chrono::milliseconds{2000});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == "no_node");
    CHECK(answer.error().exit == Exit::no_node);
}

TEST_CASE("paths and bodies are encoded as the API wants them", "[wallet][http]") {
    CHECK(url_encoded("suffolk/food-bank") == "suffolk%2Ffood-bank");
    CHECK(url_encoded("a b&c=d?#%") == "a%20b%26c%3Dd%3F%23%25");
    CHECK(base64("") == "");
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64(std::string{"\xFF\x00\xFE", 3}) == "/wD+");
}
