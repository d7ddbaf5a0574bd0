#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "protocol/pb.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/types.hpp"
#include "protocol/validator_set.hpp"

/// Reads what a CometBFT node answers as JSON: headers, commits, validator sets. Throws
/// std::exception on anything that is not of that form. For tests and vectors only.
namespace tallystick::node_json {

using Json = nlohmann::json;

inline std::string base64(const std::string& text) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) throw std::runtime_error("not base64: " + text);
    std::string raw;
    std::uint32_t buffer = 0;
    int bits = 0;
    const auto end = text.find_last_not_of('=') + 1;
    if (text.size() - end > 2) throw std::runtime_error("not base64: " + text);
    for (std::size_t i = 0; i < end; ++i) {
        const auto digit = digits.find(text[i]);
        if (digit == std::string_view::npos) throw std::runtime_error("not base64: " + text);
        buffer = (buffer << 6) | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        raw.push_back(static_cast<char>(static_cast<std::uint8_t>(buffer >> bits)));
    }
    return raw;
}

inline std::string hex(const Json& json) {
    const auto raw = from_hex(json.get<std::string>());
    if (!raw) throw std::runtime_error("not hexadecimal: " + json.get<std::string>());
    return *raw;
}

/// Numbers are texts of digits where they may be large, numbers elsewhere.
inline std::int64_t number(const Json& json) {
    if (json.is_number_integer()) return json.get<std::int64_t>();
    const auto text = json.get<std::string>();
    std::size_t used = 0;
    const auto value = std::stoll(text, &used);
    if (used != text.size()) throw std::runtime_error("not a number: " + text);
    return value;
}

inline pb::Timestamp time(const Json& json) {
    const auto read = timestamp_from_text(json.get<std::string>());
    if (!read) throw std::runtime_error("not a time: " + json.get<std::string>());
    return *read;
}

/// Absent and zero ids are empty ones with every part there.
inline pb::BlockId block_id(const Json& json) {
    pb::BlockId id;
    auto& parts = *id.mutable_part_set_header();
    if (json.is_null()) return id;
    const auto& from = json.contains("parts") ? json.at("parts") : json.at("part_set_header");
    id.set_hash(hex(json.at("hash")));
    parts.set_total(static_cast<std::uint32_t>(number(from.at("total"))));
    parts.set_hash(hex(from.at("hash")));
    return id;
}

inline pb::Header header(const Json& json) {
    pb::Header made;
    auto& version = *made.mutable_version();
    version.set_block(static_cast<std::uint64_t>(number(json.at("version").at("block"))));
    version.set_app(static_cast<std::uint64_t>(number(json.at("version").at("app"))));
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

inline pb::CommitSig commit_sig(const Json& json) {
    pb::CommitSig slot;
    const auto flag = number(json.at("block_id_flag"));
    if (flag < 0 || flag > 3) throw std::runtime_error("an unknown kind of signature slot");
    slot.set_block_id_flag(static_cast<pb::BlockIdFlag>(static_cast<int>(flag)));
    if (flag == pb::BLOCK_ID_FLAG_ABSENT) return slot;
    slot.set_validator_address(hex(json.at("validator_address")));
    *slot.mutable_timestamp() = time(json.at("timestamp"));
    if (!json.at("signature").is_null())
        slot.set_signature(base64(json.at("signature").get<std::string>()));
    return slot;
}

inline pb::Commit commit(const Json& json) {
    pb::Commit made;
    made.set_height(number(json.at("height")));
    made.set_round(static_cast<std::int32_t>(number(json.at("round"))));
    *made.mutable_block_id() = block_id(json.at("block_id"));
    for (const auto& slot : json.at("signatures")) *made.add_signatures() = commit_sig(slot);
    return made;
}

/// Sorted, whatever the order in the file.
inline pb::ValidatorSet validators(const Json& json) {
    pb::ValidatorSet made;
    for (const auto& from : json) {
        auto& validator = *made.add_validators();
        validator.set_public_key(base64(from.at("pub_key").at("value").get<std::string>()));
        validator.set_power(
            number(from.contains("power") ? from.at("power") : from.at("voting_power")));
    }
    sort_validators(made);
    return made;
}

}  // namespace tallystick::node_json
