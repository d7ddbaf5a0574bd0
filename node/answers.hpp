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
/// No block has come for a while: too few authorities' nodes agree. What was sent may still be
/// taken.
[[nodiscard]] Answer no_progress_answer();
/// This node is none of an authority's.
[[nodiscard]] Answer observer_answer();
/// This segment of the chain takes nothing more; the next has not begun here.
[[nodiscard]] Answer segment_ended_answer();
/// Done or refused, as the entry says.
[[nodiscard]] Answer logged_answer(std::shared_ptr<const LoggedEntry> logged, bool first);

}  // namespace tallystick::node
