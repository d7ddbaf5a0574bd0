#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "ledger/context.hpp"
#include "ledger/draft.hpp"
#include "protocol/result.hpp"
#include "protocol/types.hpp"

/// What is left of awarded lines. A supplier's available credits of a claim are always the sum of
/// what is left of its issued lines, each times its unit value: the units are the credits.
namespace tallystick::ledger {

/// Units that are still with the supplier: quantity - transferred - passed on - returned.
[[nodiscard]] std::uint64_t units_left(const pb::AwardedLine& line);

/// Value of `quantity` units of the line. @pre at most the line's quantity.
[[nodiscard]] Amount value_of(const pb::AwardedLine& line, std::uint64_t quantity);

/// For the policy's class: value of `quantity` units of awarded line `number`; 0 if there is no
/// such line, and the largest amount if the product is beyond it (execution will refuse it).
[[nodiscard]] std::uint64_t awarded_value(const StateView& view, std::string_view award,
                                          std::uint32_t number, std::uint64_t quantity);

/// A line of an issued award, with the award.
struct IssuedLine {
    std::shared_ptr<const pb::AwardRecord> award;
    std::shared_ptr<const pb::AwardedLine> line;
};

/// The line that the acting supplier may pass on or give back now. Refusals, in order:
/// unknown_award, not_the_awards_supplier, award_not_issued, contract_not_open, unknown_line.
[[nodiscard]] Result<IssuedLine, Refusal> find_issued_line(const StateView& view,
                                                           const Context& context,
                                                           std::string_view award,
                                                           std::uint32_t number);

/// Writes the line back; when nothing is left with the supplier, there is nothing to pass on.
void put_line(Draft& draft, std::string_view award, std::uint32_t number, pb::AwardedLine line);

}  // namespace tallystick::ledger
