#include "wallet/core/authority_file.hpp"

#include <nlohmann/json.hpp>

#include "protocol/crypto.hpp"
#include "protocol/envelope.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

namespace {

using Json = nlohmann::ordered_json;

const LedgerId its_ledger = *LedgerId::from(std::string(32, '\x07'));

SigningKey key_of(char seed) {
    return SigningKey::from_seed(bytes_of(std::string(32, seed)));
}

Json proof_json(const SigningKey& key, const std::string& account, const LedgerId& ledger) {
    const auto message = key_proof_message(ledger, account, key.public_key().text());
    return {{"public_key", to_hex(key.public_key().view())},
            {"signature", to_hex(key.sign(bytes_of(message)).view())}};
}

Json a_file() {
    const auto signer = key_of('s');
    auto node = proof_json(key_of('n'), "norfolk", its_ledger);
    node["power"] = 5;
    return {{"format", "tallystick-authority-1"},
            {"ledger_id", to_hex(its_ledger.view())},
            {"handle", "norfolk"},
            {"identifiers", {{{"scheme", "GB-LAE"}, {"id", "NFK"}}}},
            {"names", {{{"language", "en"}, {"text", "Norfolk (an example)"}}}},
            {"policy",
             {{"keys", {to_hex(signer.public_key().view())}},
              {"routine_threshold", 1},
              {"amount_limit", "250000"},
              {"above_threshold", 1},
              {"policy_threshold", 1}}},
            {"proofs", {proof_json(signer, "norfolk", its_ledger)}},
            {"node", node}};
}

std::string code_of(const Json& file) {
    const auto read = authority_from_file(file.dump(), its_ledger);
    return read ? "" : read.error().code;
}

}  // namespace

TEST_CASE("the file of a new authority becomes the change that admits it", "[wallet][governing]") {
    const auto read = authority_from_file(a_file().dump(), its_ledger);
    REQUIRE(read);
    CHECK(read->handle() == "norfolk");
    CHECK(read->identifiers(0).id() == "NFK");
    CHECK(read->names(0).text() == "Norfolk (an example)");
    CHECK(read->policy().amount_limit() == 250000);
    CHECK(read->policy().keys(0) == key_of('s').public_key().str());
    CHECK(read->proofs(0).public_key() == read->policy().keys(0));
    CHECK(read->node().power() == 5);
    CHECK(read->node().public_key() == key_of('n').public_key().str());
    CHECK(read->node_proof().public_key() == read->node().public_key());

    auto without = a_file();
    without.erase("policy");
    without.erase("proofs");
    const auto bare = authority_from_file(without.dump(), its_ledger);
    REQUIRE(bare);
    CHECK_FALSE(bare->has_policy());
}

TEST_CASE("what is no such file, or proves nothing here, is refused", "[wallet][governing]") {
    CHECK(authority_from_file("no json", its_ledger).error().code == "bad_authority_file");
    CHECK(authority_from_file("[1]", its_ledger).error().code == "bad_authority_file");
    const auto changed = [](const std::string& pointer, const Json& value) {
        auto file = a_file();
        file[Json::json_pointer{pointer}] = value;
        return code_of(file);
    };
    CHECK(changed("/format", "tallystick-authority-2") == "bad_authority_file");
    CHECK(changed("/surprise", 1) == "bad_authority_file");
    CHECK(changed("/node/surprise", 1) == "bad_authority_file");
    CHECK(changed("/handle", 7) == "bad_authority_file");
    CHECK(changed("/identifiers", "GB-LAE") == "bad_authority_file");
    CHECK(changed("/policy/amount_limit", "-1") == "bad_authority_file");
    CHECK(changed("/policy/keys/0", "ab") == "bad_authority_file");
    CHECK(changed("/policy/routine_threshold", -1) == "bad_authority_file");
    CHECK(changed("/policy/policy_threshold", 1ULL << 40) == "bad_authority_file");
    CHECK(changed("/node/power", "much") == "bad_authority_file");
    for (const auto* part : {"handle", "identifiers", "names", "policy", "proofs", "node"}) {
        auto file = a_file();
        file.erase(part);
        INFO(part);
        CHECK(code_of(file) == "bad_authority_file");
    }
    CHECK(changed("/ledger_id", std::string(64, '0')) == "other_ledger");
    CHECK(changed("/handle", "dorset") == "false_key_proof");
    CHECK(changed("/node/signature", std::string(128, '0')) == "false_key_proof");
    CHECK(changed("/proofs/0/signature", std::string(128, '0')) == "false_key_proof");
}

TEST_CASE("a proof of a node's key is of that ledger and authority", "[wallet][governing]") {
    const auto file = proof_json(key_of('n'), "norfolk", its_ledger).dump();
    const auto proof = key_proof_from_file(file, its_ledger, "norfolk", "node.proof");
    REQUIRE(proof);
    CHECK(proof->public_key() == key_of('n').public_key().str());
    const auto refused = [&](const std::string& text, const std::string& account) {
        return key_proof_from_file(text, its_ledger, account, "node.proof").error().code;
    };
    CHECK(refused(file, "suffolk") == "false_key_proof");
    CHECK(refused("{}", "norfolk") == "false_key_proof");
    CHECK(refused("", "norfolk") == "false_key_proof");
}
