#include "node/api/json_governing.hpp"

#include "node/api/routes/routes.hpp"
#include "protocol/crypto.hpp"
#include "protocol/refusal.hpp"
#include "unit/catch.hpp"
#include "unit/node/api/fake_node.hpp"

using namespace tallystick;
using namespace tallystick::node;
using namespace tallystick::node::api;

namespace {

const std::string key_of_suffolk(32, '\x11');

std::string id_of(char letter) {
    return std::string(32, letter);
}

std::string hex_of(char letter) {
    return to_hex(bytes_of(id_of(letter)));
}

pb::MisbehaviourRecord misbehaviour(std::uint64_t height) {
    pb::MisbehaviourRecord record;
    auto& what = *record.mutable_misbehaviour();
    what.set_kind(pb::MISBEHAVIOUR_KIND_DUPLICATE_VOTE);
    what.set_address(std::string(20, '\x22'));
    what.set_power(1);
    what.set_total_power(4);
    what.set_height(height);
    what.mutable_time()->set_seconds(900);
    record.set_recorded_at(height + 2);
    return record;
}

void add_authority(FakeLedger& ledger, const std::string& handle, std::uint64_t power) {
    pb::Account account;
    account.add_roles(pb::ROLE_AUTHORITY);
    auto& name = *account.add_names();
    name.set_language("en");
    name.set_text("An example");
    ledger.put(account_key(handle), account);
    pb::AuthorityNode node;
    node.set_public_key(handle == "suffolk" ? key_of_suffolk : std::string(32, handle.front()));
    node.set_power(power);
    ledger.put(authority_node_key(handle), node);
}

pb::Proposal a_proposal(pb::ProposalStatus status, const std::string& yes) {
    pb::Proposal proposal;
    proposal.set_proposer("suffolk");
    proposal.set_status(status);
    proposal.set_proposed_at(100);
    proposal.set_lapses_at(5000);
    auto& ballot = *proposal.add_ballots();
    ballot.set_authority(yes);
    ballot.set_choice(pb::CHOICE_YES);
    ballot.set_cast_at(100);
    return proposal;
}

void set_parameter(pb::Proposal& proposal, pb::Parameter parameter, std::uint64_t value) {
    proposal.mutable_change()->mutable_set_parameter()->set_parameter(parameter);
    proposal.mutable_change()->mutable_set_parameter()->set_value(value);
}

/// Four authorities of which kent's node signed twice and lost its power; one more was removed.
void add_governing(FakeLedger& ledger) {
    pb::Authorities authorities;
    for (const auto* handle : {"dorset", "essex", "kent", "suffolk"}) {
        authorities.add_handles(handle);
        add_authority(ledger, handle, std::string_view{handle} == "kent" ? 0 : 1);
    }
    ledger.put(authorities_key(), authorities);
    ledger.put(misbehaviour_key("kent", 5), misbehaviour(5));
    ledger.put(misbehaviour_key("kent", 0), misbehaviour(5));
    pb::Account removed;
    removed.add_roles(pb::ROLE_AUTHORITY);
    removed.set_successor("essex");
    ledger.put(account_key("norfolk"), removed);

    auto removal = a_proposal(pb::PROPOSAL_STATUS_IN_FORCE, "essex");
    removal.mutable_change()->mutable_remove_authority()->set_authority("norfolk");
    removal.mutable_change()->mutable_remove_authority()->set_successor("essex");
    removal.set_decided_at(200);
    removal.set_ended_at(300);
    ledger.put(proposal_key(id_of('a')), removal);

    auto open = a_proposal(pb::PROPOSAL_STATUS_OPEN, "suffolk");
    set_parameter(open, pb::PARAMETER_ANSWER_SECONDS, 86400);
    auto& no = *open.add_ballots();
    no.set_authority("norfolk");  // has left: its ballot stands and does not count
    no.set_choice(pb::CHOICE_NO);
    ledger.put(proposal_key(id_of('b')), open);

    auto decided = a_proposal(pb::PROPOSAL_STATUS_DECIDED, "suffolk");
    set_parameter(decided, pb::PARAMETER_REVEAL_SECONDS, 7200);
    decided.set_decided_at(400);
    decided.set_effective_at(9000);
    ledger.put(proposal_key(id_of('c')), decided);

    auto failed = a_proposal(pb::PROPOSAL_STATUS_FAILED, "suffolk");
    failed.mutable_change()->mutable_take_power()->set_authority("kent");
    failed.set_refusal(static_cast<std::uint32_t>(Refusal::too_few_nodes_left));
    ledger.put(proposal_key(id_of('d')), failed);

    auto orphaned = a_proposal(pb::PROPOSAL_STATUS_OPEN, "norfolk");
    orphaned.set_proposer("norfolk");
    orphaned.mutable_change()->mutable_hand_over()->set_segment(2);
    orphaned.mutable_change()->mutable_hand_over()->set_engine(pb::ENGINE_COMETBFT);
    ledger.put(proposal_key(id_of('e')), orphaned);
}

std::vector<std::string> ids_in(const Json& list) {
    std::vector<std::string> ids;
    for (const auto& item : list["items"]) ids.push_back(item["id"]);
    return ids;
}

}  // namespace

