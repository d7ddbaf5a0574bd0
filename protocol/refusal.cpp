#include "protocol/refusal.hpp"

#include "protocol/ensure.hpp"

namespace tallystick {

namespace {

/// What people and machines are told; both stand in one place so that neither is forgotten.
struct Words {
    std::string_view name;
    std::string_view sentence;
};

/// Nothing (an empty name) for a number that is not in use.
Words words_of(Refusal refusal) noexcept {
    switch (refusal) {
        case Refusal::not_an_authority:
            return {"not_an_authority",
                    "Only an authority may do this: ask the authority that registered you."};
        case Refusal::handle_not_yours:
            return {"handle_not_yours",
                    "An authority registers organisations under its own handle only: choose a "
                    "handle that begins with yours."};
        case Refusal::account_exists:
            return {"account_exists",
                    "An account with this handle exists already: choose another handle."};
        case Refusal::identifier_taken:
            return {"identifier_taken",
                    "This register number belongs to another account already: look that account "
                    "up, or correct the number."};
        case Refusal::key_taken:
            return {"key_taken",
                    "One of the keys belongs to another account already: make a new key for this "
                    "account."};
        case Refusal::policy_unsatisfiable:
            return {"policy_unsatisfiable",
                    "The account's own signers could not meet this rule for signing: lower the "
                    "number who must sign, or add signers."};
        case Refusal::key_not_proved:
            return {"key_not_proved",
                    "A new key has not proved that its owner holds it: ask that person to make the "
                    "proof with their wallet."};
        case Refusal::contract_exists:
            return {"contract_exists",
                    "This contract and lot are on the ledger already: use them, or correct the "
                    "number of the notice or lot."};
        case Refusal::unknown_contract:
            return {"unknown_contract",
                    "The ledger does not know this contract: check the authority, the number of "
                    "the notice and the lot."};
        case Refusal::not_the_contracts_authority:
            return {"not_the_contracts_authority",
                    "Only the authority that opened the contract may do this: ask that authority."};
        case Refusal::dates_out_of_order:
            return {
                "dates_out_of_order",
                "The dates of the contract leave no room for each other: put the close of bids in "
                "the future, and revealing and standstill between it and the redemption deadline."};
        case Refusal::unit_value_zero:
            return {"unit_value_zero",
                    "After deadweight a unit of a listed resource is worth less than a hundredth "
                    "of a credit: raise its price or lower its deadweight."};
        case Refusal::allocation_zero:
            return {"allocation_zero",
                    "The contract would have no credits to issue: correct the allocation or the "
                    "rule that works it out."};
        case Refusal::allocation_too_large:
            return {"allocation_too_large",
                    "The allocation is larger than the ledger can count: make it smaller."};
        case Refusal::value_not_estimated:
            return {"value_not_estimated",
                    "The allocation follows the contract's value, and no value is given: give the "
                    "value, or a fixed allocation."};
        case Refusal::contract_not_open:
            return {"contract_not_open",
                    "The contract is past its redemption deadline or closed, so this can no longer "
                    "be done: speak to the contract's authority about what is left."};
        case Refusal::contract_not_settling:
            return {"contract_not_settling",
                    "The contract is still open: close it after its redemption deadline."};
        case Refusal::contract_closed:
            return {"contract_closed",
                    "The contract is closed, so nothing on it can change any more."};
        case Refusal::credits_outstanding:
            return {"credits_outstanding",
                    "Credits on this contract are still available, reserved, disputed or "
                    "confirmed: settle them before you close it."};
        case Refusal::awards_in_standstill:
            return {"awards_in_standstill",
                    "An award on this contract is still in its standstill: wait until it ends, or "
                    "cancel the award."};
        case Refusal::not_a_project:
            return {
                "not_a_project",
                "The account is not registered as a project: ask its authority if it should be."};
        case Refusal::not_a_supplier:
            return {
                "not_a_supplier",
                "The account is not registered as a supplier: ask its authority if it should be."};
        case Refusal::on_the_other_side:
            return {"on_the_other_side",
                    "On one contract an organisation is supplier or project, never both, and this "
                    "one has taken the other side: use another organisation."};
        case Refusal::application_waiting:
            return {"application_waiting",
                    "An application of this project for this contract is waiting already: wait for "
                    "the authority's answer."};
        case Refusal::no_application:
            return {"no_application",
                    "No application of this project for this contract is waiting: ask the project "
                    "to apply."};
        case Refusal::unknown_account:
            return {"unknown_account",
                    "The ledger does not know this account: check the handle, or ask its authority "
                    "to register it."};
        case Refusal::unknown_outcome:
            return {"unknown_outcome",
                    "This outcome is not one of the contract's, or not one that the project is "
                    "accredited for: choose a listed outcome."};
        case Refusal::unknown_ward:
            return {"unknown_ward",
                    "This ward is not one of the contract's, or not one that the project is "
                    "accredited for: choose a listed ward."};
        case Refusal::unknown_resource:
            return {"unknown_resource",
                    "This resource is not in the contract's price list: choose a listed resource."};
        case Refusal::expiry_out_of_range:
            return {"expiry_out_of_range",
                    "The accreditation must end after now and not after the contract's redemption "
                    "deadline: choose another date."};
        case Refusal::not_accredited:
            return {"not_accredited",
                    "The project is not accredited on this contract now: apply for accreditation, "
                    "or renew it."};
        case Refusal::unknown_need:
            return {"unknown_need",
                    "The ledger does not know this need: it may have been withdrawn, so check its "
                    "reference."};
        case Refusal::not_your_need:
            return {"not_your_need",
                    "This need belongs to another project: only that project can withdraw it."};
        case Refusal::date_out_of_range:
            return {"date_out_of_range",
                    "The date is too early or too late for this contract or redemption: choose "
                    "another date."};
        case Refusal::bids_closed:
            return {"bids_closed",
                    "Bids on this contract have closed: nothing can be sealed any more."};
        case Refusal::bids_not_closed:
            return {"bids_not_closed",
                    "Bids on this contract have not closed yet: wait until they have."};
        case Refusal::reveal_over:
            return {"reveal_over",
                    "The time to reveal bids on this contract is over: ask the authority whether "
                    "it will take lines that you co-sign."};
        case Refusal::reveal_not_over:
            return {"reveal_not_over",
                    "Suppliers may still reveal their bids: wait until the time for that is over."};
        case Refusal::no_bid:
            return {"no_bid",
                    "There is no bid of this supplier on this contract: check the supplier and the "
                    "contract."};
        case Refusal::already_revealed:
            return {
                "already_revealed",
                "This bid has been revealed already: it counts once, and nothing more is needed."};
        case Refusal::seal_does_not_match:
            return {"seal_does_not_match",
                    "The lines and the salt are not those that were sealed: reveal exactly what "
                    "you sealed."};
        case Refusal::too_many_lines:
            return {"too_many_lines", "There are more lines than are allowed at once: split them."};
        case Refusal::unknown_line:
            return {"unknown_line",
                    "There is no line with this number: check the number in the bid or award."};
        case Refusal::line_already_awarded:
            return {"line_already_awarded",
                    "This line has been awarded already: choose lines that are still free."};
        case Refusal::supplier_has_not_signed:
            return {"supplier_has_not_signed",
                    "The supplier must sign this too: ask it to approve before you send it."};
        case Refusal::standstill_too_short:
            return {"standstill_too_short",
                    "The standstill must last at least as long as the contract says: choose a "
                    "later end."};
        case Refusal::standstill_after_deadline:
            return {"standstill_after_deadline",
                    "The standstill would end after the contract's redemption deadline: choose an "
                    "earlier end."};
        case Refusal::allocation_exceeded:
            return {
                "allocation_exceeded",
                "The contract does not have that many credits left to issue: award fewer lines."};
        case Refusal::unknown_award:
            return {"unknown_award", "The ledger does not know this award: check its reference."};
        case Refusal::award_not_in_standstill:
            return {"award_not_in_standstill",
                    "The standstill of this award is over, or the award was cancelled already: it "
                    "cannot be cancelled now."};
        case Refusal::award_not_issued:
            return {"award_not_issued",
                    "The credits of this award have not been issued: wait for the end of the "
                    "standstill, or check that it was not cancelled."};
        case Refusal::amount_too_large:
            return {"amount_too_large",
                    "The quantity times the unit value is more than the ledger can count: ask for "
                    "less."};
        case Refusal::not_the_awards_supplier:
            return {"not_the_awards_supplier",
                    "This award belongs to another supplier: choose one of your own."};
        case Refusal::unknown_recipient:
            return {
                "unknown_recipient",
                "The ledger does not know the account that should receive this: check the handle."};
        case Refusal::recipient_not_a_project:
            return {"recipient_not_a_project",
                    "Credits can be transferred to projects only, never to a supplier or an "
                    "authority: choose a project."};
        case Refusal::recipient_is_the_holder:
            return {"recipient_is_the_holder",
                    "The credits would stay where they are: choose another project."};
        case Refusal::not_on_the_contract:
            return {"not_on_the_contract",
                    "The receiving project is not accredited on this contract: choose another, or "
                    "ask the contract's authority to sign too."};
        case Refusal::another_project_than_awarded:
            return {"another_project_than_awarded",
                    "These credits were awarded for another project: send them there, or ask the "
                    "contract's authority to sign too."};
        case Refusal::insufficient_units:
            return {"insufficient_units",
                    "The awarded line has fewer units left: ask for no more than are left."};
        case Refusal::insufficient_credits:
            return {"insufficient_credits",
                    "There are not enough credits available under this contract from this "
                    "supplier: check the balance and ask for less."};
        case Refusal::balance_overflow:
            return {"balance_overflow",
                    "The balance or a total would grow larger than the ledger can count: move less "
                    "at a time."};
        case Refusal::authority_has_not_signed:
            return {"authority_has_not_signed",
                    "The contract's authority must sign this too: ask it to approve before you "
                    "send it."};
        case Refusal::supplier_may_not_transfer:
            return {"supplier_may_not_transfer",
                    "A supplier passes on the lines it was awarded, and nothing else: use the "
                    "transfer of an awarded line."};
        case Refusal::resource_not_promised:
            return {"resource_not_promised",
                    "This supplier's awards under this contract hold no such resource: choose one "
                    "that it promised."};
        case Refusal::unknown_redemption:
            return {"unknown_redemption",
                    "The ledger does not know this redemption: check its reference."};
        case Refusal::not_your_redemption:
            return {"not_your_redemption",
                    "This redemption belongs to another project: choose one of your own."};
        case Refusal::not_the_redemptions_supplier:
            return {"not_the_redemptions_supplier",
                    "This redemption was asked of another supplier: choose one that is yours to "
                    "answer."};
        case Refusal::already_answered:
            return {"already_answered",
                    "The supplier has answered this redemption already, or it has ended: look at "
                    "where it stands."};
        case Refusal::not_accepted:
            return {"not_accepted",
                    "The supplier has not accepted this redemption: accept it first."};
        case Refusal::unknown_redemption_line:
            return {"unknown_redemption_line",
                    "This redemption has no line with this number: check the number."};
        case Refusal::evidence_used:
            return {
                "evidence_used",
                "This piece of evidence has been counted before: give evidence of this delivery."};
        case Refusal::more_than_outstanding:
            return {
                "more_than_outstanding",
                "Fewer units are still to be delivered on this line: record no more than those."};
        case Refusal::more_than_delivered:
            return {"more_than_delivered",
                    "Fewer delivered units are waiting for the project on this line: name no more "
                    "than those."};
        case Refusal::more_than_confirmed:
            return {"more_than_confirmed",
                    "Fewer confirmed units are waiting for the authority on this line: name no "
                    "more than those."};
        case Refusal::nothing_outstanding:
            return {"nothing_outstanding",
                    "Nothing is left to be delivered on this line: there is nothing to cancel."};
        case Refusal::supplier_must_agree:
            return {"supplier_must_agree",
                    "The supplier has accepted and the agreed date has not passed: ask the other "
                    "side to sign too, or wait until that date has passed."};
        case Refusal::redemption_ended:
            return {"redemption_ended",
                    "This redemption has ended: nothing on it can change any more."};
        case Refusal::dispute_window_over:
            return {"dispute_window_over",
                    "The time to dispute under this contract is over: speak to the contract's "
                    "authority."};
        case Refusal::not_a_party:
            return {"not_a_party",
                    "Only the project, the supplier and the contract's authority may dispute this: "
                    "ask one of them."};
        case Refusal::nothing_disputed:
            return {"nothing_disputed",
                    "Nothing is in dispute on this line: check the redemption and the line."};
        case Refusal::not_all_disputed:
            return {"not_all_disputed",
                    "A dispute is resolved as a whole: the two quantities must add up to all units "
                    "in dispute on the line."};
        case Refusal::project_must_agree:
            return {"project_must_agree",
                    "The project has to agree to this cancellation: ask it to sign too before you "
                    "send it."};
        case Refusal::project_has_not_signed:
            return {"project_has_not_signed",
                    "The project never confirmed these units, so it must sign too: ask it to "
                    "approve before you send it."};
        case Refusal::unknown_proposal:
            return {"unknown_proposal",
                    "The ledger does not know this proposal: check its reference."};
        case Refusal::proposal_not_open:
            return {"proposal_not_open",
                    "Voting on this proposal is over: it was decided or it lapsed, so look at "
                    "where it stands."};
        case Refusal::proposer_left:
            return {"proposer_left",
                    "The authority that proposed this has left the ledger: propose it anew if you "
                    "want it."};
        case Refusal::concerns_your_authority:
            return {"concerns_your_authority",
                    "This proposal is about your own authority: the other authorities decide it."};
        case Refusal::already_voted:
            return {"already_voted",
                    "Your authority has voted on this proposal already: a vote is final."};
        case Refusal::effective_too_late:
            return {"effective_too_late",
                    "A change can be planned at most 366 days ahead: choose an earlier time."};
        case Refusal::unknown_authority:
            return {"unknown_authority",
                    "There is no such authority on this ledger now: check the handle."};
        case Refusal::too_few_authorities:
            return {"too_few_authorities",
                    "Such a change is decided by the other authorities, at least two of them, and "
                    "there are fewer: admit another authority first."};
        case Refusal::too_many_authorities:
            return {"too_many_authorities",
                    "The ledger has as many authorities as it can have: nobody can be admitted "
                    "until one leaves."};
        case Refusal::unknown_successor:
            return {"unknown_successor",
                    "Whoever takes over must be an authority of this ledger now: name another."};
        case Refusal::too_few_nodes_left:
            return {"too_few_nodes_left",
                    "Fewer than two nodes would be left to agree on blocks: give another node "
                    "power first."};
        case Refusal::no_misbehaviour:
            return {"no_misbehaviour",
                    "No evidence stands against this node since it was given its key or its "
                    "power: there is nothing to take its power for."};
        case Refusal::nothing_changes:
            return {"nothing_changes",
                    "This is how things stand already: propose something else, or nothing."};
        case Refusal::rule_set_goes_back:
            return {"rule_set_goes_back",
                    "The rules only go forward: propose a rule set with a higher number."};
        case Refusal::not_the_next_segment:
            return {"not_the_next_segment",
                    "The ledger's next stretch has another number: look up the present one and "
                    "add 1."};
        case Refusal::solo_needs_one_node:
            return {"solo_needs_one_node",
                    "The engine solo needs exactly one node with power, and there are more or "
                    "none: choose another engine."};
        case Refusal::authority_removed:
            return {"authority_removed",
                    "This authority has left the ledger and signs nothing any more: ask the one "
                    "that took over from it."};
    }
    return {};
}

Words words_of(Skip skip) noexcept {
    switch (skip) {
        case Skip::id_used:
            return {"id_used",
                    "This was sent before and the ledger has answered it: the first answer stands, "
                    "nothing happened twice."};
        case Skip::expired:
            return {"expired",
                    "It reached the ledger after the time until which it was valid: sign it again "
                    "and send it."};
        case Skip::too_distant:
            return {"too_distant",
                    "It says that it is valid for more than 30 days from now: sign it again with "
                    "an earlier time, and check this computer's clock."};
        case Skip::wrong_ledger:
            return {"wrong_ledger",
                    "It was signed for another ledger: choose the right ledger in the wallet and "
                    "sign again."};
        case Skip::not_authorised:
            return {"not_authorised",
                    "The signatures are not enough for what it asks: have the missing people sign, "
                    "then send it again."};
        case Skip::deadline_pending:
            return {"deadline_pending",
                    "A deadline that concerns this has just passed and the ledger deals with that "
                    "first: it will be tried again in a moment."};
        case Skip::refusal_limit:
            return {"refusal_limit",
                    "Too many requests of this account were refused just now: correct what was "
                    "refused, wait a moment and send it again."};
        case Skip::unknown_node:
            return {"unknown_node",
                    "It came through a node that does not belong to this ledger now: send it "
                    "through another node."};
        case Skip::handed_over:
            return {"handed_over",
                    "The ledger was just passing to its next stretch, which nothing may disturb: "
                    "it will be tried again in a moment."};
    }
    stop_on_bug("a skip that is not listed");
}

}  // namespace

std::optional<std::string_view> refusal_name(std::uint32_t number) noexcept {
    const auto refusal = refusal_from(number);
    if (!refusal) return std::nullopt;
    return words_of(*refusal).name;
}

std::string_view refusal_name(Refusal refusal) noexcept {
    return words_of(refusal).name;
}

std::string_view refusal_sentence(Refusal refusal) noexcept {
    return words_of(refusal).sentence;
}

std::optional<Refusal> refusal_from(std::uint32_t number) noexcept {
    if (number > UINT16_MAX) return std::nullopt;
    const auto refusal = static_cast<Refusal>(number);
    if (words_of(refusal).name.empty()) return std::nullopt;
    return refusal;
}

std::string_view skip_name(Skip skip) noexcept {
    return words_of(skip).name;
}

std::string_view skip_sentence(Skip skip) noexcept {
    return words_of(skip).sentence;
}

}  // namespace tallystick
