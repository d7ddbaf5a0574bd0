#include "ledger/reports/needs.hpp"

#include <algorithm>
#include <tuple>

#include "ledger/contracts.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

std::vector<CouldMeet> who_could_meet(const LeafSource& state, const pb::Need& need) {
    std::vector<CouldMeet> made;
    // A promise's key is its contract's key under another kind, the supplier and the resource.
    auto prefix = contract_key(need.contract()).bytes;
    prefix[0] = static_cast<char>(Kind::promise);
    state.for_each(prefix, [&](std::string_view key, const ValuePtr& value) {
        const auto promise = std::static_pointer_cast<const pb::Promise>(value);
        const auto parsed = parse_key(key);
        ensure(parsed.has_value(), "a state holds well-formed keys");
        if (parsed->parts[4] != need.resource() || promise->awarded() <= promise->accepted())
            return true;
        pb::Claim claim;
        *claim.mutable_contract() = need.contract();
        claim.set_supplier(parsed->parts[3]);
        const auto balance = state.get_or_default(balance_key(need.project(), claim));
        made.push_back(
            {parsed->parts[3], promise->awarded() - promise->accepted(), balance.available()});
        return true;
    });
    std::ranges::sort(made, std::ranges::less{}, &CouldMeet::supplier);
    return made;
}

}  // namespace

std::vector<OpenNeed> open_needs(const LeafSource& state, std::uint64_t now) {
    std::vector<OpenNeed> made;
    state.for_each(prefix_of(Kind::need), [&](std::string_view key, const ValuePtr& value) {
        const auto need = std::static_pointer_cast<const pb::Need>(value);
        const auto contract = state.get(contract_key(need->contract()));
        ensure(contract != nullptr, "a need names a contract that was opened");
        if (need->by_when() < now || !is_open(*contract, now)) return true;
        const auto parsed = parse_key(key);
        const auto* const price = find_price(*contract, need->resource());
        ensure(parsed && price != nullptr, "a need is of its contract's price list");
        made.push_back(
            {parsed->parts[0], *need, price->unit_value(), who_could_meet(state, *need)});
        return true;
    });
    std::ranges::sort(made, std::ranges::less{}, [](const OpenNeed& each) {
        return std::make_tuple(each.need.by_when(), each.id);
    });
    return made;
}

}  // namespace tallystick::ledger
