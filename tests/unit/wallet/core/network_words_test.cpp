#include "wallet/core/network_words.hpp"

#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

namespace {

Json a_ledger() {
    return Json::parse(R"({
        "network": {"engine": "cometbft", "segment": 2, "makes_progress": true,
                    "catching_up": false, "observer": false, "head_age_seconds": 130},
        "authorities": [{"handle": "kent", "power": 1, "misbehaviour": []}]})");
}

}  // namespace

TEST_CASE("a network that does well is told in a line", "[wallet][network]") {
    CHECK(network_text(a_ledger()) ==
          "  Engine cometbft, segment 2. The newest block is 2 minutes old.\n");
    CHECK(network_text(Json::object()).empty());
    const auto why = why_pending(a_ledger());
    CHECK(why.code == "pending");
    CHECK(why.exit == Exit::no_node);
    CHECK(why_pending(Json::object()).code == "pending");
    CHECK(why_pending(Json::array()).code == "pending");
}

TEST_CASE("a network without progress, and a node that is behind, are said as such",
          "[wallet][network]") {
    auto ledger = a_ledger();
    ledger["network"]["catching_up"] = true;
    CHECK(network_text(ledger).find("behind the others") != std::string::npos);
    CHECK(why_pending(ledger).code == "node_behind");
    ledger["network"]["makes_progress"] = false;
    CHECK(network_text(ledger).find("makes no progress") != std::string::npos);
    const auto why = why_pending(ledger);
    CHECK(why.code == "no_progress");
    CHECK(why.exit == Exit::no_node);
    CHECK(why.message.ends_with("The newest block is 2 minutes old."));
    ledger["network"]["observer"] = true;
    CHECK(network_text(ledger).find("only reads") != std::string::npos);
}

TEST_CASE("whose node misbehaved or has no power stands beside the ledger", "[wallet][network]") {
    auto ledger = a_ledger();
    auto& kent = ledger["authorities"][0];
    kent["power"] = 0;
    kent["misbehaviour"].push_back({{"words", "signed\x1b[2J two votes"}, {"height", 17}});
    const auto text = network_text(ledger);
    CHECK(text.find("The node of kent signed\xEF\xBF\xBD[2J two votes at height 17.") !=
          std::string::npos);
    CHECK(text.find("The node of kent has no power.") != std::string::npos);
}
