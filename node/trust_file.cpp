#include "node/trust_file.hpp"

#include "protocol/header.hpp"

namespace tallystick::node {

Trust trust_from(const LedgerId& ledger_id, const std::string& chain_id, const pb::Genesis& genesis,
                 const pb::Header& header) {
    TrustedSet set;
    set.first_height = 1;
    for (const auto& authority : genesis.authorities()) {
        const auto key = PublicKey::from(authority.node().public_key());
        ensure(key.has_value(), "a genesis in use has node keys of 32 bytes");
        set.validators.push_back(
            {authority.handle(), *key, static_cast<std::int64_t>(authority.node().power())});
    }
    TrustSegment segment;
    segment.chain_id = chain_id;
    segment.trusted = {header.height(), header.time().seconds(), header.time().nanos(),
                       header_hash(header)};
    segment.validator_sets.push_back(std::move(set));
    Trust trust;
    trust.ledger_id = ledger_id;
    trust.name = genesis.name();
    trust.segments.push_back(std::move(segment));
    trust.trusting_period_seconds = genesis.parameters().trusting_period_seconds();
    return trust;
}

}  // namespace tallystick::node
