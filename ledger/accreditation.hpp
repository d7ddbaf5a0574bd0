#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "ledger/state_view.hpp"

namespace tallystick::ledger {

/// The project's grant on the contract if it is in force at `at`: there is one and `at` is before
/// it expires. Else null. An application that waits or was declined changes nothing about it.
[[nodiscard]] std::shared_ptr<const pb::Accreditation::Grant> grant_at(
    const StateView& view, const pb::ContractId& contract, std::string_view project,
    std::uint64_t at);

/// Is there a grant in force at `at`?
[[nodiscard]] bool is_accredited(const StateView& view, const pb::ContractId& contract,
                                 std::string_view project, std::uint64_t at);

}  // namespace tallystick::ledger
