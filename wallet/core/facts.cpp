#include "wallet/core/facts.hpp"

#include <algorithm>
#include <vector>

#include "protocol/types.hpp"

namespace tallystick::wallet {

namespace {

/// What a body names, beside its accounts.
struct Named {
    std::vector<pb::ContractId> contracts;
    std::vector<std::pair<std::string, std::optional<std::uint32_t>>> awards;
    /// Without a number: all lines of the redemption.
    std::vector<std::pair<std::string, std::optional<std::uint32_t>>> redemptions;
    std::vector<std::string> needs;
    std::vector<std::pair<pb::Claim, std::uint32_t>> revealed;
};

Named names_of(const pb::Award& award) {
    Named named{{award.contract()}, {}, {}, {}, {}};
    for (const auto number : award.revealed()) {
        pb::Claim bidder;
        *bidder.mutable_contract() = award.contract();
        bidder.set_supplier(award.supplier());
        named.revealed.emplace_back(bidder, number);
    }
    return named;
}

template <class Lines>
Named names_of_lines(const Lines& lines) {
    Named named;
    for (const auto& line : lines) named.redemptions.emplace_back(line.redemption(), line.line());
    return named;
}

Named contract_named(const pb::ContractId& contract) {
    return {{contract}, {}, {}, {}, {}};
}

Named award_named(const std::string& id, std::optional<std::uint32_t> line) {
    return {{}, {{id, line}}, {}, {}, {}};
}

Named redemption_named(const std::string& id, std::optional<std::uint32_t> line) {
    return {{}, {}, {{id, line}}, {}, {}};
}

Named named_by(const pb::Body& body) {
    switch (body.action_case()) {
        case pb::Body::kPropose:
        case pb::Body::kVote:
        case pb::Body::kRegister:
        case pb::Body::kSetPolicy:
        case pb::Body::ACTION_NOT_SET: return {};
        case pb::Body::kOpenContract: return contract_named(body.open_contract().contract());
        case pb::Body::kCloseContract: return contract_named(body.close_contract().contract());
        case pb::Body::kApplyForAccreditation:
            return contract_named(body.apply_for_accreditation().contract());
        case pb::Body::kDeclineApplication:
            return contract_named(body.decline_application().contract());
        case pb::Body::kAccredit: return contract_named(body.accredit().contract());
        case pb::Body::kPublishNeed: return contract_named(body.publish_need().contract());
        case pb::Body::kWithdrawNeed: return {{}, {}, {}, {body.withdraw_need().need()}, {}};
        case pb::Body::kSealLines: return contract_named(body.seal_lines().contract());
        case pb::Body::kRevealLines: return contract_named(body.reveal_lines().contract());
        case pb::Body::kWithdrawLines: return contract_named(body.withdraw_lines().contract());
        case pb::Body::kAward: return names_of(body.award());
        case pb::Body::kCancelAward: return award_named(body.cancel_award().award(), std::nullopt);
        case pb::Body::kTransferAwarded:
            return award_named(body.transfer_awarded().award(), body.transfer_awarded().line());
        case pb::Body::kTransfer: return contract_named(body.transfer().claim().contract());
        case pb::Body::kReturnCredits:
            return contract_named(body.return_credits().claim().contract());
        case pb::Body::kReturnAwarded:
            return award_named(body.return_awarded().award(), body.return_awarded().line());
        case pb::Body::kRedeem: return contract_named(body.redeem().claim().contract());
        case pb::Body::kAcceptRedemption:
            return redemption_named(body.accept_redemption().redemption(), std::nullopt);
        case pb::Body::kDeclineRedemption:
            return redemption_named(body.decline_redemption().redemption(), std::nullopt);
        case pb::Body::kCancelRedemption:
            return redemption_named(body.cancel_redemption().redemption(), std::nullopt);
        case pb::Body::kRecordDelivery:
            return redemption_named(body.record_delivery().redemption(),
                                    body.record_delivery().line());
        case pb::Body::kConfirmDelivery: return names_of_lines(body.confirm_delivery().lines());
        case pb::Body::kVerifyDelivery: return names_of_lines(body.verify_delivery().lines());
        case pb::Body::kDispute:
            return redemption_named(body.dispute().redemption(), body.dispute().line());
        case pb::Body::kResolveDispute:
            return redemption_named(body.resolve_dispute().redemption(),
                                    body.resolve_dispute().line());
    }
    return {};
}

/// What the sentence of a change rests on.
std::vector<std::string> change_keys(const pb::Change& change) {
    std::vector<std::string> keys;
    if (change.has_set_parameter()) keys.push_back(parameters_key().bytes);
    if (change.has_set_node())
        keys.push_back(authority_node_key(change.set_node().authority()).bytes);
    if (change.has_take_power())
        keys.push_back(authority_node_key(change.take_power().authority()).bytes);
    return keys;
}

std::vector<std::string> governing_keys(const pb::Body& body) {
    if (!body.has_propose() && !body.has_vote()) return {};
    auto keys = change_keys(body.propose().change());
    keys.insert(keys.begin(), authorities_key().bytes);
    return keys;
}

/// The sum of quantity times unit value; nothing once anything is unknown or too large.
class Sum {
  public:
    void add(std::uint64_t quantity, std::optional<std::uint64_t> unit_value) {
        const auto unit = unit_value ? Amount::from(*unit_value) : std::nullopt;
        const auto value = unit ? unit->times(quantity) : std::nullopt;
        total_ = total_ && value ? total_->plus(*value) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::uint64_t> hundredths() const {
        return total_ ? std::optional{total_->hundredths()} : std::nullopt;
    }

  private:
    std::optional<Amount> total_ = Amount{};
};

std::optional<std::uint64_t> unit_value_of(const std::optional<pb::RedemptionLine>& line) {
    return line ? std::optional{line->unit_value()} : std::nullopt;
}

std::optional<std::uint64_t> unit_value_of(const std::optional<pb::PricedResource>& price) {
    return price ? std::optional{price->unit_value()} : std::nullopt;
}

template <class Lines>
std::optional<std::uint64_t> value_of_lines(const Lines& lines, const Facts& facts) {
    Sum sum;
    for (const auto& one : lines)
        sum.add(one.quantity(),
                unit_value_of(facts.get(redemption_line_key(one.redemption(), one.line()))));
    return sum.hundredths();
}

std::optional<std::uint64_t> value_of_units(const std::string& redemption, std::uint32_t line,
                                            std::uint64_t quantity, const Facts& facts) {
    Sum sum;
    sum.add(quantity, unit_value_of(facts.get(redemption_line_key(redemption, line))));
    return sum.hundredths();
}

std::optional<std::uint64_t> value_of_awarded(const std::string& award, std::uint32_t number,
                                              std::uint64_t quantity, const Facts& facts) {
    Sum sum;
    const auto line = facts.get(awarded_line_key(award, number));
    sum.add(quantity, line ? std::optional{line->unit_value()} : std::nullopt);
    return sum.hundredths();
}

/// What is outstanding on these lines, or on all of them.
std::optional<std::uint64_t> value_outstanding(const std::string& id,
                                               std::vector<std::uint32_t> numbers,
                                               const Facts& facts) {
    Sum sum;
    const auto redemption = facts.get(redemption_key(id));
    if (!redemption) return std::nullopt;
    for (std::uint32_t i = 0; numbers.empty() && i < redemption->lines(); ++i) numbers.push_back(i);
    for (const auto number : numbers) {
        const auto line = facts.get(redemption_line_key(id, number));
        sum.add(line ? line->cells().outstanding() : 0, unit_value_of(line));
    }
    return sum.hundredths();
}

std::optional<std::uint64_t> value_of_award(const pb::Award& award, const Facts& facts) {
    Sum sum;
    for (const auto& line : award.lines())
        sum.add(line.quantity(), unit_value_of(facts.price(award.contract(), line.resource())));
    for (const auto& [bidder, number] : names_of(award).revealed) {
        const auto revealed = facts.get(revealed_line_key(bidder, number));
        if (!revealed) return std::nullopt;
        sum.add(revealed->line().quantity(),
                unit_value_of(facts.price(award.contract(), revealed->line().resource())));
    }
    return sum.hundredths();
}

std::optional<std::uint64_t> value_of_redeem(const pb::Redeem& redeem, const Facts& facts) {
    Sum sum;
    for (const auto& line : redeem.lines())
        sum.add(line.quantity(),
                unit_value_of(facts.price(redeem.claim().contract(), line.resource())));
    return sum.hundredths();
}

}  // namespace

std::optional<pb::PricedResource> Facts::price(const pb::ContractId& contract,
                                               const std::string& resource) const {
    const auto known = get(contract_key(contract));
    if (!known) return std::nullopt;
    for (const auto& price : known->prices()) {
        if (price.price().resource() == resource) return price;
    }
    return std::nullopt;
}

Try<void> gather_facts(const pb::Body& body, const EntryFetcher& fetch, Facts& facts) {
    const auto want = [&](const std::string& key) -> Try<void> {
        if (facts.knows(key)) return {};
        auto value = fetch(key);
        if (!value) return Failure{value.error()};
        facts.learn(key, std::move(*value));
        return {};
    };
    std::vector<std::string> keys{account_key(body.account()).bytes};
    for (const auto& account : body.co_signers()) keys.push_back(account_key(account).bytes);
    for (auto& key : governing_keys(body)) keys.push_back(std::move(key));
    if (body.has_vote()) {
        const auto key = proposal_key(body.vote().proposal());
        if (const auto got = want(key.bytes); !got) return got;
        if (const auto proposal = facts.get(key))
            for (auto& changed : change_keys(proposal->change()))
                keys.push_back(std::move(changed));
    }
    auto named = named_by(body);
    for (const auto& [id, line] : named.awards) {
        if (const auto got = want(award_key(id).bytes); !got) return got;
        if (line) keys.push_back(awarded_line_key(id, *line).bytes);
        if (const auto award = facts.get(award_key(id)))
            named.contracts.push_back(award->claim().contract());
    }
    for (const auto& [id, line] : named.redemptions) {
        if (const auto got = want(redemption_key(id).bytes); !got) return got;
        const auto redemption = facts.get(redemption_key(id));
        if (!redemption) continue;
        named.contracts.push_back(redemption->claim().contract());
        for (std::uint32_t i = 0; !line && i < redemption->lines(); ++i)
            keys.push_back(redemption_line_key(id, i).bytes);
        if (line) keys.push_back(redemption_line_key(id, *line).bytes);
    }
    for (const auto& need : named.needs) keys.push_back(need_key(need).bytes);
    for (const auto& [bidder, number] : named.revealed)
        keys.push_back(revealed_line_key(bidder, number).bytes);
    for (const auto& contract : named.contracts) keys.push_back(contract_key(contract).bytes);
    for (const auto& key : keys) {
        if (const auto got = want(key); !got) return got;
    }
    return {};
}

std::optional<std::uint64_t> amount_moved(const pb::Body& body, const Facts& facts) {
    switch (body.action_case()) {
        case pb::Body::kTransfer: return body.transfer().amount();
        case pb::Body::kReturnCredits: return body.return_credits().amount();
        case pb::Body::kTransferAwarded: {
            const auto& action = body.transfer_awarded();
            return value_of_awarded(action.award(), action.line(), action.quantity(), facts);
        }
        case pb::Body::kReturnAwarded: {
            const auto& action = body.return_awarded();
            return value_of_awarded(action.award(), action.line(), action.quantity(), facts);
        }
        case pb::Body::kAward: return value_of_award(body.award(), facts);
        case pb::Body::kRedeem: return value_of_redeem(body.redeem(), facts);
        case pb::Body::kDeclineRedemption:
            return value_outstanding(body.decline_redemption().redemption(), {}, facts);
        case pb::Body::kCancelRedemption: {
            const auto& action = body.cancel_redemption();
            return value_outstanding(action.redemption(),
                                     {action.lines().begin(), action.lines().end()}, facts);
        }
        case pb::Body::kRecordDelivery: {
            const auto& action = body.record_delivery();
            return value_of_units(action.redemption(), action.line(), action.quantity(), facts);
        }
        case pb::Body::kConfirmDelivery:
            return value_of_lines(body.confirm_delivery().lines(), facts);
        case pb::Body::kVerifyDelivery:
            return value_of_lines(body.verify_delivery().lines(), facts);
        case pb::Body::kDispute: {
            const auto& action = body.dispute();
            return value_of_units(action.redemption(), action.line(), action.quantity(), facts);
        }
        case pb::Body::kResolveDispute: {
            const auto& action = body.resolve_dispute();
            const auto units = Amount::from(action.to_project());
            const auto more = Amount::from(action.to_retire());
            const auto sum = units && more ? units->plus(*more) : std::nullopt;
            if (!sum) return std::nullopt;
            return value_of_units(action.redemption(), action.line(), sum->hundredths(), facts);
        }
        case pb::Body::kCancelAward: {
            const auto award = facts.get(award_key(body.cancel_award().award()));
            return award ? std::optional{award->value()} : std::nullopt;
        }
        case pb::Body::kPropose:
        case pb::Body::kVote:
        case pb::Body::kRegister:
        case pb::Body::kSetPolicy:
        case pb::Body::kOpenContract:
        case pb::Body::kCloseContract:
        case pb::Body::kApplyForAccreditation:
        case pb::Body::kDeclineApplication:
        case pb::Body::kAccredit:
        case pb::Body::kPublishNeed:
        case pb::Body::kWithdrawNeed:
        case pb::Body::kSealLines:
        case pb::Body::kRevealLines:
        case pb::Body::kWithdrawLines:
        case pb::Body::kAcceptRedemption:
        case pb::Body::ACTION_NOT_SET: return 0;
    }
    return std::nullopt;
}

}  // namespace tallystick::wallet
