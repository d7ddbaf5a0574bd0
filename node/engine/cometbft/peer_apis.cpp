#include "node/engine/cometbft/peer_apis.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "node/api/http.hpp"
#include "node/api/json.hpp"
#include "protocol/canonical.hpp"
#include "protocol/types.hpp"

namespace tallystick::node {
namespace {

constexpr std::size_t answer_bytes_max = 33554432;
constexpr std::size_t snapshots_max = 64;

Failure<std::string> unreadable(const std::string& name) {
    return Failure{name + " gives an answer that cannot be read."};
}

std::int64_t number_in(const std::string& text) {
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end) throw std::runtime_error("not a number");
    return value;
}

/// What `reader` makes of a JSON answer; nothing if it is not what it should be.
template <class Reader>
auto read(const std::string& text, const Reader& reader)
    -> std::optional<decltype(reader(api::ParsedJson{}))> {
    const auto parsed = api::parse_json(text);
    if (!parsed) return std::nullopt;
    try {
        return reader(*parsed);
    } catch (const std::exception&) {
        return std::nullopt;  // it lacks what it should have
    }
}

}  // namespace

PeerApis::PeerApis(std::vector<std::string> names, Get get)
    : names_(std::move(names)), get_(std::move(get)) {}

PeerApis PeerApis::over_http(const std::vector<std::string>& urls,
                             std::chrono::milliseconds limit) {
    std::vector<std::string> names;
    std::vector<ApiUrl> places;
    for (const auto& text : urls) {
        const auto url = api_url_from(text);
        if (!url || std::ranges::find(names, text) != names.end()) continue;
        names.push_back(text);
        places.push_back(*url);
    }
    return {std::move(names),
            [places = std::move(places), limit](std::size_t peer, const std::string& target,
                                                std::string_view accept) {
                return get_from_api(places.at(peer), target, accept, answer_bytes_max, limit);
            }};
}

Result<std::string, std::string> PeerApis::ask(std::size_t peer, const std::string& target,
                                               std::string_view accept) const {
    auto answer = get_(peer, target, accept);
    if (!answer) return Failure{answer.error()};
    if (answer->status != 200)
        return Failure{name(peer) + " answers " + std::to_string(answer->status) + " to " + target +
                       "."};
    return std::move(answer->body);
}

Result<pb::Receipt, std::string> PeerApis::trail(std::size_t peer, std::uint64_t from) const {
    const auto body = ask(peer, "/v1/trail?from=" + std::to_string(from), api::content::protobuf);
    if (!body) return Failure{body.error()};
    auto receipt = decode_canonical_as<pb::Receipt>(*body);
    if (!receipt) return unreadable(name(peer));
    return std::move(*receipt);
}

Result<pb::LightBlock, std::string> PeerApis::light_block(std::size_t peer,
                                                          std::uint64_t height) const {
    const auto body =
        ask(peer, "/v1/light-blocks/" + std::to_string(height), api::content::protobuf);
    if (!body) return Failure{body.error()};
    auto block = decode_canonical_as<pb::LightBlock>(*body);
    if (!block || block->header().height() != static_cast<std::int64_t>(height))
        return unreadable(name(peer));
    return std::move(*block);
}

Result<std::vector<std::uint64_t>, std::string> PeerApis::snapshots(std::size_t peer) const {
    const auto body = ask(peer, "/v1/snapshots", api::content::json);
    if (!body) return Failure{body.error()};
    auto heights = read(*body, [](const api::ParsedJson& json) {
        std::vector<std::uint64_t> found;
        for (const auto& item : json.at("items")) {
            if (found.size() == snapshots_max) break;
            found.push_back(item.at("height").get<std::uint64_t>());
        }
        return found;
    });
    if (!heights) return unreadable(name(peer));
    return std::move(*heights);
}

Result<std::vector<std::int64_t>, std::string> PeerApis::priorities(
    std::size_t peer, const pb::LightBlock& block) const {
    const auto body =
        ask(peer, "/v1/proposer-priorities/" + std::to_string(block.header().height()),
            api::content::json);
    if (!body) return Failure{body.error()};
    auto priorities = read(*body, [&](const api::ParsedJson& json) {
        const auto& items = json.at("items");
        const auto& validators = block.validators().validators();
        if (items.size() != static_cast<std::size_t>(validators.size()))
            throw std::runtime_error("another set");
        std::vector<std::int64_t> found;
        for (int i = 0; i < validators.size(); ++i) {
            const auto& item = items.at(static_cast<std::size_t>(i));
            if (from_hex(item.at("public_key").get_ref<const std::string&>()) !=
                validators.at(i).public_key())
                throw std::runtime_error("another set");
            found.push_back(number_in(item.at("priority").get_ref<const std::string&>()));
        }
        return found;
    });
    if (!priorities) return unreadable(name(peer));
    return std::move(*priorities);
}

}  // namespace tallystick::node
