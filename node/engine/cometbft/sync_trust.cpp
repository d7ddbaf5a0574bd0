#include "node/engine/cometbft/sync_trust.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "node/log.hpp"
#include "protocol/ensure.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/walk.hpp"

namespace tallystick::node {
namespace {

/// As wallets allow it.
constexpr std::uint64_t drift_seconds = 60;
/// Fetching a snapshot may take a while; what is trusted must not expire meanwhile.
constexpr std::uint64_t margin_seconds = 3600;

std::string said(const ReceiptError& error) {
    return std::string{receipt_error_name(error)} + ": " +
           std::string{receipt_error_sentence(error)};
}

/// Who signs, as the ledger id itself says it: the genesis, whose hash that is.
Trust trust_in_genesis(const SyncBeginning& beginning) {
    TrustedSet set{1, std::nullopt, {}};
    for (const auto& validator : beginning.genesis_validators.validators()) {
        const auto key = PublicKey::from(validator.public_key());
        ensure(key.has_value(), "a genesis that was taken has keys of 32 bytes");
        set.validators.push_back({"", *key, validator.power()});
    }
    Trust trust;
    trust.ledger_id = beginning.ledger_id;
    trust.name = beginning.genesis.name();
    trust.trusting_period_seconds = beginning.genesis.parameters().trusting_period_seconds();
    // Before the first block, whose time is that of the genesis at the earliest.
    const TrustedHeader before{0, static_cast<std::int64_t>(beginning.genesis.time()) - 1, 0, {}};
    trust.segments.push_back({beginning.chain_id, before, {std::move(set)}});
    return trust;
}

pb::Receipt alone(const LedgerId& ledger_id, const pb::LightBlock& block) {
    pb::Receipt receipt;
    receipt.set_ledger_id(ledger_id.str());
    *receipt.mutable_block() = block;
    return receipt;
}

/// The way from block 1, without a clock: from the genesis to now no key is too old.
Result<Trust, std::string> led_on_from_genesis(const PeerApis& apis, std::size_t peer,
                                               const SyncBeginning& beginning) {
    const auto way = apis.trail(peer, 1);
    if (!way) return Failure{way.error()};
    auto trust = trust_in_genesis(beginning);
    if (const auto walked = walk(*way, trust); !walked) return Failure{said(walked.error())};
    return extend_trust(std::move(trust), *way);
}

/// The trust file could come from somebody who knows the ledger's id and nothing else of it: its
/// header must be signed by those to whom the genesis leads.
Result<void, std::string> check_rooted(const PeerApis& apis, std::size_t peer,
                                       const Trust& from_genesis, const Trust& trust) {
    const auto& trusted = trust.segments.back().trusted;
    const auto block = apis.light_block(peer, static_cast<std::uint64_t>(trusted.height));
    if (!block) return Failure{block.error()};
    if (auto fits = vouches_for(trust, *block); !fits) return fits;
    if (auto rooted = vouches_for(from_genesis, *block); !rooted)
        return Failure{"the trust file does not follow from the genesis (" + rooted.error() + ")"};
    return {};
}

struct Asked {
    Trust trust;
    std::vector<std::uint64_t> snapshots;
};

Result<Asked, std::string> ask(const PeerApis& apis, std::size_t peer,
                               const SyncBeginning& beginning) {
    const auto from_genesis = led_on_from_genesis(apis, peer, beginning);
    if (!from_genesis) return Failure{from_genesis.error()};
    if (auto rooted = check_rooted(apis, peer, *from_genesis, beginning.trust); !rooted)
        return Failure{rooted.error()};
    auto trust = led_on(apis, peer, beginning.trust, beginning.now_seconds);
    if (!trust) return Failure{trust.error()};
    auto snapshots = apis.snapshots(peer);
    if (!snapshots) return Failure{snapshots.error()};
    return Asked{std::move(*trust), std::move(*snapshots)};
}

/// The first of the peers that gives a block of this height for which the trust vouches.
std::optional<pb::LightBlock> verified_block(const PeerApis& apis, const SyncTrust& found,
                                             std::uint64_t height) {
    for (const auto peer : found.peers) {
        auto block = apis.light_block(peer, height);
        if (block && vouches_for(found.trust, *block)) return std::move(*block);
    }
    return std::nullopt;
}

bool is_recent(const pb::LightBlock& block, std::uint64_t period, std::uint64_t now) {
    const auto seconds = static_cast<std::uint64_t>(block.header().time().seconds());
    return seconds + period > now + margin_seconds;
}

/// Of the snapshots the oldest, so that the light client goes forward to all of them: backward it
/// would have to fetch every header between.
Result<pb::LightBlock, std::string> block_to_begin_with(const PeerApis& apis,
                                                        const SyncTrust& found,
                                                        const std::set<std::uint64_t>& snapshots,
                                                        const SyncBeginning& beginning) {
    const auto period = found.trust.trusting_period_seconds;
    const auto& trusted = found.trust.segments.back().trusted;
    for (const auto height : {*snapshots.begin(), static_cast<std::uint64_t>(trusted.height)}) {
        auto block = verified_block(apis, found, height);
        if (block && is_recent(*block, period, beginning.now_seconds)) return std::move(*block);
    }
    return Failure{std::string{"No peer gives a block that is recent enough to begin with."}};
}

/// Everything in it stands in the segment's first header or is the same for all.
Result<EngineGenesis, std::string> genesis_of_segment(const PeerApis& apis, const SyncTrust& found,
                                                      const SyncBeginning& beginning) {
    const auto& segment = found.trust.segments.back();
    if (segment.chain_id == beginning.chain_id && beginning.engine_genesis)
        return *beginning.engine_genesis;
    EngineGenesis genesis;
    genesis.chain_id = segment.chain_id;
    genesis.evidence_seconds = beginning.genesis.parameters().trusting_period_seconds();
    const auto first = static_cast<std::uint64_t>(segment.validator_sets.front().first_height);
    const auto block = verified_block(apis, found, first);
    if (!block || !block->header().last_block_id().hash().empty())
        return Failure{"No peer gives the first block of segment " + segment.chain_id +
                       ", with which its engine begins."};
    genesis.initial_height = first;
    genesis.time = block->header().time();
    genesis.validators = block->validators();
    const auto app_hash = Hash::from(block->header().app_hash());
    ensure(app_hash.has_value(), "a verified header has an app hash of 32 bytes");
    genesis.app_hash = *app_hash;
    return genesis;
}

}  // namespace

std::size_t answers_needed(const pb::ValidatorSet& validators) {
    const auto authorities = static_cast<std::size_t>(validators.validators_size());
    return authorities == 0 ? 1 : (authorities - 1) / 3 + 1;
}

Result<void, std::string> vouches_for(const Trust& trust, const pb::LightBlock& block) {
    const auto walked = walk(alone(trust.ledger_id, block), trust);
    if (!walked) return Failure{said(walked.error())};
    return {};
}

Result<Trust, std::string> led_on(const PeerApis& apis, std::size_t peer, const Trust& trust,
                                  std::uint64_t now_seconds) {
    FollowingClock clock;
    clock.now = make_timestamp(static_cast<std::int64_t>(now_seconds), 0);
    clock.trusting_period_seconds = trust.trusting_period_seconds;
    clock.drift_seconds = drift_seconds;
    const auto way =
        apis.trail(peer, static_cast<std::uint64_t>(trust.segments.back().trusted.height));
    if (!way) return Failure{way.error()};
    if (const auto walked = walk(*way, trust, &clock); !walked)
        return Failure{said(walked.error())};
    return extend_trust(trust, *way);
}

Result<SyncTrust, std::string> find_sync_trust(const PeerApis& apis,
                                               const SyncBeginning& beginning) {
    if (beginning.trust.ledger_id != beginning.ledger_id || beginning.trust.segments.empty())
        return Failure{std::string{"The trust file is of another ledger."}};
    SyncTrust found;
    found.trust = beginning.trust;
    std::set<std::uint64_t> snapshots;
    std::string last_refusal = "no address of another authority's API is known";
    for (std::size_t peer = 0; peer < apis.size(); ++peer) {
        auto asked = ask(apis, peer, beginning);
        if (!asked) {
            last_refusal = apis.name(peer) + ": " + asked.error();
            log_event(LogLevel::warning, "state_sync_peer_refused",
                      {{"peer", apis.name(peer)}, {"reason", asked.error()}});
            continue;
        }
        found.peers.push_back(peer);
        if (asked->trust.segments.size() > found.trust.segments.size() ||
            asked->trust.segments.back().trusted.height >
                found.trust.segments.back().trusted.height)
            found.trust = std::move(asked->trust);
        snapshots.insert(asked->snapshots.begin(), asked->snapshots.end());
    }
    const auto& segment = found.trust.segments.back();
    const auto needed = answers_needed(validators_of(segment.validator_sets.back()));
    if (found.peers.size() < needed)
        return Failure{"Of " + std::to_string(apis.size()) + " peers asked " +
                       std::to_string(found.peers.size()) + " gave what could be verified, and " +
                       std::to_string(needed) + " are needed. The last refused was " +
                       last_refusal};
    // Those of segments before are no use: the engine begins in this one.
    std::erase_if(snapshots, [&](std::uint64_t height) {
        return static_cast<std::int64_t>(height) < segment.validator_sets.front().first_height;
    });
    if (snapshots.empty()) return Failure{std::string{"No peer offers a snapshot."}};
    auto from = block_to_begin_with(apis, found, snapshots, beginning);
    if (!from) return Failure{from.error()};
    found.from = std::move(*from);
    auto genesis = genesis_of_segment(apis, found, beginning);
    if (!genesis) return Failure{genesis.error()};
    found.engine_genesis = std::move(*genesis);
    return found;
}

}  // namespace tallystick::node
