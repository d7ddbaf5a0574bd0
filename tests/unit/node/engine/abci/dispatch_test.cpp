#include "node/engine/abci/dispatch.hpp"

#include <functional>
#include <utility>
#include <vector>

#include "node/engine/abci/framing.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/abci/engine_side.hpp"
#include "unit/node/engine/abci/recording_application.hpp"

using namespace tallystick;
using namespace tallystick::node::abci;
using Catch::Matchers::Contains;
using test::RecordingApplication;

namespace {

abci_pb::Response response_of(const Reply& reply) {
    std::string_view rest = reply.bytes;
    Deframer deframer;
    const auto message = deframer.take(rest);
    REQUIRE(message);
    REQUIRE(message.value());
    REQUIRE(rest.empty());
    abci_pb::Response response;
    REQUIRE(response.ParseFromString(*message.value()));
    CHECK(response.has_exception() == !reply.exception.empty());
    if (response.has_exception()) CHECK(response.exception().error() == reply.exception);
    return response;
}

/// Each kind of request that the application answers, made by naming it.
const std::vector<std::pair<std::string, std::function<void(abci_pb::Request&)>>> asked{
    {"info", [](auto& r) { r.mutable_info(); }},
    {"query", [](auto& r) { r.mutable_query(); }},
    {"check_tx", [](auto& r) { r.mutable_check_tx(); }},
    {"init_chain", [](auto& r) { r.mutable_init_chain(); }},
    {"prepare_proposal", [](auto& r) { r.mutable_prepare_proposal(); }},
    {"process_proposal", [](auto& r) { r.mutable_process_proposal(); }},
    {"finalize_block", [](auto& r) { r.mutable_finalize_block(); }},
    {"commit", [](auto& r) { r.mutable_commit(); }},
    {"list_snapshots", [](auto& r) { r.mutable_list_snapshots(); }},
    {"load_snapshot_chunk", [](auto& r) { r.mutable_load_snapshot_chunk(); }},
    {"offer_snapshot", [](auto& r) { r.mutable_offer_snapshot(); }},
    {"apply_snapshot_chunk", [](auto& r) { r.mutable_apply_snapshot_chunk(); }},
};

/// Which answer is set, by the name of its field.
std::string kind_of(const abci_pb::Response& response) {
    const auto* field = response.GetReflection()->GetOneofFieldDescriptor(
        response, response.GetDescriptor()->oneof_decl(0));
    return field == nullptr ? "" : field->name();
}

}  // namespace

TEST_CASE("each request is answered by its own kind of answer", "[node][abci]") {
    for (const auto& [name, fill] : asked) {
        INFO(name);
        RecordingApplication application;
        abci_pb::Request request;
        fill(request);
        CHECK(kind_of(response_of(reply_to(request.SerializeAsString(), application))) == name);
        CHECK(application.recorded().size() == 1);
    }
}

TEST_CASE("echo and flush are answered without the application", "[node][abci]") {
    RecordingApplication application;
    const auto echoed = response_of(reply_to(test::echo("hello").SerializeAsString(), application));
    CHECK(echoed.echo().message() == "hello");
    CHECK(response_of(reply_to(test::flush().SerializeAsString(), application)).has_flush());
    CHECK(application.calls().empty());
}

TEST_CASE("an application's exception is the answer, whatever was asked", "[node][abci]") {
    for (const auto& [name, fill] : asked) {
        INFO(name);
        RecordingApplication application;
        application.before = [](const auto& call, const auto&) { return "not now: " + call; };
        abci_pb::Request request;
        fill(request);
        const auto reply = reply_to(request.SerializeAsString(), application);
        CHECK_THAT(reply.exception, Contains("not now: "));
        CHECK(response_of(reply).has_exception());
    }
}

TEST_CASE("what this node does not offer is answered with an exception", "[node][abci]") {
    const std::vector<std::function<void(abci_pb::Request&)>> not_offered{
        [](auto& r) { r.mutable_extend_vote(); },
        [](auto& r) { r.mutable_verify_vote_extension(); }, [](auto& r) { r.mutable_insert_tx(); },
        [](auto& r) { r.mutable_reap_txs(); }};
    for (const auto& fill : not_offered) {
        RecordingApplication application;
        abci_pb::Request request;
        fill(request);
        const auto reply = reply_to(request.SerializeAsString(), application);
        CHECK_THAT(reply.exception, Contains("does not offer"));
        CHECK(application.calls().empty());
    }
}

TEST_CASE("what is no request is answered with an exception", "[node][abci]") {
    RecordingApplication application;
    // Nothing; an unknown field; a field that was used long ago; a cut message; noise.
    for (const std::string& bytes : {std::string{}, std::string{"\xfa\x07\x00", 3},
                                     std::string{"\x22\x00", 2}, std::string{"\x42\x05\x0a", 3},
                                     std::string{"\xff\xff\xff\xff"}, std::string(1000, '\x07')}) {
        const auto reply = reply_to(bytes, application);
        CHECK_FALSE(reply.exception.empty());
        CHECK(response_of(reply).has_exception());
    }
    CHECK(application.calls().empty());
}

TEST_CASE("an answer sent as a request harms nothing", "[node][abci]") {
    // Requests and answers share field numbers: some answers read as another request.
    for (const auto& [name, fill] : asked) {
        INFO(name);
        RecordingApplication application;
        abci_pb::Request request;
        fill(request);
        const auto answer =
            response_of(reply_to(request.SerializeAsString(), application)).SerializeAsString();
        (void)response_of(reply_to(answer, application));
    }
}
