#pragma once

#include <string>

#include "protocol/pb.hpp"
#include "wallet/core/facts.hpp"

/// What a body asks the ledger to do, in one plain sentence: what a person reads before signing.
namespace tallystick::wallet {

/// The sentence, from the body alone, with what `facts` add (units, values, who is concerned); then
/// who must sign too. Text of the body is made safe to print.
[[nodiscard]] std::string sentence_of(const pb::Body& body, const Facts& facts);

/// Noun and verb of the action for people, such as `transfer send`.
[[nodiscard]] std::string_view action_title(const pb::Body& body) noexcept;

}  // namespace tallystick::wallet
