#include "node/engine/bundle.hpp"

namespace tallystick::node {
namespace {

// Tags of pb::BundleBody and pb::Bundle: field number << 3 | wire type (0 varint, 2
// length-delimited).
constexpr char node_key_tag = 0x0A;
constexpr char chain_id_tag = 0x12;
constexpr char time_tag = 0x18;
constexpr char counter_tag = 0x20;
constexpr char envelope_tag = 0x2A;
constexpr char bundle_body_tag = 0x0A;
constexpr char bundle_signature_tag = 0x12;

void append_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

void append_bytes(std::string& out, char tag, std::string_view bytes) {
    if (bytes.empty()) return;  // proto3 leaves defaults out
    out.push_back(tag);
    append_varint(out, bytes.size());
    out.append(bytes);
}

void append_number(std::string& out, char tag, std::uint64_t value) {
    if (value == 0) return;
    out.push_back(tag);
    append_varint(out, value);
}

}  // namespace

std::string make_bundle(std::span<const ledger::VerifiedEnvelope> envelopes, const BundleHead& head,
                        const SigningKey& key) {
    // The domain stands before the body in the same string, since that is what is signed.
    const std::size_t prefix_bytes = domain::bundle.size() + 1;
    std::size_t size = prefix_bytes + 128 + head.chain_id.size();
    for (const auto& envelope : envelopes) size += bundled_bytes(envelope->bytes.size());
    std::string message;
    message.reserve(size);
    message.append(domain::bundle);
    message.push_back('\0');
    append_bytes(message, node_key_tag, key.public_key().text());
    append_bytes(message, chain_id_tag, head.chain_id);
    append_number(message, time_tag, head.time_ms);
    append_number(message, counter_tag, head.counter);
    for (const auto& envelope : envelopes) append_bytes(message, envelope_tag, envelope->bytes);

    const auto signature = key.sign(bytes_of(message));
    const auto body = std::string_view{message}.substr(prefix_bytes);
    std::string bundle;
    bundle.reserve(body.size() + 80);
    append_bytes(bundle, bundle_body_tag, body);
    append_bytes(bundle, bundle_signature_tag, signature.text());
    return bundle;
}

std::size_t bundled_bytes(std::size_t envelope_bytes) noexcept {
    return envelope_bytes + 1 + 4;  // tag, and a length of at most 4 bytes
}

}  // namespace tallystick::node
