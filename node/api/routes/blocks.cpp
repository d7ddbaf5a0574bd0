#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/target.hpp"
#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"
#include "protocol/header.hpp"

/// GET /v1/blocks/{height}: a block with its bundles and entries.
namespace tallystick::node::api {

namespace {

Json bundle_json(const std::string& bytes) {
    pb::Bundle bundle;
    pb::BundleBody body;
    Json json;
    if (!bundle.ParseFromString(bytes) || !body.ParseFromString(bundle.body())) return json;
    json["node_key"] = hex(body.node_key());
    json["time_ms"] = body.time_ms();
    json["counter"] = body.counter();
    json["envelopes"] = Json::array();
    for (const auto& envelope_bytes : body.envelopes()) {
        pb::Envelope envelope;
        if (envelope.ParseFromString(envelope_bytes))
            json["envelopes"].push_back(to_hex(envelope_id(envelope.body()).view()));
    }
    return json;
}

Response block(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto height = parameters.number_at(0);
    if (auto fault = parameters.fault()) return std::move(*fault);
    const auto record = node.block(height);
    if (!record)
        return problem_of(record.error(), Code::unknown_block,
                          "The newest block is " + std::to_string(node.head().height) + ".");
    // Until the header has come the block says its time and hash itself, and will not stay as it
    // is.
    const bool has_header = record->has_header();
    const auto& time = has_header ? record->header().time() : record->time();
    const auto caching = has_header ? Caching::for_ever : Caching::never;
    const AsOf as_of{height, static_cast<std::uint64_t>(time.seconds())};
    if (names(request.accept, content::protobuf)) {
        Response response;
        response.content_type = content::protobuf;
        response.body = canonical_bytes(*record);
        response.caching = caching;
        response.as_of = as_of;
        return response;
    }
    Json answer;
    answer["height"] = height;
    answer["time"] = time.seconds();
    answer["time_nanos"] = time.nanos();
    answer["chain_id"] = has_header ? record->header().chain_id() : node.chain_id();
    answer["header_hash"] =
        has_header ? to_hex(header_hash(record->header()).view()) : hex(record->hash());
    answer["app_state"] = json_of(record->app_state());
    answer["bundles"] = Json::array();
    for (const auto& bundle : record->bundles()) answer["bundles"].push_back(bundle_json(bundle));
    answer["entries"] = Json::array();
    auto log_index =
        record->app_state().log_size() - static_cast<std::uint64_t>(record->entries_size());
    for (const auto& bytes : record->entries()) {
        const auto entry = decoded<pb::LogEntry>(bytes);
        answer["entries"].push_back(json_of(LoggedEntry{nullptr, entry, bytes, log_index++}));
    }
    return json_response(answer, caching, as_of);
}

}  // namespace

void add_blocks(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back({Method::get, "/v1/blocks/{}",
                      at_once([&node](const Request& request) { return block(node, request); })});
}

}  // namespace tallystick::node::api
