#pragma once

// Every generated message, and a short name for their namespace. Include this, never a .pb.h.

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "tallystick/v1/actions.pb.h"
#include "tallystick/v1/api.pb.h"
#include "tallystick/v1/chain.pb.h"
#include "tallystick/v1/common.pb.h"
#include "tallystick/v1/envelope.pb.h"
#include "tallystick/v1/genesis.pb.h"
#include "tallystick/v1/receipt.pb.h"
#include "tallystick/v1/state.pb.h"
#include "tallystick/v1/store.pb.h"
#pragma GCC diagnostic pop

namespace tallystick {

/// The messages of protocol/proto, version 1.
namespace pb = ::tallystick::v1;

}  // namespace tallystick
