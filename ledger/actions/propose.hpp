#pragma once

#include <cstdint>

#include "ledger/actions/action.hpp"
#include "protocol/pb.hpp"

namespace tallystick::ledger {

[[nodiscard]] Form check(const pb::Propose& action, const CheckContext& context);
[[nodiscard]] std::uint64_t value_moved(const pb::Propose& action, const StateView& view,
                                        const Context& context);
[[nodiscard]] Verdict execute(const pb::Propose& action, const Context& context, Draft& draft);

}  // namespace tallystick::ledger
