#include "node/founding.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "ledger/state_machine.hpp"
#include "node/config/addresses.hpp"
#include "protocol/canonical.hpp"

namespace tallystick::node {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format = "tallystick-founder-1";
constexpr std::string_view domain_founder = "tallystick/founder/1";

std::string signed_message(const Founder& founder) {
    return tagged_message(domain_founder,
                          {sha256(canonical_bytes(founder.genesis)).text(), founder.address});
}

Json json_of(const pb::Parameters& parameters) {
    Json made = Json::object();
    const auto* about = pb::Parameters::descriptor();
    const auto* values = parameters.GetReflection();
    for (int i = 0; i < about->field_count(); ++i) {
        const auto* field = about->field(i);
        made[field->name()] = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_UINT32
                                  ? values->GetUInt32(parameters, field)
                                  : values->GetUInt64(parameters, field);
    }
    return made;
}

Json json_of(const pb::GenesisAuthority& authority) {
    Json identifiers = Json::array();
    for (const auto& identifier : authority.identifiers())
        identifiers.push_back({{"scheme", identifier.scheme()}, {"id", identifier.id()}});
    Json names = Json::array();
    for (const auto& name : authority.names())
        names.push_back({{"language", name.language()}, {"text", name.text()}});
    const auto& policy = authority.policy();
    Json keys = Json::array();
    for (const auto& key : policy.keys()) keys.push_back(to_hex(bytes_of(key)));
    return {{"handle", authority.handle()},
            {"identifiers", identifiers},
            {"names", names},
            {"policy",
             {{"keys", keys},
              {"routine_threshold", policy.routine_threshold()},
              {"amount_limit", std::to_string(policy.amount_limit())},
              {"above_threshold", policy.above_threshold()},
              {"policy_threshold", policy.policy_threshold()}}},
            {"node",
             {{"public_key", to_hex(bytes_of(authority.node().public_key()))},
              {"power", authority.node().power()}}}};
}

// The readers below throw what the JSON library throws; `read_founder` catches it.

std::string bytes_in(const Json& json) {
    auto bytes = from_hex(json.get_ref<const std::string&>());
    if (!bytes) throw std::runtime_error("a key or signature is not hexadecimal");
    return std::move(*bytes);
}

pb::Parameters parameters_in(const Json& json) {
    pb::Parameters parameters;
    const auto* values = parameters.GetReflection();
    for (const auto& [name, value] : json.items()) {
        const auto* field = pb::Parameters::descriptor()->FindFieldByName(name);
        if (field == nullptr) throw std::runtime_error("there is no parameter " + name);
        const auto number = value.get<std::uint64_t>();
        if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_UINT32)
            values->SetUInt64(&parameters, field, number);
        else if (number <= UINT32_MAX)
            values->SetUInt32(&parameters, field, static_cast<std::uint32_t>(number));
        else
            throw std::runtime_error("the parameter " + name + " is too large");
    }
    return parameters;
}

pb::GenesisAuthority authority_in(const Json& json) {
    pb::GenesisAuthority authority;
    authority.set_handle(json.at("handle").get<std::string>());
    for (const auto& from : json.at("identifiers")) {
        auto& identifier = *authority.add_identifiers();
        identifier.set_scheme(from.at("scheme").get<std::string>());
        identifier.set_id(from.at("id").get<std::string>());
    }
    for (const auto& from : json.at("names")) {
        auto& name = *authority.add_names();
        name.set_language(from.at("language").get<std::string>());
        name.set_text(from.at("text").get<std::string>());
    }
    const auto& from = json.at("policy");
    auto& policy = *authority.mutable_policy();
    for (const auto& key : from.at("keys")) policy.add_keys(bytes_in(key));
    policy.set_routine_threshold(from.at("routine_threshold").get<std::uint32_t>());
    policy.set_above_threshold(from.at("above_threshold").get<std::uint32_t>());
    policy.set_policy_threshold(from.at("policy_threshold").get<std::uint32_t>());
    const auto limit = from.at("amount_limit").get<std::string>();
    std::uint64_t hundredths = 0;
    const auto* end = limit.data() + limit.size();
    const auto read = std::from_chars(limit.data(), end, hundredths);
    if (read.ec != std::errc{} || read.ptr != end)
        throw std::runtime_error("amount_limit is not a number");
    policy.set_amount_limit(hundredths);
    authority.mutable_node()->set_public_key(bytes_in(json.at("node").at("public_key")));
    authority.mutable_node()->set_power(json.at("node").at("power").get<std::uint64_t>());
    return authority;
}

}  // namespace

