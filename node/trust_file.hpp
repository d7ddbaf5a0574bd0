#pragma once

#include "ledger/store/store.hpp"
#include "node/node_service.hpp"
#include "protocol/result.hpp"
#include "protocol/trust.hpp"

namespace tallystick::node {

/// Which header of the newest segment a trust file names.
enum class TrustedAt : std::uint8_t {
    beginning,  ///< the segment's first block: the file changes only with the authorities
    newest,     ///< the newest: for those who follow the chain within the trusting period
};

/// The trust file of the ledger that a node keeps: every segment, and every set of validators from
/// the first to the last block that it signed; of a segment that has ended its last block is the
/// trusted one. A node that joined late lists what it has. Any thread. Errors: not_found (no block
/// yet has its header), damaged, unavailable.
[[nodiscard]] Result<Trust, ReadError> trust_from(const NodeService& node, TrustedAt trusted);

/// The same of a data folder that no node keeps open, with the newest header. Errors: not_found,
/// damaged, input_output.
[[nodiscard]] ledger::StoreResult<Trust> trust_from(const ledger::Store& store,
                                                    const ledger::StoreSnapshot& snapshot);

}  // namespace tallystick::node
