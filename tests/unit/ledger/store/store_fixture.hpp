#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ledger/store/store.hpp"
#include "protocol/header.hpp"
#include "unit/ledger/blocks.hpp"

/// A data folder with a ledger of one authority, and blocks made as the solo engine makes them.
namespace tallystick::ledger::test {

inline constexpr const char* store_chain_id = "east-anglia-1";

inline pb::GenesisFile store_genesis(std::string_view name = "east-anglia") {
    pb::Genesis genesis;
    genesis.set_name(std::string{name});
    genesis.set_time(opened_at);
    *genesis.mutable_parameters() = default_parameters();
    auto* authority = genesis.add_authorities();
    authority->set_handle(suffolk);
    auto* identifier = authority->add_identifiers();
    identifier->set_scheme("GB-LAE");
    identifier->set_id("SFK");
    auto* display = authority->add_names();
    display->set_language("en");
    display->set_text("Suffolk");
    *authority->mutable_policy() = policy_of(suffolk);
    authority->mutable_node()->set_public_key(key_of("node").public_key().str());
    authority->mutable_node()->set_power(1);
    pb::GenesisFile file;
    file.set_genesis(canonical_bytes(genesis));
    return file;
}

/// Registers a project `suffolk/NAME`.
inline VerifiedEnvelope registration(const LedgerId& ledger_id, const std::string& name,
                                     std::uint64_t valid_until = opened_at + day) {
    const auto handle = "suffolk/" + name;
    pb::Register action;
    action.set_handle(handle);
    action.add_roles(pb::ROLE_PROJECT);
    auto* identifier = action.add_identifiers();
    identifier->set_scheme("GB-TEST");
    identifier->set_id(name);
    auto* display = action.add_names();
    display->set_language("en");
    display->set_text(name);
    *action.mutable_policy() = policy_of(handle);
    const auto key = key_of(handle);
    auto* proof = action.add_proofs();
    proof->set_public_key(key.public_key().str());
    const auto message = key_proof_message(ledger_id, handle, key.public_key().text());
    proof->set_signature(key.sign(bytes_of(message)).str());
    return envelope_of(
        {.account = suffolk, .name = name, .valid_until = valid_until, .ledger_id = ledger_id},
        action);
}

/// Makes and commits blocks on a store. Keeps what the next header needs.
class TestEngine {
  public:
    explicit TestEngine(Store& store) : store_(store) {
        node_ = std::make_unique<SigningKey>(key_of("node"));
        auto* validator = validators_.add_validators();
        validator->set_public_key(node_->public_key().str());
        validator->set_power(1);
        if (store.height() > 0) {
            const auto moment = store.moment();
            const auto snapshot = store.open_snapshot({&moment, 1});
            last_commit_ = *(*snapshot)->commit(store.height());
            last_bundles_ = (*snapshot)->block(store.height())->bundles_size();
        }
    }

    /// How far the block gets: for deaths between the steps.
    enum class Until : std::uint8_t { advanced, appended, applied };

