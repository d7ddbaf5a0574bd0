#include <google/protobuf/util/json_util.h>

#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/envelopes/{id}: what became of an envelope or due item, and what it asked for.
namespace tallystick::node::api {

namespace {

void describe(const std::string& bytes, Json& answer) {
    answer["envelope"] = to_base64(bytes);
    pb::Envelope envelope;
    pb::Body body;
    if (!envelope.ParseFromString(bytes) || !body.ParseFromString(envelope.body())) return;
    answer["account"] = body.account();
    answer["co_signers"] = json_of(body.co_signers());
    const auto name = action_name(body);
    answer["action"] = name;
    const auto* field = pb::Body::descriptor()->FindFieldByName(name);
    if (field == nullptr) return;
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string text;
    const auto& action = pb::Body::GetReflection()->GetMessage(body, field);
    if (!google::protobuf::util::MessageToJsonString(action, &text, options).ok()) return;
    answer["action_json"] = Json::parse(text, nullptr, false);
}

Response envelope(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto id = parameters.id_at(0);
    if (auto fault = parameters.fault()) return std::move(*fault);
    const auto logged = node.lookup(id);
    if (!logged)
        return problem_of(logged.error(), Code::unknown_envelope,
                          "It was never taken, was skipped, or waits in a queue. Sending it again "
                          "is safe.");
    const auto head = node.head();
    const AsOf as_of{head.height, head.time_ms / 1000};
    Json answer;
    answer["as_of"] = as_of_json(node, as_of);
    answer["id"] = to_hex(id.view());
    answer["entry"] = json_of(*logged);
    answer["provable"] = logged->entry.height() <= head.provable_height;
    if (!logged->entry.outcome().has_due()) {
        const auto bytes = node.envelope(logged->log_index);
        if (!bytes) return problem_of(bytes.error(), Code::unknown_envelope, "");
        describe(*bytes, answer);
    }
    return json_response(answer, Caching::revalidate, as_of);
}

}  // namespace

void add_envelope(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/envelopes/{}", at_once([&node](const Request& request) {
                          return envelope(node, request);
                      })});
}

}  // namespace tallystick::node::api
