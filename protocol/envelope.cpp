#include "protocol/envelope.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "protocol/canonical.hpp"

namespace tallystick {

namespace {

std::optional<EnvelopeError> fault_of(const pb::Body& body) {
    if (body.ledger_id().size() != LedgerId::size) return EnvelopeError::bad_ledger_id;
    if (!AccountId::from(body.account())) return EnvelopeError::bad_account;
    if (body.co_signers_size() > static_cast<int>(co_signers_max))
        return EnvelopeError::bad_co_signers;
    const std::string* before = nullptr;
    for (const auto& co_signer : body.co_signers()) {
        if (!AccountId::from(co_signer) || co_signer == body.account() ||
            (before != nullptr && *before >= co_signer)) {
            return EnvelopeError::bad_co_signers;
        }
        before = &co_signer;
    }
    if (body.nonce().size() != nonce_bytes) return EnvelopeError::bad_nonce;
    if (body.valid_until() == 0 || body.valid_until() > seconds_max)
        return EnvelopeError::bad_valid_until;
    if (body.action_case() == pb::Body::ACTION_NOT_SET) return EnvelopeError::no_action;
    return std::nullopt;
}

std::optional<EnvelopeError> fault_of(
    const google::protobuf::RepeatedPtrField<pb::Signature>& signatures) {
    if (signatures.empty()) return EnvelopeError::no_signatures;
    // Each costs a verification before anyone is known to pay for it.
    if (signatures.size() > static_cast<int>(signatures_max))
        return EnvelopeError::too_many_signatures;
    const std::string* before = nullptr;
    for (const auto& signature : signatures) {
        if (signature.public_key().size() != PublicKey::size ||
            signature.signature().size() != SignatureBytes::size) {
            return EnvelopeError::bad_signature_form;
        }
        // One order, no repetition: else copies of one envelope would differ in bytes at will, and
        // one person could count as two.
        if (before != nullptr && *before >= signature.public_key())
            return EnvelopeError::signatures_unsorted;
        before = &signature.public_key();
    }
    return std::nullopt;
}

/// Where the body's bytes begin in the canonical bytes of its envelope: after the tag and the
/// length.
std::size_t body_offset(std::size_t body_size) noexcept {
    std::size_t length_bytes = 1;
    for (std::size_t rest = body_size >> 7; rest != 0; rest >>= 7) ++length_bytes;
    return 1 + length_bytes;
}

std::string with_length(std::string_view part) {
    ensure(part.size() <= 65535, "a part of a seal has a length of 2 bytes");
    std::string framed{static_cast<char>(part.size() >> 8), static_cast<char>(part.size() & 0xff)};
    return framed.append(part);
}

}  // namespace

std::string_view envelope_error_name(EnvelopeError error) noexcept {
    switch (error) {
        case EnvelopeError::too_large: return "too_large";
        case EnvelopeError::not_canonical: return "not_canonical";
        case EnvelopeError::body_not_canonical: return "body_not_canonical";
        case EnvelopeError::bad_ledger_id: return "bad_ledger_id";
        case EnvelopeError::bad_account: return "bad_account";
        case EnvelopeError::bad_co_signers: return "bad_co_signers";
        case EnvelopeError::bad_nonce: return "bad_nonce";
        case EnvelopeError::bad_valid_until: return "bad_valid_until";
        case EnvelopeError::no_action: return "no_action";
        case EnvelopeError::no_signatures: return "no_signatures";
        case EnvelopeError::too_many_signatures: return "too_many_signatures";
        case EnvelopeError::signatures_unsorted: return "signatures_unsorted";
        case EnvelopeError::bad_signature_form: return "bad_signature_form";
        case EnvelopeError::false_signature: return "false_signature";
    }
    stop_on_bug("an envelope error that is not listed");
}

std::string_view envelope_error_sentence(EnvelopeError error) noexcept {
    switch (error) {
        case EnvelopeError::too_large:
            return "The envelope is larger than 128 KiB: split what it asks into several.";
        case EnvelopeError::not_canonical:
            return "The bytes are not an envelope in the one form that is accepted: make it again "
                   "with an up-to-date wallet.";
        case EnvelopeError::body_not_canonical:
            return "The content of the envelope is not in the one form that is accepted: make it "
                   "again with an up-to-date wallet.";
        case EnvelopeError::bad_ledger_id:
            return "The envelope does not say which ledger it is for: make it again with the "
                   "ledger's id.";
        case EnvelopeError::bad_account:
            return "The acting account is not written like a handle, for example "
                   "suffolk/befriending-scheme: correct it.";
        case EnvelopeError::bad_co_signers:
            return "The co-signing accounts must be at most four different handles in alphabetical "
                   "order, without the acting account: correct the list.";
        case EnvelopeError::bad_nonce:
            return "The envelope needs 16 random bytes that make it unique: make it again.";
        case EnvelopeError::bad_valid_until:
            return "The envelope does not say until when it may be taken, or names an impossible "
                   "time: make it again.";
        case EnvelopeError::no_action:
            return "The envelope asks for nothing: make it again with an up-to-date wallet.";
        case EnvelopeError::no_signatures: return "Nobody has signed: sign it, then send it again.";
        case EnvelopeError::too_many_signatures:
            return "The envelope has more than 32 signatures: leave out those that are not needed.";
        case EnvelopeError::signatures_unsorted:
            return "The signatures are not in the order of their keys, or one key signed twice: "
                   "sort them, one for each key.";
        case EnvelopeError::bad_signature_form:
            return "A signature or its key has the wrong length: sign again.";
        case EnvelopeError::false_signature:
            return "A signature does not fit the content: something was altered after signing, so "
                   "sign again.";
    }
    stop_on_bug("an envelope error that is not listed");
}

std::string signing_message(std::string_view body_bytes) {
    return tagged_message(domain::envelope, {body_bytes});
}

EnvelopeId envelope_id(std::string_view body_bytes) noexcept {
    return {tagged_hash(domain::envelope, {body_bytes}).bytes};
}

Result<DecodedEnvelope, EnvelopeError> decode_envelope(std::string bytes) {
    if (bytes.size() > envelope_bytes_max) return Failure{EnvelopeError::too_large};
    pb::Envelope envelope;
    if (!decode_canonical(bytes, envelope)) return Failure{EnvelopeError::not_canonical};
    DecodedEnvelope decoded;
    if (!decode_canonical(envelope.body(), decoded.body))
        return Failure{EnvelopeError::body_not_canonical};
    if (const auto fault = fault_of(decoded.body)) return Failure{*fault};
    if (const auto fault = fault_of(envelope.signatures())) return Failure{*fault};

    decoded.id = envelope_id(envelope.body());
    decoded.envelope_hash = sha256(bytes);
    decoded.body_begins = body_offset(envelope.body().size());
    decoded.body_size = envelope.body().size();
    decoded.bytes = std::move(bytes);
    decoded.co_signers.assign(decoded.body.co_signers().begin(), decoded.body.co_signers().end());
    const auto count = static_cast<std::size_t>(envelope.signatures_size());
    decoded.signers.reserve(count);
    decoded.signatures.reserve(count);
    for (auto& signature : *envelope.mutable_signatures()) {
        decoded.signatures.push_back(*SignatureBytes::from(signature.signature()));
        decoded.signers.push_back(std::move(*signature.mutable_public_key()));
    }
    return decoded;
}

bool verify_signatures(const DecodedEnvelope& envelope) {
    ensure(envelope.signers.size() == envelope.signatures.size(), "a signature for each signer");
    const auto message = signing_message(envelope.body_bytes());
    for (std::size_t i = 0; i < envelope.signers.size(); ++i) {
        const auto key = PublicKey::from(envelope.signers[i]);
        if (!key || !verify_signature(*key, bytes_of(message), envelope.signatures[i]))
            return false;
    }
    return true;
}

std::string sign_envelope(const pb::Body& body, const std::vector<const SigningKey*>& keys) {
    pb::Envelope envelope;
    envelope.set_body(canonical_bytes(body));
    const auto message = signing_message(envelope.body());
    std::map<PublicKey, const SigningKey*> sorted;
    for (const auto* key : keys) sorted.emplace(key->public_key(), key);
    for (const auto& [public_key, key] : sorted) {
        auto& signature = *envelope.add_signatures();
        signature.set_public_key(public_key.str());
        signature.set_signature(key->sign(bytes_of(message)).str());
    }
    return canonical_bytes(envelope);
}

Hash seal_hash(const LedgerId& ledger_id, const pb::Claim& bidder, std::string_view salt,
               const pb::CommitmentLines& lines) {
    const auto& contract = bidder.contract();
    return tagged_hash(domain::seal,
                       {ledger_id.text(), with_length(contract.authority()),
                        with_length(contract.ocid()), with_length(contract.lot()),
                        with_length(bidder.supplier()), salt, canonical_bytes(lines)});
}

Hash app_hash(const Hash& state_root, const Hash& log_root, std::uint64_t log_size) noexcept {
    std::array<std::uint8_t, 8> size;
    for (std::size_t i = 0; i < size.size(); ++i)
        size[i] = static_cast<std::uint8_t>(log_size >> (56 - 8 * i));
    return tagged_hash(domain::app_hash, {state_root.text(), log_root.text(), text_of(size)});
}

}  // namespace tallystick
