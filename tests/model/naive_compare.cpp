#include "model/naive_ledger.hpp"
#include "protocol/keys.hpp"

namespace tallystick::model {
namespace {

/// What both models say of the credit side, each in its own words brought to one form.
class Account {
  public:
    void note(std::string what, std::uint64_t amount) {
        if (amount != 0) noted_[std::move(what)] += amount;
    }
    /// The first thing of which the two differ.
    [[nodiscard]] std::string against(const Account& other) const {
        for (const auto& [what, amount] : noted_) {
            const auto found = other.noted_.find(what);
            const auto theirs = found == other.noted_.end() ? 0 : found->second;
            if (theirs != amount) return told(what, amount, theirs);
        }
        for (const auto& [what, amount] : other.noted_)
            if (!noted_.contains(what)) return told(what, 0, amount);
        return "";
    }

  private:
    static std::string told(const std::string& what, std::uint64_t mine, std::uint64_t theirs) {
        return what + ": the naive model has " + std::to_string(mine) + ", the state machine " +
               std::to_string(theirs);
    }
    std::map<std::string, std::uint64_t> noted_;
};

std::string pocket_name(pb::Pocket pocket) {
    return pb::Pocket_Name(pocket);
}

void note_totals(Account& account, const std::string& name, const pb::Totals& totals) {
    const auto note = [&](pb::Pocket pocket, std::uint64_t amount) {
        account.note("totals of " + name + " " + pocket_name(pocket), amount);
    };
    note(pb::POCKET_ISSUE, totals.issued());
    note(pb::POCKET_AVAILABLE, totals.available());
    note(pb::POCKET_RESERVED, totals.reserved());
    note(pb::POCKET_DISPUTED, totals.disputed());
    note(pb::POCKET_CONFIRMED, totals.confirmed());
    note(pb::POCKET_RETIRED, totals.retired());
    note(pb::POCKET_EXPIRED, totals.expired());
    note(pb::POCKET_RETURNED, totals.returned());
    account.note("in standstill of " + name, totals.awarded());
}

void note_balance(Account& account, const std::string& name, const pb::Balance& balance) {
    const auto note = [&](pb::Pocket pocket, std::uint64_t amount) {
        account.note("balance of " + name + " " + pocket_name(pocket), amount);
    };
    note(pb::POCKET_AVAILABLE, balance.available());
    note(pb::POCKET_RESERVED, balance.reserved());
    note(pb::POCKET_DISPUTED, balance.disputed());
    note(pb::POCKET_CONFIRMED, balance.confirmed());
}

void note_cells(Account& account, const std::string& name, const pb::Cells& cells) {
    const auto note = [&](pb::Cell cell, std::uint64_t units) {
        account.note("line " + name + " " + pb::Cell_Name(cell), units);
    };
    note(pb::CELL_OUTSTANDING, cells.outstanding());
    note(pb::CELL_DELIVERED, cells.delivered());
    note(pb::CELL_DISPUTED_DELIVERED, cells.disputed_delivered());
    note(pb::CELL_DISPUTED_CONFIRMED, cells.disputed_confirmed());
    note(pb::CELL_CONFIRMED, cells.confirmed());
    note(pb::CELL_RETIRED, cells.retired());
    note(pb::CELL_RELEASED, cells.released());
    note(pb::CELL_EXPIRED, cells.expired());
}

std::string joined(const std::vector<std::string>& parts, std::size_t first, std::size_t count) {
    auto name = parts[first];
    for (std::size_t i = first + 1; i < first + count; ++i) name += "\n" + parts[i];
    return name;
}

std::string line_name(std::string_view id, std::uint32_t number) {
    return to_hex(bytes_of(id)) + " " + std::to_string(number);
}

void note_proposal(Account& account, const std::string& id, pb::ProposalStatus status,
                   const std::map<std::string, pb::Choice>& ballots) {
    account.note("status of proposal " + id, static_cast<std::uint64_t>(status));
    for (const auto& [authority, choice] : ballots)
        account.note("ballot on " + id + " of " + authority, static_cast<std::uint64_t>(choice));
}

void note_node(Account& account, const std::string& authority, const std::string& key,
               std::uint64_t power) {
    account.note("node of " + authority + ": " + to_hex(bytes_of(key)), 1);
    account.note("power of " + authority, power);
}

/// What the state machine's leaf says of governing. False for other leaves.
bool note_governing(Account& account, const ParsedKey& key,
                    const google::protobuf::Message& value) {
    const auto& p = key.parts;
    if (key.kind == Kind::authorities) {
        for (const auto& handle : static_cast<const pb::Authorities&>(value).handles())
            account.note("authority " + handle, 1);
    } else if (key.kind == Kind::authority_node) {
        const auto& node = static_cast<const pb::AuthorityNode&>(value);
        note_node(account, p[0], node.public_key(), node.power());
    } else if (key.kind == Kind::node_address) {
        account.note("address " + to_hex(bytes_of(p[0])) + " of " +
                         static_cast<const pb::Owner&>(value).account(),
                     1);
    } else if (key.kind == Kind::public_key) {
        account.note("key " + to_hex(bytes_of(p[0])) + " of " +
                         static_cast<const pb::Owner&>(value).account(),
                     1);
    } else if (key.kind == Kind::account) {
        const auto& successor = static_cast<const pb::Account&>(value).successor();
        if (!successor.empty()) account.note("after " + p[0] + " " + successor, 1);
    } else if (key.kind == Kind::misbehaviour) {
        const auto& report = static_cast<const pb::MisbehaviourRecord&>(value).misbehaviour();
        const bool stands = p[1] == std::string(8, '\0');
        account.note((stands ? "against " + p[0]
                             : "record of " + p[0] + " " + std::to_string(report.height())),
                     stands ? report.height() : 1);
    } else if (key.kind == Kind::proposal) {
        const auto& proposal = static_cast<const pb::Proposal&>(value);
        std::map<std::string, pb::Choice> ballots;
        for (const auto& each : proposal.ballots()) ballots[each.authority()] = each.choice();
        note_proposal(account, to_hex(bytes_of(p[0])), proposal.status(), ballots);
    } else if (key.kind == Kind::handover) {
        const auto& handover = static_cast<const pb::Handover&>(value);
        account.note("segment", handover.segment());
        account.note("first height", handover.initial_height());
    } else if (key.kind == Kind::parameters) {
        const auto* fields = value.GetReflection();
        for (int number = 1; number <= pb::Parameter_MAX; ++number) {
            const auto* field = value.GetDescriptor()->FindFieldByNumber(number);
            const bool small =
                field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_UINT32;
            account.note("parameter " + std::to_string(number),
                         small ? fields->GetUInt32(value, field) : fields->GetUInt64(value, field));
        }
    } else {
        return false;
    }
    return true;
}

/// What the state machine's leaf says.
void note_leaf(Account& account, const ParsedKey& key, const google::protobuf::Message& value) {
    if (note_governing(account, key, value)) return;
    const auto& p = key.parts;
    if (key.kind == Kind::contract_totals) {
        note_totals(account, joined(p, 0, 3), static_cast<const pb::Totals&>(value));
    } else if (key.kind == Kind::claim_totals) {
        note_totals(account, joined(p, 0, 4), static_cast<const pb::Totals&>(value));
    } else if (key.kind == Kind::balance) {
        note_balance(account, p[0] + " " + joined(p, 1, 4), static_cast<const pb::Balance&>(value));
    } else if (key.kind == Kind::promise) {
        const auto& promise = static_cast<const pb::Promise&>(value);
        account.note("promised " + joined(p, 0, 4) + " " + p[4], promise.awarded());
        account.note("accepted " + joined(p, 0, 4) + " " + p[4], promise.accepted());
    } else if (key.kind == Kind::award) {
        const auto& award = static_cast<const pb::AwardRecord&>(value);
        const auto id = to_hex(bytes_of(p[0]));
        account.note("value of award " + id, award.value());
        account.note("status of award " + id, static_cast<std::uint64_t>(award.status()));
    } else if (key.kind == Kind::awarded_line) {
        const auto& line = static_cast<const pb::AwardedLine&>(value);
        account.note(
            "left of awarded line " + line_name(p[0], number_of_part(p[1])),
            line.line().quantity() - line.transferred() - line.passed_on() - line.returned());
    } else if (key.kind == Kind::redemption) {
        const auto& redemption = static_cast<const pb::Redemption&>(value);
        account.note("status of redemption " + to_hex(bytes_of(p[0])),
                     static_cast<std::uint64_t>(redemption.status()));
    } else if (key.kind == Kind::redemption_line) {
        note_cells(account, line_name(p[0], number_of_part(p[1])),
                   static_cast<const pb::RedemptionLine&>(value).cells());
    }
}

}  // namespace

std::string NaiveLedger::compare(const ledger::MemoryState& state) const {
    Account theirs;
    for (const auto& [key, value] : state.leaves()) note_leaf(theirs, *parse_key(key), *value);
    Account mine;
    for (const auto& [name, totals] : totals_)
        for (const auto& [pocket, amount] : totals)
            mine.note("totals of " + name + " " + pocket_name(pocket), amount);
    for (const auto& [name, amount] : awarded_) mine.note("in standstill of " + name, amount);
    for (const auto& [holder, pockets] : balances_)
        for (const auto& [pocket, amount] : pockets)
            mine.note(
                "balance of " + holder.first + " " + holder.second + " " + pocket_name(pocket),
                amount);
    for (const auto& [what, promise] : promises_) {
        mine.note("promised " + what.first + " " + what.second, promise.awarded);
        mine.note("accepted " + what.first + " " + what.second, promise.accepted);
    }
    for (const auto& [id, award] : awards_) {
        mine.note("value of award " + to_hex(bytes_of(id)), award.value);
        mine.note("status of award " + to_hex(bytes_of(id)),
                  static_cast<std::uint64_t>(award.status));
        for (std::uint32_t number = 0; number < award.lines.size(); ++number)
            mine.note("left of awarded line " + line_name(id, number), award.lines[number].left);
    }
    for (const auto& [id, redemption] : redemptions_) {
        mine.note("status of redemption " + to_hex(bytes_of(id)),
                  static_cast<std::uint64_t>(redemption.status));
        for (std::uint32_t number = 0; number < redemption.lines.size(); ++number)
            for (const auto& [cell, units] : redemption.lines[number].cells)
                mine.note("line " + line_name(id, number) + " " + pb::Cell_Name(cell), units);
    }
    for (const auto& [handle, account] : accounts_) {
        for (const auto& key : account.keys)
            mine.note("key " + to_hex(bytes_of(key)) + " of " + handle, 1);
        if (!account.successor.empty()) mine.note("after " + handle + " " + account.successor, 1);
    }
    for (const auto& [handle, node] : nodes_) {
        mine.note("authority " + handle, 1);
        mine.note("key " + to_hex(bytes_of(node.key)) + " of " + handle, 1);
        mine.note("against " + handle, node.accused);
        note_node(mine, handle, node.key, node.power);
    }
    for (const auto& [address, handle] : addresses_)
        mine.note("address " + to_hex(bytes_of(address)) + " of " + handle, 1);
    for (const auto& [handle, height] : records_)
        mine.note("record of " + handle + " " + std::to_string(height), 1);
    for (const auto& [id, proposal] : proposals_)
        note_proposal(mine, to_hex(bytes_of(id)), proposal.status, proposal.ballots);
    for (const auto& [parameter, value] : values_)
        mine.note("parameter " + std::to_string(static_cast<int>(parameter)), value);
    if (segment_ > 1) {
        mine.note("segment", segment_);
        mine.note("first height", first_height_);
    }
    return mine.against(theirs);
}

}  // namespace tallystick::model
