#pragma once

#include "protocol/pb.hpp"

namespace tallystick::node {

/// The validators that a genesis begins with: the nodes of its authorities, sorted as headers hash
/// them.
[[nodiscard]] pb::ValidatorSet genesis_validators(const pb::Genesis& genesis);

}  // namespace tallystick::node
