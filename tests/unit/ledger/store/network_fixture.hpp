#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ledger/store/verify.hpp"
#include "protocol/merkle.hpp"
#include "unit/ledger/store/store_fixture.hpp"

/// Data folders of a ledger that several authorities run, and an engine that gives them blocks
/// first and headers later, as CometBFT does.
namespace tallystick::ledger::test {

inline const std::vector<std::string>& founders() {
    static const std::vector<std::string> handles{"essex", "kent", "norfolk", "suffolk"};
    return handles;
}

inline std::string node_of(const std::string& handle) {
    return "node-" + handle;
}

inline pb::GenesisFile network_genesis(pb::Engine engine = pb::ENGINE_COMETBFT,
                                       const std::vector<std::string>& handles = founders()) {
    pb::Genesis genesis;
    genesis.set_name("east-anglia");
    genesis.set_time(opened_at);
    genesis.set_engine(engine);
    *genesis.mutable_parameters() = default_parameters();
    for (const auto& handle : handles) {
        auto* authority = genesis.add_authorities();
        authority->set_handle(handle);
        auto* identifier = authority->add_identifiers();
        identifier->set_scheme("GB-LAE");
        identifier->set_id(handle);
        auto* display = authority->add_names();
        display->set_language("en");
        display->set_text(handle);
        *authority->mutable_policy() = policy_of(handle);
        authority->mutable_node()->set_public_key(key_of(node_of(handle)).public_key().str());
        authority->mutable_node()->set_power(1);
    }
    pb::GenesisFile file;
    file.set_genesis(canonical_bytes(genesis));
    return file;
}

/// A block as the engine has it.
struct EngineBlock {
    pb::Header header;
    pb::Commit seen;       ///< what a node saw at the head: one signature is missing
    pb::Commit canonical;  ///< what the next header hashes
    std::vector<std::string> bundles;
    std::vector<VerifiedEnvelope> envelopes;
    std::vector<pb::Misbehaviour> misbehaviours;
    std::function<void(Changes&)> alter;  ///< see `NetworkEngine::block`
};

/// Orders and signs blocks for any number of stores of one ledger.
class NetworkEngine {
  public:
    /// Makes the next block for `store` and gives it to it, without its header. `alter` writes to
    /// the state what no envelope of this test would; then the chain cannot be executed again.
    StoreResult<void> block(Store& store, const std::vector<VerifiedEnvelope>& envelopes = {},
                            std::function<void(Changes&)> alter = {}) {
        const auto height = store.height() + 1;
        auto& made = blocks_[height];
        made = {};
        made.envelopes = envelopes;
        made.misbehaviours = std::exchange(misbehaviours_, {});
        made.alter = std::move(alter);
        made.bundles = bundles_of(store, envelopes);
        const auto parts = parts_of(store, made);
        seal(store, height, made, make_block(parts).header);
        return give(store, height);
    }

    /// Changes the header of block `height` and has it signed anew: for headers that lie.
    void lie(Store& store, std::uint64_t height, const std::function<void(pb::Header&)>& how) {
        auto& made = blocks_.at(height);
        auto header = made.header;
        how(header);
        seal(store, height, made, header);
    }

    /// Gives block `height` to a store, without its header.
    StoreResult<void> give(Store& store, std::uint64_t height) {
        const auto& made = blocks_.at(height);
        const auto& now = made.header.time();
        auto result = execute_block(store.ledger_id(), store.view(), store.used_ids(), store.due(),
                                    {height, static_cast<std::uint64_t>(now.seconds()),
                                     made.envelopes, made.misbehaviours, made.header.chain_id()});
        if (made.alter) made.alter(result.changes);
        last_result_ = result;
        const auto encoded =
            std::make_shared<const EncodedBlock>(encode_block(std::move(result), made.envelopes));
        last_ = store.advance(encoded, height, now);
        BlockToStore block;
        block.height = height;
        block.block_hash = header_hash(made.header);
        block.time = now;
        block.bundles = made.bundles;
        block.misbehaviours = made.misbehaviours;
        return store.commit(block, *encoded, *last_);
    }

    [[nodiscard]] const EngineBlock& at(std::uint64_t height) const { return blocks_.at(height); }
    [[nodiscard]] const AdvancedBlock& last() const { return *last_; }
    [[nodiscard]] const BlockResult& last_result() const { return last_result_; }
    /// The next block brings this evidence.
    void bring(pb::Misbehaviour misbehaviour) { misbehaviours_.push_back(std::move(misbehaviour)); }
    /// Later blocks are dated so much later.
    void wait(std::uint64_t seconds) { late_ += seconds; }
    [[nodiscard]] std::uint64_t now(std::uint64_t height) const {
        return opened_at + late_ + height;
    }

