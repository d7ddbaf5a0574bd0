#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "node/api/reading.hpp"
#include "node/ops/disk_watch.hpp"
#include "node/ops/ops.hpp"
#include "protocol/keys.hpp"

/// What /metrics tells. The counts live where they are made; here they only get their names.
namespace tallystick::node {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
  public:
    void gauge(std::string name, std::string help, std::uint64_t value) {
        auto& metric = add(std::move(name), std::move(help), MetricType::Gauge);
        metric.gauge.value = static_cast<double>(value);
    }
    void counter(std::string name, std::string help, std::uint64_t value) {
        auto& metric = add(std::move(name), std::move(help), MetricType::Counter);
        metric.counter.value = static_cast<double>(value);
    }
    void seconds(std::string name, std::string help, std::uint64_t microseconds) {
        auto& metric = add(std::move(name), std::move(help), MetricType::Counter);
        metric.counter.value = static_cast<double>(microseconds) / 1e6;
    }
    /// One more line of the family that was added last.
    void labelled(std::string label, std::string value, std::uint64_t count) {
        auto& metric = families_.back().metric.emplace_back();
        metric.label.push_back({std::move(label), std::move(value)});
        metric.counter.value = static_cast<double>(count);
    }
    void open(std::string name, std::string help) {
        families_.push_back({std::move(name), std::move(help), MetricType::Counter, {}});
    }
    [[nodiscard]] std::string text() const {
        return prometheus::TextSerializer{}.Serialize(families_);
    }

  private:
    ClientMetric& add(std::string name, std::string help, MetricType type) {
        families_.push_back({std::move(name), std::move(help), type, {}});
        return families_.back().metric.emplace_back();
    }

    std::vector<MetricFamily> families_;
};

/// Each double signature of an authority's node that the ledger recorded.
std::uint64_t misbehaviours_in(const Snapshot& snapshot) {
    std::uint64_t count = 0;
    api::for_each_leaf(snapshot, api::key_prefix(Kind::misbehaviour, {}),
                       [&](const ParsedKey& key, std::string_view, std::string_view) {
                           // Under height 0 stands a copy of the newest.
                           if (key.parts[1] != std::string(sizeof(std::uint64_t), '\0')) ++count;
                           return true;
                       });
    return count;
}

void add_ledger(Families& families, const NodeService& node, const NodeMetrics& metrics) {
    const auto snapshot = node.snapshot();
    const auto read = snapshot ? (*snapshot)->height() : 0;
    const auto unseen = metrics.height > read ? metrics.height - read : 0;
    const auto missing = metrics.engine ? metrics.engine->blocks_behind : 0;
    families.gauge("tallystick_blocks_behind_head",
                   "Blocks of the ledger that readers here do not see yet.", unseen + missing);
    families.gauge("tallystick_height", "Newest durable block.", metrics.height);
    families.gauge("tallystick_provable_height", "Newest block whose outcomes can be proved.",
                   metrics.provable_height);
    families.gauge("tallystick_first_height",
                   "Oldest block that is here: above 1 this node joined late.",
                   node.kept_from().height);
    families.gauge("tallystick_head_time_seconds", "Time of the newest block.",
                   metrics.head_time_ms / 1000);
    families.gauge("tallystick_misbehaviours",
                   "Double signatures of authorities' nodes that the ledger recorded.",
                   snapshot ? misbehaviours_in(**snapshot) : 0);
    families.gauge("tallystick_log_entries", "Entries of the log.", metrics.log_size);
    families.gauge("tallystick_ready", "1 when the node takes envelopes.",
                   node.not_ready().empty() ? 1 : 0);
    families.gauge("tallystick_due_items", "Deadlines that are waited for.", metrics.due_items);
    families.gauge("tallystick_due_items_overdue", "1 while a deadline is overdue.",
                   metrics.due_items_overdue);
}

