#include "bench/network_join.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/basics.hpp"
#include "bench/http_client.hpp"
#include "ledger/store/store.hpp"
#include "node/data_folder.hpp"
#include "node/network_file.hpp"

namespace tallystick::bench {

namespace {

constexpr std::chrono::milliseconds look_every{5};
constexpr std::chrono::seconds patience{600};

template <class Condition>
void wait_until(const char* what, Condition&& holds) {
    const auto begun = Clock::now();
    while (!holds()) {
        if (Clock::now() - begun > patience) give_up(std::string{"waited too long for "} + what);
        std::this_thread::sleep_for(look_every);
    }
}

/// Blocks come until the node offers a snapshot: its takers want the headers after it as well.
void make_snapshot(NetworkNodes& nodes, const World& world, std::size_t offers) {
    nodes.kill(offers);
    nodes.restart(offers, {"network.snapshot_blocks=2"});
    HttpClient orders{nodes.api_port(0)};
    HttpClient asked{nodes.api_port(offers)};
    std::uint64_t seed = 100;
    wait_until("a snapshot", [&] {
        const auto answer = nlohmann::json::parse(asked.get("/v1/snapshots"), nullptr, false);
        if (answer.is_object() && !answer.value("items", nlohmann::json::array()).empty())
            return true;
        if (!orders.submit(submit_body(world.transfers(1, now_seconds(), ++seed), 0, 1), 1))
            give_up("an envelope before the snapshot was not done");
        return false;
    });
}

std::string network_file(const NetworkNodes& nodes, const World& world, std::size_t joins) {
    node::NetworkFile network;
    network.ledger_id = world.ledger_id();
    network.trust = HttpClient{nodes.api_port(0)}.get("/v1/trust");
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (i != joins)
            network.apis.push_back("http://127.0.0.1:" + std::to_string(nodes.api_port(i)));
    return node::network_json(network);
}

/// When the node first logged an event after this place of its log, milliseconds.
std::optional<std::int64_t> logged_at(const std::string& log, std::size_t from,
                                      std::string_view event) {
    std::istringstream lines{log.substr(from)};
    for (std::string line; std::getline(lines, line);) {
        const auto entry = nlohmann::json::parse(line, nullptr, false);
        if (!entry.is_object() || entry.value("event", "") != event) continue;
        std::tm day{};
        int milliseconds = 0;
        const auto time = entry.value("time", "");
        if (std::sscanf(time.c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &day.tm_year, &day.tm_mon,
                        &day.tm_mday, &day.tm_hour, &day.tm_min, &day.tm_sec, &milliseconds) != 7)
            give_up("a line of the log has no time: " + line);
        day.tm_year -= 1900;
        day.tm_mon -= 1;
        return std::int64_t{::timegm(&day)} * 1000 + milliseconds;
    }
    return std::nullopt;
}

std::uint64_t leaves_of(const NetworkNodes& nodes, std::size_t number) {
    const auto opened = ledger::Store::open(node::DataFolder{nodes.data(number)}.ledger(), {});
    if (!opened) give_up(opened.error().what);
    const std::vector<ledger::Moment> moments{(*opened)->moment()};
    const auto snapshot = (*opened)->open_snapshot(moments);
    if (!snapshot) give_up(snapshot.error().what);
    std::uint64_t leaves = 0;
    const auto counted = (*snapshot)->for_each_leaf({}, {}, [&](auto, auto) {
        ++leaves;
        return true;
    });
    if (!counted) give_up(counted.error().what);
    return leaves;
}

}  // namespace

Join join_by_snapshot(NetworkNodes& nodes, const World& world) {
    const auto offers = nodes.size() - 1;
    const auto joins = nodes.size() - 2;
    make_snapshot(nodes, world, offers);
    nodes.kill(joins);
    const auto height = HttpClient{nodes.api_port(0)}.height();
    nodes.lose_disk(world, joins, network_file(nodes, world, joins), height + 1);

    Join measured;
    const auto begun = Clock::now();
    const auto logged = nodes.log(joins).size();
    nodes.restart(joins, {"log.level=info"});
    wait_until("the joined node", [&] {
        const auto ledger = nlohmann::json::parse(
            HttpClient{nodes.api_port(joins)}.get("/v1/ledger"), nullptr, false);
        return ledger.is_object() && ledger.contains("first_height");
    });
    measured.whole_s = seconds_since(begun);
    const auto log = nodes.log(joins);
    const auto offered = logged_at(log, logged, "snapshot_offered");
    const auto restored = logged_at(log, logged, "snapshot_restored");
    if (!offered || !restored) give_up("the node joined without a snapshot: " + log.substr(logged));
    measured.restore_s = static_cast<double>(*restored - *offered) / 1000.0;
    nodes.kill(joins);
    measured.leaves = leaves_of(nodes, joins);
    return measured;
}

}  // namespace tallystick::bench
