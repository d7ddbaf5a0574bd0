// Whatever decodes as an envelope is what it was made of, byte by byte, and can be judged, told
// and previewed without harm.
#include "fuzz/fuzz.hpp"
#include "ledger/actions/action.hpp"
#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"
#include "protocol/receipt_words.hpp"

using namespace tallystick;
using fuzz::check;

namespace {

void check_printable(std::string_view text) {
    for (const char c : text)
        check(c >= ' ' && c <= '~', "words about an envelope are printable on one line");
}

void judge_body(const pb::Body& body) {
    const auto form = ledger::check_action(body);
    check_printable(action_in_words(body));
    if (form) {
        check(!ledger::malformed_name(*form).empty(), "an error of form has a name");
        return;
    }
    check(!ledger::action_name(body).empty(), "a well-formed action has a name");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text_of_input(data, size);
    auto decoded = decode_envelope(std::string{input});
    if (!decoded) {
        check(!envelope_error_name(decoded.error()).empty(), "an error of form has a name");
        // Actions are judged behind signatures; look at them also where those were broken.
        pb::Envelope envelope;
        pb::Body body;
        if (envelope.ParseFromArray(data, static_cast<int>(size)) &&
            decode_canonical(envelope.body(), body))
            judge_body(body);
        return 0;
    }
    const auto& envelope = *decoded;
    check(envelope.bytes == input, "an envelope keeps its bytes");
    check(envelope.envelope_hash == sha256(input), "its hash is that of its bytes");
    check(envelope.id == envelope_id(envelope.body_bytes()), "its id is that of its body");
    check(canonical_bytes(envelope.body) == envelope.body_bytes(), "a body re-encodes to itself");
    pb::Envelope again;
    again.set_body(std::string{envelope.body_bytes()});
    check(envelope.signers.size() == envelope.signatures.size(), "a signature a signer");
    for (std::size_t i = 0; i < envelope.signers.size(); ++i) {
        check(i == 0 || envelope.signers[i - 1] < envelope.signers[i], "signers ascend");
        auto& signature = *again.add_signatures();
        signature.set_public_key(envelope.signers[i]);
        signature.set_signature(envelope.signatures[i].str());
    }
    check(canonical_bytes(again) == input, "an envelope re-encodes to itself");
    judge_body(envelope.body);
    (void)verify_signatures(envelope);
    return 0;
}
