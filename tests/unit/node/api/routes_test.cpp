#include "node/api/routes/routes.hpp"

#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/stream_filter.hpp"
#include "protocol/envelope.hpp"
#include "protocol/header.hpp"
#include "unit/catch.hpp"
#include "unit/node/api/fake_node.hpp"

using namespace tallystick;
using namespace tallystick::node;
using namespace tallystick::node::api;

namespace {

std::string envelope_bytes(const std::string& body) {
    pb::Envelope envelope;
    envelope.set_body(body);
    return envelope.SerializeAsString();
}

Request submit_request(const std::vector<std::string>& envelopes) {
    pb::SubmitRequest message;
    for (const auto& envelope : envelopes) message.add_envelopes(envelope);
    Request request;
    request.method = Method::post;
    request.content_type = content::protobuf;
    request.body = message.SerializeAsString();
    return request;
}

pb::SubmitResponse response_in(const Response& response) {
    REQUIRE(response.status == 200);
    pb::SubmitResponse message;
    REQUIRE(message.ParseFromString(response.body));
    return message;
}

Answer answer_with(AnswerStatus status, std::string_view code) {
    Answer answer;
    answer.status = status;
    answer.code = code;
    return answer;
}

pb::Claim claim_on(std::string_view supplier) {
    pb::Claim claim;
    claim.mutable_contract()->set_authority("suffolk");
    claim.mutable_contract()->set_ocid("ocds-1");
    claim.set_supplier(std::string{supplier});
    return claim;
}

void move(pb::LogEntry& entry, const pb::Claim& claim, pb::Pocket from, pb::Pocket to,
          std::uint64_t amount) {
    auto& movement = *entry.mutable_outcome()->add_movements();
    *movement.mutable_claim() = claim;
    movement.set_from_account(from == pb::POCKET_ISSUE ? claim.supplier() : "suffolk/project");
    movement.set_from(from);
    movement.set_to_account("suffolk/project");
    movement.set_to(to);
    movement.set_amount(amount);
}

/// A project whose four entries bring 500 and 300 credits, reserve 200, and retire nothing.
void add_statement_entries(FakeLedger& ledger) {
    pb::Account account;
    ledger.put(account_key("suffolk/project"), account);
    const auto one = claim_on("suffolk/one");
    const auto two = claim_on("suffolk/two");
    for (std::uint64_t i = 0; i < 3; ++i) {
        auto& entry = ledger.entries.emplace_back();
        entry.set_id(std::string(32, static_cast<char>('a' + i)));
        entry.set_time(100 + i);
        entry.set_height(i + 1);
        entry.mutable_outcome()->set_status(pb::STATUS_DONE);
        entry.mutable_outcome()->mutable_due()->set_kind(pb::DUE_KIND_PASS_ON);
    }
    move(ledger.entries[0], one, pb::POCKET_ISSUE, pb::POCKET_AVAILABLE, 500);
    move(ledger.entries[1], two, pb::POCKET_ISSUE, pb::POCKET_AVAILABLE, 300);
    move(ledger.entries[2], one, pb::POCKET_AVAILABLE, pb::POCKET_RESERVED, 200);
    ledger.of_account = {2, 1, 0};
}

}  // namespace

TEST_CASE("envelopes reach the node as they were sent, in their order", "[api]") {
    FakeNode node;
    node.answers = {answer_with(AnswerStatus::malformed, "too_large"),
                    answer_with(AnswerStatus::skipped, "expired")};
    const Api api{public_routes(node)};
    const auto response = answer_to(api, submit_request({"one", "two"}), "/v1/envelopes");
    CHECK(node.submitted == std::vector<std::string>{"one", "two"});
    const auto message = response_in(response);
    REQUIRE(message.results_size() == 2);
    CHECK(message.results(0).state() == pb::SUBMIT_STATE_MALFORMED);
    CHECK(message.results(0).code() == "too_large");
    CHECK(message.results(1).state() == pb::SUBMIT_STATE_SKIPPED);

    auto as_json = submit_request({"one", "two"});
    as_json.accept = content::json;
    const auto json = json_in(answer_to(api, as_json, "/v1/envelopes"));
    CHECK(json["results"][0]["status"] == 400);
    CHECK(json["results"][1]["result"] == "skipped");
    CHECK(json["results"][1]["status"] == 409);
}