    StoreResult<void> add_seen(Store& store, std::uint64_t height) const {
        return store.add_header(height, at(height).header, at(height).seen);
    }
    StoreResult<void> add_canonical(Store& store, std::uint64_t height) const {
        return store.add_header(height, at(height).header, at(height).canonical);
    }
    /// All that are missing, canonical.
    StoreResult<void> add_all(Store& store) const {
        std::vector<HeaderToStore> headers;
        for (auto height = store.headers_until() + 1; height <= store.height(); ++height)
            headers.push_back({height, &at(height).header, &at(height).canonical});
        return store.add_headers(headers);
    }

    /// Signed by everyone in the set but `absent` (an index; -1: nobody is).
    static pb::Commit sign(const std::string& chain_id, std::uint64_t height,
                           const pb::BlockId& block_id, const pb::Timestamp& time,
                           const pb::ValidatorSet& validators, int absent) {
        pb::Commit commit;
        commit.set_height(static_cast<std::int64_t>(height));
        *commit.mutable_block_id() = block_id;
        for (int i = 0; i < validators.validators_size(); ++i) {
            auto& slot = *commit.add_signatures();
            slot.set_block_id_flag(pb::BLOCK_ID_FLAG_ABSENT);
            if (i == absent) continue;
            slot.set_block_id_flag(pb::BLOCK_ID_FLAG_COMMIT);
            slot.set_validator_address(address_of(validators.validators(i))->str());
            *slot.mutable_timestamp() = make_timestamp(time.seconds(), 1'000'000 * (i + 1));
        }
        for (int i = 0; i < validators.validators_size(); ++i) {
            if (i == absent) continue;
            auto& slot = *commit.mutable_signatures(i);
            const auto message = vote_sign_bytes(chain_id, commit, slot.timestamp());
            slot.set_signature(
                key_with(validators.validators(i).public_key()).sign(bytes_of(message)).str());
        }
        return commit;
    }

  private:
    /// The nodes' keys that these tests use.
    static SigningKey key_with(const std::string& public_key) {
        for (const auto& handle : founders())
            for (const auto& name : {node_of(handle), node_of(handle) + "-2"})
                if (key_of(name).public_key().text() == public_key) return key_of(name);
        FAIL("a validator that no test has the key of");
        return key_of("");
    }

    [[nodiscard]] std::vector<std::string> bundles_of(
        Store& store, const std::vector<VerifiedEnvelope>& envelopes) const {
        if (envelopes.empty()) return {};
        const bool solo = store.engine() == pb::ENGINE_SOLO;
        const auto node = key_with(solo ? store.segment_validators().validators(0).public_key()
                                        : std::string{store.nodes().front().text()});
        pb::BundleBody body;
        body.set_node_key(node.public_key().str());
        body.set_chain_id(store.chain_id());
        body.set_time_ms(now(store.height() + 1) * 1000);
        body.set_counter(store.height());
        for (const auto& envelope : envelopes) body.add_envelopes(envelope->bytes);
        pb::Bundle bundle;
        bundle.set_body(canonical_bytes(body));
        const auto message = tagged_message(domain::bundle, {bundle.body()});
        bundle.set_signature(node.sign(bytes_of(message)).str());
        return {canonical_bytes(bundle)};
    }

    static pb::ValidatorSet set_of(Store& store, std::uint64_t height) {
        const auto moment = store.moment();
        auto opened = store.open_snapshot({&moment, 1});
        REQUIRE(opened.ok());
        auto validators = (*opened)->validators(height);
        REQUIRE(validators.ok());
        return *validators;
    }

    [[nodiscard]] BlockParts parts_of(Store& store, const EngineBlock& made) const {
        const auto height = store.height() + 1;
        const bool is_first = height == store.segments().back().first_height;
        BlockParts parts;
        parts.chain_id = store.chain_id();
        parts.height = static_cast<std::int64_t>(height);
        parts.time = make_timestamp(static_cast<std::int64_t>(now(height)), 0);
        parts.bundles = made.bundles;
        parts.validators = set_of(store, height);
        parts.next_validators = set_of(store, height + 1);
        const auto& app = store.app_state();
        parts.app_hash =
            app_hash(*Hash::from(app.state_root()), *Hash::from(app.log_root()), app.log_size());
        parts.proposer = *address_of(parts.validators.validators(0));
        if (is_first) return parts;
        const auto& before = blocks_.at(height - 1);
        parts.last_block_id = before.canonical.block_id();
        parts.last_commit = before.canonical;
        parts.last_results = before.bundles.size();
        return parts;
    }

