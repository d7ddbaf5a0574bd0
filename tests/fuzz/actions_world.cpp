#include "fuzz/actions_world.hpp"

#include <array>
#include <initializer_list>

#include "fuzz/actions_governing.hpp"
#include "fuzz/fuzz.hpp"
#include "unit/ledger/support.hpp"

namespace tallystick::fuzz {

namespace {

using ledger::test::bridge;
using ledger::test::bytes32;
using ledger::test::claim_on;
using ledger::test::commitment;
using ledger::test::day;
using ledger::test::deadline;
using ledger::test::reason;
using ledger::test::test_ledger;

/// Numbers of the accounts in `Step::who`, `whom` and the bits of `co_signers`.
enum Who : std::uint8_t {
    the_authority,
    other_authority,
    supplier,
    second,
    both,
    group,
    club,
    stranger
};

const std::string& account(std::uint8_t number) {
    static const std::array<std::string, 8> all{ledger::test::suffolk,     ledger::test::norfolk,
                                                ledger::test::builders,    ledger::test::cleaners,
                                                ledger::test::cooperative, ledger::test::food_bank,
                                                ledger::test::youth_club,  ledger::test::choir};
    return all[number % all.size()];
}

template <class Number, std::size_t count>
Number pick(const std::array<Number, count>& pool, std::uint8_t number) {
    return pool[number % count];
}

std::uint64_t quantity(std::uint8_t number) {
    constexpr std::uint64_t largest = Amount::hundredths_max;
    static constexpr std::array<std::uint64_t, 16> all{
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, 370, 371, 2000, largest / 5000, largest};
    return pick(all, number);
}

std::uint64_t hundredths(std::uint8_t number) {
    static constexpr std::array<std::uint64_t, 16> all{
        1,          100,        4'999,   5'000,
        5'001,      10'000,     15'000,  20'000,
        27'000,     50'000,     270'000, 1'000'000,
        10'000'000, 10'000'001, 1 << 30, Amount::hundredths_max};
    return pick(all, number);
}

const std::string& resource(std::uint8_t number) {
    return number % 2 == 0 ? ledger::test::laptop : ledger::test::bid_writer;
}

pb::ContractId contract(std::uint8_t number) {
    return number % 8 == 7 ? ledger::test::contract_id("norfolk", "ocds-second") : bridge();
}

std::string outcome(std::uint8_t where) {
    return (where & 2) != 0 ? "jobs" : "skills";
}

std::string ward(std::uint8_t where) {
    return (where & 4) != 0 ? "gipping" : "orwell";
}

/// Sealed one day and revealed another: what is due then must not depend on the time.
constexpr std::uint64_t sealed_due = deadline - 100 * day;

/// What two bits of `where` say is what not every group may have.
pb::CommitmentLine line(const Step& step, std::uint64_t due) {
    return commitment(account(step.whom), resource(step.where), quantity(step.what),
                      outcome(step.where), ward(step.where), due);
}

std::string seal_of(const Step& step) {
    pb::CommitmentLines lines;
    *lines.add_lines() = line(step, sealed_due);
    return seal_hash(test_ledger(), claim_on(contract(step.object), account(step.who)),
                     bytes32("salt"), lines)
        .str();
}

pb::OpenContract second_contract(std::uint64_t now) {
    pb::OpenContract open;
    *open.mutable_contract() = contract(7);
    open.set_value_pence(1'000'000);
    open.set_allocation_fixed(Amount::hundredths_max);
    for (const auto& code : {ledger::test::bid_writer, ledger::test::laptop}) {
        auto& price = *open.add_prices();
        price.set_resource(code);
        price.set_kind(pb::RESOURCE_KIND_MATERIALS);
        price.set_unit(pb::RESOURCE_UNIT_ITEM);
        price.set_hundredths_per_unit(Amount::hundredths_max / 3);
    }
    for (const auto* outcome : {"jobs", "skills"}) open.add_outcomes(outcome);
    for (const auto* ward : {"gipping", "orwell"}) open.add_wards(ward);
    open.set_bids_close(now + day);
    open.set_standstill_seconds(day);
    open.set_redemption_deadline(now + 100 * day);
    return open;
}

template <class Action>
Action on_contract(const Step& step) {
    Action action;
    *action.mutable_contract() = contract(step.object);
    return action;
}

template <class Action>
Action with_places(Action action) {
    for (const auto* outcome : {"jobs", "skills"}) action.add_outcomes(outcome);
    for (const auto* ward : {"gipping", "orwell"}) action.add_wards(ward);
    return action;
}

std::string object_of(const Step& step) {
    return id_of_step(step.object);
}

pb::Claim claim_of(const Step& step) {
    return claim_on(contract(step.object),
                    account(static_cast<std::uint8_t>(supplier + step.where / 8 % 3)));
}

// One function an act, in their order.

void open_contract(pb::Body& body, const Step&, std::uint64_t now) {
    *body.mutable_open_contract() = second_contract(now);
}

void close_contract(pb::Body& body, const Step& step, std::uint64_t) {
    *body.mutable_close_contract() = on_contract<pb::CloseContract>(step);
}

void apply(pb::Body& body, const Step& step, std::uint64_t) {
    *body.mutable_apply_for_accreditation() =
        with_places(on_contract<pb::ApplyForAccreditation>(step));
}

void decline_application(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = *body.mutable_decline_application();
    action = on_contract<pb::DeclineApplication>(step);
    action.set_project(account(step.whom));
    *action.mutable_reason() = reason(pb::REASON_CODE_OUT_OF_SCOPE);
}

void accredit(pb::Body& body, const Step& step, std::uint64_t now) {
    auto& action = *body.mutable_accredit();
    action = with_places(on_contract<pb::Accredit>(step));
    action.set_project(account(step.whom));
    action.set_expires(now + quantity(step.what) % 60 * day + 1);
    *action.mutable_relevance() = reason(pb::REASON_CODE_RELEVANT_TO_PLACE);
}

void publish_need(pb::Body& body, const Step& step, std::uint64_t now) {
    auto& action = *body.mutable_publish_need();
    action = on_contract<pb::PublishNeed>(step);
    action.set_resource(resource(step.where));
    action.set_quantity(quantity(step.what));
    action.set_by_when(now + 20 * day);
    action.set_ward("orwell");
}

void withdraw_need(pb::Body& body, const Step& step, std::uint64_t) {
    body.mutable_withdraw_need()->set_need(object_of(step));
}

void seal(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = *body.mutable_seal_lines();
    action = on_contract<pb::SealLines>(step);
    action.set_hash(seal_of(step));
}

void reveal(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = *body.mutable_reveal_lines();
    action = on_contract<pb::RevealLines>(step);
    action.set_salt(bytes32("salt"));
    *action.add_lines() = line(step, sealed_due);
}

void withdraw_lines(pb::Body& body, const Step& step, std::uint64_t) {
    *body.mutable_withdraw_lines() = on_contract<pb::WithdrawLines>(step);
}

pb::Award award(const Step& step, std::uint64_t now) {
    auto action = on_contract<pb::Award>(step);
    action.set_standstill_ends(now + ledger::test::standstill_seconds);
    return action;
}

void award_lines(pb::Body& body, const Step& step, std::uint64_t now) {
    auto& action = *body.mutable_award();
    action = award(step, now);
    action.set_supplier(claim_of(step).supplier());
    *action.add_lines() = line(step, now + 20 * day);
}

void award_revealed(pb::Body& body, const Step& step, std::uint64_t now) {
    auto& action = *body.mutable_award();
    action = award(step, now);
    action.set_supplier(account(step.whom));
    action.add_revealed(0);
}

void cancel_award(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = *body.mutable_cancel_award();
    action.set_award(object_of(step));
    *action.mutable_reason() = reason(pb::REASON_CODE_CHALLENGE_UPHELD);
}

void transfer_awarded(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = *body.mutable_transfer_awarded();
    action.set_award(object_of(step));
    action.set_quantity(quantity(step.what));
    action.set_to(account(step.whom));
}

void transfer(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = *body.mutable_transfer();
    *action.mutable_claim() = claim_of(step);
    action.set_amount(hundredths(step.what));
    action.set_to(account(step.whom));
}

void return_credits(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = *body.mutable_return_credits();
    *action.mutable_claim() = claim_of(step);
    action.set_amount(hundredths(step.what));
}

void return_awarded(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = *body.mutable_return_awarded();
    action.set_award(object_of(step));
    action.set_quantity(quantity(step.what));
}

void redeem(pb::Body& body, const Step& step, std::uint64_t now) {
    auto& action = *body.mutable_redeem();
    *action.mutable_claim() = claim_of(step);
    for (int i = 0; i <= step.whom % 2; ++i) {
        auto& wanted = *action.add_lines();
        wanted.set_resource(resource(step.where));
        wanted.set_quantity(quantity(step.what));
        wanted.set_outcome(outcome(step.where));
        wanted.set_ward(ward(step.where));
    }
    action.set_wanted_by(now + 10 * day);
}

void accept(pb::Body& body, const Step& step, std::uint64_t now) {
    body.mutable_accept_redemption()->set_redemption(object_of(step));
    body.mutable_accept_redemption()->set_date(now + step.what * day);
}

void decline(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = *body.mutable_decline_redemption();
    action.set_redemption(object_of(step));
    *action.mutable_reason() = reason(pb::REASON_CODE_NO_CAPACITY);
}

void cancel(pb::Body& body, const Step& step, std::uint64_t) {
    body.mutable_cancel_redemption()->set_redemption(object_of(step));
    body.mutable_cancel_redemption()->add_lines(step.where % 2);
}

/// Names a line of a redemption in whatever message does so.
template <class Message>
Message& with_line(Message& message, const Step& step) {
    message.set_redemption(object_of(step));
    message.set_line(step.where % 2);
    return message;
}

void record(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = with_line(*body.mutable_record_delivery(), step);
    action.set_quantity(quantity(step.what));
    action.add_evidence(bytes32("photo " + std::to_string(step.whom)));
}

void confirm(pb::Body& body, const Step& step, std::uint64_t) {
    auto& one = with_line(*body.mutable_confirm_delivery()->add_lines(), step);
    one.set_quantity(quantity(step.what));
}

void verify(pb::Body& body, const Step& step, std::uint64_t) {
    auto& one = with_line(*body.mutable_verify_delivery()->add_lines(), step);
    one.set_quantity(quantity(step.what));
}

void dispute(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = with_line(*body.mutable_dispute(), step);
    action.set_quantity(quantity(step.what));
    action.set_from(step.whom % 2 == 0 ? pb::CELL_DELIVERED : pb::CELL_CONFIRMED);
    *action.mutable_reason() = reason(pb::REASON_CODE_POOR_QUALITY);
}

void resolve(pb::Body& body, const Step& step, std::uint64_t) {
    auto& action = with_line(*body.mutable_resolve_dispute(), step);
    action.set_to_project(step.what / 16);
    action.set_to_retire(step.what % 16);
}

void propose(pb::Body& body, const Step& step, std::uint64_t now) {
    body.set_account(governing_authority(step.who));
    body.clear_co_signers();
    *body.mutable_propose()->mutable_change() = change_of_step(step);
    if (step.what % 4 == 2) body.mutable_propose()->set_effective_at(now + 5 * day);
}

void vote(pb::Body& body, const Step& step, std::uint64_t) {
    body.set_account(governing_authority(step.who));
    body.clear_co_signers();
    body.mutable_vote()->set_proposal(object_of(step));
    body.mutable_vote()->set_choice(step.what % 8 == 7 ? pb::CHOICE_NO : pb::CHOICE_YES);
}

void no_envelope(pb::Body&, const Step&, std::uint64_t) {}

using Fill = void (*)(pb::Body&, const Step&, std::uint64_t now);

/// In the order of `Act`.
constexpr std::array<Fill, acts> fills{
    open_contract,  close_contract,   apply,         decline_application,
    accredit,       publish_need,     withdraw_need, seal,
    reveal,         withdraw_lines,   award_lines,   award_revealed,
    cancel_award,   transfer_awarded, transfer,      return_credits,
    return_awarded, redeem,           accept,        decline,
    cancel,         record,           confirm,       verify,
    dispute,        resolve,          propose,       vote,
    no_envelope};

std::string script(std::initializer_list<Step> steps) {
    std::string bytes;
    for (const auto& step : steps)
        for (const auto number : {static_cast<std::uint8_t>(step.act), step.who, step.co_signers,
                                  step.wait, step.what, step.where, step.object, step.whom})
            bytes += static_cast<char>(number);
    return bytes;
}

/// Places in the table of waits, and in that of quantities.
enum Wait : std::uint8_t {
    none,
    second_long,
    hour,
    a_day,
    three_days,
    ten_days,
    fourteen_days,
    thirty_days,
    sixty_days,
    ninety_days,
    four_hundred_days
};
constexpr std::uint8_t ten_units = 9;

constexpr std::uint8_t bit_of(std::uint8_t who) {
    return static_cast<std::uint8_t>(1U << who);
}

/// Ten laptops for the group: awarded (step 0), issued, passed on (step 1), asked for (step 2),
/// accepted (step 3).
const std::initializer_list<Step> asked_for{
    {Act::award_lines, the_authority, bit_of(supplier), thirty_days, ten_units, 0, 0, group},
    {Act::transfer_awarded, supplier, 0, ten_days, ten_units, 0, 0, group},
    {Act::redeem, group, 0, none, ten_units, 0, 2 * 8, 0},
    {Act::accept, supplier, 0, hour, 5, 0, 2, 0},
};

std::string after_asking(std::initializer_list<Step> rest) {
    return script(asked_for) + script(rest);
}

}  // namespace

Step step_from(std::string_view bytes) {
    Choices choices{bytes};
    Step step;
    step.act = static_cast<Act>(choices.below(acts));
    for (auto* member : {&step.who, &step.co_signers, &step.wait, &step.what, &step.where,
                         &step.object, &step.whom})
        *member = choices.byte();
    return step;
}

std::uint64_t seconds_waited(const Step& step) {
    static constexpr std::array<std::uint64_t, 11> all{
        0, 1, 3600, day, 3 * day, 10 * day, 14 * day, 30 * day, 60 * day, 90 * day, 400 * day};
    return pick(all, step.wait);
}

std::string id_of_step(std::size_t number) {
    return bytes32("step " + std::to_string(number % 16));
}

pb::Body body_of(const Step& step, std::uint64_t now) {
    pb::Body body;
    body.set_ledger_id(test_ledger().str());
    body.set_account(account(step.who));
    std::set<std::string> co_signers;
    for (std::uint8_t who = 0; who < 8; ++who)
        if ((step.co_signers & bit_of(who)) != 0 && account(who) != body.account())
            co_signers.insert(account(who));
    for (const auto& who : co_signers) body.add_co_signers(who);
    fills[static_cast<std::size_t>(step.act)](body, step, now);
    return body;
}

std::map<std::string, std::string> action_stories() {
    const std::uint8_t five_and_five = 5 * 16 + 5;
    // Kinds of change, as `change` reads them; suffolk is 0, norfolk 1, essex 2, kent 3, surrey 4.
    const std::uint8_t admitting = 0, removing = 1, node = 3, setting = 4, power = 5, over = 6;
    return {
        {"delivered", after_asking({{Act::record, supplier, 0, a_day, 9, 0, 2, 1},
                                    {Act::confirm, group, 0, a_day, 9, 0, 2, 0},
                                    {Act::verify, the_authority, 0, a_day, 9, 0, 2, 0},
                                    {Act::close_contract, the_authority, 0, four_hundred_days}})},
        {"disputed",
         after_asking({{Act::record, supplier, 0, a_day, 9, 0, 2, 1},
                       {Act::confirm, group, 0, a_day, 4, 0, 2, 0},
                       {Act::dispute, the_authority, 0, a_day, 4, 0, 2, 1},
                       {Act::dispute, group, 0, a_day, 4, 0, 2, 0},
                       {Act::resolve, the_authority, bit_of(group), a_day, five_and_five, 0, 2}})},
        {"cancelled", after_asking({{Act::cancel, group, bit_of(supplier), a_day, 0, 0, 2, 0},
                                    {Act::return_credits, group, 0, none, 3, 0, 0, 0}})},
        {"expired", after_asking({{Act::record, supplier, 0, a_day, 4, 0, 2, 1},
                                  {Act::transfer, group, 0, four_hundred_days, 3, 0, 0, club},
                                  {Act::close_contract, the_authority, 0, ninety_days}})},
        {"passed_on_by_itself",
         script({{Act::award_lines, the_authority, bit_of(supplier), thirty_days, 4, 0, 0, group},
                 {Act::return_awarded, supplier, bit_of(the_authority), ten_days, 0, 0, 0, 0},
                 {Act::transfer, group, 0, thirty_days, 3, 0, 0, club}})},
        {"cancelled_award",
         script({{Act::award_lines, the_authority, bit_of(supplier), thirty_days, 4, 0, 0, group},
                 {Act::cancel_award, the_authority, 0, a_day, 0, 0, 0, 0},
                 {Act::award_lines, the_authority, bit_of(second), a_day, 4, 8, 0, group}})},
        {"sealed", script({{Act::seal, supplier, 0, none, 4, 0, 0, group},
                           {Act::reveal, supplier, 0, thirty_days, 4, 0, 0, group},
                           {Act::award_revealed, the_authority, 0, three_days, 0, 0, 0, supplier},
                           {Act::transfer_awarded, supplier, 0, ten_days, 1, 0, 2, group}})},
        {"second_contract",
         script({{Act::open_contract, other_authority, 0, none, 0, 0, 7, 0},
                 {Act::apply, stranger, 0, none, 0, 0, 7, 0},
                 {Act::accredit, other_authority, 0, hour, 10, 0, 7, stranger},
                 {Act::publish_need, stranger, 0, none, 1, 0, 7, 0},
                 {Act::award_lines, other_authority, bit_of(supplier), a_day, 0, 0, 7, stranger},
                 {Act::transfer_awarded, supplier, 0, ten_days, 0, 0, 4, stranger},
                 {Act::redeem, stranger, 0, none, 0, 0, 7, 0},
                 {Act::decline, supplier, 0, hour, 0, 0, 6, 0},
                 {Act::withdraw_need, stranger, 0, none, 0, 0, 3, 0}})},
        {"admitted", script({{Act::propose, 0, 0, none, 0, admitting, 0, 4},
                             {Act::vote, 1, 0, hour, 0, 0, 0, 0},
                             {Act::vote, 2, 0, hour, 0, 0, 0, 0},
                             {Act::propose, 4, 0, a_day, 1, setting, 3, 0},
                             {Act::vote, 0, 0, hour, 0, 0, 3, 0},
                             {Act::vote, 1, 0, hour, 7, 0, 3, 0},
                             {Act::vote, 2, 0, thirty_days, 0, 0, 3, 0}})},
        {"power_taken", script({{Act::report, 0, 0, none, 5, 0, 0, 1},
                                {Act::propose, 0, 0, none, 0, power, 0, 1},
                                {Act::vote, 2, 0, hour, 0, 0, 1, 0},
                                {Act::vote, 3, 0, hour, 0, 0, 1, 0},
                                {Act::propose, 1, 0, a_day, 1, node, 2, 1},
                                {Act::vote, 0, 0, hour, 0, 0, 4, 0},
                                {Act::vote, 2, 0, hour, 0, 0, 4, 0},
                                {Act::vote, 3, 0, hour, 0, 0, 4, 0},
                                {Act::report, 0, 0, a_day, 6, 0, 0, 1}})},
        {"succeeded", script({{Act::apply, stranger, 0, none, 0, 0, 0, 0},
                              {Act::propose, 2, 0, none, 0, removing, 1, 0},
                              {Act::vote, 1, 0, hour, 0, 0, 1, 0},
                              {Act::vote, 3, 0, hour, 0, 0, 1, 0},
                              {Act::accredit, the_authority, 0, a_day, 9, 0, 0, stranger},
                              {Act::accredit, other_authority, 0, none, 9, 0, 0, stranger},
                              {Act::propose, 3, 0, none, 2, over, 0, 0},
                              {Act::vote, 1, 0, hour, 0, 0, 6, 0},
                              {Act::vote, 2, 0, ten_days, 0, 0, 6, 0}})},
    };
}

}  // namespace tallystick::fuzz
