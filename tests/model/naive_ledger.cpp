#include "model/naive_ledger.hpp"

#include <algorithm>

#include "protocol/envelope.hpp"
#include "protocol/keys.hpp"
#include "protocol/refusal.hpp"

namespace tallystick::model {

ContractName name_of(const pb::ContractId& contract) {
    return contract.authority() + "\n" + contract.ocid() + "\n" + contract.lot();
}

ClaimName name_of(const pb::Claim& claim) {
    return name_of(claim.contract()) + "\n" + claim.supplier();
}

ContractName contract_of(const ClaimName& claim) {
    return claim.substr(0, claim.rfind('\n'));
}

std::string authority_of(const ContractName& contract) {
    return contract.substr(0, contract.find('\n'));
}

pb::Claim claim_from(const ClaimName& claim) {
    const auto first = claim.find('\n');
    const auto second = claim.find('\n', first + 1);
    const auto third = claim.find('\n', second + 1);
    pb::Claim made;
    made.mutable_contract()->set_authority(claim.substr(0, first));
    made.mutable_contract()->set_ocid(claim.substr(first + 1, second - first - 1));
    made.mutable_contract()->set_lot(claim.substr(second + 1, third - second - 1));
    made.set_supplier(claim.substr(third + 1));
    return made;
}

NaiveLedger::NaiveLedger(const pb::Genesis& genesis, const LedgerId& ledger_id)
    : ledger_id_(ledger_id) {
    const auto& parameters = genesis.parameters();
    const auto* fields = parameters.GetReflection();
    for (int number = 1; number <= pb::Parameter_MAX; ++number) {
        const auto* field = pb::Parameters::descriptor()->FindFieldByNumber(number);
        const bool small = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_UINT32;
        values_[static_cast<pb::Parameter>(number)] =
            small ? fields->GetUInt32(parameters, field) : fields->GetUInt64(parameters, field);
    }
    for (const auto& authority : genesis.authorities()) {
        auto& account = accounts_[authority.handle()];
        account.roles = {pb::ROLE_AUTHORITY};
        account.keys = {authority.policy().keys().begin(), authority.policy().keys().end()};
        for (const auto& each : authority.identifiers())
            identifiers_.insert(each.scheme() + " " + each.id());
        give_node(authority.handle(), authority.node());
    }
}

// --- what is due ---

void NaiveLedger::add_due_of_lines(std::set<NaiveDue>& items, const std::string& id,
                                   const NaiveRedemption& redemption) const {
    const auto& contract = contracts_.at(redemption.contract);
    for (std::uint32_t number = 0; number < redemption.lines.size(); ++number) {
        const auto& line = redemption.lines[number];
        const auto in = [&](pb::Cell cell) {
            const auto found = line.cells.find(cell);
            return found != line.cells.end() && found->second != 0;
        };
        const auto object = redemption_line_key(id, number).bytes;
        if (in(pb::CELL_OUTSTANDING)) {
            if (line.lapse_at < contract.deadline)
                items.insert({line.lapse_at, pb::DUE_KIND_LAPSE, object});
            items.insert({contract.deadline, pb::DUE_KIND_EXPIRE, object});
        }
        if (in(pb::CELL_DELIVERED) || in(pb::CELL_DISPUTED_DELIVERED) ||
            in(pb::CELL_DISPUTED_CONFIRMED))
            items.insert({contract.settling_ends, pb::DUE_KIND_EXPIRE, object});
    }
}

std::set<NaiveDue> NaiveLedger::overdue(std::uint64_t now) const {
    std::set<NaiveDue> items;
    for (const auto& [id, award] : awards_) {
        if (award.status == pb::AWARD_STATUS_STANDSTILL)
            items.insert({award.standstill_ends, pb::DUE_KIND_ISSUE, award_key(id).bytes});
        for (std::uint32_t number = 0; number < award.lines.size(); ++number) {
            const auto& line = award.lines[number];
            if (line.pass_on_at != 0 && line.left != 0 &&
                line.pass_on_at < contracts_.at(award.contract).deadline)
                items.insert(
                    {line.pass_on_at, pb::DUE_KIND_PASS_ON, awarded_line_key(id, number).bytes});
        }
    }
    for (const auto& [id, redemption] : redemptions_) add_due_of_lines(items, id, redemption);
    for (const auto& [holder, pockets] : balances_) {
        const auto available = pockets.find(pb::POCKET_AVAILABLE);
        if (available != pockets.end() && available->second != 0)
            items.insert({contracts_.at(contract_of(holder.second)).deadline, pb::DUE_KIND_EXPIRE,
                          balance_key(holder.first, claim_from(holder.second)).bytes});
    }
    for (const auto& [id, proposal] : proposals_)
        if (proposal.status == pb::PROPOSAL_STATUS_OPEN ||
            proposal.status == pb::PROPOSAL_STATUS_DECIDED)
            items.insert({proposal.due, pb::DUE_KIND_PROPOSAL, proposal_key(id).bytes});
    items.erase(items.lower_bound({now + 1, pb::DUE_KIND_UNSPECIFIED, ""}), items.end());
    return items;
}

void NaiveLedger::expire_line(NaiveRedemption& redemption, NaiveRequest& line, std::uint64_t time) {
    const auto all = [&](pb::Cell from, pb::Cell to) {
        shift(redemption, line, from, to, line.cells[from]);
    };
    all(pb::CELL_OUTSTANDING, pb::CELL_EXPIRED);
    if (time < contracts_.at(redemption.contract).settling_ends) return;
    all(pb::CELL_DISPUTED_CONFIRMED, pb::CELL_CONFIRMED);
    all(pb::CELL_DELIVERED, pb::CELL_EXPIRED);
    all(pb::CELL_DISPUTED_DELIVERED, pb::CELL_EXPIRED);
}

bool NaiveLedger::run_due(const pb::DueItem& item, std::uint64_t height) {
    const auto key = parse_key(item.object());
    const auto& parts = key->parts;
    if (key->kind == Kind::proposal) return run_proposal(proposals_.at(parts[0]), height);
    if (key->kind == Kind::balance) {
        const auto claim = parts[1] + "\n" + parts[2] + "\n" + parts[3] + "\n" + parts[4];
        return move(claim, parts[0], pb::POCKET_AVAILABLE, parts[0], pb::POCKET_EXPIRED,
                    balances_[{parts[0], claim}][pb::POCKET_AVAILABLE]);
    }
    if (key->kind == Kind::redemption_line) {
        auto& redemption = redemptions_.at(parts[0]);
        auto& line = redemption.lines.at(number_of_part(parts[1]));
        if (item.kind() == pb::DUE_KIND_LAPSE)
            shift(redemption, line, pb::CELL_OUTSTANDING, pb::CELL_RELEASED,
                  line.cells[pb::CELL_OUTSTANDING]);
        else
            expire_line(redemption, line, item.time());
        return true;
    }
    auto& award = awards_.at(parts[0]);
    if (item.kind() == pb::DUE_KIND_ISSUE) {
        award.status = pb::AWARD_STATUS_ISSUED;
        awarded_[award.contract] -= award.value;
        awarded_[award.claim] -= award.value;
        for (auto& line : award.lines) {
            const auto at = item.time() + values_.at(pb::PARAMETER_PASS_ON_SECONDS);
            line.pass_on_at = at < contracts_.at(award.contract).deadline ? at : 0;
            promises_[{award.claim, line.line.resource()}].awarded += line.line.quantity();
        }
        return move(award.claim, award.supplier, pb::POCKET_ISSUE, award.supplier,
                    pb::POCKET_AVAILABLE, award.value);
    }
    auto& line = award.lines.at(number_of_part(parts[1]));
    line.pass_on_at = 0;
    if (!grant(award.contract, line.line.project(), item.time())) return false;
    const auto units = std::exchange(line.left, 0);
    return move(award.claim, award.supplier, pb::POCKET_AVAILABLE, line.line.project(),
                pb::POCKET_AVAILABLE, units * line.unit_value);
}

// --- following the state machine ---

namespace {

std::string differs(const Block& block, std::size_t entry, std::string_view what) {
    return "block " + std::to_string(block.height) + ", entry " + std::to_string(entry) + ": " +
           std::string{what};
}

bool is_done(const pb::LogEntry& entry) {
    return entry.outcome().status() == pb::STATUS_DONE;
}

}  // namespace

std::string NaiveLedger::follow_due(const Block& block) {
    const auto most = values_.at(pb::PARAMETER_DUE_ITEMS_PER_BLOCK_MAX);
    const auto recorded = take_reports(block);
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        if (i >= block.result.due_items) return differs(block, i, "a report was passed over");
        const auto& due = block.result.entries[i].outcome().due();
        if (due.kind() != pb::DUE_KIND_MISBEHAVIOUR || due.time() != block.now ||
            due.object() != recorded[i] || !is_done(block.result.entries[i]))
            return differs(block, i, "a report's record");
    }
    bool handed_over = false;
    for (auto i = recorded.size(); i < block.result.due_items; ++i) {
        const auto& entry = block.result.entries[i];
        const auto& due = entry.outcome().due();
        const auto items = overdue(block.now);
        if (handed_over) return differs(block, i, "a due item behind a handover");
        // Among those of one time and kind the id decides, which this model does not work out.
        if (!items.contains({due.time(), due.kind(), due.object()}))
            return differs(block, i, "this is not due");
        if (items.begin()->time != due.time() || items.begin()->kind != due.kind())
            return differs(block, i, "something else is due before");
        if (run_due(due, block.height) != is_done(entry))
            return differs(block, i, "a due item's outcome");
        handed_over = first_height_ == block.height + 2;
    }
    const bool more = !overdue(block.now).empty();
    if (more && !handed_over && block.result.due_items - recorded.size() < most)
        return differs(block, block.result.due_items, "a due item was left out");
    return more == block.result.more_due ? "" : differs(block, 0, "whether more is due");
}

