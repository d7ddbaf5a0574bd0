#include "ledger/contracts.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

constexpr std::uint64_t top = Amount::hundredths_max;

std::uint64_t unit_value(std::uint64_t price, std::uint32_t deadweight) {
    pb::PriceItem item;
    item.set_hundredths_per_unit(price);
    item.set_deadweight_basis_points(deadweight);
    return unit_value_of(item).hundredths();
}

std::string told(const Result<Amount, Refusal>& allocation) {
    return allocation ? std::to_string(allocation->hundredths()) : refused(allocation.error());
}

struct Rate {
    std::uint64_t pence;
    std::uint32_t basis_points;
    std::uint64_t pence_per_credit;
};

std::string by_rate(Rate rate) {
    pb::OpenContract action;
    action.set_value_pence(rate.pence);
    action.mutable_allocation_rate()->set_basis_points(rate.basis_points);
    action.mutable_allocation_rate()->set_pence_per_credit(rate.pence_per_credit);
    return told(allocation_of(action));
}

std::string by_bands(std::uint64_t pence) {
    pb::OpenContract action;
    action.set_value_pence(pence);
    for (const auto& [from, allocated] :
         {std::pair{5'000u, 2'000u}, std::pair{10'000u, 3'000u}, std::pair{50'000u, 100u}}) {
        auto* band = action.mutable_allocation_bands()->add_bands();
        band->set_from_pence(from);
        band->set_allocation(allocated);
    }
    return told(allocation_of(action));
}

}  // namespace

TEST_CASE("a contract is open until its deadline, then settles until it is closed",
          "[ledger][contracts]") {
    auto contract = standard_contract();
    CHECK(is_open(contract, deadline - 1));
    CHECK_FALSE(is_settling(contract, deadline - 1));
    CHECK_FALSE(is_open(contract, deadline));
    CHECK(is_settling(contract, deadline));
    CHECK(is_settling(contract, settling_ends + day));
    contract.set_closed_at(deadline + 1);
    CHECK_FALSE(is_open(contract, deadline - 1));
    CHECK_FALSE(is_settling(contract, settling_ends));
}

TEST_CASE("codes are found in an ascending list", "[ledger][contracts]") {
    google::protobuf::RepeatedPtrField<std::string> all;
    for (const auto* code : {"B", "a", "c", "d"}) all.Add()->assign(code);
    for (const auto* code : {"B", "a", "c", "d"}) CHECK(contains(all, code));
    for (const auto* code : {"", "A", "b", "cc", "e"}) CHECK_FALSE(contains(all, code));
    google::protobuf::RepeatedPtrField<std::string> some;
    CHECK(is_subset(some, all));
    some.Add()->assign("a");
    some.Add()->assign("d");
    CHECK(is_subset(some, all));
    CHECK_FALSE(is_subset(all, some));
    some.Add()->assign("e");
    CHECK_FALSE(is_subset(some, all));
}

TEST_CASE("a resource is found in the price list, or not", "[ledger][contracts]") {
    const auto contract = standard_contract();
    REQUIRE(find_price(contract, laptop) != nullptr);
    CHECK(find_price(contract, laptop)->unit_value() == laptop_value);
    REQUIRE(find_price(contract, bid_writer) != nullptr);
    CHECK(find_price(contract, bid_writer)->unit_value() == bid_writer_value);
    for (const auto* resource : {"", "a", "bid-write", "bid-writers", "van"})
        CHECK(find_price(contract, resource) == nullptr);
    CHECK(find_price({}, laptop) == nullptr);
}

TEST_CASE("a unit counts its price less deadweight, rounded down to a hundredth",
          "[ledger][contracts]") {
    CHECK(unit_value(30'000, 1'000) == 27'000);
    CHECK(unit_value(333, 3'333) == 222);  // 222.0111
    CHECK(unit_value(199, 50) == 198);     // 198.005
    CHECK(unit_value(1, 0) == 1);
    CHECK(unit_value(1, 1) == 0);
    CHECK(unit_value(500, 10'000) == 0);
    CHECK(unit_value(top, 0) == top);
    CHECK(unit_value(top, 1) == top - 900'719'925'475);  // floor of top * 9999 / 10000
}

TEST_CASE("an allocation is fixed, a share of the value, or that of a band",
          "[ledger][contracts]") {
    pb::OpenContract fixed;
    fixed.set_allocation_fixed(123);
    CHECK(told(allocation_of(fixed)) == "123");

    // A tenth of 1,000,000.00 pounds at a pound a credit: 100,000.00 credits... in hundredths.
    CHECK(by_rate({100'000'000, 1'000, 100}) == "10000000");
    CHECK(by_rate({1'999, 1'000, 1}) == "19990");
    CHECK(by_rate({1'999, 999, 100}) == "199");  // 199.7
    CHECK(by_rate({0, 1'000, 100}) == refused(Refusal::value_not_estimated));
    CHECK(by_rate({9, 1'000, 100}) == refused(Refusal::allocation_zero));
    CHECK(by_rate({top, 100, 1}) == std::to_string(top));
    CHECK(by_rate({top, 101, 1}) == refused(Refusal::allocation_too_large));
    CHECK(by_rate({top, 10'000, 1}) == refused(Refusal::allocation_too_large));
    CHECK(by_rate({top, 10'000, top}) == "100");

    CHECK(by_bands(0) == refused(Refusal::value_not_estimated));
    CHECK(by_bands(4'999) == refused(Refusal::allocation_zero));
    CHECK(by_bands(5'000) == "2000");
    CHECK(by_bands(9'999) == "2000");
    CHECK(by_bands(10'000) == "3000");
    CHECK(by_bands(top) == "100");
}

}  // namespace tallystick::ledger::test
