#include "ledger/accreditation.hpp"

namespace tallystick::ledger {

std::shared_ptr<const pb::Accreditation::Grant> grant_at(const StateView& view,
                                                         const pb::ContractId& contract,
                                                         std::string_view project,
                                                         std::uint64_t at) {
    const auto accreditation = view.get(accreditation_key(contract, project));
    if (!accreditation || !accreditation->has_grant() || at >= accreditation->grant().expires())
        return nullptr;
    return {accreditation, &accreditation->grant()};
}

bool is_accredited(const StateView& view, const pb::ContractId& contract, std::string_view project,
                   std::uint64_t at) {
    return grant_at(view, contract, project, at) != nullptr;
}

}  // namespace tallystick::ledger
