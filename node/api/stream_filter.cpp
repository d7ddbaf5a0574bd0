#include "node/api/stream_filter.hpp"

#include <algorithm>

#include "node/api/json_of.hpp"
#include "node/api/parameters.hpp"
#include "node/api/reading.hpp"
#include "protocol/canonical.hpp"

namespace tallystick::node::api {

namespace {

constexpr std::uint64_t batch_entries = 256;

std::string frame_text(const NodeService& node, AsOf as_of, Json entries) {
    Json json;
    json["as_of"] = as_of_json(node, as_of);
    json["entries"] = std::move(entries);
    return to_text(json);
}

}  // namespace

StreamFilter stream_filter(const Request& request, std::optional<Response>& fault) {
    Parameters parameters{request};
    StreamFilter filter;
    filter.from = parameters.optional_number("from", 0, UINT64_MAX);
    filter.account = parameters.handle("account");
    fault = parameters.fault();
    return filter;
}

bool concerns(const NodeService& node, const LoggedEntry& entry, std::string_view account) {
    for (const auto& movement : entry.entry.outcome().movements())
        if (movement.from_account() == account || movement.to_account() == account) return true;
    if (entry.entry.outcome().has_due()) return false;
    const auto bytes = node.envelope(entry.log_index);
    pb::Envelope envelope;
    pb::Body body;
    if (!bytes || !envelope.ParseFromString(*bytes) || !body.ParseFromString(envelope.body()))
        return false;
    return body.account() == account ||
           std::ranges::find(body.co_signers(), account) != body.co_signers().end();
}

std::string stream_frame(const NodeService& node, const BlockEvent& event,
                         const StreamFilter& filter, std::uint64_t from) {
    Json entries = Json::array();
    for (const auto& entry : event.entries)
        if (entry->log_index >= from &&
            (!filter.account || concerns(node, *entry, *filter.account)))
            entries.push_back(json_of(*entry));
    if (entries.empty()) return {};
    return frame_text(node, {event.height, event.time_ms / 1000}, std::move(entries));
}

CatchUp catch_up(const NodeService& node, const StreamFilter& filter, std::uint64_t from,
                 std::uint64_t to) {
    CatchUp made;
    made.next = from;
    Json entries = Json::array();
    AsOf block;
    const auto finish = [&] {
        if (!entries.empty()) made.frames.push_back(frame_text(node, block, std::move(entries)));
        entries = Json::array();
    };
    for (; made.next < to && made.next < from + batch_entries; ++made.next) {
        const auto logged = node.entry(made.next);
        if (!logged) break;
        if (logged->entry.height() != block.height) finish();
        block = {logged->entry.height(), logged->entry.time()};
        if (!filter.account || concerns(node, *logged, *filter.account))
            entries.push_back(json_of(*logged));
    }
    finish();
    return made;
}

}  // namespace tallystick::node::api
