#pragma once

#include <string>

#include "protocol/pb.hpp"
#include "protocol/trust.hpp"
#include "protocol/types.hpp"

namespace tallystick::node {

/// The trust file of a ledger with one segment: its validators are those of the genesis from height
/// 1 on, its trusted header is `header`.
[[nodiscard]] Trust trust_from(const LedgerId& ledger_id, const std::string& chain_id,
                               const pb::Genesis& genesis, const pb::Header& header);

}  // namespace tallystick::node
