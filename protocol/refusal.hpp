#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tallystick {

/// Why an envelope was refused. Part of consensus and on the wire: append, never renumber.
enum class Refusal : std::uint16_t {
    // accounts
    not_an_authority = 1,  ///< only an authority may do this
    handle_not_yours = 2,  ///< an authority registers under its own handle only
    account_exists = 3,
    identifier_taken = 4,      ///< the identifier belongs to another account
    key_taken = 5,             ///< the public key belongs to another account
    policy_unsatisfiable = 6,  ///< its own signers could not satisfy the new policy
    key_not_proved = 7,        ///< a new key comes without its proof
    // contracts
    contract_exists = 20,
    unknown_contract = 21,
    not_the_contracts_authority = 22,
    dates_out_of_order =
        23,                ///< bids close, standstill and deadline do not leave room for each other
    unit_value_zero = 24,  ///< after deadweight a unit is worth less than a hundredth
    allocation_zero = 25,
    allocation_too_large = 26,  ///< above 2^53 - 1 hundredths
    value_not_estimated = 27,   ///< the allocation's rule needs the contract's value
    contract_not_open = 28,     ///< settling or closed
    contract_not_settling = 29,
    contract_closed = 30,
    credits_outstanding = 31,  ///< something is still available, reserved, disputed or confirmed
    awards_in_standstill = 32,
    // accreditation and needs
    not_a_project = 40,
    not_a_supplier = 41,
    on_the_other_side = 42,  ///< on this contract the account is already supplier (or project)
    application_waiting = 43,
    no_application = 44,
    unknown_account = 45,
    unknown_outcome = 46,  ///< not an outcome of the contract, or of the accreditation
    unknown_ward = 47,
    unknown_resource = 48,     ///< not in the contract's price list
    expiry_out_of_range = 49,  ///< not after now, or after the redemption deadline
    not_accredited = 50,
    unknown_need = 51,
    not_your_need = 52,
    date_out_of_range = 53,
    // bids and awards
    bids_closed = 60,
    bids_not_closed = 61,
    reveal_over = 62,
    reveal_not_over = 63,
    no_bid = 64,
    already_revealed = 65,
    seal_does_not_match = 66,
    too_many_lines = 67,
    unknown_line = 68,
    line_already_awarded = 69,
    supplier_has_not_signed = 70,
    standstill_too_short = 71,
    standstill_after_deadline = 72,
    allocation_exceeded = 73,
    unknown_award = 74,
    award_not_in_standstill = 75,
    award_not_issued = 76,
    amount_too_large = 77,  ///< quantity times unit value is above 2^53 - 1
    // credits
    not_the_awards_supplier = 80,
    unknown_recipient = 81,
    recipient_not_a_project = 82,  ///< never to an authority or a supplier
    recipient_is_the_holder = 83,
    not_on_the_contract =
        84,  ///< the recipient is not accredited and the contract's authority has not signed
    another_project_than_awarded = 85,  ///< needs the contract's authority
    insufficient_units = 86,            ///< the awarded line has fewer units left
    insufficient_credits = 87,
    balance_overflow = 88,
    authority_has_not_signed = 89,
    supplier_may_not_transfer = 90,  ///< a supplier passes on awarded lines only
    // redemptions
    resource_not_promised = 100,  ///< the supplier's issued awards hold no such resource
    unknown_redemption = 101,
    not_your_redemption = 102,
    not_the_redemptions_supplier = 103,
    already_answered = 104,
    not_accepted = 105,
    unknown_redemption_line = 106,
    evidence_used = 107,  ///< the evidence tag was counted before
    more_than_outstanding = 108,
    more_than_delivered = 109,
    more_than_confirmed = 110,
    nothing_outstanding = 111,
    supplier_must_agree = 112,  ///< between acceptance and the agreed date both sides sign
    redemption_ended = 113,
    dispute_window_over = 114,
    not_a_party = 115,
    nothing_disputed = 116,
    not_all_disputed = 117,  ///< a resolution disposes of all that is disputed on the line
    project_has_not_signed =
        118,  ///< units the project never confirmed are retired only with its signature
    project_must_agree = 119,  ///< a supplier cancels only with the project
    // governing
    unknown_proposal = 130,
    proposal_not_open = 131,        ///< decided, in force, lapsed or failed
    proposer_left = 132,            ///< the proposer is no authority any more
    concerns_your_authority = 133,  ///< the others decide about an authority
    already_voted = 134,
    effective_too_late = 135,   ///< more than 366 days ahead
    unknown_authority = 136,    ///< the change concerns no current authority
    too_few_authorities = 137,  ///< fewer than two others could decide
    too_many_authorities = 138,
    unknown_successor = 139,   ///< no current authority
    too_few_nodes_left = 140,  ///< fewer than two nodes with power would be left
    no_misbehaviour = 141,     ///< nothing stands against the node
    nothing_changes = 142,
    rule_set_goes_back = 143,
    not_the_next_segment = 144,
    solo_needs_one_node = 145,
    authority_removed = 146,  ///< a removed authority signs nothing
};

/// Stable name of a refusal for machines, such as `insufficient_credits`; nothing for a number not
/// in use.
[[nodiscard]] std::optional<std::string_view> refusal_name(std::uint32_t number) noexcept;
[[nodiscard]] std::string_view refusal_name(Refusal refusal) noexcept;

/// One plain sentence for a volunteer: what happened and what to do.
[[nodiscard]] std::string_view refusal_sentence(Refusal refusal) noexcept;

/// Nothing for a number not in use.
[[nodiscard]] std::optional<Refusal> refusal_from(std::uint32_t number) noexcept;

/// Why an envelope was skipped at execution: nothing changed, its id is unused. Not part of the
/// log.
enum class Skip : std::uint8_t {
    id_used = 1,      ///< the first outcome stands
    expired = 2,      ///< block time is past `valid_until`
    too_distant = 3,  ///< `valid_until` is more than 30 days ahead
    wrong_ledger = 4,
    not_authorised = 5,    ///< a policy is not satisfied at that point
    deadline_pending = 6,  ///< an object with an overdue due item
    refusal_limit = 7,     ///< the acting account is over its limit of refusals in a block
    unknown_node = 8,      ///< in a bundle of no current node
    handed_over = 9,       ///< in the last block of a segment, which changes nothing
};

[[nodiscard]] std::string_view skip_name(Skip skip) noexcept;
[[nodiscard]] std::string_view skip_sentence(Skip skip) noexcept;

}  // namespace tallystick
