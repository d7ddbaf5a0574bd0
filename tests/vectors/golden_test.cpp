// Meets the vectors of this folder; tests/vectors/golden_test.py meets them with another
// implementation.
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "ledger/actions/action.hpp"
#include "ledger/due.hpp"
#include "ledger/governance/change.hpp"
#include "ledger/state_machine.hpp"
#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"
#include "protocol/keys.hpp"
#include "protocol/state_proof.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using Json = nlohmann::json;

namespace {

Json vectors_of(const std::string& file_name) {
    std::ifstream file{std::string{TALLYSTICK_VECTORS} + "/" + file_name};
    if (!file) throw std::runtime_error("no vectors: " + file_name);
    return Json::parse(file);
}

const Json& golden() {
    static const Json vectors = vectors_of("golden.json");
    return vectors;
}

std::string text(const Json& value) {
    return value.get<std::string>();
}

std::string raw(const Json& hex) {
    return from_hex(text(hex)).value();
}

std::string hex_of(std::string_view bytes) {
    return to_hex(bytes_of(bytes));
}

LedgerId ledger_id() {
    return LedgerId::from(raw(golden().at("ledger_id"))).value();
}

SigningKey key_of(const std::string& name) {
    const auto seed = raw(golden().at("seeds").at(name));
    return SigningKey::from_seed(bytes_of(seed));
}

/// The root of a small tree, straight from its definition.
Hash root_of(const std::map<Hash, Hash>& leaves, std::size_t depth) {
    if (leaves.empty()) return sparse::empty_hash;
    if (leaves.size() == 1) return sparse::leaf_hash(leaves.begin()->first, leaves.begin()->second);
    std::map<Hash, Hash> left;
    std::map<Hash, Hash> right;
    for (const auto& [path, value] : leaves)
        (sparse::bit(path, depth) ? right : left).emplace(path, value);
    return sparse::inner_hash(root_of(left, depth + 1), root_of(right, depth + 1));
}

}  // namespace

TEST_CASE("every vector at the edges of Ed25519 is judged as recorded", "[vectors]") {
    const auto vectors = vectors_of("ed25519.json");
    REQUIRE(vectors.size() >= 242);
    for (const auto& vector : vectors) {
        INFO(vector.at("name"));
        const auto key = PublicKey::from(raw(vector.at("key")));
        const auto message = raw(vector.at("message"));
        const auto signature = SignatureBytes::from(raw(vector.at("signature")));
        REQUIRE(key);
        REQUIRE(signature);
        CHECK(verify_signature(*key, bytes_of(message), *signature) ==
              vector.at("envelope").get<bool>());
        CHECK(verify_commit_signature(*key, bytes_of(message), *signature) ==
              vector.at("commit").get<bool>());
    }
}

TEST_CASE("the seeds of the vectors give their keys", "[vectors]") {
    for (const auto& [name, hex] : golden().at("public_keys").items())
        CHECK(to_hex(key_of(name).public_key().view()) == text(hex));
}

TEST_CASE("an envelope of every action has the recorded bytes, id and signatures", "[vectors]") {
    std::set<int> actions;
    for (const auto& vector : golden().at("envelopes")) {
        INFO(vector.at("action"));
        const auto decoded = decode_envelope(raw(vector.at("envelope")));
        REQUIRE(decoded);
        CHECK(hex_of(decoded->body_bytes()) == text(vector.at("body")));
        CHECK(to_hex(decoded->id.view()) == text(vector.at("id")));
        CHECK(to_hex(decoded->envelope_hash.view()) == text(vector.at("envelope_hash")));
        CHECK(decoded->body.account() == text(vector.at("account")));
        CHECK(verify_signatures(*decoded));
        CHECK(ledger::action_name(decoded->body) == text(vector.at("action")));
        CHECK_FALSE(ledger::check_action(decoded->body));
        actions.insert(decoded->body.action_case());

        std::vector<SigningKey> keys;
        for (const auto& name : vector.at("signers")) keys.push_back(key_of(name));
        std::vector<const SigningKey*> signers;
        for (const auto& key : keys) signers.push_back(&key);
        CHECK(hex_of(sign_envelope(decoded->body, signers)) == text(vector.at("envelope")));
    }
    const auto* action = pb::Body::descriptor()->FindOneofByName("action");
    REQUIRE(action != nullptr);
    CHECK(actions.size() == static_cast<std::size_t>(action->field_count()));
}

