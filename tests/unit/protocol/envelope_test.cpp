#include "protocol/envelope.hpp"

#include "protocol/canonical.hpp"
#include "unit/catch.hpp"
#include "unit/protocol/bodies.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

/// The error for these bytes; fails the test if there is none.
EnvelopeError error_of(std::string bytes) {
    const auto decoded = decode_envelope(std::move(bytes));
    REQUIRE_FALSE(decoded);
    return decoded.error();
}

EnvelopeError error_of(const pb::Envelope& envelope) {
    return error_of(canonical_bytes(envelope));
}

EnvelopeError error_of(const pb::Body& body) {
    const auto key = key_of(1);
    return error_of(sign_envelope(body, {&key}));
}

/// An envelope around body bytes that need not be a body.
std::string wrapped(const std::string& body_bytes) {
    const auto key = key_of(1);
    pb::Envelope envelope;
    envelope.set_body(body_bytes);
    auto& signature = *envelope.add_signatures();
    signature.set_public_key(key.public_key().str());
    signature.set_signature(key.sign(bytes_of(signing_message(body_bytes))).str());
    return canonical_bytes(envelope);
}

std::string signed_by_two() {
    const auto first = key_of(1);
    const auto second = key_of(2);
    return sign_envelope(transfer_body(), {&first, &second});
}

}  // namespace

TEST_CASE("a signed body decodes to its parts, and its signatures are true", "[envelope]") {
    auto body = transfer_body();
    body.add_co_signers("suffolk");
    const auto first = key_of(1);
    const auto second = key_of(2);
    const auto bytes = sign_envelope(body, {&second, &first, &second});
    const auto decoded = decode_envelope(bytes);
    REQUIRE(decoded);
    CHECK(decoded->bytes == bytes);
    CHECK(decoded->body_bytes() == canonical_bytes(body));
    CHECK(decoded->id == envelope_id(canonical_bytes(body)));
    CHECK(decoded->id.view().size() == 32);
    CHECK(decoded->envelope_hash == sha256(bytes));
    CHECK(decoded->body.transfer().amount() == 1234);
    CHECK(decoded->co_signers == std::vector<std::string>{"suffolk"});
    REQUIRE(decoded->signers.size() == 2);
    CHECK(decoded->signers[0] < decoded->signers[1]);
    CHECK(verify_signatures(*decoded));
}

TEST_CASE("the id is the hash of what is signed", "[envelope]") {
    const auto body = canonical_bytes(transfer_body());
    CHECK(signing_message(body) == std::string("tallystick/tx/1\0", 16) + body);
    CHECK(envelope_id(body).bytes == sha256(signing_message(body)).bytes);
}

TEST_CASE("the body is found behind a length of one, two and three bytes", "[envelope]") {
    const auto key = key_of(1);
    for (const std::size_t identifiers : {std::size_t{0}, std::size_t{10}, std::size_t{1200}}) {
        pb::Body body = transfer_body();
        auto& action = *body.mutable_register_();
        for (std::size_t i = 0; i < identifiers; ++i)
            action.add_identifiers()->set_id("01234567890");
        const auto decoded = decode_envelope(sign_envelope(body, {&key}));
        REQUIRE(decoded);
        CHECK(decoded->body_bytes() == canonical_bytes(body));
        CHECK(verify_signatures(*decoded));
    }
}

TEST_CASE("more than 128 KiB is no envelope", "[envelope]") {
    CHECK(error_of(std::string(envelope_bytes_max + 1, '\n')) == EnvelopeError::too_large);
    CHECK(error_of(std::string(envelope_bytes_max, '\n')) == EnvelopeError::not_canonical);
}

