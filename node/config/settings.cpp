#include "node/config/settings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

#include "node/config/addresses.hpp"
#include "node/http_client.hpp"

namespace tallystick::node {

namespace {

constexpr std::uint64_t day_seconds = 86400;

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> parsed{};
    return inet_pton(AF_INET, text.c_str(), parsed.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), parsed.data()) == 1;
}

std::optional<std::string_view> check_endpoint(const std::string& text) {
    if (endpoint_from(text)) return std::nullopt;
    return "an IP address and a port, such as \"127.0.0.1:7710\" or \"[::1]:7710\"";
}

std::optional<std::string_view> check_loopback(const std::string& text) {
    const auto endpoint = endpoint_from(text);
    // What the operations port tells (and how it can be asked) is for this machine only.
    if (endpoint && (endpoint->address.starts_with("127.") || endpoint->address == "::1"))
        return std::nullopt;
    return "a loopback address and a port, such as \"127.0.0.1:7711\"";
}

std::optional<std::string_view> check_level(const std::string& text) {
    if (text == "debug" || text == "info" || text == "warning" || text == "error")
        return std::nullopt;
    return "one of \"debug\", \"info\", \"warning\", \"error\"";
}

std::optional<std::string_view> check_path(const std::string& text) {
    if (!text.empty()) return std::nullopt;
    return "a path";
}

std::optional<std::string_view> check_proxy(const std::string& text) {
    if (is_address(text)) return std::nullopt;
    return "IP addresses";
}

std::optional<std::string_view> check_engine(const std::string& text) {
    if (text.empty() || text == "solo" || text == "cometbft") return std::nullopt;
    return "\"solo\", \"cometbft\", or \"\" for what the ledger says";
}

std::optional<std::string_view> check_yes_no(const std::string& text) {
    if (text == "yes" || text == "no") return std::nullopt;
    return "\"yes\" or \"no\"";
}

std::optional<std::string_view> check_external(const std::string& text) {
    if (text.empty() || is_host_and_port(text)) return std::nullopt;
    return "a host and a port, such as \"tallystick.example.org:7712\"";
}

std::optional<std::string_view> check_peer(const std::string& text) {
    if (is_peer_address(text)) return std::nullopt;
    return "peers, each 40 hexadecimal digits, \"@\", host, \":\" and port";
}

std::optional<std::string_view> check_peer_id(const std::string& text) {
    if (is_peer_id(text)) return std::nullopt;
    return "peer ids, each 40 hexadecimal digits";
}

std::optional<std::string_view> check_api(const std::string& text) {
    if (api_url_from(text)) return std::nullopt;
    return "addresses of APIs, such as \"https://ledger.norfolk.example\"";
}

using Text = std::string& (*)(Config&);
using Number = std::uint64_t& (*)(Config&);
using List = std::vector<std::string>& (*)(Config&);

