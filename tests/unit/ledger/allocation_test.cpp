#include "ledger/allocation.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

Amount hundredths(std::uint64_t value) {
    return *Amount::from(value);
}

}  // namespace

TEST_CASE("awarded and issued together never pass the allocation", "[ledger][allocation]") {
    auto state = standard_world();
    CHECK(fits_allocation(state, bridge(), hundredths(allocation)));
    CHECK_FALSE(fits_allocation(state, bridge(), hundredths(allocation + 1)));
    state.edit(contract_totals_key(bridge()), [](auto& totals) {
        totals.set_awarded(1'000);
        totals.set_issued(2'000);
    });
    CHECK(fits_allocation(state, bridge(), hundredths(allocation - 3'000)));
    CHECK_FALSE(fits_allocation(state, bridge(), hundredths(allocation - 2'999)));
    CHECK_FALSE(fits_allocation(state, bridge(), hundredths(Amount::hundredths_max)));
    CHECK_FALSE(fits_allocation(state, nowhere(), hundredths(1)));
}

TEST_CASE("what is set aside for a supplier stands in its totals and the contract's",
          "[ledger][allocation]") {
    const auto state = standard_world();
    Draft draft{state};
    set_aside(draft, claim_on(bridge(), builders), hundredths(700));
    set_aside(draft, claim_on(bridge(), cleaners), hundredths(50));
    CHECK(draft.get_or_default(contract_totals_key(bridge())).awarded() == 750);
    CHECK(draft.get_or_default(claim_totals_key(claim_on(bridge(), builders))).awarded() == 700);
    give_back(draft, claim_on(bridge(), builders), hundredths(600));
    CHECK(draft.get_or_default(contract_totals_key(bridge())).awarded() == 150);
    CHECK(draft.get_or_default(claim_totals_key(claim_on(bridge(), builders))).awarded() == 100);
    CHECK(draft.get_or_default(claim_totals_key(claim_on(bridge(), cleaners))).awarded() == 50);
}

}  // namespace tallystick::ledger::test
