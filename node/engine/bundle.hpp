#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/state_machine.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::node {

/// Bounds of a bundle in a network (docs/FORMATS.md). What is larger is in no block. Solo, which
/// judges nobody's proposals, fills its bundles up to the block's bounds.
inline constexpr std::size_t bundle_envelopes_max = 512;
inline constexpr std::size_t bundle_bytes_max = 524288;

/// Whose bundle, for which chain, and what makes it unique.
struct BundleHead {
    std::string_view chain_id;
    std::uint64_t time_ms = 0;
    std::uint64_t counter = 0;
};

/// Canonical pb::Bundle of these envelopes in their order, signed by the node's key over
/// "tallystick/bundle/1" 00 body. Without envelopes it is a tick. Written straight into one string:
/// for a block of thousands of envelopes the detour over messages would copy everything three
/// times.
[[nodiscard]] std::string make_bundle(std::span<const ledger::VerifiedEnvelope> envelopes,
                                      const BundleHead& head, const SigningKey& key);

/// How many bytes an envelope of this size takes up in a bundle.
[[nodiscard]] std::size_t bundled_bytes(std::size_t envelope_bytes) noexcept;

/// A bundle taken apart in place. Views into the bytes that it was read from.
struct BundleView {
    std::string_view body;  ///< canonical pb::BundleBody: what is signed
    PublicKey node_key;
    std::string_view chain_id;
    std::uint64_t time_ms = 0;
    std::uint64_t counter = 0;
    std::vector<std::string_view> envelopes;  ///< not looked into
    SignatureBytes signature;
};

/// Reads canonical bytes of pb::Bundle whose node key and signature have their lengths, and that
/// keeps the bounds of a network; nothing for any other. Accepts exactly what `decode_canonical`
/// accepts of these, without copying. The signature is not verified.
[[nodiscard]] std::optional<BundleView> parse_bundle(std::string_view bytes);

/// Did the node that the bundle names sign it?
[[nodiscard]] bool verify_bundle_signature(const BundleView& bundle);

}  // namespace tallystick::node