TEST_CASE("a change of every kind has the recorded bytes, and is well-formed", "[vectors]") {
    std::set<std::string> kinds;
    const auto ledger = ledger_id();
    for (const auto& vector : golden().at("changes")) {
        INFO(vector.at("change"));
        const auto change = decode_canonical_as<pb::Change>(raw(vector.at("bytes")));
        REQUIRE(change);
        CHECK_FALSE(ledger::check_change(*change, {ledger, "suffolk"}));
        const auto* oneof = pb::Change::descriptor()->FindOneofByName("change");
        const auto* kind = change->GetReflection()->GetOneofFieldDescriptor(*change, oneof);
        CHECK(kind->name() == text(vector.at("change")));
        kinds.insert(kind->name());
    }
    CHECK(kinds.size() == 7);
}

TEST_CASE("policy, key proof and seal are the recorded ones", "[vectors]") {
    const auto policy = decode_canonical_as<pb::Policy>(raw(golden().at("policy")));
    REQUIRE(policy);
    CHECK(is_well_formed(*policy));
    CHECK(policy->policy_threshold() == 2);

    const auto& proved = golden().at("key_proof");
    const auto proof = decode_canonical_as<pb::KeyProof>(raw(proved.at("proof")));
    REQUIRE(proof);
    CHECK(verify_key_proof(*proof, ledger_id(), proved.at("account").get<std::string>()));

    const auto& sealed = golden().at("seal");
    const auto claim = decode_canonical_as<pb::Claim>(raw(sealed.at("claim")));
    const auto lines = decode_canonical_as<pb::CommitmentLines>(raw(sealed.at("lines")));
    REQUIRE(claim);
    REQUIRE(lines);
    CHECK(to_hex(seal_hash(ledger_id(), *claim, raw(sealed.at("salt")), *lines).view()) ==
          text(sealed.at("hash")));
}

TEST_CASE("due items and the app hash are named as recorded", "[vectors]") {
    for (const auto& vector : golden().at("due")) {
        const auto kind = static_cast<pb::DueKind>(vector.at("kind").get<int>());
        CHECK(to_hex(ledger::due_id(ledger_id(), vector.at("time").get<std::uint64_t>(), kind,
                                    raw(vector.at("object")))
                         .view()) == text(vector.at("id")));
    }
    const auto& app = golden().at("app_hash");
    CHECK(to_hex(app_hash(*Hash::from(raw(app.at("state_root"))),
                          *Hash::from(raw(app.at("log_root"))),
                          app.at("log_size").get<std::uint64_t>())
                     .view()) == text(app.at("app_hash")));
}

