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

namespace {

/// What the general decoder makes of these bytes, with the bounds of a network.
bool is_bundle_by_messages(const std::string& bytes) {
    if (bytes.size() > bundle_bytes_max) return false;
    const auto bundle = decode_canonical_as<pb::Bundle>(bytes);
    if (!bundle || bundle->signature().size() != SignatureBytes::size) return false;
    const auto body = decode_canonical_as<pb::BundleBody>(bundle->body());
    return body && body->node_key().size() == PublicKey::size &&
           static_cast<std::size_t>(body->envelopes_size()) <= bundle_envelopes_max;
}

std::string some_bundle(std::size_t envelopes, std::size_t size = 200) {
    const auto key = SigningKey::from_seed(bytes_of(std::string(32, 'n')));
    std::vector<ledger::VerifiedEnvelope> made;
    for (std::size_t i = 0; i < envelopes; ++i) {
        auto envelope = std::make_shared<DecodedEnvelope>();
        envelope->bytes = std::string(size, static_cast<char>('a' + i % 26));
        made.push_back(std::move(envelope));
    }
    return make_bundle(made, {"small-1", 1'800'000'000'123, 7}, key);
}

}  // namespace

TEST_CASE("a bundle is read in place as the messages read it", "[node][cometbft]") {
    const auto bytes = some_bundle(3);
    const auto view = parse_bundle(bytes);
    REQUIRE(view);
    CHECK(view->chain_id == "small-1");
    CHECK(view->time_ms == 1'800'000'000'123);
    CHECK(view->counter == 7);
    REQUIRE(view->envelopes.size() == 3);
    CHECK(view->envelopes[2] == std::string(200, 'c'));
    CHECK(verify_bundle_signature(*view));
    auto altered = bytes;
    altered[100] = static_cast<char>(altered[100] ^ 1);
    const auto other = parse_bundle(altered);
    CHECK((!other || !verify_bundle_signature(*other)));
}

TEST_CASE("the bounds of a bundle, on them and one beyond", "[node][cometbft]") {
    CHECK(parse_bundle(some_bundle(0)));
    CHECK(parse_bundle(some_bundle(bundle_envelopes_max, 1)));
    CHECK_FALSE(parse_bundle(some_bundle(bundle_envelopes_max + 1, 1)));
    const auto frame = some_bundle(1, 524000).size() - 524000;
    CHECK(parse_bundle(some_bundle(1, bundle_bytes_max - frame)));
    CHECK_FALSE(parse_bundle(some_bundle(1, bundle_bytes_max - frame + 1)));
    CHECK_FALSE(parse_bundle(""));
}

TEST_CASE("bytes that are altered, cut or padded are read as the messages read them",
          "[node][cometbft][property]") {
    const auto good = some_bundle(2, 5);
    std::size_t taken = 0;
    const auto same = [&](const std::string& bytes) {
        const bool expected = is_bundle_by_messages(bytes);
        if (parse_bundle(bytes).has_value() == expected) {
            taken += expected ? 1 : 0;
            return true;
        }
        // The one thing in which it is stricter: a chain id is printable ASCII.
        const auto bundle = decode_canonical_as<pb::Bundle>(bytes);
        const auto body = decode_canonical_as<pb::BundleBody>(bundle->body());
        return expected && body->chain_id() != "small-1";
    };
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const int flip : {1, 2, 8, 32, 64, 128, 255}) {
            auto altered = good;
            altered[i] = static_cast<char>(altered[i] ^ flip);
            INFO("byte " << i << " flipped by " << flip);
            CHECK(same(altered));
        }
        CHECK(same(good.substr(0, i)));
        auto doubled = good;
        doubled.insert(i, 1, good[i]);
        CHECK(same(doubled));
        auto zero = good;
        zero.insert(i, 1, '\0');
        CHECK(same(zero));
    }
    CHECK(same(good + good));
    CHECK(taken > 100);  // a flip inside an envelope or signature is still a bundle
}

}  // namespace tallystick::node