TEST_CASE("authorities stand with their nodes and what those did wrong", "[api][governing]") {
    FakeNode node;
    add_governing(node.ledger);
    const Api api{public_routes(node)};
    const auto list = json_in(get(api, "/v1/authorities"));
    REQUIRE(list["items"].size() == 4);
    const auto& kent = list["items"][2];
    CHECK(kent["handle"] == "kent");
    CHECK(kent["current"] == true);
    CHECK_FALSE(kent.contains("successor"));
    CHECK(kent["node"]["power"] == 0);
    // The copy under height 0 is not shown a second time.
    REQUIRE(kent["misbehaviour"].size() == 1);
    const auto& record = kent["misbehaviour"][0];
    CHECK(record["kind"] == "duplicate_vote");
    CHECK(record["height"] == 5);
    CHECK(record["recorded_at"] == 7);
    CHECK(record["time"] == 900);
    CHECK(record["words"] == "signed two votes of one height and round");
    CHECK(record["address"] == to_hex(bytes_of(std::string(20, '\x22'))));
    const auto& suffolk = list["items"][3];
    CHECK(suffolk["node"]["public_key"] == to_hex(bytes_of(key_of_suffolk)));
    CHECK(suffolk["node"]["address"] ==
          to_hex(address_of(*PublicKey::from(key_of_suffolk)).view()));
    CHECK(suffolk["misbehaviour"].empty());
}

TEST_CASE("removed authorities are listed where they are asked for", "[api][governing]") {
    FakeNode node;
    add_governing(node.ledger);
    const Api api{public_routes(node)};
    const auto list = json_in(get(api, "/v1/authorities?all=true"));
    REQUIRE(list["items"].size() == 5);
    const auto& norfolk = list["items"][3];
    CHECK(norfolk["handle"] == "norfolk");
    CHECK(norfolk["current"] == false);
    CHECK(norfolk["successor"] == "essex");
    CHECK_FALSE(norfolk.contains("node"));
    const auto first = json_in(get(api, "/v1/authorities?all=true&limit=2"));
    CHECK(first["items"].size() == 2);
    const auto second = json_in(
        get(api, "/v1/authorities?all=true&limit=3&cursor=" + first["next"].get<std::string>()));
    CHECK(second["items"][0]["handle"] == "kent");
    CHECK_FALSE(second.contains("next"));
    CHECK(code_in(get(api, "/v1/authorities?all=perhaps")) == "bad_parameter");
    CHECK(code_in(get(api, "/v1/authorities?power=1")) == "unknown_parameter");
}

