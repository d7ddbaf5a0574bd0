#pragma once

#include <optional>
#include <string>

#include "ledger/store/store.hpp"
#include "node/config/config.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/engine_files.hpp"
#include "protocol/crypto.hpp"
#include "protocol/result.hpp"

/// Which engine serves a data folder: the one that the ledger names for its newest segment, and no
/// other.
namespace tallystick::node {

/// May this folder be served under the configured engine? The error says what to run instead.
[[nodiscard]] Result<void, std::string> check_engine_setting(const ledger::Store& store,
                                                             const std::string& setting);

/// Where the engine's program and the peers are: from the configuration, and from what joining
/// wrote down. Errors: the program is not found or is another version, network.json is damaged or
/// of another ledger.
[[nodiscard]] Result<EngineSetup, std::string> engine_setup(const DataFolder& folder,
                                                            const Config& config,
                                                            const LedgerId& ledger_id);

/// How the newest segment begins. Only for a ledger that stands right before its first block: app
/// hash and time follow from the block before.
[[nodiscard]] EngineGenesis engine_genesis(const ledger::Store& store);

/// Makes or checks the engine's folder for this ledger. Errors, sentences: as
/// `prepare_engine_folder`; an engine's folder of another segment; one that has lost the blocks
/// that the ledger has.
[[nodiscard]] Result<void, std::string> prepare_engine(const EngineSetup& setup,
                                                       const ledger::Store& store);

}  // namespace tallystick::node
