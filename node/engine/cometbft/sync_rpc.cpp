#include "node/engine/cometbft/sync_rpc.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "node/api/json.hpp"
#include "node/engine/cometbft/rpc_json.hpp"
#include "protocol/crypto.hpp"
#include "protocol/timestamp.hpp"

namespace tallystick::node {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t internal_error = -32603;
constexpr std::int64_t unknown_method = -32601;
constexpr std::int64_t wrong_parameters = -32602;
/// What Go writes for an instant that is not set.
constexpr std::string_view no_time = "0001-01-01T00:00:00Z";

/// Numbers of 64 bits are texts in the engine's JSON.
std::string text(std::int64_t number) {
    return std::to_string(number);
}

std::string time_text(const pb::Timestamp& time) {
    return timestamp_to_text(time);
}

Json block_id_json(const pb::BlockId& id) {
    return {{"hash", upper_hex(bytes_of(id.hash()))},
            {"parts",
             {{"total", id.part_set_header().total()},
              {"hash", upper_hex(bytes_of(id.part_set_header().hash()))}}}};
}

Json header_json(const pb::Header& header) {
    return {{"version",
             {{"block", text(static_cast<std::int64_t>(header.version().block()))},
              {"app", text(static_cast<std::int64_t>(header.version().app()))}}},
            {"chain_id", header.chain_id()},
            {"height", text(header.height())},
            {"time", time_text(header.time())},
            {"last_block_id", block_id_json(header.last_block_id())},
            {"last_commit_hash", upper_hex(bytes_of(header.last_commit_hash()))},
            {"data_hash", upper_hex(bytes_of(header.data_hash()))},
            {"validators_hash", upper_hex(bytes_of(header.validators_hash()))},
            {"next_validators_hash", upper_hex(bytes_of(header.next_validators_hash()))},
            {"consensus_hash", upper_hex(bytes_of(header.consensus_hash()))},
            {"app_hash", upper_hex(bytes_of(header.app_hash()))},
            {"last_results_hash", upper_hex(bytes_of(header.last_results_hash()))},
            {"evidence_hash", upper_hex(bytes_of(header.evidence_hash()))},
            {"proposer_address", upper_hex(bytes_of(header.proposer_address()))}};
}

Json slot_json(const pb::CommitSig& slot) {
    const bool is_absent = slot.block_id_flag() == pb::BLOCK_ID_FLAG_ABSENT;
    return {{"block_id_flag", static_cast<int>(slot.block_id_flag())},
            {"validator_address", upper_hex(bytes_of(slot.validator_address()))},
            {"timestamp", is_absent ? std::string{no_time} : time_text(slot.timestamp())},
            {"signature", is_absent ? Json(nullptr) : Json(api::to_base64(slot.signature()))}};
}

Json commit_json(const pb::LightBlock& block) {
    Json slots = Json::array();
    for (const auto& slot : block.commit().signatures()) slots.push_back(slot_json(slot));
    return {{"signed_header",
             {{"header", header_json(block.header())},
              {"commit",
               {{"height", text(block.commit().height())},
                {"round", block.commit().round()},
                {"block_id", block_id_json(block.commit().block_id())},
                {"signatures", slots}}}}},
            {"canonical", true}};
}

Json validator_json(const pb::Validator& validator, std::int64_t priority) {
    const auto key = PublicKey::from(validator.public_key());
    ensure(key.has_value(), "a verified set has keys of 32 bytes");
    return {
        {"address", upper_hex(address_of(*key).view())},
        {"pub_key", {{"type", "tendermint/PubKeyEd25519"}, {"value", api::to_base64(key->text())}}},
        {"voting_power", text(validator.power())},
        {"proposer_priority", text(priority)}};
}

/// What is asked for.
struct Question {
    Json id;
    std::string method;
    std::int64_t height = 0;
    std::int64_t page = 1;
    std::int64_t per_page = 30;
};

std::int64_t number_in(const nlohmann::json& parameters, const char* name, std::int64_t otherwise) {
    if (!parameters.is_object() || !parameters.contains(name)) return otherwise;
    const auto& json = parameters.at(name);
    if (json.is_number_integer()) return json.get<std::int64_t>();
    const auto& digits = json.get_ref<const std::string&>();
    std::int64_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end) throw std::runtime_error("not a number");
    return value;
}

