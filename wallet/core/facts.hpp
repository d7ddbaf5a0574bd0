#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "protocol/canonical.hpp"
#include "protocol/keys.hpp"
#include "protocol/pb.hpp"
#include "wallet/core/problem.hpp"

/// What the wallet knows of the ledger while it explains and signs a body: state entries, so that
/// each can be proved.
namespace tallystick::wallet {

/// Gives the value of a state key, nothing where the ledger holds none.
using EntryFetcher = std::function<Try<std::optional<std::string>>(const std::string& key)>;

class Facts {
  public:
    /// Learns an entry or its absence.
    void learn(const std::string& key, std::optional<std::string> value) {
        entries_.insert_or_assign(key, std::move(value));
    }
    [[nodiscard]] bool knows(const std::string& key) const { return entries_.contains(key); }

    /// Nothing where the entry is absent, unknown or not of this kind.
    template <class Value>
    [[nodiscard]] std::optional<Value> get(const Key<Value>& key) const {
        const auto found = entries_.find(key.bytes);
        if (found == entries_.end() || !found->second) return std::nullopt;
        return decode_canonical_as<Value>(*found->second);
    }

    /// The price of a resource, if the contract is known and lists it.
    [[nodiscard]] std::optional<pb::PricedResource> price(const pb::ContractId& contract,
                                                          const std::string& resource) const;

  private:
    std::map<std::string, std::optional<std::string>> entries_;
};

/// Fetches what a sentence and the approvals of `body` rest on and `facts` lacks: the policies of
/// those who must sign, then awards, redemptions, needs, their lines, then contracts.
/// Refuses what the fetcher refuses.
[[nodiscard]] Try<void> gather_facts(const pb::Body& body, const EntryFetcher& fetch, Facts& facts);

/// Hundredths that the body moves, as the ledger counts them for an account's limit; nothing where
/// the facts do not say.
[[nodiscard]] std::optional<std::uint64_t> amount_moved(const pb::Body& body, const Facts& facts);

}  // namespace tallystick::wallet
