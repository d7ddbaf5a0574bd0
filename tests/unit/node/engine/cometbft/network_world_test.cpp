#include "unit/node/engine/cometbft/network_world.hpp"

#include "ledger/actions/action.hpp"
#include "node/engine/bundle.hpp"
#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/envelope.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"
#include "unit/catch.hpp"

namespace tallystick::node::test {
namespace {

SigningKey key_named(const std::string& name) {
    return SigningKey::from_seed(sha256(name).view());
}

void set_time(google::protobuf::Timestamp& time, std::uint64_t ms) {
    time.set_seconds(static_cast<std::int64_t>(ms / 1000));
    time.set_nanos(static_cast<std::int32_t>(ms % 1000 * 1000000));
}

}  // namespace

std::optional<ledger::VerifiedEnvelope> CountingChecker::check(std::string_view bytes) {
    ++checked_;
    auto decoded = decode_envelope(std::string{bytes});
    if (!decoded || ledger::check_action(decoded->body) || !verify_signatures(*decoded))
        return std::nullopt;
    return std::make_shared<const DecodedEnvelope>(std::move(*decoded));
}

void CountingChecker::spread(std::size_t parts, const std::function<void(std::size_t)>& part) {
    for (std::size_t i = 0; i < parts; ++i) part(i);
}

void CountingChecker::work() {
    for (auto& work : std::exchange(backlog_, {})) work();
}

NetworkWorld::NetworkWorld(std::size_t authorities) : stranger_(key_named("stranger")) {
    REQUIRE(initialise_crypto());
    pb::Genesis genesis;
    genesis.set_name("county");
    genesis.set_time(start_ms / 1000 - 60);
    genesis.set_engine(pb::ENGINE_COMETBFT);
    *genesis.mutable_parameters() = ledger::default_parameters();
    for (std::size_t i = 0; i < authorities; ++i) {
        authority_keys_.push_back(key_named("signer of " + handle(i)));
        node_keys_.push_back(key_named("node of " + handle(i)));
        auto& authority = *genesis.add_authorities();
        authority.set_handle(handle(i));
        auto& identifier = *authority.add_identifiers();
        identifier.set_scheme("GB-LAE");
        identifier.set_id("A" + std::to_string(i));
        auto& name = *authority.add_names();
        name.set_language("en");
        name.set_text("County " + std::to_string(i));
        auto& policy = *authority.mutable_policy();
        policy.add_keys(authority_keys_[i].public_key().str());
        policy.set_routine_threshold(1);
        policy.set_above_threshold(1);
        policy.set_policy_threshold(1);
        policy.set_amount_limit(Amount::hundredths_max);
        authority.mutable_node()->set_public_key(node_keys_[i].public_key().str());
        authority.mutable_node()->set_power(10);
    }
    genesis_file_.set_genesis(canonical_bytes(genesis));
    ledger_id_.bytes = sha256(std::string_view{genesis_file_.genesis()}).bytes;
    for (std::size_t i = 0; i < authorities; ++i) {
        auto& proof = *genesis_file_.add_proofs()->add_proofs();
        const auto& key = authority_keys_[i];
        proof.set_public_key(key.public_key().str());
        proof.set_signature(
            key.sign(bytes_of(key_proof_message(ledger_id_, handle(i), key.public_key().text())))
                .str());
    }
}

std::string NetworkWorld::handle(std::size_t i) {
    return "county-" + std::string(1, static_cast<char>('a' + i));
}

pb::Body NetworkWorld::body(std::size_t authority) const {
    pb::Body made;
    made.set_ledger_id(ledger_id_.str());
    made.set_account(handle(authority));
    made.set_nonce(sha256(std::to_string(++counter_)).str().substr(0, nonce_bytes));
    made.set_valid_until(start_ms / 1000 + 86400);
    return made;
}

pb::Body NetworkWorld::registration_body(std::size_t authority, const std::string& name) const {
    auto made = body(authority);
    auto& action = *made.mutable_register_();
    const auto handle = NetworkWorld::handle(authority) + "/" + name;
    action.set_handle(handle);
    action.add_roles(pb::ROLE_PROJECT);
    auto& identifier = *action.add_identifiers();
    identifier.set_scheme("GB-CHC");
    identifier.set_id(to_hex(sha256(handle).view()).substr(0, 12));
    auto& display = *action.add_names();
    display.set_language("en");
    display.set_text(name);
    const auto key = key_named(handle);
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

std::string NetworkWorld::sign(std::size_t authority, const pb::Body& body) const {
    return sign_envelope(body, {&authority_keys_.at(authority)});
}

std::string NetworkWorld::registration(std::size_t authority, const std::string& name) const {
    return sign(authority, registration_body(authority, name));
}

std::string NetworkWorld::registration_by_stranger(const std::string& name) const {
    return sign_envelope(registration_body(0, name), {&stranger_});
}

std::string NetworkWorld::forged(const std::string& envelope) const {
    pb::Envelope parsed;
    REQUIRE(parsed.ParseFromString(envelope));
    auto signature = parsed.signatures(0).signature();
    signature[7] = static_cast<char>(signature[7] ^ 1);
    parsed.mutable_signatures(0)->set_signature(signature);
    return canonical_bytes(parsed);
}

std::string NetworkWorld::bundle(std::size_t node, const std::vector<std::string>& envelopes,
                                 BundleOptions options) const {
    return bundle_of(node_keys_.at(node), envelopes, std::move(options));
}

std::string NetworkWorld::bundle_of(const SigningKey& key,
                                    const std::vector<std::string>& envelopes,
                                    BundleOptions options) const {
    std::vector<ledger::VerifiedEnvelope> decoded;
    for (const auto& bytes : envelopes) {
        auto envelope = std::make_shared<DecodedEnvelope>();
        envelope->bytes = bytes;
        decoded.push_back(std::move(envelope));
    }
    return make_bundle(decoded, {options.chain_id, options.time_ms, ++counter_}, key);
}

NetworkNode::NetworkNode(const NetworkWorld& world, std::size_t index, ApplicationOptions options,
                         SnapshotService* snapshots)
    : world_(world), index_(index), options_(std::move(options)), snapshots_(snapshots) {
    const auto made =
        ledger::Store::create(folder_.path() / "ledger", world.genesis_file(), "county-1");
    INFO((made ? std::string{} : made.error().what));
    REQUIRE(made);
    open();
}

NetworkNode::~NetworkNode() = default;

Clocks NetworkNode::clocks() const {
    return {[this] { return wall_ms; }, [this] { return steady_ms; }};
}

void NetworkNode::restart() {
    parts_.reset();
    open();
}

void NetworkNode::open() {
    parts_ = std::make_unique<Parts>();
    auto opened = ledger::Store::open(folder_.path() / "ledger", {});
    INFO((opened ? std::string{} : opened.error().what));
    REQUIRE(opened);
    parts_->store = std::move(*opened);
    auto& store = *parts_->store;
    Head head;
    head.height = store.height();
    head.time_ms = milliseconds_of(store.block_time());
    head.app_state = store.app_state();
    head.app_hash = app_hash_of(head.app_state);
    parts_->read_side = std::make_unique<ReadSide>(store, head, store.moment());
    parts_->publisher = std::make_unique<Publisher>(store, *parts_->read_side);
    parts_->pool = std::make_unique<BundlePool>(checker_);
    CometbftApplication::Hooks hooks;
    hooks.committed = [this](const CommittedBlock& block) {
        if (on_committed) on_committed(block);
    };
    hooks.engine_began = [this] { ++began; };
    hooks.own_bundles = [this] {
        return own_bundles ? own_bundles() : std::vector<std::shared_ptr<const std::string>>{};
    };
    hooks.signed_elsewhere = [this](std::uint64_t) { return signed_elsewhere; };
    hooks.blocks_will_go = [this] { return lets_blocks_go; };
    hooks.failed = [this](const std::string& why) { failures.push_back(why); };
    parts_->application = std::make_unique<CometbftApplication>(
        CometbftApplication::Parts{store, *parts_->read_side, *parts_->publisher, checker_,
                                   *parts_->pool, parts_->writer_mutex, snapshots_, clocks()},
        options_, std::move(hooks), address_of(world_.node_key(index_).public_key()));
}

std::uint32_t NetworkNode::check_tx(const std::string& tx, bool again) {
    abci_pb::RequestCheckTx request;
    request.set_tx(tx);
    request.set_type(again ? abci_pb::RECHECK : abci_pb::NEW);
    const auto answer = application().check_tx(request);
    REQUIRE(answer);
    CHECK(answer->data().empty());
    CHECK((answer->code() == 0) == answer->log().empty());
    return answer->code();
}

std::vector<std::string> NetworkNode::propose(std::uint64_t height,
                                              const std::vector<std::string>& txs,
                                              std::int64_t max_bytes) {
    abci_pb::RequestPrepareProposal request;
    request.set_height(static_cast<std::int64_t>(height));
    request.set_max_tx_bytes(max_bytes);
    for (const auto& tx : txs) request.add_txs(tx);
    const auto answer = application().prepare_proposal(request);
    REQUIRE(answer);
    return {answer->txs().begin(), answer->txs().end()};
}

bool NetworkNode::accepts(std::uint64_t height, const std::vector<std::string>& txs) {
    abci_pb::RequestProcessProposal request;
    request.set_height(static_cast<std::int64_t>(height));
    request.set_proposer_address(std::string(20, 'p'));
    for (const auto& tx : txs) request.add_txs(tx);
    const auto answer = application().process_proposal(request);
    REQUIRE(answer);
    return answer->status() == abci_pb::ResponseProcessProposal::ACCEPT;
}

abci_pb::RequestInitChain PlayedChain::genesis() const {
    abci_pb::RequestInitChain request;
    request.set_chain_id("county-1");
    request.set_initial_height(1);
    set_time(*request.mutable_time(), start_ms - 60000);
    for (std::size_t i = 0; i < world_.size(); ++i) {
        auto& validator = *request.add_validators();
        validator.mutable_pub_key()->set_ed25519(world_.node_key(i).public_key().str());
        validator.set_power(10);
    }
    auto& block = *request.mutable_consensus_params()->mutable_block();
    block.set_max_bytes(block_bytes_max);
    block.set_max_gas(block_gas_max);
    return request;
}

pb::Commit PlayedChain::commit_of(const MadeBlock& made, const pb::ValidatorSet& validators,
                                  std::size_t absent) const {
    pb::Commit commit;
    commit.set_height(made.header.height());
    *commit.mutable_block_id() = made.block_id;
    for (const auto& validator : validators.validators()) {
        auto& slot = *commit.add_signatures();
        slot.set_block_id_flag(pb::BLOCK_ID_FLAG_ABSENT);
        for (std::size_t i = 0; i < world_.size(); ++i) {
            const auto& key = world_.node_key(i);
            if (i == absent || key.public_key().text() != validator.public_key()) continue;
            const auto time = timestamp_from_milliseconds(milliseconds_of(made.header.time()) + 5);
            slot =
                sign_commit({made.header.chain_id(), commit.height(), 0, made.block_id}, key, time)
                    .signatures(0);
        }
    }
    return commit;
}

abci_pb::RequestFinalizeBlock PlayedChain::decide(
    NetworkNode& node, const std::vector<std::string>& txs,
    const std::vector<abci_pb::Misbehavior>& misbehaviours) {
    const auto next = blocks_.size() + 1;
    if (next > 1) time_ms += 1000;
    const auto moment = node.store().moment();
    const auto opened = node.store().open_snapshot({&moment, 1});
    REQUIRE(opened);
    const auto validators = (*opened)->validators(next);
    const auto next_validators = (*opened)->validators(next + 1);
    REQUIRE((validators && next_validators));
    BlockParts parts;
    parts.chain_id = "county-1";
    parts.height = static_cast<std::int64_t>(next);
    // The first block bears the time of the genesis.
    parts.time = timestamp_from_milliseconds(next == 1 ? start_ms - 60000 : time_ms);
    if (next > 1) {
        parts.last_block_id = made_.back().block_id;
        parts.last_commit = blocks_.back().header.commit;
        parts.last_results = static_cast<std::size_t>(blocks_.back().request.txs_size());
    }
    parts.bundles = txs;
    parts.validators = *validators;
    parts.next_validators = *next_validators;
    parts.app_hash = app_hash_of(node.store().app_state());
    parts.proposer = *address_of(validators->validators(0));
    made_.push_back(make_block(parts));
    const auto& made = made_.back();

    Block block;
    block.header = {made.header, commit_of(made, *validators, world_.size()), true};
    auto& request = block.request;
    request.set_height(parts.height);
    request.set_hash(made.block_id.hash());
    request.mutable_time()->set_seconds(parts.time.seconds());
    request.mutable_time()->set_nanos(parts.time.nanos());
    for (const auto& tx : txs) request.add_txs(tx);
    for (const auto& misbehaviour : misbehaviours) *request.add_misbehavior() = misbehaviour;
    blocks_.push_back(std::move(block));
    return blocks_.back().request;
}

void PlayedChain::play(NetworkNode& node, const std::vector<std::string>& txs) {
    const auto finalized = node.application().finalize_block(decide(node, txs));
    INFO((finalized ? std::string{} : finalized.error()));
    REQUIRE(finalized);
    REQUIRE(static_cast<std::size_t>(finalized->tx_results_size()) == txs.size());
    for (const auto& result : finalized->tx_results()) {
        CHECK(result.code() == 0);
        CHECK(result.ByteSizeLong() == 0);
    }
    const auto committed = node.application().commit({});
    INFO((committed ? std::string{} : committed.error()));
    REQUIRE(committed);
}

SignedHeader PlayedChain::seen(std::uint64_t height) const {
    const auto& made = made_.at(height - 1);
    auto header = blocks_.at(height - 1).header;
    pb::ValidatorSet validators;
    for (std::size_t i = 0; i < world_.size(); ++i) {
        auto& validator = *validators.add_validators();
        validator.set_public_key(world_.node_key(i).public_key().str());
        validator.set_power(10);
    }
    sort_validators(validators);
    header.commit = commit_of(made, validators, 0);
    header.canonical = false;
    return header;
}

std::vector<pb::LogEntry> entries_of(ReadSide& read_side, std::uint64_t height) {
    const auto block = read_side.block(height);
    REQUIRE(block);
    std::vector<pb::LogEntry> entries;
    for (const auto& bytes : block->entries()) {
        pb::LogEntry entry;
        REQUIRE(entry.ParseFromString(bytes));
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace tallystick::node::test