bool NaiveLedger::does(const pb::Body& body, const Acting& acting) {
    switch (body.action_case()) {
        case pb::Body::kPropose: return on(body.propose(), acting);
        case pb::Body::kVote: return on(body.vote(), acting);
        case pb::Body::kRegister: return on(body.register_(), acting);
        case pb::Body::kSetPolicy: return on(body.set_policy(), acting);
        case pb::Body::kOpenContract: return on(body.open_contract(), acting);
        case pb::Body::kCloseContract: return on(body.close_contract(), acting);
        case pb::Body::kApplyForAccreditation: return on(body.apply_for_accreditation(), acting);
        case pb::Body::kDeclineApplication: return on(body.decline_application(), acting);
        case pb::Body::kAccredit: return on(body.accredit(), acting);
        case pb::Body::kPublishNeed: return on(body.publish_need(), acting);
        case pb::Body::kWithdrawNeed: return on(body.withdraw_need(), acting);
        case pb::Body::kSealLines: return on(body.seal_lines(), acting);
        case pb::Body::kRevealLines: return on(body.reveal_lines(), acting);
        case pb::Body::kWithdrawLines: return on(body.withdraw_lines(), acting);
        case pb::Body::kAward: return on(body.award(), acting);
        case pb::Body::kCancelAward: return on(body.cancel_award(), acting);
        case pb::Body::kTransferAwarded: return on(body.transfer_awarded(), acting);
        case pb::Body::kTransfer: return on(body.transfer(), acting);
        case pb::Body::kReturnCredits: return on(body.return_credits(), acting);
        case pb::Body::kReturnAwarded: return on(body.return_awarded(), acting);
        case pb::Body::kRedeem: return on(body.redeem(), acting);
        case pb::Body::kAcceptRedemption: return on(body.accept_redemption(), acting);
        case pb::Body::kDeclineRedemption: return on(body.decline_redemption(), acting);
        case pb::Body::kCancelRedemption: return on(body.cancel_redemption(), acting);
        case pb::Body::kRecordDelivery: return on(body.record_delivery(), acting);
        case pb::Body::kConfirmDelivery: return on(body.confirm_delivery(), acting);
        case pb::Body::kVerifyDelivery: return on(body.verify_delivery(), acting);
        case pb::Body::kDispute: return on(body.dispute(), acting);
        case pb::Body::kResolveDispute: return on(body.resolve_dispute(), acting);
        case pb::Body::ACTION_NOT_SET: break;
    }
    return false;
}

