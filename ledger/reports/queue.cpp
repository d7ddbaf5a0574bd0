#include "ledger/reports/queue.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "ledger/cells.hpp"
#include "ledger/contracts.hpp"
#include "protocol/ensure.hpp"
#include "protocol/governing.hpp"

namespace tallystick::ledger {
namespace {

/// Gathers what concerns one account.
class Queue {
  public:
    Queue(const LeafSource& state, std::string_view account) : state_(state), account_(account) {}

    void add(QueueItem item) {
        if (item.waits_for == account_ ||
            (!item.contract.authority().empty() && authority_of(item.contract) == account_))
            items_.push_back(std::move(item));
    }

    /// Who answers for a contract: its authority, or whoever took over from that.
    [[nodiscard]] const std::string& authority_of(const pb::ContractId& contract) {
        const auto known = authorities_.find(contract.authority());
        if (known != authorities_.end()) return known->second;
        auto authority = contract.authority();
        for (auto account = state_.get(account_key(authority));
             account && !account->successor().empty(); account = state_.get(account_key(authority)))
            authority = account->successor();
        return authorities_.emplace(contract.authority(), authority).first->second;
    }

    [[nodiscard]] const LeafSource& state() const { return state_; }

    [[nodiscard]] std::vector<QueueItem> take() {
        const auto order = [](const QueueItem& item) {
            return std::tie(item.since, item.waiting, item.contract.authority(),
                            item.contract.ocid(), item.contract.lot(), item.redemption, item.line,
                            item.from, item.proposal);
        };
        std::ranges::sort(items_, std::ranges::less{}, order);
        return std::move(items_);
    }

