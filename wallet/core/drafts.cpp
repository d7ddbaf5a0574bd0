#include "wallet/core/drafts.hpp"

#include <algorithm>

#include "protocol/canonical.hpp"

namespace tallystick::wallet {

namespace {

Failure<Problem> damaged() {
    return problem(Exit::failed, "draft_damaged",
                   "This draft is damaged: it is not what was written. Ask for it once more.");
}

bool is_complete(const pb::Body& body) {
    return body.ledger_id().size() == LedgerId::size && body.nonce().size() == nonce_bytes &&
           body.valid_until() != 0 && AccountId::from(body.account()) &&
           body.action_case() != pb::Body::ACTION_NOT_SET;
}

}  // namespace

std::vector<std::string> HalfSigned::signers() const {
    std::vector<std::string> keys;
    for (const auto& signature : signatures) keys.push_back(signature.public_key());
    return keys;
}

HalfSigned unsigned_draft(const pb::Body& body) {
    return {canonical_bytes(body), body, {}};
}

Try<void> add_signature(HalfSigned& draft, const SigningKey& key) {
    const auto public_key = key.public_key().str();
    const auto place =
        std::ranges::lower_bound(draft.signatures, public_key, {}, &pb::Signature::public_key);
    if (place != draft.signatures.end() && place->public_key() == public_key) return {};
    if (draft.signatures.size() == signatures_max)
        return problem(Exit::failed, "too_many_signatures",
                       "This draft has 32 signatures, the most that an envelope carries.");
    pb::Signature signature;
    signature.set_public_key(public_key);
    signature.set_signature(key.sign(bytes_of(signing_message(draft.body_bytes))).str());
    draft.signatures.insert(place, std::move(signature));
    return {};
}

std::string envelope_bytes(const HalfSigned& draft) {
    pb::Envelope envelope;
    envelope.set_body(draft.body_bytes);
    for (const auto& signature : draft.signatures) *envelope.add_signatures() = signature;
    return canonical_bytes(envelope);
}

std::string draft_file(const HalfSigned& draft) {
    pb::Draft file;
    file.set_envelope(envelope_bytes(draft));
    return std::string{draft_magic} + canonical_bytes(file);
}

Try<HalfSigned> parse_draft(std::string_view file) {
    if (!file.starts_with(draft_magic))
        return problem(Exit::failed, "not_a_draft", "This is not a draft of tally.");
    const auto draft = decode_canonical_as<pb::Draft>(file.substr(draft_magic.size()));
    if (!draft) return damaged();
    const auto envelope = decode_canonical_as<pb::Envelope>(draft->envelope());
    if (!envelope || draft->envelope().size() > envelope_bytes_max) return damaged();
    auto body = decode_canonical_as<pb::Body>(envelope->body());
    if (!body || !is_complete(*body)) return damaged();
    HalfSigned half{envelope->body(), std::move(*body), {}};
    const auto message = signing_message(half.body_bytes);
    for (const auto& one : envelope->signatures()) {
        const auto key = PublicKey::from(one.public_key());
        const auto signature = SignatureBytes::from(one.signature());
        const bool ascends =
            half.signatures.empty() || half.signatures.back().public_key() < one.public_key();
        if (!key || !signature || !ascends || half.signatures.size() == signatures_max)
            return damaged();
        if (!verify_signature(*key, bytes_of(message), *signature))
            return problem(Exit::failed, "false_signature",
                           "A signature on this draft is false: the draft was altered after it was "
                           "signed. Do not sign it; ask whoever sent it.");
        half.signatures.push_back(one);
    }
    return half;
}

Try<pb::PreparedBodies> parse_bodies(std::string_view file) {
    if (!file.starts_with(bodies_magic))
        return problem(Exit::failed, "not_bodies", "This is not a file of prepared bodies.");
    auto prepared = decode_canonical_as<pb::PreparedBodies>(file.substr(bodies_magic.size()));
    if (!prepared || static_cast<std::size_t>(prepared->bodies_size()) > bodies_max)
        return problem(Exit::failed, "bodies_damaged",
                       "This file of prepared bodies is damaged. Prepare it once more.");
    for (const auto& one : prepared->bodies()) {
        const auto body = decode_canonical_as<pb::Body>(one.body());
        if (!body || body->action_case() == pb::Body::ACTION_NOT_SET ||
            !AccountId::from(body->account())) {
            return problem(Exit::failed, "bodies_damaged",
                           "The body of row " + std::to_string(one.row()) +
                               " is damaged. Prepare the file once more.");
        }
    }
    return std::move(*prepared);
}

}  // namespace tallystick::wallet
