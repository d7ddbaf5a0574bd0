#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/memory_state.hpp"
#include "model/cast.hpp"

/// What the people of a random ledger see when they decide what to do.
namespace tallystick::model {

/// Somebody does something: the body lacks its nonce and end of validity.
struct Move {
    std::string account;
    std::vector<std::string> co_signers;
    pb::Body body;
};

/// What a supplier keeps to itself until it reveals it.
struct SealedBid {
    std::string salt;
    pb::CommitmentLines lines;
};

template <class Value>
struct Leaf {
    std::vector<std::string> parts;  ///< of its key
    std::shared_ptr<const Value> value;
};

struct ContractLeaf {
    pb::ContractId id;
    std::shared_ptr<const pb::Contract> value;
};

/// The state before a block, by kind, and what does not stand in it.
class World {
  public:
    const ledger::MemoryState& state;
    LedgerId ledger_id;
    std::uint64_t now;  ///< of the block in the making
    Dice& dice;
    Keyring& keyring;
    std::map<std::string, SealedBid>& sealed;  ///< by hash

    template <class Value>
    [[nodiscard]] std::vector<Leaf<Value>> leaves(Kind kind) const {
        std::vector<Leaf<Value>> found;
        state.for_each(ledger::prefix_of(kind), [&](std::string_view key, const auto& value) {
            found.push_back({parse_key(key)->parts, std::static_pointer_cast<const Value>(value)});
            return true;
        });
        return found;
    }
    template <class Value, class Keep>
    [[nodiscard]] std::vector<Leaf<Value>> leaves(Kind kind, Keep keep) const {
        auto found = leaves<Value>(kind);
        std::erase_if(found, [&](const auto& leaf) { return !keep(leaf); });
        return found;
    }

    /// Handles of accounts with this role; of the authorities, the current ones.
    [[nodiscard]] std::vector<std::string> accounts(pb::Role role) const;
    [[nodiscard]] std::vector<std::string> accounts() const;
    /// The current ones.
    [[nodiscard]] std::vector<std::string> authorities() const;
    /// Who answers for an authority: itself, or who took over, link by link.
    [[nodiscard]] std::string answering_for(const std::string& handle) const;
    [[nodiscard]] std::vector<ContractLeaf> contracts() const;
    [[nodiscard]] std::vector<ContractLeaf> open_contracts() const;
    [[nodiscard]] std::shared_ptr<const pb::Contract> contract(const pb::ContractId& id) const {
        return state.get(contract_key(id));
    }
    /// The grant in force, or null.
    [[nodiscard]] std::shared_ptr<const pb::Accreditation> accredited(
        const pb::ContractId& contract, std::string_view project) const;
    [[nodiscard]] pb::Role side(const pb::ContractId& contract, std::string_view account) const;

    /// Something else than planned, now and then: keeps the refusals busy.
    [[nodiscard]] bool slip() const { return dice.chance(6); }
};

[[nodiscard]] pb::Claim claim_of(const pb::ContractId& contract, const std::string& supplier);
[[nodiscard]] std::vector<std::string> list_of(
    const google::protobuf::RepeatedPtrField<std::string>& field);
[[nodiscard]] pb::Reason random_reason(Dice& dice);

/// Tries to make a move of one kind; nothing where the world has no occasion for it.
using Maker = std::optional<Move> (*)(World&);
struct Occasion {
    Maker make;
    unsigned weight;
};
/// All kinds of action, each about as often as its weight says where there is occasion.
[[nodiscard]] const std::vector<Occasion>& occasions();

/// The makers, one a kind.
std::optional<Move> make_propose(World& world);
std::optional<Move> make_vote(World& world);
std::optional<Move> make_register(World& world);
std::optional<Move> make_set_policy(World& world);
std::optional<Move> make_open_contract(World& world);
std::optional<Move> make_close_contract(World& world);
std::optional<Move> make_apply(World& world);
std::optional<Move> make_decline_application(World& world);
std::optional<Move> make_accredit(World& world);
std::optional<Move> make_publish_need(World& world);
std::optional<Move> make_withdraw_need(World& world);
std::optional<Move> make_seal_lines(World& world);
std::optional<Move> make_reveal_lines(World& world);
std::optional<Move> make_withdraw_lines(World& world);
std::optional<Move> make_award(World& world);
std::optional<Move> make_cancel_award(World& world);
std::optional<Move> make_transfer_awarded(World& world);
std::optional<Move> make_transfer(World& world);
std::optional<Move> make_return_credits(World& world);
std::optional<Move> make_return_awarded(World& world);
std::optional<Move> make_redeem(World& world);
std::optional<Move> make_accept(World& world);
std::optional<Move> make_decline(World& world);
std::optional<Move> make_cancel(World& world);
std::optional<Move> make_record(World& world);
std::optional<Move> make_confirm(World& world);
std::optional<Move> make_verify(World& world);
std::optional<Move> make_dispute(World& world);
std::optional<Move> make_resolve(World& world);

}  // namespace tallystick::model