  private:
    const LeafSource& state_;
    std::string_view account_;
    std::vector<QueueItem> items_;
    std::map<std::string, std::string> authorities_;  ///< of contracts -> who answers for them now
};

/// The contract unless it is closed: nothing waits on a closed one.
std::shared_ptr<const pb::Contract> unclosed(const StateView& state, const pb::ContractId& id) {
    auto contract = state.get(contract_key(id));
    ensure(contract != nullptr, "what waits belongs to a contract that was opened");
    return contract->closed_at() == 0 ? contract : nullptr;
}

ParsedKey parsed(std::string_view key) {
    auto made = parse_key(key);
    ensure(made.has_value(), "a state holds well-formed keys");
    return *std::move(made);
}

void add_application(Queue& queue, const ParsedKey& key, const pb::Accreditation& accreditation) {
    if (!accreditation.has_application()) return;
    QueueItem item;
    item.waiting = Waiting::application;
    item.contract = contract_of_parts(key, 0);
    if (!unclosed(queue.state(), item.contract)) return;
    item.waits_for = queue.authority_of(item.contract);
    item.from = key.parts[3];
    item.since = accreditation.application().applied_at();
    queue.add(std::move(item));
}

void add_bid(Queue& queue, const ParsedKey& key, const pb::Bid& bid) {
    if (bid.revealed_at() == 0) return;
    QueueItem item;
    item.waiting = Waiting::bid;
    item.contract = contract_of_parts(key, 0);
    const auto contract = unclosed(queue.state(), item.contract);
    if (!contract) return;
    item.waits_for = queue.authority_of(item.contract);
    item.from = key.parts[3];
    item.since = bid.revealed_at();
    pb::Claim bidder;
    *bidder.mutable_contract() = item.contract;
    bidder.set_supplier(item.from);
    for (std::uint32_t number = 0; number < bid.lines(); ++number) {
        const auto line = queue.state().get(revealed_line_key(bidder, number));
        if (!line || !line->award().empty()) continue;
        const auto* const price = find_price(*contract, line->line().resource());
        ensure(price != nullptr, "a revealed line is of the price list");
        item.units += 1;
        item.hundredths += line->line().quantity() * price->unit_value();
    }
    if (item.units > 0) queue.add(std::move(item));
}

/// What of a redemption line waits, and for whom.
struct Part {
    Waiting waiting;
    const std::string& waits_for;
    std::uint64_t units;
    std::uint64_t since;
    std::uint64_t until;
};

void add_redemption_line(Queue& queue, std::string_view id, std::uint32_t number,
                         const pb::Redemption& redemption, const pb::Contract& contract) {
    const auto line = queue.state().get(redemption_line_key(id, number));
    ensure(line != nullptr, "a redemption has all its lines");
    const auto& cells = line->cells();
    const auto& supplier = redemption.claim().supplier();
    const auto& authority = queue.authority_of(redemption.claim().contract());
    const auto gone = std::min(line->lapse_at(), contract.redemption_deadline());
    const auto settled = contract.settling_ends();
    const bool accepted = redemption.status() == pb::REDEMPTION_STATUS_ACCEPTED;
    const Part parts[] = {
        {accepted ? Waiting::delivery : Waiting::answer, supplier, cells.outstanding(),
         accepted ? redemption.agreed_date() : redemption.requested_at(), gone},
        {Waiting::confirmation, redemption.project(), cells.delivered(), line->delivered_since(),
         settled},
        {Waiting::verification, authority, cells.confirmed(), line->confirmed_since(), 0},
        {Waiting::resolution, authority, cells.disputed_delivered() + cells.disputed_confirmed(),
         line->disputed_since(), settled},
    };
    for (const auto& part : parts) {
        if (part.units == 0) continue;
        QueueItem item;
        item.waiting = part.waiting;
        item.waits_for = part.waits_for;
        item.from = redemption.project();
        item.contract = redemption.claim().contract();
        item.redemption = std::string{id};
        item.line = number;
        item.resource = line->resource();
        item.units = part.units;
        item.hundredths = part.units * line->unit_value();
        item.since = part.since;
        item.until = part.until;
        queue.add(std::move(item));
    }
}

void add_redemption(Queue& queue, const ParsedKey& key, const pb::Redemption& redemption) {
    if (redemption.open_lines() == 0) return;
    const auto contract = queue.state().get(contract_key(redemption.claim().contract()));
    ensure(contract != nullptr, "a redemption names a contract that was opened");
    for (std::uint32_t number = 0; number < redemption.lines(); ++number)
        add_redemption_line(queue, key.parts[0], number, redemption, *contract);
}

void add_votes(Queue& queue, const ParsedKey& key, const pb::Proposal& proposal) {
    if (proposal.status() != pb::PROPOSAL_STATUS_OPEN) return;
    const auto authorities = queue.state().get(authorities_key());
    ensure(authorities != nullptr, "a ledger has authorities");
    // Nobody can vote any more on what one proposed who has left.
    if (std::ranges::find(authorities->handles(), proposal.proposer()) ==
        authorities->handles().end())
        return;
    for (const auto& voter : voters_on(proposal.change(), *authorities)) {
        if (std::ranges::find(proposal.ballots(), voter, &pb::Ballot::authority) !=
            proposal.ballots().end())
            continue;
        QueueItem item;
        item.waiting = Waiting::vote;
        item.waits_for = voter;
        item.from = proposal.proposer();
        item.proposal = key.parts[0];
        item.since = proposal.proposed_at();
        item.until = proposal.lapses_at();
        queue.add(std::move(item));
    }
}

template <class Value, class Add>
void for_each_of(Queue& queue, Kind kind, Add add) {
    queue.state().for_each(prefix_of(kind), [&](std::string_view key, const ValuePtr& value) {
        add(queue, parsed(key), *std::static_pointer_cast<const Value>(value));
        return true;
    });
}

}  // namespace

std::string_view name_of(Waiting waiting) noexcept {
    switch (waiting) {
        case Waiting::application: return "application";
        case Waiting::bid: return "bid";
        case Waiting::answer: return "answer";
        case Waiting::delivery: return "delivery";
        case Waiting::confirmation: return "confirmation";
        case Waiting::verification: return "verification";
        case Waiting::resolution: return "resolution";
        case Waiting::vote: return "vote";
    }
    stop_on_bug("what waits has a name");
}

std::vector<QueueItem> queue_of(const LeafSource& state, std::string_view account) {
    Queue queue{state, account};
    for_each_of<pb::Accreditation>(queue, Kind::accreditation, add_application);
    for_each_of<pb::Bid>(queue, Kind::bid, add_bid);
    for_each_of<pb::Redemption>(queue, Kind::redemption, add_redemption);
    for_each_of<pb::Proposal>(queue, Kind::proposal, add_votes);
    return queue.take();
}

}  // namespace tallystick::ledger
