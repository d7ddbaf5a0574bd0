#include "protocol/crypto.hpp"

#include "protocol/crypto_vectors.hpp"
#include "unit/catch.hpp"
#include "unit/protocol/bodies.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

std::string hex_of(std::string_view text) {
    return to_hex(bytes_of(text));
}

/// Bytes of the 14 encodings of the points whose order divides 8, worked out here: the eight points
/// and the six further ways to write them.
std::vector<PublicKey> low_order_encodings() {
    const auto y8 = *from_hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    auto minus_y8 = *from_hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
    std::string zero(32, '\0');
    auto one = zero;
    one[0] = 1;
    std::string p(32, '\xff');
    p[0] = '\xed';
    p[31] = '\x7f';
    auto p_plus_one = p;
    p_plus_one[0] = '\xee';
    auto minus_one = p;
    minus_one[0] = '\xec';
    std::vector<PublicKey> encodings;
    for (auto raw : {y8, minus_y8, zero, one, p, p_plus_one, minus_one}) {
        encodings.push_back(*PublicKey::from(raw));
        raw[31] = static_cast<char>(raw[31] ^ '\x80');
        encodings.push_back(*PublicKey::from(raw));
    }
    return encodings;
}

/// Small costs, so that tests are quick.
PassphraseParameters quick_parameters() {
    return {1, 8192, std::string(16, 's'), std::string(24, 'n')};
}

}  // namespace

TEST_CASE("the library judges the pinned vectors as consensus demands", "[crypto]") {
    CHECK(initialise_crypto());
    CHECK(initialise_crypto());
    CHECK(judges_pinned_vectors());
}

TEST_CASE("under commits every low-order key and R with S = 0 is accepted, in envelopes none",
          "[crypto]") {
    const auto encodings = low_order_encodings();
    REQUIRE(encodings.size() == 14);
    const std::string message = "Zcash";
    for (const auto& key : encodings) {
        for (const auto& r : encodings) {
            const auto signature = SignatureBytes::from(r.str() + std::string(32, '\0'));
            INFO(to_hex(key.view()) << " " << to_hex(r.view()));
            CHECK(verify_commit_signature(key, bytes_of(message), *signature));
            CHECK_FALSE(verify_signature(key, bytes_of(message), *signature));
        }
    }
}

TEST_CASE("under commits S must still fit: another S, or S + L, is refused", "[crypto]") {
    const auto encodings = low_order_encodings();
    auto raw = encodings[2].str() + std::string(32, '\0');
    raw[32] = 1;
    CHECK_FALSE(verify_commit_signature(encodings[0], {}, *SignatureBytes::from(raw)));
    // S = L is 0 in the field, but is not written as 0.
    const auto order =
        *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    raw = encodings[2].str() + order;
    CHECK_FALSE(verify_commit_signature(encodings[0], {}, *SignatureBytes::from(raw)));
}

TEST_CASE("a validator's key is a point of the main subgroup", "[crypto]") {
    CHECK(is_valid_authority_key(key_of(1).public_key()));
    for (const auto& key : low_order_encodings()) CHECK_FALSE(is_valid_authority_key(key));
    auto off_curve = PublicKey{};
    off_curve.bytes[0] = 2;
    CHECK_FALSE(is_valid_authority_key(off_curve));
}