std::string founder_json(const Founder& founder, const SigningKey& node_key) {
    ensure(founder.genesis.authorities_size() == 1, "a founder speaks for one authority");
    const auto signature = node_key.sign(bytes_of(signed_message(founder)));
    const Json made{{"format", format},
                    {"ledger", founder.genesis.name()},
                    {"time", founder.genesis.time()},
                    {"parameters", json_of(founder.genesis.parameters())},
                    {"authority", json_of(founder.genesis.authorities(0))},
                    {"address", founder.address},
                    {"signature", to_hex(signature.view())}};
    return made.dump(2) + "\n";
}

Result<Founder, std::string> read_founder(std::string_view text) {
    Founder founder;
    std::string signature;
    try {
        const auto json = Json::parse(text);
        if (json.at("format").get<std::string>() != format)
            return Failure{std::string{"it is no founder file of this version."}};
        founder.genesis.set_name(json.at("ledger").get<std::string>());
        founder.genesis.set_time(json.at("time").get<std::uint64_t>());
        *founder.genesis.mutable_parameters() = parameters_in(json.at("parameters"));
        *founder.genesis.add_authorities() = authority_in(json.at("authority"));
        founder.genesis.set_engine(pb::ENGINE_COMETBFT);
        founder.address = json.at("address").get<std::string>();
        signature = bytes_in(json.at("signature"));
    } catch (const std::exception& error) {
        return Failure{std::string{"it is no founder file ("} + error.what() + ")."};
    }
    if (!is_host_and_port(founder.address))
        return Failure{"its address " + founder.address + " is not a host and a port."};
    const auto key = PublicKey::from(founder.genesis.authorities(0).node().public_key());
    const auto given = SignatureBytes::from(signature);
    if (!key || !given || !is_valid_authority_key(*key) ||
        !verify_signature(*key, bytes_of(signed_message(founder)), *given))
        return Failure{std::string{
            "its signature is not its node's: the file was altered on its way. Ask for it again."}};
    return founder;
}

Result<pb::Genesis, std::string> found(const std::vector<Founder>& founders) {
    if (founders.empty()) return Failure{std::string{"There is no founder."}};
    pb::Genesis genesis = founders.front().genesis;
    genesis.clear_authorities();
    std::vector<pb::GenesisAuthority> authorities;
    for (const auto& founder : founders) {
        const auto& its = founder.genesis;
        const auto& handle = its.authorities(0).handle();
        if (its.name() != genesis.name())
            return Failure{"The founders do not agree on the ledger's name: " + genesis.name() +
                           " and, of " + handle + ", " + its.name() + "."};
        if (canonical_bytes(its.parameters()) != canonical_bytes(genesis.parameters()))
            return Failure{"The founders do not agree on the ledger's parameters: those of " +
                           handle + " differ from those of " +
                           founders.front().genesis.authorities(0).handle() + "."};
        genesis.set_time(std::max(genesis.time(), its.time()));
        authorities.push_back(its.authorities(0));
    }
    std::ranges::sort(authorities, {}, &pb::GenesisAuthority::handle);
    for (std::size_t i = 1; i < authorities.size(); ++i)
        if (authorities[i].handle() == authorities[i - 1].handle())
            return Failure{"Two founder files are of " + authorities[i].handle() + "."};
    for (auto& authority : authorities) *genesis.add_authorities() = std::move(authority);
    if (!ledger::genesis_state(genesis))
        return Failure{std::string{
            "The ledger's rules do not allow this beginning: a signer, an identifier or a node's "
            "key stands twice among the founders, or one of them breaks a rule by itself."}};
    return genesis;
}

}  // namespace tallystick::node
