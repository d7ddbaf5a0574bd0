#include "ledger/commitment_lines.hpp"

#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

constexpr std::uint64_t now = bids_close + day;

struct Admission {
    MemoryState state = standard_world();
    pb::ContractId id = bridge();
    pb::Contract contract = standard_contract();
    google::protobuf::RepeatedPtrField<pb::CommitmentLine> lines = {};

    std::string told() const {
        const auto value = admit_lines(state, {id, contract}, lines, now);
        return value ? std::to_string(value->hundredths()) : refused(value.error());
    }
    std::string told(const pb::CommitmentLine& line) const {
        const auto value = admit_line(state, {id, contract}, line, now);
        return value ? std::to_string(value->hundredths()) : refused(value.error());
    }
};

}  // namespace

TEST_CASE("a line counts its quantity times the unit value", "[ledger][lines]") {
    const Admission at;
    CHECK(at.told(commitment(food_bank, laptop, 3)) == "15000");
    CHECK(at.told(commitment(youth_club, bid_writer, 2)) == "54000");
}

TEST_CASE("a line is refused for the first rule that it breaks", "[ledger][lines]") {
    Admission at;
    auto line = commitment(youth_club, laptop, 1);
    line.set_quantity(Amount::hundredths_max / laptop_value + 1);
    CHECK(at.told(line) == refused(Refusal::amount_too_large));
    line.set_due(now);
    CHECK(at.told(line) == refused(Refusal::date_out_of_range));
    line.set_due(now + 1);
    CHECK(at.told(line) == refused(Refusal::amount_too_large));
    line.set_due(deadline);
    CHECK(at.told(line) == refused(Refusal::date_out_of_range));
    line.set_due(deadline - 1);
    CHECK(at.told(line) == refused(Refusal::amount_too_large));
    line.set_due(deadline);
    line.set_resource("van");
    CHECK(at.told(line) == refused(Refusal::unknown_resource));
    line.set_ward("gipping");  // of the contract, not of the youth club's grant
    CHECK(at.told(line) == refused(Refusal::unknown_ward));
    line.set_outcome("jobs");
    CHECK(at.told(line) == refused(Refusal::unknown_outcome));
    line.set_project(choir);
    CHECK(at.told(line) == refused(Refusal::not_accredited));
    at.state.edit(accreditation_key(bridge(), youth_club),
                  [](auto& accreditation) { accreditation.mutable_grant()->set_expires(now); });
    CHECK(at.told(commitment(youth_club, laptop, 1)) == refused(Refusal::not_accredited));
}

TEST_CASE("lines are judged in turn and add up within the bound", "[ledger][lines]") {
    Admission at;
    const auto most = Amount::hundredths_max / laptop_value;
    *at.lines.Add() = commitment(food_bank, laptop, most);
    CHECK(at.told() == std::to_string(most * laptop_value));
    *at.lines.Add() = commitment(food_bank, laptop, 1);
    *at.lines.Add() = commitment(choir, laptop, 1);
    // The sum passes the bound before the third line is looked at.
    CHECK(at.told() == refused(Refusal::amount_too_large));
    at.lines[0].set_quantity(1);
    CHECK(at.told() == refused(Refusal::not_accredited));
    at.lines.RemoveLast();
    CHECK(at.told() == "10000");
}

TEST_CASE("a resource that is not listed has no value", "[ledger][lines]") {
    const auto value = value_of_line(standard_contract(), commitment(food_bank, "van", 1));
    REQUIRE_FALSE(value);
    CHECK(value.error() == Refusal::unknown_resource);
}

}  // namespace tallystick::ledger::test
