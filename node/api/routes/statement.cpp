#include <algorithm>
#include <map>

#include "node/api/json_of.hpp"
#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"

/// GET /v1/accounts/{handle}/statement: every movement of an account's credits with the running
/// balance. The balance is added up from the first entry on, over the index rows that lead from the
/// account to its entries, so that it owes nothing to what the state says now.
namespace tallystick::node::api {

namespace {

struct Asked {
    std::string account;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    ContractFilter contract;
    std::optional<std::string> supplier;
    std::size_t limit = 100;
    std::uint64_t start_entry = 0;  ///< log index at which the page begins
    std::uint64_t start_row = 0;    ///< and which of its movements
};

/// The index gives the newest first; a statement begins with the oldest.
Result<std::vector<std::uint64_t>, ReadError> entries_oldest_first(const Snapshot& snapshot,
                                                                   const std::string& account) {
    constexpr std::size_t batch = 4096;
    std::vector<std::uint64_t> indexes;
    std::uint64_t before = snapshot.log_size();
    while (true) {
        const auto part = snapshot.entries_of_account(account, before, batch);
        if (!part) return Failure{part.error()};
        indexes.insert(indexes.end(), part->begin(), part->end());
        if (part->size() < batch) break;
        before = part->back();
    }
    std::ranges::reverse(indexes);
    return indexes;
}

/// The four pockets of one claim, and what changes them.
class Running {
  public:
    explicit Running(const std::string& account) : account_(account) {}

    /// Applies a movement; gives the change of what is available, which may be negative.
    std::int64_t apply(const pb::Movement& movement) {
        auto& balance = balances_[movement.claim().SerializeAsString()];
        std::int64_t change = 0;
        if (movement.from_account() == account_)
            change += move(balance, movement.from(), -static_cast<std::int64_t>(movement.amount()));
        if (movement.to_account() == account_)
            change += move(balance, movement.to(), static_cast<std::int64_t>(movement.amount()));
        available_ += change;
        return change;
    }
    [[nodiscard]] const pb::Balance& of(const pb::Claim& claim) {
        return balances_[claim.SerializeAsString()];
    }
    [[nodiscard]] std::int64_t available() const { return available_; }

  private:
    static std::int64_t move(pb::Balance& balance, pb::Pocket pocket, std::int64_t by) {
        const auto moved = [by](std::uint64_t held) {
            return static_cast<std::uint64_t>(static_cast<std::int64_t>(held) + by);
        };
        if (pocket == pb::POCKET_AVAILABLE) {
            balance.set_available(moved(balance.available()));
            return by;
        }
        if (pocket == pb::POCKET_RESERVED) balance.set_reserved(moved(balance.reserved()));
        if (pocket == pb::POCKET_DISPUTED) balance.set_disputed(moved(balance.disputed()));
        if (pocket == pb::POCKET_CONFIRMED) balance.set_confirmed(moved(balance.confirmed()));
        return 0;
    }

    std::string account_;
    std::map<std::string, pb::Balance> balances_;
    std::int64_t available_ = 0;
};

/// Who did it, and what it was.
void describe(const Snapshot& snapshot, const LoggedEntry& logged, Json& row) {
    const auto& outcome = logged.entry.outcome();
    if (outcome.has_due()) {
        row["action"] = "due:" + json_of(logged)["due"]["kind"].get<std::string>();
        return;
    }
    const auto bytes = snapshot.envelope(logged.log_index);
    pb::Envelope envelope;
    pb::Body body;
    if (!bytes || !envelope.ParseFromString(*bytes) || !body.ParseFromString(envelope.body()))
        return;
    row["action"] = action_name(body);
    row["by"] = body.account();
}

Json row_json(const Snapshot& snapshot, const LoggedEntry& logged, const pb::Movement& movement,
              std::int64_t change, Running& running) {
    Json row;
    row["log_index"] = logged.log_index;
    row["entry"] = hex(logged.entry.id());
    row["time"] = logged.entry.time();
    row["height"] = logged.entry.height();
    describe(snapshot, logged, row);
    row["movement"] = json_of(movement);
    row["change"] = std::to_string(change);
    row["claim_balance"] = json_of(running.of(movement.claim()));
    row["total_available"] = std::to_string(running.available());
    return row;
}

/// One page of rows, gathered while walking the account's entries.
class Page {
  public:
    Page(const Asked& asked, const Snapshot& snapshot)
        : asked_(asked), snapshot_(snapshot), running_(asked.account) {}

