#pragma once

#include "ledger/actions/action.hpp"
#include "node/node_service.hpp"
#include "protocol/envelope.hpp"

/// Answers as the node gives them, from what the rules and the form said.
namespace tallystick::node {

[[nodiscard]] Answer malformed_answer(EnvelopeError error, std::optional<EnvelopeId> id);
[[nodiscard]] Answer malformed_answer(ledger::Malformed malformed, const EnvelopeId& id);
[[nodiscard]] Answer skipped_answer(Skip skip, const EnvelopeId& id);
[[nodiscard]] Answer busy_answer();
[[nodiscard]] Answer unavailable_answer();
/// Done or refused, as the entry says.
[[nodiscard]] Answer logged_answer(std::shared_ptr<const LoggedEntry> logged, bool first);

}  // namespace tallystick::node
