#include <array>

#include "ledger/awarded_lines.hpp"
#include "ledger/due.hpp"
#include "ledger/governance/proposals.hpp"
#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"

namespace tallystick::ledger {
namespace {

/// The items of one object, as they are found.
class Items {
  public:
    Items(const LedgerId& ledger_id, const std::string& object)
        : ledger_id_(ledger_id), object_(object) {}

    void add(std::uint64_t time, pb::DueKind kind) {
        made_.push_back({time, kind, due_id(ledger_id_, time, kind, object_), object_});
    }
    [[nodiscard]] std::vector<DueItem> take() { return std::move(made_); }

  private:
    const LedgerId& ledger_id_;
    const std::string& object_;
    std::vector<DueItem> made_;
};

std::shared_ptr<const pb::Contract> contract_of(const StateView& view,
                                                const pb::ContractId& contract) {
    auto found = view.get(contract_key(contract));
    ensure(found != nullptr, "what can fall due belongs to a contract that was opened");
    return found;
}

void add_of_award(Items& items, const pb::AwardRecord& award) {
    if (award.status() == pb::AWARD_STATUS_STANDSTILL)
        items.add(award.standstill_ends(), pb::DUE_KIND_ISSUE);
}

void add_of_awarded_line(Items& items, const pb::AwardedLine& line, const ParsedKey& key,
                         const StateView& view) {
    if (line.pass_on_at() == 0 || units_left(line) == 0) return;
    const auto award = view.get(award_key(key.parts[0]));
    ensure(award != nullptr, "an awarded line belongs to an award");
    const auto contract = contract_of(view, award->claim().contract());
    if (line.pass_on_at() < contract->redemption_deadline())
        items.add(line.pass_on_at(), pb::DUE_KIND_PASS_ON);
}

void add_of_redemption_line(Items& items, const pb::RedemptionLine& line, const ParsedKey& key,
                            const StateView& view) {
    const auto& cells = line.cells();
    const bool settles = cells.delivered() != 0 || cells.disputed_delivered() != 0 ||
                         cells.disputed_confirmed() != 0;
    if (cells.outstanding() == 0 && !settles) return;
    const auto redemption = view.get(redemption_key(key.parts[0]));
    ensure(redemption != nullptr, "a redemption line belongs to a redemption");
    const auto contract = contract_of(view, redemption->claim().contract());
    if (cells.outstanding() != 0) {
        if (line.lapse_at() < contract->redemption_deadline())
            items.add(line.lapse_at(), pb::DUE_KIND_LAPSE);
        items.add(contract->redemption_deadline(), pb::DUE_KIND_EXPIRE);
    }
    if (settles) items.add(contract->settling_ends(), pb::DUE_KIND_EXPIRE);
}

void add_of_balance(Items& items, const pb::Balance& balance, const ParsedKey& key,
                    const StateView& view) {
    if (balance.available() == 0) return;
    const auto contract = contract_of(view, contract_of_parts(key, 1));
    items.add(contract->redemption_deadline(), pb::DUE_KIND_EXPIRE);
}

}  // namespace

Hash due_id(const LedgerId& ledger_id, std::uint64_t time, pb::DueKind kind,
            std::string_view object) {
    std::array<char, 9> time_and_kind{};
    for (std::size_t i = 0; i < 8; ++i)
        time_and_kind[i] = static_cast<char>((time >> (8 * (7 - i))) & 0xff);
    time_and_kind[8] = static_cast<char>(kind);
    return tagged_hash(domain::due,
                       {ledger_id.text(), {time_and_kind.data(), time_and_kind.size()}, object});
}

std::vector<DueItem> due_items_of(const LedgerId& ledger_id, const std::string& key,
                                  const StateView& view) {
    // By the first byte, before anything is taken apart: most keys never fall due.
    if (key.empty()) return {};
    Items items{ledger_id, key};
    switch (static_cast<Kind>(static_cast<unsigned char>(key[0]))) {
        case Kind::award:
            if (const auto award = view.get(Key<pb::AwardRecord>{key})) add_of_award(items, *award);
            break;
        case Kind::awarded_line:
            if (const auto line = view.get(Key<pb::AwardedLine>{key}))
                add_of_awarded_line(items, *line, *parse_key(key), view);
            break;
        case Kind::redemption_line:
            if (const auto line = view.get(Key<pb::RedemptionLine>{key}))
                add_of_redemption_line(items, *line, *parse_key(key), view);
            break;
        case Kind::balance:
            if (const auto balance = view.get(Key<pb::Balance>{key}))
                add_of_balance(items, *balance, *parse_key(key), view);
            break;
        case Kind::proposal:
            if (const auto proposal = view.get(Key<pb::Proposal>{key}))
                if (const auto time = due_time_of(*proposal))
                    items.add(time, pb::DUE_KIND_PROPOSAL);
            break;
        case Kind::parameters:
        case Kind::account:
        case Kind::identifier:
        case Kind::public_key:
        case Kind::authority_node:
        case Kind::contract:
        case Kind::contract_totals:
        case Kind::claim_totals:
        case Kind::participant:
        case Kind::accreditation:
        case Kind::need:
        case Kind::bid:
        case Kind::revealed_line:
        case Kind::promise:
        case Kind::redemption:
        case Kind::evidence:
        case Kind::authorities:
        case Kind::misbehaviour:
        case Kind::handover:
        case Kind::node_address: break;
    }
    return items.take();
}

}  // namespace tallystick::ledger
