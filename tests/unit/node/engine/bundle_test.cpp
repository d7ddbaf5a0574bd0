#include "node/engine/bundle.hpp"

#include "protocol/canonical.hpp"
#include "unit/catch.hpp"

namespace tallystick::node {

TEST_CASE("a bundle written by hand is the canonical message, signed by its node", "[node][solo]") {
    const auto key = SigningKey::from_seed(bytes_of(std::string(32, 'n')));
    std::vector<ledger::VerifiedEnvelope> envelopes;
    for (const std::size_t size : {1U, 127U, 128U, 20000U}) {
        auto envelope = std::make_shared<DecodedEnvelope>();
        envelope->bytes = std::string(size, 'e');
        envelopes.push_back(std::move(envelope));
    }
    for (std::size_t count = 0; count <= envelopes.size(); ++count) {
        const auto bytes = make_bundle(std::span{envelopes}.first(count),
                                       {"small-1", 1'800'000'000'123, count}, key);
        const auto bundle = decode_canonical_as<pb::Bundle>(bytes);
        REQUIRE(bundle);
        const auto body = decode_canonical_as<pb::BundleBody>(bundle->body());
        REQUIRE(body);
        CHECK(body->node_key() == key.public_key().str());
        CHECK(body->chain_id() == "small-1");
        CHECK(body->time_ms() == 1'800'000'000'123);
        CHECK(body->counter() == count);
        REQUIRE(static_cast<std::size_t>(body->envelopes_size()) == count);
        for (int i = 0; i < body->envelopes_size(); ++i)
            CHECK(body->envelopes(i) == envelopes[static_cast<std::size_t>(i)]->bytes);
        const auto signature = SignatureBytes::from(bundle->signature());
        REQUIRE(signature);
        CHECK(verify_signature(key.public_key(),
                               bytes_of(tagged_message(domain::bundle, {bundle->body()})),
                               *signature));
    }
}

}  // namespace tallystick::node