TEST_CASE("bytes that are not the one encoding of an envelope are refused", "[envelope]") {
    const auto good = signed_by_two();
    REQUIRE(decode_envelope(good));
    const auto body = parsed(good).body();
    const std::string tail = good.substr(3 + body.size());
    REQUIRE(body.size() >= 128);

    CHECK(error_of(std::string{"\xff\xff"}) == EnvelopeError::not_canonical);
    CHECK(error_of(good.substr(0, good.size() - 1)) == EnvelopeError::not_canonical);
    CHECK(error_of(good + "\x18\x01") == EnvelopeError::not_canonical);  // an unknown field
    CHECK(error_of(good + std::string{"\x18\x00", 2}) == EnvelopeError::not_canonical);
    CHECK(error_of("\x08\x01" + good) == EnvelopeError::not_canonical);  // a wrong wire type
    CHECK(error_of(tail + good.substr(0, good.size() - tail.size())) ==
          EnvelopeError::not_canonical);                           // fields out of order
    CHECK(error_of(good + good) == EnvelopeError::not_canonical);  // a field twice
    std::string long_length{"\x0a"};                               // a length one byte too long
    long_length.push_back(static_cast<char>(0x80 | (body.size() & 0x7f)));
    long_length.push_back(static_cast<char>(0x80 | (body.size() >> 7)));
    long_length.push_back('\0');
    CHECK(error_of(long_length + body + tail) == EnvelopeError::not_canonical);
    CHECK(error_of(std::string{"\x0a\x00", 2} + tail) == EnvelopeError::not_canonical);
}

TEST_CASE("an unknown field inside a signature is refused", "[envelope]") {
    auto envelope = parsed(signed_by_two());
    auto& signature = *envelope.mutable_signatures(1);
    signature.GetReflection()->MutableUnknownFields(&signature)->AddVarint(9, 1);
    CHECK(error_of(envelope) == EnvelopeError::not_canonical);
}

TEST_CASE("bytes that are not the one encoding of a body are refused", "[envelope]") {
    const auto body = canonical_bytes(transfer_body());
    REQUIRE(decode_envelope(wrapped(body)));

    CHECK(error_of(wrapped("\xff")) == EnvelopeError::body_not_canonical);
    CHECK(error_of(wrapped(body.substr(0, body.size() - 1))) == EnvelopeError::body_not_canonical);
    CHECK(error_of(wrapped(body + std::string{"\xf8\x07\x01", 3})) ==
          EnvelopeError::body_not_canonical);  // field 127
    CHECK(error_of(wrapped("\x12\x00" + body)) == EnvelopeError::body_not_canonical);
    CHECK(error_of(wrapped(body + std::string{"\x28\x00", 2})) ==
          EnvelopeError::body_not_canonical);  // valid_until = 0, spelt out

    auto dispute = transfer_body();
    dispute.mutable_dispute()->set_quantity(1);
    dispute.mutable_dispute()->set_from(pb::CELL_DELIVERED);
    REQUIRE(decode_envelope(wrapped(canonical_bytes(dispute))));
    dispute.mutable_dispute()->set_from(static_cast<pb::Cell>(99));
    CHECK(error_of(wrapped(canonical_bytes(dispute))) == EnvelopeError::body_not_canonical);

    auto registers = transfer_body();
    registers.mutable_register_()->add_roles(pb::ROLE_PROJECT);
    REQUIRE(decode_envelope(wrapped(canonical_bytes(registers))));
    registers.mutable_register_()->add_roles(static_cast<pb::Role>(-1));
    CHECK(error_of(wrapped(canonical_bytes(registers))) == EnvelopeError::body_not_canonical);

    auto name = transfer_body();
    name.mutable_register_()->set_handle("suffolk/x");
    auto bad_text = canonical_bytes(name);
    bad_text.back() = '\xff';
    CHECK(error_of(wrapped(bad_text)) == EnvelopeError::body_not_canonical);  // not UTF-8
}

