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

/// What the state machine's leaf says.
void note_leaf(Account& account, const ParsedKey& key, const google::protobuf::Message& value) {
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
    return mine.against(theirs);
}

}  // namespace tallystick::model
