#include "unit/node/small_ledger.hpp"

#include <cstdlib>
#include <thread>

#include "ledger/state_machine.hpp"
#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"
#include "unit/catch.hpp"

namespace tallystick::node::test {

Folder::Folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "tallystick-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

SmallLedger::SmallLedger()
    : clock_ms(std::make_shared<std::atomic<std::uint64_t>>(start_ms)),
      authority_key_(SigningKey::from_seed(bytes_of(std::string(32, 'a')))),
      node_key_(SigningKey::from_seed(bytes_of(std::string(32, 'n')))),
      stranger_key_(SigningKey::from_seed(bytes_of(std::string(32, 's')))) {
    REQUIRE(initialise_crypto());
    pb::Genesis genesis;
    genesis.set_name("small-ledger");
    genesis.set_time(start_ms / 1000 - 60);
    *genesis.mutable_parameters() = ledger::default_parameters();
    auto& authority = *genesis.add_authorities();
    authority.set_handle("suffolk");
    auto& identifier = *authority.add_identifiers();
    identifier.set_scheme("GB-LAE");
    identifier.set_id("SFK");
    auto& name = *authority.add_names();
    name.set_language("en");
    name.set_text("Suffolk");
    auto& policy = *authority.mutable_policy();
    policy.add_keys(authority_key_.public_key().str());
    policy.set_routine_threshold(1);
    policy.set_above_threshold(1);
    policy.set_policy_threshold(1);
    policy.set_amount_limit(Amount::hundredths_max);
    authority.mutable_node()->set_public_key(node_key_.public_key().str());
    authority.mutable_node()->set_power(1);
    pb::GenesisFile file;
    file.set_genesis(canonical_bytes(genesis));
    ledger_id_.bytes = sha256(std::string_view{file.genesis()}).bytes;
    auto& proof = *file.add_proofs()->add_proofs();
    proof.set_public_key(authority_key_.public_key().str());
    proof.set_signature(authority_key_
                            .sign(bytes_of(key_proof_message(ledger_id_, "suffolk",
                                                             authority_key_.public_key().text())))
                            .str());
    const auto made = ledger::Store::create(folder(), file, "small-ledger-1");
    INFO((made ? std::string{} : made.error().what));
    REQUIRE(made);
}

std::unique_ptr<LedgerNode> SmallLedger::open(LedgerNodeOptions options,
                                              ledger::StoreOptions store_options) {
    auto store = ledger::Store::open(folder(), std::move(store_options));
    INFO((store ? std::string{} : store.error().what));
    REQUIRE(store);
    if (options.verifier.threads == 0) options.verifier.threads = 2;
    options.solo.clock = [clock = clock_ms] { return clock->load(); };
    auto node =
        LedgerNode::create(std::move(*store), SigningKey::from_seed(bytes_of(std::string(32, 'n'))),
                           std::move(options));
    INFO((node ? std::string{} : node.error()));
    REQUIRE(node);
    (*node)->start();
    return std::move(*node);
}

pb::Body SmallLedger::body() const {
    pb::Body made;
    made.set_ledger_id(ledger_id_.str());
    made.set_account("suffolk");
    made.set_nonce(random_string(nonce_bytes));
    made.set_valid_until(clock_ms->load() / 1000 + 86400);
    return made;
}

pb::Body SmallLedger::registration_body(const std::string& name) const {
    auto made = body();
    auto& action = *made.mutable_register_();
    const auto handle = "suffolk/" + name;
    action.set_handle(handle);
    action.add_roles(pb::ROLE_PROJECT);
    auto& identifier = *action.add_identifiers();
    identifier.set_scheme("GB-CHC");
    identifier.set_id(to_hex(sha256(handle).view()).substr(0, 12));
    auto& display = *action.add_names();
    display.set_language("en");
    display.set_text(name);
    const auto key = SigningKey::from_seed(sha256(handle).view());
    auto& policy = *action.mutable_policy();
    policy.add_keys(key.public_key().str());
    policy.set_routine_threshold(1);
    policy.set_above_threshold(1);
    policy.set_policy_threshold(1);
    policy.set_amount_limit(Amount::hundredths_max);
    auto& proof = *action.add_proofs();
    proof.set_public_key(key.public_key().str());
    proof.set_signature(
        key.sign(bytes_of(key_proof_message(ledger_id_, handle, key.public_key().text()))).str());
    return made;
}

std::string SmallLedger::registration(const std::string& name) const {
    return sign_envelope(registration_body(name), {&authority_key_});
}

std::string SmallLedger::registration_by_stranger(const std::string& name) const {
    return sign_envelope(registration_body(name), {&stranger_key_});
}

std::vector<Answer> submit(NodeService& node, std::vector<std::string> envelopes) {
    auto promise = std::make_shared<std::promise<std::vector<Answer>>>();
    auto answers = promise->get_future();
    node.submit(std::move(envelopes),
                [promise](std::vector<Answer> given) { promise->set_value(std::move(given)); });
    REQUIRE(answers.wait_for(std::chrono::seconds{10}) == std::future_status::ready);
    return answers.get();
}

bool wait_for_height(const NodeService& node, std::uint64_t height) {
    for (int i = 0; i < 2000; ++i) {
        if (node.head().height >= height) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return false;
}

}  // namespace tallystick::node::test