    /// Takes an entry's movements; false when the page is full or the period is over.
    bool take(const LoggedEntry& logged) {
        const auto& entry = logged.entry;
        if (entry.time() > asked_.to) return false;
        std::uint64_t number = 0;
        for (const auto& movement : entry.outcome().movements()) {
            const auto row = number++;
            if (!covers(movement)) continue;
            const bool shown = entry.time() >= asked_.from && !is_before_page(logged, row);
            if (shown && rows_.size() == asked_.limit) {
                next_ = std::to_string(logged.log_index) + '.' + std::to_string(row);
                return false;
            }
            const auto before = running_.available();
            const auto change = running_.apply(movement);
            if (!shown) continue;
            if (rows_.empty()) opening_ = before;
            rows_.push_back(row_json(snapshot_, logged, movement, change, running_));
        }
        return true;
    }

    Json finish(Json answer) {
        answer["opening_available"] = std::to_string(opening_.value_or(running_.available()));
        answer["items"] = std::move(rows_);
        if (next_) answer["next"] = *next_;
        return answer;
    }

  private:
    [[nodiscard]] bool covers(const pb::Movement& movement) const {
        return (movement.from_account() == asked_.account ||
                movement.to_account() == asked_.account) &&
               asked_.contract.fits(movement.claim().contract()) &&
               (!asked_.supplier || *asked_.supplier == movement.claim().supplier());
    }
    [[nodiscard]] bool is_before_page(const LoggedEntry& logged, std::uint64_t row) const {
        return std::pair{logged.log_index, row} < std::pair{asked_.start_entry, asked_.start_row};
    }

    const Asked& asked_;
    const Snapshot& snapshot_;
    Running running_;
    Json rows_ = Json::array();
    std::optional<std::int64_t> opening_;
    std::optional<std::string> next_;
};

Asked asked_of(Parameters& parameters) {
    Asked asked;
    asked.account = parameters.handle_at(0);
    asked.from = parameters.number("from", 0, seconds_max, 0);
    asked.to = parameters.number("to", 0, seconds_max, seconds_max);
    asked.contract = ContractFilter::from(parameters);
    asked.supplier = parameters.handle("supplier");
    asked.limit = parameters.number("limit", 1, 1000, 100);
    if (const auto cursor = parameters.text("cursor")) {
        const auto dot = std::min(cursor->find('.'), cursor->size());
        const auto entry = number_from(std::string_view{*cursor}.substr(0, dot));
        const auto row = dot < cursor->size()
                             ? number_from(std::string_view{*cursor}.substr(dot + 1))
                             : std::nullopt;
        if (!entry || !row) parameters.refuse("cursor", "`next` of the page before");
        asked.start_entry = entry.value_or(0);
        asked.start_row = row.value_or(0);
    }
    return asked;
}

Response statement(const NodeService& node, const Request& request) {
    Parameters parameters{request};
    const auto asked = asked_of(parameters);
    if (auto fault = parameters.fault()) return std::move(*fault);
    return with_snapshot(node, [&](const Snapshot& snapshot) -> Response {
        if (!snapshot.state().get(account_key(asked.account)))
            return unknown_account(asked.account, snapshot);
        const auto indexes = entries_oldest_first(snapshot, asked.account);
        if (!indexes) return problem_of(indexes.error(), Code::internal_error, "");
        Page page{asked, snapshot};
        for (const auto index : *indexes) {
            const auto logged = snapshot.entry(index);
            if (!logged) return problem_of(logged.error(), Code::damaged_record, "");
            if (!page.take(*logged)) break;
        }
        Json answer;
        answer["as_of"] = as_of_json(node, as_of(snapshot));
        answer["account"] = asked.account;
        return json_response(page.finish(std::move(answer)), Caching::revalidate, as_of(snapshot));
    });
}

}  // namespace

void add_statement(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back(
        {Method::get, "/v1/accounts/{}/statement",
         at_once([&node](const Request& request) { return statement(node, request); })});
}

}  // namespace tallystick::node::api