TEST_CASE("every kind of state key has the recorded bytes and path", "[vectors]") {
    const auto sealed = decode_canonical_as<pb::Claim>(raw(golden().at("seal").at("claim")));
    REQUIRE(sealed);
    const auto& claim = *sealed;
    const auto& contract = claim.contract();
    const std::string project = "suffolk/food-bank";
    const auto id = sha256("an envelope that came before").str();
    const auto tag = sha256("a salted hash").str();
    pb::Identifier identifier;
    identifier.set_scheme("GB-CHC");
    identifier.set_id("1234567");
    const std::map<std::string, std::string> made{
        {"parameters", parameters_key().bytes},
        {"account", account_key(project).bytes},
        {"identifier", identifier_key(identifier).bytes},
        {"public_key", public_key_key(key_of("supplier").public_key().text()).bytes},
        {"authority_node", authority_node_key("suffolk").bytes},
        {"authorities", authorities_key().bytes},
        {"proposal", proposal_key(id).bytes},
        {"misbehaviour", misbehaviour_key("suffolk", (std::uint64_t{1} << 40) + 3).bytes},
        {"handover", handover_key().bytes},
        {"contract", contract_key(contract).bytes},
        {"contract_totals", contract_totals_key(contract).bytes},
        {"claim_totals", claim_totals_key(claim).bytes},
        {"participant", participant_key(contract, project).bytes},
        {"accreditation", accreditation_key(contract, project).bytes},
        {"need", need_key(id).bytes},
        {"bid", bid_key(claim).bytes},
        {"revealed_line", revealed_line_key(claim, 300).bytes},
        {"award", award_key(id).bytes},
        {"awarded_line", awarded_line_key(id, 300).bytes},
        {"balance", balance_key(project, claim).bytes},
        {"promise", promise_key(claim, "laptop").bytes},
        {"redemption", redemption_key(id).bytes},
        {"redemption_line", redemption_line_key(id, 300).bytes},
        {"evidence", evidence_key(tag).bytes},
        {"node_address",
         node_address_key(address_of(key_of("authority node").public_key()).text()).bytes}};
    const auto& vectors = golden().at("state_keys");
    CHECK(vectors.size() == made.size());
    for (const auto& vector : vectors) {
        INFO(vector.at("kind"));
        const auto& key = made.at(vector.at("kind").get<std::string>());
        CHECK(hex_of(key) == text(vector.at("key")));
        CHECK(to_hex(sparse::path_of(key).view()) == text(vector.at("path")));
        CHECK(parse_key(key));
    }
}

TEST_CASE("a bundle has the recorded bytes and its node's signature", "[vectors]") {
    const auto bundle = decode_canonical_as<pb::Bundle>(raw(golden().at("bundle").at("bundle")));
    REQUIRE(bundle);
    CHECK(hex_of(bundle->body()) == text(golden().at("bundle").at("body")));
    const auto body = decode_canonical_as<pb::BundleBody>(bundle->body());
    REQUIRE(body);
    CHECK(body->envelopes_size() == 1);
    const auto key = PublicKey::from(body->node_key());
    const auto signature = SignatureBytes::from(bundle->signature());
    REQUIRE(key);
    REQUIRE(signature);
    const auto message = tagged_message(domain::bundle, {bundle->body()});
    CHECK(verify_signature(*key, bytes_of(message), *signature));
}

TEST_CASE("the genesis gives the recorded ledger id, leaves, root and first app hash",
          "[vectors]") {
    const auto& vector = golden().at("genesis");
    const auto bytes = raw(vector.at("genesis"));
    const auto genesis = decode_canonical_as<pb::Genesis>(bytes);
    REQUIRE(genesis);
    CHECK(to_hex(sha256(bytes).view()) == text(vector.at("ledger_id")));
    CHECK(canonical_bytes(genesis->parameters()) == canonical_bytes(ledger::default_parameters()));
    const auto file = decode_canonical_as<pb::GenesisFile>(raw(vector.at("genesis_file")));
    REQUIRE(file);
    CHECK(file->genesis() == bytes);
    REQUIRE(file->proofs_size() == 1);
    const LedgerId ledger{sha256(bytes).bytes};
    CHECK(verify_key_proof(file->proofs(0).proofs(0), ledger, genesis->authorities(0).handle()));

    const auto leaves = ledger::genesis_state(*genesis);
    REQUIRE(leaves);
    Json made = Json::array();
    std::map<Hash, Hash> hashes;
    for (const auto& [key, value] : *leaves) {
        const auto value_bytes = canonical_bytes(*value);
        made.push_back({{"key", hex_of(key)}, {"value", hex_of(value_bytes)}});
        hashes.emplace(sparse::path_of(key), sha256(value_bytes));
    }
    CHECK(made == vector.at("leaves"));
    const auto root = root_of(hashes, 0);
    CHECK(to_hex(root.view()) == text(vector.at("state_root")));
    CHECK(to_hex(app_hash(root, sha256(""), 0).view()) == text(vector.at("app_hash")));
}
