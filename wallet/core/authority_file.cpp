#include "wallet/core/authority_file.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "protocol/envelope.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

using Json = nlohmann::json;

/// Thrown inside this file: what the file lacks or has too much.
struct Fault {
    std::string what;
};

void only_keys(const Json& json, std::string_view where,
               std::initializer_list<std::string_view> keys) {
    if (!json.is_object()) throw Fault{std::string{where} + " is no object"};
    for (const auto& item : json.items())
        if (std::ranges::find(keys, item.key()) == keys.end())
            throw Fault{std::string{where} + " has an unknown key " + shown(item.key())};
}

const Json& at(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end()) throw Fault{std::string{key} + " is missing"};
    return *found;
}

std::string text_at(const Json& json, const char* key) {
    const auto& value = at(json, key);
    if (!value.is_string()) throw Fault{std::string{key} + " is no text"};
    return value.get<std::string>();
}

std::string bytes_at(const Json& json, const char* key, std::size_t size) {
    const auto bytes = from_hex(text_at(json, key));
    if (!bytes || bytes->size() != size)
        throw Fault{std::string{key} + " is not " + std::to_string(size) + " bytes in hexadecimal"};
    return *bytes;
}

std::uint64_t number_at(const Json& json, const char* key) {
    const auto& value = at(json, key);
    if (!value.is_number_unsigned()) throw Fault{std::string{key} + " is no whole number"};
    return value.get<std::uint64_t>();
}

std::uint32_t threshold_at(const Json& json, const char* key) {
    const auto number = number_at(json, key);
    if (number > UINT32_MAX) throw Fault{std::string{key} + " is too large"};
    return static_cast<std::uint32_t>(number);
}

const Json& list_at(const Json& json, const char* key) {
    const auto& value = at(json, key);
    if (!value.is_array()) throw Fault{std::string{key} + " is no list"};
    return value;
}

pb::KeyProof proof_in(const Json& json) {
    pb::KeyProof proof;
    proof.set_public_key(bytes_at(json, "public_key", 32));
    proof.set_signature(bytes_at(json, "signature", 64));
    return proof;
}

void read_policy(const Json& json, pb::AdmitAuthority& admit) {
    const auto& policy = at(json, "policy");
    only_keys(policy, "policy",
              {"keys", "routine_threshold", "amount_limit", "above_threshold", "policy_threshold"});
    auto& made = *admit.mutable_policy();
    for (const auto& key : list_at(policy, "keys")) {
        const auto bytes = key.is_string() ? from_hex(key.get<std::string>()) : std::nullopt;
        if (!bytes || bytes->size() != 32) throw Fault{"keys holds what is no key"};
        made.add_keys(*bytes);
    }
    made.set_routine_threshold(threshold_at(policy, "routine_threshold"));
    made.set_above_threshold(threshold_at(policy, "above_threshold"));
    made.set_policy_threshold(threshold_at(policy, "policy_threshold"));
    const auto limit = number_from_text(text_at(policy, "amount_limit"), Amount::hundredths_max);
    if (!limit) throw Fault{"amount_limit is no amount in hundredths"};
    made.set_amount_limit(*limit);
    for (const auto& proof : list_at(json, "proofs")) {
        only_keys(proof, "proofs", {"public_key", "signature"});
        *admit.add_proofs() = proof_in(proof);
    }
}

pb::AdmitAuthority read(const Json& json) {
    only_keys(
        json, "The file",
        {"format", "ledger_id", "handle", "identifiers", "names", "policy", "proofs", "node"});
    pb::AdmitAuthority admit;
    admit.set_handle(text_at(json, "handle"));
    for (const auto& one : list_at(json, "identifiers")) {
        only_keys(one, "identifiers", {"scheme", "id"});
        auto& made = *admit.add_identifiers();
        made.set_scheme(text_at(one, "scheme"));
        made.set_id(text_at(one, "id"));
    }
    for (const auto& one : list_at(json, "names")) {
        only_keys(one, "names", {"language", "text"});
        auto& made = *admit.add_names();
        made.set_language(text_at(one, "language"));
        made.set_text(text_at(one, "text"));
    }
    if (json.contains("policy") || json.contains("proofs")) read_policy(json, admit);
    const auto& node = at(json, "node");
    only_keys(node, "node", {"public_key", "power", "signature"});
    *admit.mutable_node_proof() = proof_in(node);
    admit.mutable_node()->set_public_key(admit.node_proof().public_key());
    admit.mutable_node()->set_power(number_at(node, "power"));
    return admit;
}

Failure<Problem> false_proof(std::string_view whose, const std::string& handle) {
    return problem(Exit::failed, "false_key_proof",
                   std::string{whose} + " is no true proof of a key for " + shown(handle) +
                       " on this ledger. Its owner makes a new one.");
}

}  // namespace

Try<pb::AdmitAuthority> authority_from_file(std::string_view text, const LedgerId& ledger_id) {
    const auto json = Json::parse(text, nullptr, false);
    const auto bad = [](const std::string& what) {
        return problem(Exit::failed, "bad_authority_file",
                       "This is no file of a new authority: " + what +
                           ". Its tallyd writes one for this ledger.");
    };
    if (!json.is_object()) return bad("it is no JSON object");
    pb::AdmitAuthority admit;
    try {
        if (text_at(json, "format") != "tallystick-authority-1")
            return bad("its format is another");
        if (bytes_at(json, "ledger_id", 32) != ledger_id.text())
            return problem(Exit::failed, "other_ledger",
                           "This file is for another ledger than the profile's.");
        admit = read(json);
    } catch (const Fault& fault) {
        return bad(fault.what);
    }
    for (const auto& proof : admit.proofs())
        if (!verify_key_proof(proof, ledger_id, admit.handle()))
            return false_proof("A proof of the policy", admit.handle());
    if (!verify_key_proof(admit.node_proof(), ledger_id, admit.handle()))
        return false_proof("The node's proof", admit.handle());
    return admit;
}

Try<pb::KeyProof> key_proof_from_file(std::string_view text, const LedgerId& ledger_id,
                                      const std::string& account, std::string_view name) {
    const auto json = Json::parse(text, nullptr, false);
    pb::KeyProof proof;
    try {
        if (!json.is_object()) throw Fault{"no JSON"};
        proof = proof_in(json);
    } catch (const Fault&) {
        return false_proof(shown(name), account);
    }
    if (!verify_key_proof(proof, ledger_id, account)) return false_proof(shown(name), account);
    return proof;
}

}  // namespace tallystick::wallet
