#pragma once

#include <string>

#include "protocol/pb.hpp"
#include "wallet/core/facts.hpp"

/// One function an action; `sentence_of` chooses among them. Each gives the words behind
/// "You, ACCOUNT, ", without a full stop.
namespace tallystick::wallet {

[[nodiscard]] std::string say(const pb::Propose& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::Vote& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::Register& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::SetPolicy& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::OpenContract& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::CloseContract& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::ApplyForAccreditation& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::DeclineApplication& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::Accredit& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::PublishNeed& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::WithdrawNeed& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::SealLines& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::RevealLines& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::WithdrawLines& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::Award& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::CancelAward& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::TransferAwarded& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::Transfer& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::ReturnCredits& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::ReturnAwarded& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::Redeem& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::AcceptRedemption& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::DeclineRedemption& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::CancelRedemption& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::RecordDelivery& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::ConfirmDelivery& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::VerifyDelivery& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::Dispute& action, const Facts& facts);
[[nodiscard]] std::string say(const pb::ResolveDispute& action, const Facts& facts);

/// `a`, `a and b`, `a, b and c`; past `most` items: `a, b and 7 more`.
[[nodiscard]] std::string joined(const std::vector<std::string>& items, std::size_t most = 8);

/// A count with its noun: `1 line`, `3 lines`.
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

/// `3 × laptop (worth 750.00 credits)`, the value only where the facts give one.
[[nodiscard]] std::string resources_text(const pb::ContractId& contract,
                                         const std::string& resource, std::uint64_t quantity,
                                         const Facts& facts);

/// Keys and thresholds of a policy.
[[nodiscard]] std::string policy_text(const pb::Policy& policy);

/// ` because it is no longer needed`-like words of a reason: ` (reason: no longer needed)`.
[[nodiscard]] std::string because(const pb::Reason& reason);

/// A commitment line in words.
[[nodiscard]] std::string line_text(const pb::ContractId& contract, const pb::CommitmentLine& line,
                                    const Facts& facts);

}  // namespace tallystick::wallet