TEST_CASE("every field of the body has its bounds", "[envelope]") {
    auto body = transfer_body();
    SECTION("a ledger id of 31 bytes") {
        body.set_ledger_id(std::string(31, 'L'));
        CHECK(error_of(body) == EnvelopeError::bad_ledger_id);
    }
    SECTION("an acting account that is no handle") {
        body.set_account("Suffolk");
        CHECK(error_of(body) == EnvelopeError::bad_account);
    }
    SECTION("co-signers out of order") {
        body.add_co_signers("suffolk/b-b");
        body.add_co_signers("suffolk/a-a");
        CHECK(error_of(body) == EnvelopeError::bad_co_signers);
    }
    SECTION("a co-signer twice") {
        body.add_co_signers("suffolk");
        body.add_co_signers("suffolk");
        CHECK(error_of(body) == EnvelopeError::bad_co_signers);
    }
    SECTION("the acting account as its own co-signer") {
        body.add_co_signers(body.account());
        CHECK(error_of(body) == EnvelopeError::bad_co_signers);
    }
    SECTION("a co-signer that is no handle") {
        body.add_co_signers("no handle");
        CHECK(error_of(body) == EnvelopeError::bad_co_signers);
    }
    SECTION("four co-signers, not five") {
        for (const auto* handle : {"aaa", "bbb", "ccc", "ddd"}) body.add_co_signers(handle);
        const auto key = key_of(1);
        CHECK(decode_envelope(sign_envelope(body, {&key})));
        body.add_co_signers("eee");
        CHECK(error_of(body) == EnvelopeError::bad_co_signers);
    }
    SECTION("a nonce of 15 or 17 bytes") {
        body.set_nonce(std::string(15, 'n'));
        CHECK(error_of(body) == EnvelopeError::bad_nonce);
        body.set_nonce(std::string(17, 'n'));
        CHECK(error_of(body) == EnvelopeError::bad_nonce);
    }
    SECTION("valid until never, or past the year 9999") {
        body.set_valid_until(0);
        CHECK(error_of(body) == EnvelopeError::bad_valid_until);
        body.set_valid_until(seconds_max + 1);
        CHECK(error_of(body) == EnvelopeError::bad_valid_until);
        body.set_valid_until(seconds_max);
        const auto key = key_of(1);
        CHECK(decode_envelope(sign_envelope(body, {&key})));
    }
    SECTION("no action") {
        body.clear_action();
        CHECK(error_of(body) == EnvelopeError::no_action);
    }
}

TEST_CASE("signatures are one to 32, of the right length, one a key, in the keys' order",
          "[envelope]") {
    auto envelope = parsed(signed_by_two());
    SECTION("none") {
        envelope.clear_signatures();
        CHECK(error_of(envelope) == EnvelopeError::no_signatures);
    }
    SECTION("32, not 33") {
        std::vector<SigningKey> keys;
        for (std::uint8_t i = 1; i <= 33; ++i) keys.push_back(key_of(i));
        std::vector<const SigningKey*> signers;
        for (std::size_t i = 0; i < 32; ++i) signers.push_back(&keys[i]);
        CHECK(decode_envelope(sign_envelope(transfer_body(), signers)));
        signers.push_back(&keys[32]);
        CHECK(error_of(sign_envelope(transfer_body(), signers)) ==
              EnvelopeError::too_many_signatures);
    }
    SECTION("out of order") {
        envelope.mutable_signatures()->SwapElements(0, 1);
        CHECK(error_of(envelope) == EnvelopeError::signatures_unsorted);
    }
    SECTION("one key twice") {
        *envelope.add_signatures() = envelope.signatures(1);
        CHECK(error_of(envelope) == EnvelopeError::signatures_unsorted);
    }
    SECTION("a short key") {
        envelope.mutable_signatures(0)->mutable_public_key()->pop_back();
        CHECK(error_of(envelope) == EnvelopeError::bad_signature_form);
    }
    SECTION("a long signature") {
        envelope.mutable_signatures(1)->mutable_signature()->push_back('\0');
        CHECK(error_of(envelope) == EnvelopeError::bad_signature_form);
    }
}

