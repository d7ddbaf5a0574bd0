#include "node/engine/bundle.hpp"

#include <algorithm>

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

/// Reads canonical Protobuf: fields in order, lengths in their shortest form, no default values.
class CanonicalReader {
  public:
    explicit CanonicalReader(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    [[nodiscard]] bool is_at(char tag) const noexcept { return !rest_.empty() && rest_[0] == tag; }

    /// The bytes of a field; empty where the field is left out. Nothing if it is malformed, or
    /// written although it is empty.
    [[nodiscard]] std::optional<std::string_view> bytes(char tag) {
        if (!is_at(tag)) return std::string_view{};
        const auto content = element();
        if (content && content->empty()) return std::nullopt;
        return content;
    }
    /// One element of a repeated field, which may be empty. @pre `is_at` its tag
    [[nodiscard]] std::optional<std::string_view> element() {
        rest_.remove_prefix(1);
        const auto size = varint();
        if (!size || *size > rest_.size()) return std::nullopt;
        const auto content = rest_.substr(0, static_cast<std::size_t>(*size));
        rest_.remove_prefix(content.size());
        return content;
    }
    /// A number; 0 where it is left out.
    [[nodiscard]] std::optional<std::uint64_t> number(char tag) {
        if (!is_at(tag)) return std::uint64_t{0};
        rest_.remove_prefix(1);
        const auto value = varint();
        if (value && *value == 0) return std::nullopt;
        return value;
    }

  private:
    [[nodiscard]] std::optional<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<std::uint8_t>(rest_[0]);
            rest_.remove_prefix(1);
            const std::uint64_t bits = byte & 0x7FU;
            if (shift == 63 && bits > 1) return std::nullopt;
            value |= bits << shift;
            if (byte < 0x80) {
                if (byte == 0 && shift != 0) return std::nullopt;  // not the shortest form
                return value;
            }
        }
        return std::nullopt;
    }

    std::string_view rest_;
};

/// Printable ASCII without space: what a chain id is made of, and well-formed UTF-8 for certain.
bool is_chain_id(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool parse_body(std::string_view body, BundleView& into) {
    CanonicalReader reader{body};
    const auto node_key = reader.bytes(node_key_tag);
    if (!node_key) return false;
    const auto key = PublicKey::from(*node_key);
    const auto chain_id = reader.bytes(chain_id_tag);
    const auto time_ms = reader.number(time_tag);
    const auto counter = reader.number(counter_tag);
    if (!key || !chain_id || !time_ms || !counter || !is_chain_id(*chain_id)) return false;
    into.node_key = *key;
    into.chain_id = *chain_id;
    into.time_ms = *time_ms;
    into.counter = *counter;
    while (reader.is_at(envelope_tag)) {
        const auto envelope = reader.element();
        if (!envelope || into.envelopes.size() == bundle_envelopes_max) return false;
        into.envelopes.push_back(*envelope);
    }
    return reader.at_end();
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

std::optional<BundleView> parse_bundle(std::string_view bytes) {
    if (bytes.size() > bundle_bytes_max) return std::nullopt;
    CanonicalReader reader{bytes};
    BundleView bundle;
    const auto body = reader.bytes(bundle_body_tag);
    if (!body) return std::nullopt;
    const auto raw_signature = reader.bytes(bundle_signature_tag);
    if (!raw_signature || !reader.at_end()) return std::nullopt;
    const auto signature = SignatureBytes::from(*raw_signature);
    if (!signature || !parse_body(*body, bundle)) return std::nullopt;
    bundle.body = *body;
    bundle.signature = *signature;
    return bundle;
}

bool verify_bundle_signature(const BundleView& bundle) {
    const auto message = tagged_message(domain::bundle, {bundle.body});
    return verify_signature(bundle.node_key, bytes_of(message), bundle.signature);
}

std::size_t bundled_bytes(std::size_t envelope_bytes) noexcept {
    return envelope_bytes + 1 + 4;  // tag, and a length of at most 4 bytes
}

}  // namespace tallystick::node