    static void seal(Store& store, std::uint64_t height, EngineBlock& made,
                     const pb::Header& header) {
        made.header = header;
        pb::BlockId id;
        id.set_hash(header_hash(header).str());
        id.mutable_part_set_header()->set_total(1);
        id.mutable_part_set_header()->set_hash(sha256("the parts").str());
        // Three of four are enough; of fewer all must have signed.
        const auto validators = set_of(store, height);
        const int last = validators.validators_size() - 1;
        const auto signed_but = [&](int absent) {
            return sign(store.chain_id(), height, id, header.time(), validators,
                        last < 3 ? -1 : absent);
        };
        made.seen = signed_but(0);
        made.canonical = signed_but(last);
    }

    std::map<std::uint64_t, EngineBlock> blocks_;
    std::optional<AdvancedBlock> last_;
    BlockResult last_result_;
    std::vector<pb::Misbehaviour> misbehaviours_;
    std::uint64_t late_ = 0;
};

/// A data folder of one node of the network.
class NetworkFixture {
  public:
    explicit NetworkFixture(pb::GenesisFile genesis = network_genesis(), StoreOptions options = {})
        : genesis_(std::move(genesis)), options_(std::move(options)) {
        REQUIRE(Store::create(path(), genesis_, store_chain_id).ok());
        open();
    }
    [[nodiscard]] std::filesystem::path path() const { return scratch_.path() / "ledger"; }
    /// For what a test makes beside it.
    [[nodiscard]] const std::filesystem::path& scratch() const { return scratch_.path(); }
    [[nodiscard]] const pb::GenesisFile& genesis() const { return genesis_; }

    void open() {
        close();
        auto opened = Store::open(path(), options_);
        INFO((opened ? std::string{} : opened.error().what));
        REQUIRE(opened.ok());
        store_ = std::move(opened).value();
    }
    void close() { store_.reset(); }
    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] NetworkEngine& engine() { return engine_; }

    void block(const std::vector<VerifiedEnvelope>& envelopes = {},
               std::function<void(Changes&)> alter = {}) {
        const auto done = engine_.block(store(), envelopes, std::move(alter));
        INFO((done ? std::string{} : done.error().what));
        REQUIRE(done.ok());
    }
    /// Blocks with two registrations each.
    void grow(std::size_t blocks) {
        for (std::size_t i = 0; i < blocks; ++i) {
            const auto height = store().height() + 1;
            const auto name = "project-" + std::to_string(height);
            const auto until = engine_.now(height) + day;
            block({registration(store().ledger_id(), name, until),
                   registration(store().ledger_id(), name + "-b", until)});
        }
    }
    void add_all_headers() {
        const auto done = engine_.add_all(store());
        INFO((done ? std::string{} : done.error().what));
        REQUIRE(done.ok());
    }
    [[nodiscard]] std::unique_ptr<StoreSnapshot> snapshot() { return snapshot_of(store()); }
    static std::unique_ptr<StoreSnapshot> snapshot_of(Store& store) {
        const auto moment = store.moment();
        auto opened = store.open_snapshot({&moment, 1});
        REQUIRE(opened.ok());
        return std::move(opened).value();
    }

  private:
    ScratchFolder scratch_;
    pb::GenesisFile genesis_;
    StoreOptions options_;
    NetworkEngine engine_;
    std::unique_ptr<Store> store_;
};

/// The error of what must fail with `unfit`.
template <class T>
std::string unfit_words(const StoreResult<T>& result) {
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().fault == StoreFault::unfit);
    return result.error().what;
}

inline bool says(const std::string& words, std::string_view part) {
    const bool said = words.find(part) != std::string::npos;
    if (!said) WARN(words);
    return said;
}

/// Nothing to report, or what was found first.
inline std::string verified(const std::filesystem::path& folder) {
    const auto verification = verify_folder(folder, {});
    if (!verification) return verification.error().what;
    if (verification->findings.empty()) return "sound";
    return verification->findings[0].place + ": " + verification->findings[0].what;
}

}  // namespace tallystick::ledger::test