TEST_CASE("a signature that is altered, swapped or of another body does not verify", "[envelope]") {
    const auto good = signed_by_two();
    auto envelope = parsed(good);
    SECTION("one bit altered") {
        (*envelope.mutable_signatures(1)->mutable_signature())[7] ^= 1;
    }
    SECTION("swapped between their keys") {
        envelope.mutable_signatures(0)->mutable_signature()->swap(
            *envelope.mutable_signatures(1)->mutable_signature());
    }
    SECTION("moved to another body") {
        auto body = transfer_body();
        body.mutable_transfer()->set_amount(1235);
        envelope.set_body(canonical_bytes(body));
    }
    const auto decoded = decode_envelope(canonical_bytes(envelope));
    REQUIRE(decoded);
    CHECK_FALSE(verify_signatures(*decoded));
}

TEST_CASE("a copy stripped of a signature has the same id and another envelope hash",
          "[envelope]") {
    const auto good = signed_by_two();
    auto envelope = parsed(good);
    envelope.mutable_signatures()->RemoveLast();
    const auto whole = decode_envelope(good);
    const auto stripped = decode_envelope(canonical_bytes(envelope));
    REQUIRE(whole);
    REQUIRE(stripped);
    CHECK(whole->id == stripped->id);
    CHECK(whole->envelope_hash != stripped->envelope_hash);
    CHECK(verify_signatures(*stripped));
}

TEST_CASE("every error of an envelope has its own name and a sentence", "[envelope]") {
    std::vector<std::string_view> names;
    for (std::uint8_t number = 1; number <= 14; ++number) {
        const auto error = static_cast<EnvelopeError>(number);
        names.push_back(envelope_error_name(error));
        CHECK(envelope_error_sentence(error).ends_with('.'));
    }
    std::ranges::sort(names);
    CHECK(std::ranges::adjacent_find(names) == names.end());
    CHECK(envelope_error_name(EnvelopeError::false_signature) == "false_signature");
}

TEST_CASE("a seal changes with every part of what it covers", "[envelope]") {
    const LedgerId ledger{};
    const auto claim = transfer_body().transfer().claim();
    pb::CommitmentLines lines;
    lines.add_lines()->set_quantity(3);
    const std::string salt(32, 's');
    const auto seal = seal_hash(ledger, claim, salt, lines);
    CHECK(seal == seal_hash(ledger, claim, salt, lines));

    auto other_ledger = ledger;
    other_ledger.bytes[0] = 1;
    CHECK(seal != seal_hash(other_ledger, claim, salt, lines));
    CHECK(seal != seal_hash(ledger, claim, std::string(32, 't'), lines));
    auto other_supplier = claim;
    other_supplier.set_supplier("suffolk/south-build");
    CHECK(seal != seal_hash(ledger, other_supplier, salt, lines));
    // A byte that moves from one part to the next is another content.
    auto moved = claim;
    moved.mutable_contract()->set_ocid("ocds-b5fd17-");
    moved.mutable_contract()->set_lot("1");
    CHECK(seal != seal_hash(ledger, moved, salt, lines));
    lines.mutable_lines(0)->set_quantity(4);
    CHECK(seal != seal_hash(ledger, claim, salt, lines));
}

TEST_CASE("the app hash covers both roots and the size", "[envelope]") {
    Hash state;
    state.bytes[0] = 1;
    Hash log;
    log.bytes[0] = 2;
    const std::string size{"\0\0\0\0\0\0\1\2", 8};
    CHECK(app_hash(state, log, 258) ==
          sha256(std::string("tallystick/app/1\0", 17) + state.str() + log.str() + size));
    CHECK(app_hash(state, log, 258) != app_hash(log, state, 258));
    CHECK(app_hash(state, log, 258) != app_hash(state, log, 259));
}
