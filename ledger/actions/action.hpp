#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ledger/context.hpp"
#include "ledger/draft.hpp"

/// One kind of action a file under ledger/actions, each with three functions found by overload:
///
///   Form check(const pb::X&, const CheckContext&)       stateless: form, bounds, order, key proofs
///   std::uint64_t value_moved(const pb::X&, const StateView&, const Context&)
///                                                       hundredths, for the policy's class; 0 if
///                                                       an object is unknown
///   Verdict execute(const pb::X&, const Context&, Draft&)
///                                                       refusals in the documented order, then
///                                                       writes that cannot fail
namespace tallystick::ledger {

/// Why the bytes of an action are not well-formed. Never in a block, so not part of the log;
/// machines get the name.
enum class Malformed : std::uint16_t {
    bad_handle = 1,
    bad_identifier = 2,
    bad_name = 3,
    bad_policy = 4,
    bad_key_proof = 5,
    bad_contract_id = 6,
    bad_code = 7,
    bad_amount = 8,
    bad_quantity = 9,
    bad_time = 10,
    bad_hash = 11,
    bad_reason = 12,
    bad_order = 13,  ///< a list does not strictly ascend, or repeats
    bad_size = 14,   ///< a list is empty or too long
    bad_enum = 15,
    bad_role = 16,
    to_oneself = 17,
    bad_claim = 18,
    missing_field = 19,
    bad_node = 20,
    bad_parameter = 21,
};

[[nodiscard]] std::string_view malformed_name(Malformed malformed) noexcept;
[[nodiscard]] std::string_view malformed_sentence(Malformed malformed) noexcept;

/// Nothing when well-formed.
using Form = std::optional<Malformed>;

/// What `check` knows beside the action.
struct CheckContext {
    const LedgerId& ledger_id;
    std::string_view account;
};

/// `check` of whichever action the body holds.
[[nodiscard]] Form check_action(const pb::Body& body);

/// `value_moved` of whichever action the body holds. @pre check_action passed.
[[nodiscard]] std::uint64_t value_moved(const pb::Body& body, const StateView& view,
                                        const Context& context);

/// Does the acting account's rule for changes of its policy apply? For a change of its policy, and
/// for an authority's say in governing, which can be as much.
[[nodiscard]] bool changes_policy(const pb::Body& body);

/// `execute` of whichever action the body holds. @pre check_action passed and the policies are
/// satisfied.
[[nodiscard]] Verdict execute_action(const pb::Body& body, const Context& context, Draft& draft);

/// Noun and verb of the action for logs and metrics, such as "transfer"; the field's name in Body.
[[nodiscard]] std::string_view action_name(const pb::Body& body) noexcept;

}  // namespace tallystick::ledger
