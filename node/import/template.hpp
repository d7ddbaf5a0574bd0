#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/import/preview.hpp"
#include "protocol/result.hpp"

namespace tallystick::import {

/// What notices do not say: who opens the contract, its price list, dates, outcomes and wards.
struct ContractTemplate {
    std::string authority;            ///< handle of the opening authority
    std::vector<std::string> buyers;  ///< only notices of these buyers; empty: of all
    std::vector<std::string> ocids;   ///< only these; empty: all
    std::string lot;
    pb::OpenContract terms;  ///< all but contract and value_pence
};

/// Reads a template in TOML. An unknown key, a missing one or a value out of bounds is an error
/// that names it.
[[nodiscard]] Result<ContractTemplate, FileError> read_template(const std::string& toml);

}  // namespace tallystick::import
