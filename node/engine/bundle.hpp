#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ledger/state_machine.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::node {

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

}  // namespace tallystick::node
