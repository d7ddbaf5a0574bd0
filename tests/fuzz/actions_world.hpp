#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "protocol/pb.hpp"

/// A script of actions in few bytes, so that a fuzzer can write one: eight bytes a step, each a
/// choice from a small pool. Read by actions_fuzz.cpp, written by make_corpus.cpp.
namespace tallystick::fuzz {

inline constexpr std::size_t step_bytes = 8;

/// What a step does; the numbers stand in the corpus.
enum class Act : std::uint8_t {
    open_contract,
    close_contract,
    apply,
    decline_application,
    accredit,
    publish_need,
    withdraw_need,
    seal,
    reveal,
    withdraw_lines,
    award_lines,
    award_revealed,
    cancel_award,
    transfer_awarded,
    transfer,
    return_credits,
    return_awarded,
    redeem,
    accept,
    decline,
    cancel,
    record,
    confirm,
    verify,
    dispute,
    resolve,
    propose,
    vote,
    report,  ///< no envelope: the engine reports that a node signed twice
};
inline constexpr std::size_t acts = 29;

/// One step as chosen. `what` is a quantity or amount, `where` a line, resource or cell, `object`
/// the step that created what this one is about, `whom` another account.
struct Step {
    Act act = Act::open_contract;
    std::uint8_t who = 0;
    std::uint8_t co_signers = 0;  ///< a bit an account
    std::uint8_t wait = 0;
    std::uint8_t what = 0;
    std::uint8_t where = 0;
    std::uint8_t object = 0;
    std::uint8_t whom = 0;
};

/// @pre `bytes` has `step_bytes` bytes.
[[nodiscard]] Step step_from(std::string_view bytes);

/// What time passes before the step.
[[nodiscard]] std::uint64_t seconds_waited(const Step& step);

/// 32 bytes that name the envelope of step `number`.
[[nodiscard]] std::string id_of_step(std::size_t number);

/// The body of a step at `now`, ready for `check_action`. @pre its act is not `report`.
[[nodiscard]] pb::Body body_of(const Step& step, std::uint64_t now);

/// What the engine reports in such a step. @pre its act is `report`.
[[nodiscard]] pb::Misbehaviour report_of(const Step& step);

/// Scripts to begin with, by name.
[[nodiscard]] std::map<std::string, std::string> action_stories();

}  // namespace tallystick::fuzz
