#pragma once

#include <map>
#include <string>
#include <vector>

#include "node/api/json.hpp"
#include "node/engine/cometbft/peer_apis.hpp"
#include "node/engine/cometbft/sync_trust.hpp"
#include "unit/protocol/signed_chain.hpp"

/// A signed chain of twenty blocks whose authorities change, and peers that serve it, each with a
/// lie of its own if it is told to.
namespace tallystick::node::test {

using tallystick::test::block_at;
using tallystick::test::chain_begins;
using tallystick::test::key_of;
using tallystick::test::set_of;
using tallystick::test::signed_block;

inline constexpr std::int64_t blocks = 20;
inline constexpr std::int64_t changes_at = 10;
inline constexpr std::uint64_t period = 2592000;

/// Three of four sign. From block `changes_at` on another key is the fourth.
struct SyncChain {
    explicit SyncChain(std::vector<std::uint8_t> first = {1, 2, 3, 4},
                       std::vector<std::uint8_t> later = {1, 2, 3, 5})
        : before(set_of(first)), after(set_of(later)) {
        for (std::int64_t height = 1; height <= blocks; ++height) {
            const bool is_late = height >= changes_at;
            const auto& signers = is_late ? later : first;
            light.push_back(signed_block(block_at(height, set_at(height), set_at(height + 1)),
                                         set_at(height), {signers.begin(), signers.begin() + 3}));
        }
    }
    [[nodiscard]] const pb::ValidatorSet& set_at(std::int64_t height) const {
        return height >= changes_at ? after : before;
    }
    [[nodiscard]] const pb::LightBlock& at(std::int64_t height) const {
        return light.at(static_cast<std::size_t>(height - 1));
    }

    pb::ValidatorSet before;
    pb::ValidatorSet after;
    std::vector<pb::LightBlock> light;
};

inline LedgerId sync_ledger() {
    return LedgerId{sha256(std::string_view{"the genesis"}).bytes};
}

inline TrustedSet listed(const pb::ValidatorSet& set, std::int64_t first) {
    TrustedSet made{first, std::nullopt, {}};
    for (const auto& validator : set.validators())
        made.validators.push_back(
            {"", *PublicKey::from(validator.public_key()), validator.power()});
    return made;
}

/// A trust file with the block of this height as the trusted one.
inline Trust trust_at(const SyncChain& chain, std::int64_t height) {
    const auto& header = chain.at(height).header();
    Trust trust;
    trust.ledger_id = sync_ledger();
    trust.name = "suffolk";
    trust.trusting_period_seconds = period;
    trust.segments.push_back(
        {"suffolk-1",
         {height, header.time().seconds(), header.time().nanos(), header_hash(header)},
         {listed(chain.set_at(height), height < changes_at ? 1 : changes_at)}});
    return trust;
}

inline SyncBeginning beginning_with(const SyncChain& chain, std::int64_t trusted_height) {
    SyncBeginning beginning;
    beginning.genesis.set_name("suffolk");
    beginning.genesis.set_time(static_cast<std::uint64_t>(chain_begins));
    beginning.genesis.mutable_parameters()->set_trusting_period_seconds(period);
    beginning.ledger_id = sync_ledger();
    beginning.chain_id = "suffolk-1";
    beginning.genesis_validators = chain.before;
    beginning.engine_genesis = EngineGenesis{};
    beginning.engine_genesis->chain_id = "suffolk-1";
    beginning.engine_genesis->evidence_seconds = period;
    beginning.trust = trust_at(chain, trusted_height);
    beginning.now_seconds = static_cast<std::uint64_t>(chain_begins) + 100;
    return beginning;
}

/// What one peer says.
struct SyncPeer {
    const SyncChain* chain = nullptr;  ///< null: it does not answer
    std::vector<std::uint64_t> snapshots = {15, 12};
    std::int64_t priority = -7;               ///< of the first validator
    const SyncChain* from_genesis = nullptr;  ///< another that it shows to who asks from block 1
    std::size_t asked = 0;
};

inline std::string trail_of(const SyncChain& chain, std::int64_t from) {
    pb::Receipt receipt;
    receipt.set_ledger_id(sync_ledger().str());
    // The block before a change vouches for the new set.
    if (from < changes_at) *receipt.add_trail() = chain.at(changes_at - 1);
    if (from < changes_at) *receipt.add_trail() = chain.at(changes_at);
    *receipt.mutable_block() = chain.at(blocks);
    return canonical_bytes(receipt);
}

inline std::string priorities_of(const SyncPeer& peer, std::int64_t height) {
    api::Json json{{"height", height}, {"items", api::Json::array()}};
    std::int64_t priority = peer.priority;
    for (const auto& validator : peer.chain->set_at(height).validators())
        json["items"].push_back({{"public_key", to_hex(bytes_of(validator.public_key()))},
                                 {"priority", std::to_string(priority++)}});
    return json.dump();
}

/// `peers` must outlive what is made.
inline PeerApis apis_of(std::vector<SyncPeer>& peers) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < peers.size(); ++i) names.push_back("peer " + std::to_string(i));
    return {
        std::move(names),
        [&peers](std::size_t number, const std::string& target,
                 std::string_view) -> Result<ApiAnswer, std::string> {
            auto& peer = peers.at(number);
            ++peer.asked;
            if (peer.chain == nullptr) return Failure{std::string{"No answer."}};
            const auto number_after = [&](std::string_view prefix) {
                return std::stoll(target.substr(prefix.size()));
            };
            if (target.starts_with("/v1/trail?from=")) {
                const auto from = number_after("/v1/trail?from=");
                const bool is_other = from == 1 && peer.from_genesis != nullptr;
                return ApiAnswer{200, trail_of(is_other ? *peer.from_genesis : *peer.chain, from)};
            }
            if (target == "/v1/snapshots") {
                api::Json json{{"items", api::Json::array()}};
                for (const auto height : peer.snapshots)
                    json["items"].push_back({{"height", height}, {"format", 1}, {"chunks", 1}});
                return ApiAnswer{200, json.dump()};
            }
            if (target.starts_with("/v1/light-blocks/")) {
                const auto height = number_after("/v1/light-blocks/");
                if (height > blocks) return ApiAnswer{404, "{}"};
                return ApiAnswer{200, canonical_bytes(peer.chain->at(height))};
            }
            return ApiAnswer{200, priorities_of(peer, number_after("/v1/proposer-priorities/"))};
        }};
}

}  // namespace tallystick::node::test
