#include "ledger/laws/law.hpp"

#include <utility>

#include "ledger/laws/laws.hpp"

namespace tallystick::ledger {

std::optional<Breach> Law::check_block(const ExecutedBlock&) const {
    return std::nullopt;
}

std::optional<Breach> Law::take_leaf(const std::string&, const google::protobuf::Message&,
                                     const StateView&) {
    return std::nullopt;
}

std::optional<Breach> Law::finish_state(const StateView&) {
    return std::nullopt;
}

Breach Law::breach(std::string_view key, std::string what) const {
    return {name(), to_hex(bytes_of(key)), std::move(what)};
}

std::vector<std::unique_ptr<Law>> all_laws() {
    std::vector<std::unique_ptr<Law>> laws;
    laws.push_back(std::make_unique<ClaimsAddUp>());
    laws.push_back(std::make_unique<ContractsAddUp>());
    laws.push_back(std::make_unique<CellsAddUp>());
    laws.push_back(std::make_unique<MovementsBalance>());
    laws.push_back(std::make_unique<SupplyIsEarned>());
    laws.push_back(std::make_unique<OutcomesAreTrue>());
    laws.push_back(std::make_unique<KeysServeOne>());
    laws.push_back(std::make_unique<AuthoritiesAreWhole>());
    laws.push_back(std::make_unique<ProposalsAreCounted>());
    return laws;
}

std::optional<Breach> check_laws(const ExecutedBlock& block) {
    for (const auto& law : all_laws())
        if (auto broken = law->check_block(block)) return broken;
    return std::nullopt;
}

std::optional<Breach> check_laws_in_full(const LeafSource& state) {
    const auto laws = all_laws();
    std::optional<Breach> broken;
    state.for_each({}, [&](std::string_view key, const ValuePtr& value) {
        const std::string bytes{key};
        for (const auto& law : laws) {
            broken = law->take_leaf(bytes, *value, state);
            if (broken) break;
        }
        return !broken;
    });
    for (const auto& law : laws)
        if (!broken) broken = law->finish_state(state);
    return broken;
}

std::string breach_text(const Breach& breach) {
    std::string text = "law broken: ";
    text.append(breach.law).append(", object ").append(breach.object).append(": ");
    return text.append(breach.what);
}

}  // namespace tallystick::ledger
