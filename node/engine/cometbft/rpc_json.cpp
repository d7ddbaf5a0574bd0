#include "node/engine/cometbft/rpc_json.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "node/api/json.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/types.hpp"

namespace tallystick::node {
namespace {

using Json = nlohmann::json;

/// Thrown by the readers below and caught in `read`, as what the JSON library throws is.
[[noreturn]] void wrong(const std::string& what) {
    throw std::runtime_error(what);
}

/// 64-bit numbers are texts in the engine's JSON, smaller ones are numbers.
std::int64_t number(const Json& json) {
    if (json.is_number_integer()) return json.get<std::int64_t>();
    const auto& text = json.get_ref<const std::string&>();
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto got = std::from_chars(text.data(), end, value);
    if (got.ec != std::errc{} || got.ptr != end) wrong("not a number: " + text);
    return value;
}

std::uint64_t positive(const Json& json) {
    const auto value = number(json);
    if (value < 0) wrong("a negative number");
    return static_cast<std::uint64_t>(value);
}

std::string hex(const Json& json) {
    auto bytes = from_hex(json.get_ref<const std::string&>());
    if (!bytes) wrong("not hexadecimal");
    return std::move(*bytes);
}

pb::Timestamp time(const Json& json) {
    const auto read = timestamp_from_text(json.get_ref<const std::string&>());
    if (!read) wrong("not an instant");
    return *read;
}

pb::BlockId block_id(const Json& json) {
    pb::BlockId id;
    id.set_hash(hex(json.at("hash")));
    auto& parts = *id.mutable_part_set_header();
    parts.set_total(static_cast<std::uint32_t>(positive(json.at("parts").at("total"))));
    parts.set_hash(hex(json.at("parts").at("hash")));
    return id;
}

pb::Header header(const Json& json) {
    pb::Header made;
    const auto& version = json.at("version");
    made.mutable_version()->set_block(positive(version.at("block")));
    // Left out where it is zero.
    if (version.contains("app")) made.mutable_version()->set_app(positive(version.at("app")));
    made.set_chain_id(json.at("chain_id").get<std::string>());
    made.set_height(number(json.at("height")));
    *made.mutable_time() = time(json.at("time"));
    *made.mutable_last_block_id() = block_id(json.at("last_block_id"));
    made.set_last_commit_hash(hex(json.at("last_commit_hash")));
    made.set_data_hash(hex(json.at("data_hash")));
    made.set_validators_hash(hex(json.at("validators_hash")));
    made.set_next_validators_hash(hex(json.at("next_validators_hash")));
    made.set_consensus_hash(hex(json.at("consensus_hash")));
    made.set_app_hash(hex(json.at("app_hash")));
    made.set_last_results_hash(hex(json.at("last_results_hash")));
    made.set_evidence_hash(hex(json.at("evidence_hash")));
    made.set_proposer_address(hex(json.at("proposer_address")));
    return made;
}

pb::CommitSig commit_sig(const Json& json) {
    pb::CommitSig slot;
    const auto flag = number(json.at("block_id_flag"));
    if (flag < pb::BLOCK_ID_FLAG_ABSENT || flag > pb::BLOCK_ID_FLAG_NIL)
        wrong("an unknown kind of slot");
    slot.set_block_id_flag(static_cast<pb::BlockIdFlag>(static_cast<int>(flag)));
    if (flag == pb::BLOCK_ID_FLAG_ABSENT) return slot;
    slot.set_validator_address(hex(json.at("validator_address")));
    *slot.mutable_timestamp() = time(json.at("timestamp"));
    const auto signature = api::from_base64(json.at("signature").get_ref<const std::string&>());
    if (!signature) wrong("not base 64");
    slot.set_signature(*signature);
    return slot;
}

pb::Commit commit(const Json& json) {
    pb::Commit made;
    made.set_height(number(json.at("height")));
    made.set_round(static_cast<std::int32_t>(number(json.at("round"))));
    *made.mutable_block_id() = block_id(json.at("block_id"));
    for (const auto& slot : json.at("signatures")) *made.add_signatures() = commit_sig(slot);
    return made;
}

RpcFailure failure_in(const Json& error) {
    RpcFailure failure;
    failure.sentence = "The engine answered: " + error.value("message", std::string{"an error"});
    const auto data = error.contains("data") && error["data"].is_string()
                          ? error["data"].get<std::string>()
                          : std::string{};
    if (!data.empty()) failure.sentence += " (" + data + ")";
    failure.sentence += ".";
    failure.already_known = data.find("tx already exists in cache") != std::string::npos;
    failure.mempool_full = data.find("mempool is full") != std::string::npos;
    return failure;
}

/// The content of an answer through `reader`.
template <class Reader>
auto read(std::string_view answer, const Reader& reader)
    -> Result<decltype(reader(Json{})), RpcFailure> {
    try {
        const auto parsed = Json::parse(answer);
        if (parsed.contains("error")) return Failure{failure_in(parsed.at("error"))};
        return reader(parsed.at("result"));
    } catch (const std::exception& error) {
        // The engine is a program of its own: what it says is judged like any input.
        RpcFailure failure;
        failure.sentence = std::string{"The engine's answer could not be read: "} + error.what();
        return Failure{std::move(failure)};
    }
}

}  // namespace

std::string upper_hex(ByteView bytes) {
    auto hex = to_hex(bytes);
    std::ranges::transform(hex, hex.begin(), [](char c) {
        return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return hex;
}

std::string rpc_request(std::string_view method, std::string_view parameters_json) {
    std::string text = R"({"jsonrpc":"2.0","id":1,"method":")";
    text += method;
    text += R"(","params":)";
    text += parameters_json;
    return text + "}";
}

std::string rpc_dial_request(const std::vector<std::string>& peers) {
    const Json parameters{
        {"peers", peers}, {"persistent", true}, {"unconditional", false}, {"private", false}};
    return rpc_request("dial_peers", parameters.dump());
}

Result<std::uint32_t, RpcFailure> read_submitted(std::string_view answer) {
    return read(answer, [](const Json& result) {
        return static_cast<std::uint32_t>(positive(result.at("code")));
    });
}

Result<SignedHeader, RpcFailure> read_signed_header(std::string_view answer) {
    return read(answer, [](const Json& result) {
        const auto& both = result.at("signed_header");
        return SignedHeader{header(both.at("header")), commit(both.at("commit")),
                            result.at("canonical").get<bool>()};
    });
}

Result<EngineStatus, RpcFailure> read_status(std::string_view answer) {
    return read(answer, [](const Json& result) {
        const auto& sync = result.at("sync_info");
        return EngineStatus{positive(sync.at("latest_block_height")),
                            sync.at("catching_up").get<bool>(), 0};
    });
}

Result<std::vector<EnginePeer>, RpcFailure> read_peers(std::string_view answer) {
    return read(answer, [](const Json& result) {
        std::vector<EnginePeer> peers;
        for (const auto& peer : result.at("peers")) {
            const auto& about = peer.at("node_info");
            peers.push_back({about.at("id").get<std::string>(),
                             about.at("moniker").get<std::string>(),
                             peer.at("remote_ip").get<std::string>()});
        }
        return peers;
    });
}

Result<std::vector<std::uint64_t>, RpcFailure> read_peer_heights(std::string_view answer) {
    return read(answer, [](const Json& result) {
        std::vector<std::uint64_t> heights;
        if (result.at("peers").is_null()) return heights;
        for (const auto& peer : result.at("peers")) {
            // A peer works on the block after the newest that it has.
            const auto working_on = positive(peer.at("peer_state").at("round_state").at("height"));
            heights.push_back(working_on == 0 ? 0 : working_on - 1);
        }
        return heights;
    });
}

Result<std::vector<EngineValidator>, RpcFailure> read_validators(std::string_view answer) {
    return read(answer, [](const Json& result) {
        std::vector<EngineValidator> validators;
        for (const auto& validator : result.at("validators"))
            validators.push_back({to_hex(bytes_of(hex(validator.at("address")))),
                                  positive(validator.at("voting_power")),
                                  number(validator.at("proposer_priority"))});
        return validators;
    });
}

Result<EngineMempool, RpcFailure> read_mempool(std::string_view answer) {
    return read(answer, [](const Json& result) {
        return EngineMempool{positive(result.at("total")), positive(result.at("total_bytes"))};
    });
}

}  // namespace tallystick::node