TEST_CASE("proposals are told with their votes, and for whose vote they wait", "[api][governing]") {
    FakeNode node;
    add_governing(node.ledger);
    const Api api{public_routes(node)};
    CHECK(json_in(get(api, "/v1/proposals"))["items"].size() == 5);
    const auto open = json_in(get(api, "/v1/proposals/" + hex_of('b')))["proposal"];
    CHECK(open["status"] == "open");
    CHECK(open["words"] == "set the time to answer a redemption to 1 day");
    CHECK(open["change"]["what"] == "set_parameter");
    CHECK(open["change"]["set_parameter"]["parameter"] == "answer_seconds");
    CHECK(open["change"]["set_parameter"]["value"] == 86400);
    CHECK(open["ballots"].size() == 2);
    CHECK(open["yes"] == 1);
    CHECK(open["no"] == 0);
    CHECK(open["yes_needed"] == 3);
    CHECK(open["waits_for"] == Json{"dorset", "essex", "kent"});

    const auto removal = json_in(get(api, "/v1/proposals/" + hex_of('a')))["proposal"];
    CHECK(removal["status"] == "in_force");
    CHECK(removal["change"]["remove_authority"]["successor"] == "essex");
    CHECK(removal["ended_at"] == 300);
    CHECK_FALSE(removal.contains("waits_for"));
    const auto failed = json_in(get(api, "/v1/proposals/" + hex_of('d')))["proposal"];
    CHECK(failed["refusal"]["name"] == "too_few_nodes_left");
    // Who proposed it has left: nobody can vote on it any more.
    const auto orphaned = json_in(get(api, "/v1/proposals/" + hex_of('e')))["proposal"];
    CHECK(orphaned["waits_for"].empty());
    CHECK(orphaned["change"]["hand_over"] == Json{{"segment", 2}, {"engine", "cometbft"}});
}

TEST_CASE("proposals are found by status and by whom they wait for", "[api][governing]") {
    FakeNode node;
    add_governing(node.ledger);
    const Api api{public_routes(node)};
    CHECK(ids_in(json_in(get(api, "/v1/proposals?status=open"))) ==
          std::vector{hex_of('b'), hex_of('e')});
    CHECK(ids_in(json_in(get(api, "/v1/proposals?status=decided"))) == std::vector{hex_of('c')});
    CHECK(ids_in(json_in(get(api, "/v1/proposals?waits_for=kent"))) == std::vector{hex_of('b')});
    CHECK(json_in(get(api, "/v1/proposals?waits_for=suffolk"))["items"].empty());
    CHECK(json_in(get(api, "/v1/proposals?waits_for=norfolk"))["items"].empty());
    CHECK(code_in(get(api, "/v1/proposals?status=won")) == "bad_parameter");
    CHECK(code_in(get(api, "/v1/proposals/" + hex_of('z'))) == "unknown_proposal");
    CHECK(get(api, "/v1/proposals/" + hex_of('z')).status == 404);
    CHECK(code_in(get(api, "/v1/proposals/zz")) == "bad_parameter");
}

TEST_CASE("every change has its JSON", "[api][governing]") {
    pb::Change change;
    auto& admit = *change.mutable_admit_authority();
    admit.set_handle("norfolk");
    admit.mutable_node()->set_public_key(key_of_suffolk);
    admit.mutable_node()->set_power(3);
    auto json = json_of(change);
    CHECK(json["what"] == "admit_authority");
    CHECK(json["admit_authority"]["power"] == 3);
    CHECK(json["admit_authority"]["node_key"] == to_hex(bytes_of(key_of_suffolk)));
    change.mutable_set_authority_policy()->set_authority("kent");
    CHECK(json_of(change)["set_authority_policy"]["authority"] == "kent");
    change.mutable_set_node()->set_authority("kent");
    CHECK(json_of(change)["set_node"]["authority"] == "kent");
    change.mutable_take_power()->set_authority("kent");
    CHECK(json_of(change)["take_power"]["authority"] == "kent");
}

TEST_CASE("misbehaviour stands in an authority's account, and nowhere else", "[api][governing]") {
    FakeNode node;
    add_governing(node.ledger);
    pb::Account project;
    project.add_roles(pb::ROLE_PROJECT);
    node.ledger.put(account_key("kent/food-bank"), project);
    const Api api{public_routes(node)};
    const auto account = [&](const std::string& handle) {
        return json_in(get(api, "/v1/accounts/" + handle))["account"];
    };
    CHECK(account("kent")["misbehaviour"].size() == 1);
    CHECK(account("essex")["misbehaviour"].empty());
    CHECK(account("norfolk")["successor"] == "essex");
    CHECK_FALSE(account("kent%2Ffood-bank").contains("misbehaviour"));
    const auto listed = json_in(get(api, "/v1/accounts?authority=kent"));
    CHECK(listed["items"][0]["misbehaviour"].size() == 1);
}

