#include "node/trust_file.hpp"

#include <algorithm>
#include <functional>

#include "protocol/canonical.hpp"
#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "protocol/keys.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick::node {

namespace {

/// What a trust file is made of, wherever it comes from. `Error` is the source's.
template <class Error>
struct Source {
    LedgerId ledger_id;
    const pb::Genesis& genesis;
    std::vector<SegmentInfo> segments;
    std::vector<ValidatorsFrom> sets;  ///< ascending
    std::uint64_t newest = 0;          ///< height of the newest block with a header
    std::function<Result<pb::Header, Error>(std::uint64_t height)> header;
    std::function<std::optional<std::string>(const std::string& key)> value;
};

/// Whose key it is, as the state remembers for ever; empty if it does not.
template <class Error>
std::string authority_of(const Source<Error>& source, const pb::Validator& validator) {
    const auto address = address_of(validator);
    ensure(address.has_value(), "a set in use has keys of 32 bytes");
    pb::Owner owner;
    if (const auto value = source.value(node_address_key(address->text()).bytes);
        value && decode_canonical(*value, owner))
        return owner.account();
    for (const auto& authority : source.genesis.authorities())
        if (authority.node().public_key() == validator.public_key()) return authority.handle();
    return {};
}

template <class Error>
TrustedSet listed_set(const Source<Error>& source, const pb::ValidatorSet& set,
                      std::uint64_t first_height) {
    TrustedSet listed{static_cast<std::int64_t>(first_height), std::nullopt, {}};
    for (const auto& validator : set.validators()) {
        const auto key = PublicKey::from(validator.public_key());
        ensure(key.has_value(), "a set in use has keys of 32 bytes");
        listed.validators.push_back({authority_of(source, validator), *key, validator.power()});
    }
    return listed;
}

/// The sets of the heights from `first` to `end` (0: still), the same one not twice in a row.
template <class Error>
std::vector<TrustedSet> listed_sets(const Source<Error>& source, std::uint64_t first,
                                    std::uint64_t end) {
    std::vector<TrustedSet> listed;
    Hash newest;
    for (std::size_t i = 0; i < source.sets.size(); ++i) {
        const auto begins = std::max(source.sets[i].first_height, first);
        const bool replaced =
            i + 1 < source.sets.size() && source.sets[i + 1].first_height <= begins;
        if (replaced || (end != 0 && begins > end)) continue;
        const auto hash = validators_hash(source.sets[i].validators);
        if (!listed.empty() && hash == newest) continue;
        if (!listed.empty()) listed.back().last_height = static_cast<std::int64_t>(begins) - 1;
        listed.push_back(listed_set(source, source.sets[i].validators, begins));
        newest = hash;
    }
    if (end != 0 && !listed.empty()) listed.back().last_height = static_cast<std::int64_t>(end);
    return listed;
}

template <class Error>
Result<Trust, Error> make_trust(const Source<Error>& source, TrustedAt trusted) {
    Trust trust;
    trust.ledger_id = source.ledger_id;
    trust.name = source.genesis.name();
    const auto value = source.value(parameters_key().bytes);
    pb::Parameters parameters;
    trust.trusting_period_seconds = value && decode_canonical(*value, parameters)
                                        ? parameters.trusting_period_seconds()
                                        : source.genesis.parameters().trusting_period_seconds();
    const auto oldest = source.sets.empty() ? 1 : source.sets.front().first_height;
    for (std::size_t i = 0; i < source.segments.size(); ++i) {
        const auto& segment = source.segments[i];
        const auto first = std::max(segment.first_height, oldest);
        const auto end =
            i + 1 < source.segments.size() ? source.segments[i + 1].first_height - 1 : 0;
        // A node that joined late has no block of the older ones; one that has just begun a segment
        // has no block of it either, and then the one before is still the newest.
        if (end != 0 && first > end) continue;
        if (first > source.newest) break;
        const bool has_ended = end != 0 && end < source.newest;
        const auto height = has_ended ? end : trusted == TrustedAt::newest ? source.newest : first;
        const auto header = source.header(height);
        if (!header) return Failure{header.error()};
        trust.segments.push_back({segment.chain_id,
                                  {header->height(), header->time().seconds(),
                                   header->time().nanos(), header_hash(*header)},
                                  listed_sets(source, first, has_ended ? end : 0)});
    }
    return trust;
}

/// The height of the newest block whose header is here: it may be a few blocks behind the head.
Result<std::uint64_t, ReadError> newest_header(const NodeService& node) {
    const auto head = node.head();
    for (auto height = head.height; height != 0 && height + 1 > head.provable_height; --height) {
        const auto block = node.light_block(height);
        if (block) return height;
        // Its header may be on its way.
        if (block.error() != ReadError::not_found && block.error() != ReadError::not_provable_yet)
            return Failure{block.error()};
    }
    return Failure{ReadError::not_found};
}

}  // namespace

Result<Trust, ReadError> trust_from(const NodeService& node, TrustedAt trusted) {
    const auto snapshot = node.snapshot();
    if (!snapshot) return Failure{snapshot.error()};
    const auto newest = newest_header(node);
    if (!newest) return Failure{newest.error()};
    auto sets = node.validator_sets();
    if (!sets) return Failure{sets.error()};
    const Source<ReadError> source{
        node.ledger_id(),
        node.genesis(),
        node.segments(),
        std::move(*sets),
        *newest,
        [&node](std::uint64_t height) -> Result<pb::Header, ReadError> {
            auto block = node.light_block(height);
            if (!block) return Failure{block.error()};
            return std::move(*block->mutable_header());
        },
        [&snapshot](const std::string& key) {
            std::optional<std::string> found;
            (*snapshot)->scan(key, key, [&](std::string_view at, std::string_view value) {
                if (at == key) found = std::string{value};
                return false;
            });
            return found;
        }};
    auto made = make_trust(source, trusted);
    if ((*snapshot)->is_damaged()) return Failure{ReadError::damaged};
    return made;
}

ledger::StoreResult<Trust> trust_from(const ledger::Store& store,
                                      const ledger::StoreSnapshot& snapshot) {
    auto newest = snapshot.chain_height();
    while (newest > snapshot.base_height() + 1 && !snapshot.header(newest)) --newest;
    auto sets = snapshot.validator_sets();
    if (!sets) return Failure{sets.error()};
    Source<ledger::StoreError> source{
        store.ledger_id(),
        store.genesis(),
        {},
        {},
        newest,
        [&snapshot](std::uint64_t height) { return snapshot.header(height); },
        [&snapshot](const std::string& key) -> std::optional<std::string> {
            auto value = snapshot.value(key);
            return value ? std::move(*value) : std::nullopt;
        }};
    for (const auto& segment : snapshot.segments())
        source.segments.push_back({segment.chain_id, segment.first_height});
    for (auto& set : *sets) source.sets.push_back({set.first_height, std::move(set.validators)});
    return make_trust(source, TrustedAt::newest);
}

}  // namespace tallystick::node
