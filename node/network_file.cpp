#include "node/network_file.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "node/api/json.hpp"
#include "node/config/addresses.hpp"
#include "node/http_client.hpp"

namespace tallystick::node {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format = "tallystick-network-1";
constexpr std::size_t file_bytes_max = 67108864;

NetworkPeer peer_in(const Json& json) {
    NetworkPeer peer{json.value("authority", std::string{}), json.at("id").get<std::string>(),
                     json.at("address").get<std::string>()};
    if (!is_peer_id(peer.id)) throw std::runtime_error("a peer's id is not 40 hexadecimal digits");
    if (!is_host_and_port(peer.address))
        throw std::runtime_error(peer.address + " is not a host and a port");
    return peer;
}

}  // namespace

std::string network_json(const NetworkFile& network) {
    Json peers = Json::array();
    for (const auto& peer : network.peers)
        peers.push_back(
            {{"authority", peer.authority}, {"id", peer.id}, {"address", peer.address}});
    Json made{
        {"format", format}, {"ledger_id", to_hex(network.ledger_id.view())}, {"peers", peers}};
    if (!network.apis.empty()) made["apis"] = network.apis;
    if (!network.genesis.empty()) made["genesis"] = api::to_base64(network.genesis);
    if (!network.engine_genesis.empty()) made["engine_genesis"] = network.engine_genesis;
    if (!network.trust.empty()) made["trust"] = Json::parse(network.trust);
    return made.dump(2) + "\n";
}

Result<NetworkFile, std::string> read_network(std::string_view text) {
    NetworkFile network;
    try {
        const auto json = Json::parse(text);
        if (json.at("format").get<std::string>() != format)
            return Failure{std::string{"it is no network file of this version."}};
        const auto raw = from_hex(json.at("ledger_id").get_ref<const std::string&>());
        const auto ledger_id = raw ? LedgerId::from(*raw) : std::nullopt;
        if (!ledger_id) return Failure{std::string{"its ledger_id is not 64 hexadecimal digits."}};
        network.ledger_id = *ledger_id;
        for (const auto& peer : json.at("peers")) network.peers.push_back(peer_in(peer));
        if (json.contains("apis"))
            for (const auto& api : json.at("apis")) {
                auto url = api.get<std::string>();
                if (!api_url_from(url)) throw std::runtime_error(url + " is no address of an API");
                network.apis.push_back(std::move(url));
            }
        if (json.contains("genesis")) {
            auto genesis = api::from_base64(json.at("genesis").get_ref<const std::string&>());
            if (!genesis) return Failure{std::string{"its genesis is not base 64."}};
            network.genesis = std::move(*genesis);
        }
        network.engine_genesis = json.value("engine_genesis", std::string{});
        if (json.contains("trust")) network.trust = json.at("trust").dump(2) + "\n";
    } catch (const std::exception& error) {
        return Failure{std::string{"it is no network file ("} + error.what() + ")."};
    }
    return network;
}

Result<NetworkFile, FileError> load_network(const std::filesystem::path& file) {
    const auto text = read_file(file, file_bytes_max);
    if (!text) return Failure{text.error()};
    auto network = read_network(*text);
    if (!network) return Failure{FileError{file.string() + " cannot be used: " + network.error()}};
    return std::move(*network);
}

std::vector<std::string> peer_addresses(const NetworkFile& network) {
    std::vector<std::string> addresses;
    for (const auto& peer : network.peers) addresses.push_back(peer.id + "@" + peer.address);
    return addresses;
}

}  // namespace tallystick::node