const std::array list{
    Setting{"data", "The data folder.", Text{[](Config& c) -> auto& { return c.data; }}, 0, 0,
            check_path},
    Setting{"engine", "What orders blocks: solo or cometbft; empty for what the ledger says.",
            Text{[](Config& c) -> auto& { return c.engine; }}, 0, 0, check_engine},
    Setting{"api.listen", "Address and port of the public API.",
            Text{[](Config& c) -> auto& { return c.api.listen; }}, 0, 0, check_endpoint},
    Setting{"api.threads", "Threads that serve requests.",
            Number{[](Config& c) -> auto& { return c.api.threads; }}, 1, 64},
    Setting{"api.connections_max", "Connections at once.",
            Number{[](Config& c) -> auto& { return c.api.connections_max; }}, 1, 100000},
    Setting{"api.connections_per_address_max", "Connections at once from one address.",
            Number{[](Config& c) -> auto& { return c.api.connections_per_address_max; }}, 1,
            100000},
    Setting{"api.requests_per_second", "Requests a second from one address; 0 for no limit.",
            Number{[](Config& c) -> auto& { return c.api.requests_per_second; }}, 0, 1000000},
    Setting{"api.requests_burst", "Requests at once from one address.",
            Number{[](Config& c) -> auto& { return c.api.requests_burst; }}, 1, 1000000},
    Setting{"api.request_seconds_max", "Seconds for a whole request to arrive.",
            Number{[](Config& c) -> auto& { return c.api.request_seconds_max; }}, 1, 600},
    Setting{"api.idle_seconds_max", "Seconds that a connection may wait between requests.",
            Number{[](Config& c) -> auto& { return c.api.idle_seconds_max; }}, 1, 3600},
    Setting{"api.write_seconds_max", "Seconds for a client to take an answer.",
            Number{[](Config& c) -> auto& { return c.api.write_seconds_max; }}, 1, 600},
    Setting{"api.stream_clients_max", "WebSocket clients at once.",
            Number{[](Config& c) -> auto& { return c.api.stream_clients_max; }}, 0, 100000},
    Setting{"api.stream_queue_max", "Blocks that may wait for one WebSocket client.",
            Number{[](Config& c) -> auto& { return c.api.stream_queue_max; }}, 1, 100000},
    Setting{"api.trusted_proxies", "Addresses whose X-Forwarded-For is believed.",
            List{[](Config& c) -> auto& { return c.api.trusted_proxies; }}, 0, 0, check_proxy},
    Setting{"network.listen", "Address and port for the other authorities' nodes.",
            Text{[](Config& c) -> auto& { return c.network.listen; }}, 0, 0, check_endpoint},
    Setting{"network.external", "Host and port by which they reach this node.",
            Text{[](Config& c) -> auto& { return c.network.external; }}, 0, 0, check_external},
    Setting{"network.peers", "ID@HOST:PORT of them; empty for those written down at joining.",
            List{[](Config& c) -> auto& { return c.network.peers; }}, 0, 0, check_peer},
    Setting{"network.extra_peers", "Ids of nodes that are let in though no authority's.",
            List{[](Config& c) -> auto& { return c.network.extra_peers; }}, 0, 0, check_peer_id},
    Setting{"network.program", "The engine's program; empty: it is looked for.",
            Text{[](Config& c) -> auto& { return c.network.program; }}, 0, 0, nullptr},
    Setting{"network.archive", "Whether the engine keeps every block for its peers.",
            Text{[](Config& c) -> auto& { return c.network.archive; }}, 0, 0, check_yes_no},
    Setting{"network.retain_blocks", "Blocks that it keeps for them otherwise.",
            Number{[](Config& c) -> auto& { return c.network.retain_blocks; }}, 100,
            std::uint64_t{1} << 40},
    Setting{"network.snapshot_blocks", "A snapshot for late joiners every so many blocks; 0: none.",
            Number{[](Config& c) -> auto& { return c.network.snapshot_blocks; }}, 0,
            std::uint64_t{1} << 40},
    Setting{"network.state_sync", "Whether a node without a ledger may begin with a snapshot.",
            Text{[](Config& c) -> auto& { return c.network.state_sync; }}, 0, 0, check_yes_no},
    Setting{"network.apis", "Public APIs of the others, asked then; empty: those written down.",
            List{[](Config& c) -> auto& { return c.network.apis; }}, 0, 0, check_api},
    Setting{"ops.listen", "Loopback address and port for health, metrics and version.",
            Text{[](Config& c) -> auto& { return c.ops.listen; }}, 0, 0, check_loopback},
    Setting{"ops.disk_free_mib_min", "MiB that must be free on the data folder's disk.",
            Number{[](Config& c) -> auto& { return c.ops.disk_free_mib_min; }}, 0,
            std::uint64_t{1} << 40},
    Setting{"log.level", "The least level that is logged.",
            Text{[](Config& c) -> auto& { return c.log.level; }}, 0, 0, check_level},
    Setting{"pipeline.threads", "Threads that verify signatures; 0 for one a core.",
            Number{[](Config& c) -> auto& { return c.pipeline.threads; }}, 0, 1024},
    Setting{"pipeline.envelopes_max", "Envelopes under way at once; more are answered 429.",
            Number{[](Config& c) -> auto& { return c.pipeline.envelopes_max; }}, 1, 10000000},
    Setting{"pipeline.bytes_max", "Bytes of envelopes under way at once.",
            Number{[](Config& c) -> auto& { return c.pipeline.bytes_max; }}, 131072,
            std::uint64_t{1} << 36},
    Setting{"pipeline.remembered_max", "Envelopes whose true signatures are remembered.",
            Number{[](Config& c) -> auto& { return c.pipeline.remembered_max; }}, 0, 10000000},
    Setting{"shutdown.drain_seconds_max", "Seconds for what is under way to be answered.",
            Number{[](Config& c) -> auto& { return c.shutdown.drain_seconds_max; }}, 0,
            day_seconds},
};

/// How many letters must change to make one of the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above + 1, row[j - 1] + 1, changed});
            diagonal = above;
        }
    }
    return row[b.size()];
}