TEST_CASE("a batch of which nothing was taken is one 429 or 503", "[api]") {
    FakeNode node;
    const Api api{public_routes(node)};
    const auto busy = answer_with(AnswerStatus::busy, "busy");
    const auto unavailable = answer_with(AnswerStatus::unavailable, "unavailable");
    node.answers = {busy, busy};
    const auto refused = answer_to(api, submit_request({"a", "b"}), "/v1/envelopes");
    CHECK(refused.status == 429);
    CHECK(refused.retry_after_seconds);
    node.answers = {unavailable, unavailable};
    CHECK(code_in(answer_to(api, submit_request({"a", "b"}), "/v1/envelopes")) == "read_only");
    node.answers = {busy, answer_with(AnswerStatus::malformed, "x")};
    CHECK(response_in(answer_to(api, submit_request({"a", "b"}), "/v1/envelopes"))
              .results(0)
              .state() == pb::SUBMIT_STATE_BUSY);
}

TEST_CASE("an outcome that does not come in time is pending under its id", "[api]") {
    FakeNode node;
    node.holds_answers = true;
    const Api api{public_routes(node)};
    const auto message = response_in(answer_to(
        api, submit_request({envelope_bytes("the body"), "nonsense"}), "/v1/envelopes?wait=3"));
    CHECK(message.results(0).state() == pb::SUBMIT_STATE_PENDING);
    CHECK(message.results(0).id() == envelope_id("the body").str());
    CHECK(message.results(1).id().empty());
    node.held({});  // an answer after the client has gone harms nobody
}

TEST_CASE("a block whose header has not come says its own time and hash, and is not kept",
          "[api]") {
    FakeNode node;
    const Api api{public_routes(node)};
    auto& block = node.its_blocks[7];
    block.set_hash(std::string(32, '\x5A'));
    block.mutable_time()->set_seconds(1000);
    block.mutable_time()->set_nanos(5);

    const auto early = get(api, "/v1/blocks/7");
    CHECK(json_in(early)["header_hash"] == hex(block.hash()));
    CHECK(json_in(early)["time"] == 1000);
    CHECK(json_in(early)["time_nanos"] == 5);
    CHECK(json_in(early)["chain_id"] == node.chain_id());
    CHECK(early.caching == Caching::never);

    pb::BlockRecord whole;
    whole.mutable_header()->set_chain_id("suffolk-credits-1");
    whole.mutable_header()->mutable_time()->set_seconds(1000);
    block = whole;
    const auto later = get(api, "/v1/blocks/7");
    CHECK(json_in(later)["header_hash"] == to_hex(header_hash(whole.header()).view()));
    CHECK(json_in(later)["time"] == 1000);
    CHECK(later.caching == Caching::for_ever);
    CHECK(code_in(get(api, "/v1/blocks/8")) == "unknown_block");
}

TEST_CASE("the ledger's roots are those of the block that it is shown as of", "[api]") {
    FakeNode node;
    const Api api{public_routes(node)};
    node.ledger.height = 7;
    node.its_blocks[7].mutable_app_state()->set_log_size(70);
    node.its_head.app_state.set_log_size(80);
    node.its_head.height = 8;  // one came between the two looks
    CHECK(json_in(get(api, "/v1/ledger"))["as_of"]["height"] == 7);
    CHECK(json_in(get(api, "/v1/ledger"))["app_state"]["log_size"] == 70);
    node.ledger.height = 8;
    CHECK(json_in(get(api, "/v1/ledger"))["app_state"]["log_size"] == 80);
}

TEST_CASE("the wait is what the client asked for", "[api]") {
    FakeNode node;
    node.holds_answers = true;
    const Api api{public_routes(node)};
    const auto late = [&](std::string_view target) {
        return api.handle(submit_request({"a"}), target, [](Build) {}).after;
    };
    CHECK(late("/v1/envelopes") == std::chrono::seconds{10});
    CHECK(late("/v1/envelopes?wait=0") == std::chrono::seconds{0});
    CHECK(late("/v1/envelopes?wait=30") == std::chrono::seconds{30});
    CHECK(code_in(answer_to(api, submit_request({"a"}), "/v1/envelopes?wait=31")) ==
          "bad_parameter");
}