std::string NaiveLedger::follow_envelope(const Block& block, std::size_t at) {
    const auto& envelope = *block.envelopes[at];
    const auto& body = envelope.body;
    const auto& result = block.result.envelopes[at];
    std::optional<Skip> skip;
    if (used_.contains(envelope.id.str()))
        skip = Skip::id_used;
    else if (body.ledger_id() != ledger_id_.str())
        skip = Skip::wrong_ledger;
    else if (body.valid_until() < block.now)
        skip = Skip::expired;
    else if (body.valid_until() > block.now + 2'592'000)
        skip = Skip::too_distant;
    // Signatures, pending deadlines and the limit of refusals are the auditor's business.
    const bool judged_here = !result.skip || *result.skip == Skip::id_used ||
                             *result.skip == Skip::wrong_ledger || *result.skip == Skip::expired ||
                             *result.skip == Skip::too_distant;
    if (skip ? result.skip != skip : judged_here && result.skip)
        return differs(block, at, "whether an envelope is skipped");
    if (result.skip) return "";

    used_.insert(envelope.id.str());
    Acting acting{envelope.id.str(), body.account(), {}, block.now};
    acting.signers = {body.co_signers().begin(), body.co_signers().end()};
    acting.signers.insert(body.account());
    const auto& entry = block.result.entries[*result.entry];
    const bool left = std::ranges::any_of(
        acting.signers, [&](const auto& who) { return !accounts_.at(who).successor.empty(); });
    if ((!left && does(body, acting)) == is_done(entry)) return "";
    const auto refusal = refusal_name(entry.outcome().refusal());
    return differs(block, *result.entry,
                   "this model does not agree with " +
                       (refusal ? "refused: " + std::string{*refusal} : std::string{"done"}) +
                       " for " + body.ShortDebugString());
}

std::string NaiveLedger::follow(const Block& block) {
    if (block.height + 1 == first_height_) {
        for (const auto& each : block.result.envelopes)
            if (each.skip != Skip::handed_over) return differs(block, 0, "a segment goes on");
        return block.result.changes.empty() ? "" : differs(block, 0, "a last block changes");
    }
    auto found = follow_due(block);
    for (std::size_t at = 0; at < block.envelopes.size() && found.empty(); ++at)
        found = follow_envelope(block, at);
    return found;
}

}  // namespace tallystick::model