Result<void, std::string> assign_string(const Setting& setting, const std::string& text,
                                        std::string& to) {
    if (setting.check != nullptr)
        if (const auto wanted = setting.check(text))
            return Failure{std::string{*wanted} + ", not \"" + text + "\""};
    to = text;
    return {};
}

Result<void, std::string> assign_number(const Setting& setting, std::uint64_t number,
                                        std::uint64_t& to) {
    if (number < setting.min || number > setting.max)
        return Failure{"a whole number from " + std::to_string(setting.min) + " to " +
                       std::to_string(setting.max) + ", not " + std::to_string(number)};
    to = number;
    return {};
}

Result<void, std::string> assign_list(const Setting& setting, const std::vector<std::string>& texts,
                                      std::vector<std::string>& to) {
    for (const auto& text : texts)
        if (setting.check != nullptr)
            if (const auto wanted = setting.check(text))
                return Failure{"a list of " + std::string{*wanted} + ", not \"" + text + "\""};
    to = texts;
    return {};
}

std::string toml_quoted(std::string_view text) {
    std::string made = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') made.push_back('\\');
        made.push_back(c);
    }
    return made + '"';
}

}  // namespace

std::span<const Setting> settings() {
    return list;
}

const Setting* setting_of(std::string_view key) {
    const auto found = std::ranges::find(list, key, &Setting::key);
    return found == list.end() ? nullptr : &*found;
}

std::optional<std::string_view> nearest_key(std::string_view key) {
    const auto nearest = std::ranges::min_element(
        list, {}, [key](const Setting& setting) { return distance(setting.key, key); });
    if (distance(nearest->key, key) > 1 + nearest->key.size() / 2) return std::nullopt;
    return nearest->key;
}

std::string environment_name(const Setting& setting) {
    std::string name = "TALLYD_";
    for (const char c : setting.key) {
        if (c == '.')
            name.push_back('_');
        else
            name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
    return name;
}

Result<void, std::string> assign(const Setting& setting, const RawValue& value, Config& config) {
    if (const auto* text = std::get_if<Text>(&setting.member)) {
        if (const auto* given = std::get_if<std::string>(&value))
            return assign_string(setting, *given, (*text)(config));
        return Failure{std::string{"a text in quotation marks"}};
    }
    if (const auto* number = std::get_if<Number>(&setting.member)) {
        const auto* given = std::get_if<std::int64_t>(&value);
        if (given == nullptr || *given < 0)
            return Failure{"a whole number from " + std::to_string(setting.min) + " to " +
                           std::to_string(setting.max)};
        return assign_number(setting, static_cast<std::uint64_t>(*given), (*number)(config));
    }
    if (const auto* given = std::get_if<std::vector<std::string>>(&value))
        return assign_list(setting, *given, std::get<List>(setting.member)(config));
    return Failure{std::string{"a list of texts, such as [\"127.0.0.1\"]"}};
}

Result<void, std::string> assign_text(const Setting& setting, const std::string& text,
                                      Config& config) {
    if (std::holds_alternative<Text>(setting.member)) return assign(setting, text, config);
    if (std::holds_alternative<Number>(setting.member)) {
        std::int64_t number = -1;
        const auto* end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, number);
        return assign(setting, read.ec == std::errc{} && read.ptr == end ? number : -1, config);
    }
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        parts.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return assign(setting, parts, config);
}

std::string value_text(const Setting& setting, const Config& config) {
    Config copy = config;  // members give references into a Config that may be changed
    if (const auto* text = std::get_if<Text>(&setting.member)) return toml_quoted((*text)(copy));
    if (const auto* number = std::get_if<Number>(&setting.member))
        return std::to_string((*number)(copy));
    std::string made;
    for (const auto& text : std::get<List>(setting.member)(copy))
        made += (made.empty() ? "" : ", ") + toml_quoted(text);
    return '[' + made + ']';
}

std::optional<Endpoint> endpoint_from(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string address{text.substr(0, colon)};
    if (address.starts_with('[') != address.ends_with(']')) return std::nullopt;
    if (address.starts_with('['))
        address = address.substr(1, address.size() - 2);
    else if (address.find(':') != std::string::npos)
        return std::nullopt;  // an IPv6 address without brackets: where would the port begin?
    if (!is_address(address)) return std::nullopt;

    Endpoint made{address, 0};
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, made.port);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return made;
}

}  // namespace tallystick::node