struct Fault {
    std::int64_t code;
    std::string sentence;
};

/// In the words that the light client takes for what they are: another error would make it drop
/// this server for good.
Fault not_available(const Question& question, const std::string& why) {
    return {internal_error, "height " + text(question.height) + " is not available: " + why};
}

Result<Json, Fault> validators_answer(const Question& question, const pb::LightBlock& block,
                                      SyncBlocks& blocks) {
    const auto priorities = blocks.priorities(block);
    if (!priorities) return Failure{not_available(question, priorities.error())};
    const auto total = static_cast<std::int64_t>(priorities->size());
    if (question.page < 1 || question.per_page < 1 || question.per_page > 100 ||
        (question.page - 1) * question.per_page >= total)
        return Failure{Fault{wrong_parameters, "there is no such page"}};
    Json items = Json::array();
    const auto begin = (question.page - 1) * question.per_page;
    for (auto i = begin; i < std::min(total, begin + question.per_page); ++i)
        items.push_back(validator_json(block.validators().validators(static_cast<int>(i)),
                                       priorities->at(static_cast<std::size_t>(i))));
    const auto count = static_cast<std::int64_t>(items.size());
    return Json{{"block_height", text(question.height)},
                {"validators", std::move(items)},
                {"count", text(count)},
                {"total", text(total)}};
}

Result<Json, Fault> answer(const Question& question, SyncBlocks& blocks, std::size_t preferred) {
    if (question.height < 1 || question.page > 10000)
        return Failure{Fault{wrong_parameters, "a height is wanted"}};
    // Headers hash but a part of these: a peer could lie about the rest. They are the same at every
    // height and follow from the genesis that this node has.
    if (question.method == "consensus_params")
        return Json{
            {"block_height", text(question.height)},
            {"consensus_params", Json::parse(engine_parameters_json(blocks.engine_genesis()))}};
    if (question.method != "commit" && question.method != "validators")
        return Failure{Fault{unknown_method, "Method not found"}};
    const auto block = blocks.light_block(static_cast<std::uint64_t>(question.height), preferred);
    if (!block) return Failure{not_available(question, block.error())};
    if (question.method == "commit") return commit_json(*block);
    return validators_answer(question, *block, blocks);
}

std::string envelope_of(const Json& id, const char* name, const Json& content) {
    return Json{{"jsonrpc", "2.0"}, {"id", id}, {name, content}}.dump(
        -1, ' ', false, Json::error_handler_t::replace);
}

std::string error_text(const Json& id, const Fault& fault) {
    return envelope_of(
        id, "error",
        {{"code", fault.code}, {"message", "Internal error"}, {"data", fault.sentence}});
}

}  // namespace

std::string answer_sync_rpc(std::string_view request, SyncBlocks& blocks, std::size_t preferred) {
    Question question;
    const auto parsed = api::parse_json(request);
    if (!parsed || !parsed->is_object())
        return error_text(nullptr, {wrong_parameters, "not a request"});
    try {
        question.id = parsed->value("id", nlohmann::json{});
        question.method = parsed->at("method").get<std::string>();
        const auto parameters = parsed->value("params", nlohmann::json::object());
        question.height = number_in(parameters, "height", 0);
        question.page = number_in(parameters, "page", 1);
        question.per_page = number_in(parameters, "per_page", 30);
    } catch (const std::exception&) {
        return error_text(question.id, {wrong_parameters, "not a request"});
    }
    auto answered = answer(question, blocks, preferred);
    if (!answered) return error_text(question.id, answered.error());
    return envelope_of(question.id, "result", *answered);
}

}  // namespace tallystick::node