TEST_CASE("a statement runs on from page to page and covers what was asked for", "[api]") {
    FakeNode node;
    add_statement_entries(node.ledger);
    const Api api{public_routes(node)};
    const std::string path = "/v1/accounts/suffolk%2Fproject/statement";

    const auto whole = json_in(get(api, path));
    REQUIRE(whole["items"].size() == 3);
    CHECK(whole["opening_available"] == "0");
    CHECK(whole["items"][0]["action"] == "due:pass_on");
    CHECK(whole["items"][0]["change"] == "500");
    CHECK(whole["items"][1]["total_available"] == "800");
    CHECK(whole["items"][2]["change"] == "-200");
    CHECK(whole["items"][2]["total_available"] == "600");
    CHECK(whole["items"][2]["claim_balance"]["available"] == "300");
    CHECK(whole["items"][2]["claim_balance"]["reserved"] == "200");

    Json paged = Json::array();
    std::string cursor;
    do {
        const auto page = json_in(get(api, path + "?limit=1" + cursor));
        REQUIRE(page["items"].size() == 1);
        paged.push_back(page["items"][0]);
        cursor = page.contains("next") ? "&cursor=" + page["next"].get<std::string>() : "";
    } while (!cursor.empty());
    CHECK(paged == whole["items"]);

    const auto late = json_in(get(api, path + "?from=102"));
    CHECK(late["opening_available"] == "800");
    CHECK(late["items"].size() == 1);
    CHECK(json_in(get(api, path + "?to=100"))["items"].size() == 1);
    const auto two = json_in(get(api, path + "?supplier=suffolk/two"));
    REQUIRE(two["items"].size() == 1);
    CHECK(two["items"][0]["total_available"] == "300");
    CHECK(json_in(get(api, path + "?authority=norfolk"))["items"].empty());
}

TEST_CASE("a filter that fits nothing costs a bounded walk and leaves a cursor", "[api]") {
    FakeNode node;
    pb::Account account;
    for (int i = 0; i < 50002; ++i)
        node.ledger.leaves[account_key("suffolk/p" + std::to_string(100000 + i)).bytes] = "";
    const Api api{public_routes(node)};
    const auto page = json_in(get(api, "/v1/accounts?role=authority"));
    CHECK(page["items"].empty());
    REQUIRE(page.contains("next"));
    const auto rest =
        json_in(get(api, "/v1/accounts?role=authority&cursor=" + page["next"].get<std::string>()));
    CHECK_FALSE(rest.contains("next"));
}

TEST_CASE("what a damaged record would answer is not told", "[api]") {
    FakeNode node;
    node.ledger.damaged = true;
    const Api api{public_routes(node)};
    for (const auto* target : {"/v1/ledger", "/v1/accounts", "/v1/contracts", "/v1/redemptions"})
        CHECK(code_in(get(api, target)) == "damaged_record");
}

TEST_CASE("a receipt that no header carries yet can be asked for again", "[api]") {
    FakeNode node;
    node.proof_error = ReadError::not_provable_yet;
    const Api api{public_routes(node)};
    const auto response = get(api, "/v1/receipts/state/01");
    CHECK(response.status == 409);
    CHECK(code_in(response) == "not_yet_provable");
    CHECK(response.retry_after_seconds);
    node.proof_error.reset();
    const auto proved = get(api, "/v1/receipts/state/01");
    CHECK(proved.content_type == content::receipt);
    CHECK(proved.as_of->height == 7);
}

TEST_CASE("the stream shows whole blocks, from where it was left, to whom they concern", "[api]") {
    FakeNode node;
    add_statement_entries(node.ledger);
    BlockEvent event;
    event.height = 3;
    event.time_ms = 5000;
    event.entries.push_back(std::make_shared<LoggedEntry>(*node.ledger.entry(1)));
    event.entries.push_back(std::make_shared<LoggedEntry>(*node.ledger.entry(2)));
    const auto frame = Json::parse(stream_frame(node, event, {}, 0));
    CHECK(frame["as_of"]["time"] == 5);
    CHECK(frame["entries"].size() == 2);
    CHECK(Json::parse(stream_frame(node, event, {}, 2))["entries"].size() == 1);
    CHECK(stream_frame(node, event, {}, 3).empty());
    StreamFilter filter;
    filter.account = "suffolk/two";
    CHECK(Json::parse(stream_frame(node, event, filter, 0))["entries"].size() == 1);

    const auto missed = catch_up(node, {}, 0, 3);
    CHECK(missed.next == 3);
    CHECK(missed.frames.size() == 3);
    CHECK(catch_up(node, {}, 9, 12).next == 9);
}