TEST_CASE("a key signs as RFC 8032 says", "[crypto]") {
    const auto seed = *from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    const auto key = SigningKey::from_seed(bytes_of(seed));
    CHECK(to_hex(key.public_key().view()) ==
          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const std::string message = "\x72";
    const auto signature = key.sign(bytes_of(message));
    CHECK(to_hex(signature.view()) ==
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
          "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    CHECK(verify_signature(key.public_key(), bytes_of(message), signature));
    CHECK(key.seed().view().size() == 32);
    CHECK(text_of(key.seed().view()) == seed);
}

TEST_CASE("two new keys differ", "[crypto]") {
    CHECK(SigningKey::generate().public_key() != SigningKey::generate().public_key());
    CHECK(random_string(16).size() == 16);
    CHECK(random_string(16) != random_string(16));
}

TEST_CASE("SHA-256 gives the published digests, whole or in parts", "[crypto]") {
    CHECK(to_hex(sha256("").view()) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256("abc").view()) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const std::string long_text(1'000'000, 'a');
    CHECK(to_hex(sha256(long_text).view()) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    CHECK(sha256_of({"a", "", "bc"}) == sha256("abc"));
    CHECK(sha256_of({}) == sha256(""));
}

TEST_CASE("a domain and what follows it are parted by a zero byte", "[crypto]") {
    CHECK(tagged_message("ab", {"c", "d"}) == std::string("ab\0cd", 5));
    CHECK(tagged_hash("ab", {"c", "d"}) == sha256(std::string("ab\0cd", 5)));
    CHECK(tagged_hash("ab", {"c"}) != tagged_hash("abc", {}));
}

TEST_CASE("a validator's address is the first 20 bytes of its key's hash", "[crypto]") {
    const auto key = key_of(1).public_key();
    CHECK(address_of(key).text() == sha256(key.view()).text().substr(0, 20));
}

TEST_CASE("what a passphrase seals only it opens, and only unaltered", "[crypto]") {
    const std::string plain = "the seed of a key";
    const std::string right = "five plain words in a row";
    const auto parameters = quick_parameters();
    const auto sealed =
        seal_with_passphrase(bytes_of(plain), "header", bytes_of(right), parameters);
    REQUIRE(sealed.size() == plain.size() + 16);
    CHECK(sealed.find("seed") == std::string::npos);

    const auto opened = open_with_passphrase(sealed, "header", bytes_of(right), parameters);
    REQUIRE(opened);
    CHECK(text_of(opened->view()) == plain);

    CHECK_FALSE(open_with_passphrase(sealed, "header", bytes_of("wrong"), parameters));
    CHECK_FALSE(open_with_passphrase(sealed, "Header", bytes_of(right), parameters));
    CHECK_FALSE(open_with_passphrase(sealed.substr(0, 15), "header", bytes_of(right), parameters));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto flipped = sealed;
        flipped[i] = static_cast<char>(flipped[i] ^ 1);
        CHECK_FALSE(open_with_passphrase(flipped, "header", bytes_of(right), parameters));
    }
    auto other_salt = parameters;
    other_salt.salt[0] = 't';
    CHECK_FALSE(open_with_passphrase(sealed, "header", bytes_of(right), other_salt));
    auto other_nonce = parameters;
    other_nonce.nonce[0] = 'm';
    CHECK_FALSE(open_with_passphrase(sealed, "header", bytes_of(right), other_nonce));
}

TEST_CASE("a keystore cannot ask for more than 1 GiB or 16 operations", "[crypto]") {
    auto parameters = quick_parameters();
    const auto sealed = seal_with_passphrase({}, "", bytes_of("p"), parameters);
    REQUIRE(open_with_passphrase(sealed, "", bytes_of("p"), parameters));
    SECTION("17 operations") {
        parameters.operations = 17;
    }
    SECTION("no operation") {
        parameters.operations = 0;
    }
    SECTION("a byte above 1 GiB") {
        parameters.memory_bytes = (std::uint64_t{1} << 30) + 1;
    }
    SECTION("too little memory") {
        parameters.memory_bytes = 8191;
    }
    SECTION("a short salt") {
        parameters.salt.pop_back();
    }
    SECTION("a long nonce") {
        parameters.nonce.push_back('n');
    }
    CHECK_FALSE(open_with_passphrase(sealed, "", bytes_of("p"), parameters));
    CHECK(seal_with_passphrase({}, "", bytes_of("p"), parameters).empty());
}

TEST_CASE("fresh parameters of a passphrase are within bounds and never the same", "[crypto]") {
    const auto first = new_passphrase_parameters();
    const auto second = new_passphrase_parameters();
    CHECK(first.operations <= 16);
    CHECK(first.memory_bytes <= std::uint64_t{1} << 30);
    CHECK(first.memory_bytes >= std::uint64_t{64} << 20);
    CHECK(first.salt.size() == 16);
    CHECK(first.nonce.size() == 24);
    CHECK(first.salt != second.salt);
    CHECK(first.nonce != second.nonce);
}

TEST_CASE("secret bytes move and begin as zeros", "[crypto]") {
    SecretBytes secret{3};
    CHECK(hex_of(text_of(secret.view())) == "000000");
    secret.data()[1] = 7;
    SecretBytes moved{std::move(secret)};
    CHECK(moved.view()[1] == 7);
    SecretBytes assigned{1};
    assigned = std::move(moved);
    CHECK(assigned.size() == 3);
    CHECK(assigned.view()[1] == 7);
    CHECK(SecretBytes{0}.size() == 0);
}