TEST_CASE("the ledger tells its engine, its validators, its age, and what is coming",
          "[api][governing]") {
    FakeNode node;
    add_governing(node.ledger);
    node.its_head.time_ms = 1000;
    node.its_network.engine = pb::ENGINE_COMETBFT;
    node.its_network.makes_progress = false;
    node.its_network.peers = 1;
    node.its_network.waiting_envelopes = 12;
    node.failing = {"Too few nodes agree."};
    node.its_validators.add_validators()->set_public_key(key_of_suffolk);
    node.its_validators.mutable_validators(0)->set_power(1);
    pb::Owner owner;
    owner.set_account("suffolk");
    node.ledger.put(public_key_key(key_of_suffolk), owner);
    const Api api{public_routes(node)};
    const auto ledger = json_in(get(api, "/v1/ledger"));
    const auto& network = ledger["network"];
    CHECK(network["engine"] == "cometbft");
    CHECK(network["segment"] == 1);
    CHECK(network["makes_progress"] == false);
    CHECK(network["catching_up"] == false);
    CHECK(network["observer"] == false);
    CHECK(network["peers"] == 1);
    CHECK(network["waiting_envelopes"] == 12);
    CHECK(network["head_age_seconds"].get<std::uint64_t>() > 1'000'000);
    CHECK(network["not_ready"] == Json{"Too few nodes agree."});
    REQUIRE(ledger["validators"].size() == 1);
    CHECK(ledger["validators"][0]["authority"] == "suffolk");
    CHECK(ledger["validators"][0]["address"] == address_text(key_of_suffolk));
    REQUIRE(ledger["parameters_coming"].size() == 1);
    CHECK(ledger["parameters_coming"][0]["parameter"] == "reveal_seconds");
    CHECK(ledger["parameters_coming"][0]["value"] == 7200);
    CHECK(ledger["parameters_coming"][0]["effective_at"] == 9000);
    CHECK(ledger["parameters_coming"][0]["proposal"] == hex_of('c'));
    CHECK(ledger["authorities"][2]["misbehaviour"].size() == 1);
}

TEST_CASE("an authority's queue shows the proposals that wait for its vote", "[api][governing]") {
    FakeNode node;
    add_governing(node.ledger);
    const Api api{public_routes(node)};
    const auto queue = json_in(get(api, "/v1/queue?account=kent"));
    REQUIRE(queue["items"].size() == 1);
    const auto& item = queue["items"][0];
    CHECK(item["task"] == "vote");
    CHECK(item["id"] == hex_of('b'));
    CHECK(item["proposer"] == "suffolk");
    CHECK(item["change"] == "set_parameter");
    CHECK(item["since"] == 100);
    CHECK(item["until"] == 5000);
    CHECK_FALSE(item.contains("contract"));
    CHECK(json_in(get(api, "/v1/queue?account=suffolk"))["items"].empty());
}

TEST_CASE("why nothing is taken is said by its name", "[api][governing]") {
    FakeNode node;
    const Api api{public_routes(node)};
    pb::SubmitRequest message;
    message.add_envelopes("x");
    Request request;
    request.method = Method::post;
    request.content_type = content::protobuf;
    request.body = message.SerializeAsString();
    for (const auto* code : {"no_progress", "observer", "segment_ended"}) {
        Answer answer;
        answer.code = code;
        answer.sentence = "The reason.";
        node.answers = {answer};
        const auto response = answer_to(api, request, "/v1/envelopes");
        CHECK(response.status == 503);
        CHECK(code_in(response) == code);
        CHECK(response.retry_after_seconds);
        CHECK(json_in(response)["detail"].get<std::string>().starts_with("The reason."));
    }
}
