#include "ledger/laws/sums.hpp"

#include "protocol/ensure.hpp"
#include "protocol/types.hpp"

namespace tallystick::ledger {

namespace {

constexpr std::size_t awarded_slot = 9;

std::string with_kind(Kind kind, std::string_view rest) {
    std::string key;
    key.reserve(rest.size() + 1);
    key.push_back(static_cast<char>(kind));
    return key.append(rest);
}

std::size_t part_end(std::string_view key, std::size_t at) {
    ensure(key.size() >= at + 2, "a state key's part has a length");
    const auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(key[at])) << 8 |
                      static_cast<std::uint8_t>(key[at + 1]);
    return at + 2 + size;
}

}  // namespace

void PocketSum::add_balance(const pb::Balance& balance) {
    add(pb::POCKET_AVAILABLE, balance.available());
    add(pb::POCKET_RESERVED, balance.reserved());
    add(pb::POCKET_DISPUTED, balance.disputed());
    add(pb::POCKET_CONFIRMED, balance.confirmed());
}

void PocketSum::subtract_balance(const pb::Balance& balance) {
    subtract(pb::POCKET_AVAILABLE, balance.available());
    subtract(pb::POCKET_RESERVED, balance.reserved());
    subtract(pb::POCKET_DISPUTED, balance.disputed());
    subtract(pb::POCKET_CONFIRMED, balance.confirmed());
}

void PocketSum::add_totals(const pb::Totals& totals) {
    sums_[awarded_slot] += totals.awarded();
    add(pb::POCKET_ISSUE, totals.issued());
    add(pb::POCKET_AVAILABLE, totals.available());
    add(pb::POCKET_RESERVED, totals.reserved());
    add(pb::POCKET_DISPUTED, totals.disputed());
    add(pb::POCKET_CONFIRMED, totals.confirmed());
    add(pb::POCKET_RETIRED, totals.retired());
    add(pb::POCKET_EXPIRED, totals.expired());
    add(pb::POCKET_RETURNED, totals.returned());
}

void PocketSum::subtract_totals(const pb::Totals& totals) {
    sums_[awarded_slot] -= totals.awarded();
    subtract(pb::POCKET_ISSUE, totals.issued());
    subtract(pb::POCKET_AVAILABLE, totals.available());
    subtract(pb::POCKET_RESERVED, totals.reserved());
    subtract(pb::POCKET_DISPUTED, totals.disputed());
    subtract(pb::POCKET_CONFIRMED, totals.confirmed());
    subtract(pb::POCKET_RETIRED, totals.retired());
    subtract(pb::POCKET_EXPIRED, totals.expired());
    subtract(pb::POCKET_RETURNED, totals.returned());
}

pb::Pocket PocketSum::uneven() const {
    for (std::size_t i = 0; i < sums_.size(); ++i)
        if (sums_[i] != 0) return i == awarded_slot ? pb::POCKET_ISSUE : static_cast<pb::Pocket>(i);
    return pb::POCKET_UNSPECIFIED;
}

std::string claim_of_balance(std::string_view balance_key) {
    return with_kind(Kind::claim_totals, balance_key.substr(part_end(balance_key, 1)));
}

std::string contract_of_claim(std::string_view claim_totals_key) {
    auto end = part_end(claim_totals_key, 1);
    end = part_end(claim_totals_key, end);
    end = part_end(claim_totals_key, end);
    return with_kind(Kind::contract_totals, claim_totals_key.substr(1, end - 1));
}

std::string totals_of_contract(std::string_view contract_key) {
    return with_kind(Kind::contract_totals, contract_key.substr(1));
}

std::string contract_of_totals(std::string_view contract_totals_key) {
    return with_kind(Kind::contract, contract_totals_key.substr(1));
}

bool adds_up(const pb::Totals& totals) {
    const auto issued = Amount::from(totals.issued());
    auto sum = std::optional{Amount{}};
    for (const auto part :
         {totals.available(), totals.reserved(), totals.disputed(), totals.confirmed(),
          totals.retired(), totals.expired(), totals.returned()}) {
        const auto amount = Amount::from(part);
        if (!amount) return false;
        sum = sum->plus(*amount);
        if (!sum) return false;
    }
    return issued && *issued == *sum;
}

std::string totals_text(const pb::Totals& totals) {
    std::string text = "issued " + std::to_string(totals.issued());
    const auto add = [&text](const char* name, std::uint64_t amount) {
        if (amount != 0) text.append(", ").append(name).append(" ").append(std::to_string(amount));
    };
    add("available", totals.available());
    add("reserved", totals.reserved());
    add("disputed", totals.disputed());
    add("confirmed", totals.confirmed());
    add("retired", totals.retired());
    add("expired", totals.expired());
    add("returned", totals.returned());
    add("awarded", totals.awarded());
    return text;
}

}  // namespace tallystick::ledger
