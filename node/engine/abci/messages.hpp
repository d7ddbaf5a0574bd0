#pragma once

// The messages that the engine and we exchange: ABCI 2.0, from our own text in proto/. Include
// this, never a .pb.h of theirs, and only where messages are read or written: the headers are long.

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "tendermint/abci/types.pb.h"
#pragma GCC diagnostic pop

namespace tallystick {

/// The engine's names for what it asks and is answered.
namespace abci_pb = ::tendermint::abci;

}  // namespace tallystick