void add_pipeline(Families& families, const NodeMetrics& metrics) {
    families.gauge("tallystick_queue_envelopes", "Envelopes under way.", metrics.queue_envelopes);
    families.gauge("tallystick_queue_envelopes_max", "Bound of the same.",
                   metrics.queue_envelopes_max);
    families.gauge("tallystick_queue_bytes", "Their bytes.", metrics.queue_bytes);
    families.gauge("tallystick_queue_bytes_max", "Bound of the same.", metrics.queue_bytes_max);
    families.open("tallystick_envelopes_total", "What became of envelopes.");
    families.labelled("outcome", "done", metrics.done_total);
    families.labelled("outcome", "refused", metrics.refused_total);
    families.labelled("outcome", "skipped", metrics.skipped_total);
    families.labelled("outcome", "malformed", metrics.malformed_total);
    families.labelled("outcome", "busy", metrics.busy_total);
    families.labelled("outcome", "repeated", metrics.repeated_total);
    families.counter("tallystick_envelopes_submitted_total", "Envelopes handed in.",
                     metrics.submitted_total);
    families.counter("tallystick_signatures_verified_total", "Signatures verified.",
                     metrics.signatures_verified_total);
    families.counter("tallystick_blocks_total", "Blocks made.", metrics.blocks_total);
    families.counter("tallystick_empty_blocks_total", "Of them without envelopes.",
                     metrics.empty_blocks_total);
    families.counter("tallystick_due_items_done_total", "Deadlines carried out.",
                     metrics.due_done_total);
    families.seconds("tallystick_execute_seconds_total", "Spent on rules, trees and encoding.",
                     metrics.execute_microseconds_total);
    families.seconds("tallystick_commit_seconds_total", "Spent on durable writes.",
                     metrics.commit_microseconds_total);
}

/// The engine's process beside a node of a network.
void add_engine(Families& families, const NodeMetrics& metrics) {
    if (!metrics.engine) return;
    const auto& engine = *metrics.engine;
    families.gauge("tallystick_engine_up", "1 while the engine runs and answers.",
                   engine.up ? 1 : 0);
    families.gauge("tallystick_engine_peers", "Other nodes that the engine is connected to.",
                   engine.peers);
    families.gauge("tallystick_engine_blocks_behind_head",
                   "Blocks that the network has and this node has not.", engine.blocks_behind);
    families.counter("tallystick_engine_restarts_total", "Times the engine was started again.",
                     engine.restarts);
    families.gauge("tallystick_engine_mempool_bundles", "Bundles that wait in the engine.",
                   engine.mempool_transactions);
    families.gauge("tallystick_engine_mempool_bytes", "Their bytes.", engine.mempool_bytes);
    families.counter("tallystick_bundles_refused_total",
                     "Bundles kept out of the mempool, or taken out of it.",
                     metrics.bundles_refused_total);
    families.counter("tallystick_proposals_rejected_total",
                     "Proposals of other nodes that were not well-formed.",
                     metrics.proposals_rejected_total);
}

void add_api(Families& families, const api::ServerCounters& counters) {
    families.open("tallystick_api_answers_total", "Answers by class of their status.");
    for (std::size_t digit = 2; digit < counters.answers_total.size(); ++digit)
        families.labelled("status", std::to_string(digit) + "xx", counters.answers_total.at(digit));
    families.seconds("tallystick_api_answer_seconds_total",
                     "From whole requests to their answers, added up.",
                     counters.answer_microseconds_total);
    families.gauge("tallystick_api_connections", "Connections open.", counters.connections);
    families.counter("tallystick_api_connections_refused_total", "Turned away: too many.",
                     counters.connections_refused_total);
    families.counter("tallystick_api_requests_limited_total", "Answered 429: too many requests.",
                     counters.requests_limited_total);
    families.gauge("tallystick_stream_clients", "WebSocket clients.", counters.stream_clients);
    families.counter("tallystick_stream_clients_dropped_total", "Closed because they were slow.",
                     counters.stream_clients_dropped_total);
}

}  // namespace

std::string metrics_text(const NodeService& node, const api::ServerCounters& counters,
                         const OpsWatch& watch) {
    Families families;
    const auto metrics = node.metrics();
    add_ledger(families, node, metrics);
    add_pipeline(families, metrics);
    add_engine(families, metrics);
    add_api(families, counters);
    if (!watch.data.empty())
        if (const auto left = disk_free_bytes(watch.data))
            families.gauge("tallystick_disk_free_bytes", "Room on the data folder's disk.", *left);
    return families.text();
}

}  // namespace tallystick::node