    StoreResult<void> block(const std::vector<VerifiedEnvelope>& envelopes,
                            Until until = Until::applied) {
        const auto height = store_.height() + 1;
        const auto now = make_timestamp(static_cast<std::int64_t>(opened_at + height), 0);
        const auto bundles = bundles_of(envelopes);
        BlockParts parts;
        parts.chain_id = store_.chain_id();
        parts.height = static_cast<std::int64_t>(height);
        parts.time = now;
        parts.last_block_id = last_commit_.block_id();
        parts.last_commit = last_commit_;
        parts.bundles = bundles;
        parts.validators = validators_;
        parts.next_validators = validators_;
        const auto& app = store_.app_state();
        parts.app_hash =
            app_hash(*Hash::from(app.state_root()), *Hash::from(app.log_root()), app.log_size());
        parts.last_results = static_cast<std::size_t>(last_bundles_);
        parts.proposer = address_of(node_->public_key());
        const auto made = make_block(parts);
        auto commit = sign_commit({store_.chain_id(), parts.height, 0, made.block_id}, *node_,
                                  make_timestamp(now.seconds(), 1'000'000));

        auto result =
            execute_block(store_.ledger_id(), store_.view(), store_.used_ids(), store_.due(),
                          {height, static_cast<std::uint64_t>(now.seconds()), envelopes});
        last_result_ = result;
        const auto encoded =
            std::make_shared<const EncodedBlock>(encode_block(std::move(result), envelopes));
        const auto advanced = store_.advance(encoded, height, now);
        if (until == Until::advanced) return {};
        const BlockToStore block{.height = height,
                                 .block_hash = header_hash(made.header),
                                 .time = now,
                                 .header = &made.header,
                                 .commit = &commit,
                                 .bundles = bundles,
                                 .sign_state = {height, 0, 3}};
        if (auto done = store_.append(block, *encoded, advanced); !done) return done;
        last_commit_ = commit;
        last_bundles_ = static_cast<int>(bundles.size());
        if (until == Until::appended) return {};
        if (auto done = store_.apply(*encoded, height); !done) return done;
        store_.settle(height);
        return {};
    }

    [[nodiscard]] const BlockResult& last_result() const { return last_result_; }

  private:
    std::vector<std::string> bundles_of(const std::vector<VerifiedEnvelope>& envelopes) {
        if (envelopes.empty()) return {};
        pb::BundleBody body;
        body.set_node_key(node_->public_key().str());
        body.set_chain_id(store_.chain_id());
        body.set_time_ms((opened_at + store_.height() + 1) * 1000);
        body.set_counter(store_.height());
        for (const auto& envelope : envelopes) body.add_envelopes(envelope->bytes);
        pb::Bundle bundle;
        bundle.set_body(canonical_bytes(body));
        const auto message = tagged_message(domain::bundle, {bundle.body()});
        bundle.set_signature(node_->sign(bytes_of(message)).str());
        return {canonical_bytes(bundle)};
    }

    Store& store_;
    std::unique_ptr<SigningKey> node_;
    pb::ValidatorSet validators_;
    pb::Commit last_commit_;
    int last_bundles_ = 0;
    BlockResult last_result_;
};

/// A data folder, made and opened.
class StoreFixture {
  public:
    explicit StoreFixture(StoreOptions options = {}) : options_(std::move(options)) {
        REQUIRE(Store::create(path(), store_genesis(), store_chain_id).ok());
        open();
    }
    [[nodiscard]] std::filesystem::path path() const { return scratch_.path() / "data"; }

    void open() {
        close();
        said_.clear();
        auto options = options_;
        options.progress = [this](std::string_view what) { said_.emplace_back(what); };
        auto opened = Store::open(path(), options);
        INFO((opened ? std::string{} : opened.error().what));
        REQUIRE(opened.ok());
        store_ = std::move(opened).value();
        engine_ = std::make_unique<TestEngine>(*store_);
    }
    /// As a killed process leaves it: nothing is made durable or taken away.
    void close() {
        engine_.reset();
        store_.reset();
    }
    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] TestEngine& engine() { return *engine_; }
    [[nodiscard]] const std::vector<std::string>& said() const { return said_; }

    /// Blocks with two registrations each.
    void grow(std::size_t blocks) {
        for (std::size_t i = 0; i < blocks; ++i) {
            const auto name = "project-" + std::to_string(store().height() + 1);
            const auto done = engine().block({registration(store().ledger_id(), name),
                                              registration(store().ledger_id(), name + "-b")});
            INFO((done ? std::string{} : done.error().what));
            REQUIRE(done.ok());
        }
    }
    [[nodiscard]] std::unique_ptr<StoreSnapshot> snapshot() {
        const auto moment = store().moment();
        auto opened = store().open_snapshot({&moment, 1});
        REQUIRE(opened.ok());
        return std::move(opened).value();
    }

  private:
    ScratchFolder scratch_;
    StoreOptions options_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<TestEngine> engine_;
    std::vector<std::string> said_;
};

}  // namespace tallystick::ledger::test
