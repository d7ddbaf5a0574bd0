#pragma once

#include <string>

#include "wallet/core/node.hpp"
#include "wallet/core/problem.hpp"

/// How a node's part of the network does, in words, from its answer to /v1/ledger. It is the node's
/// word: the wallet believes only proofs.
namespace tallystick::wallet {

/// Lines of two spaces each: the engine, the age of the newest block, what does not go well, and
/// whose node misbehaved or has no power. Text of the answer is made safe to print.
[[nodiscard]] std::string network_text(const Json& ledger);

/// Why an envelope that the node has taken has no outcome: `no_progress`, `node_behind`, or the
/// plain `pending` where the network does well or the answer does not say.
[[nodiscard]] Problem why_pending(const Json& ledger);

}  // namespace tallystick::wallet
