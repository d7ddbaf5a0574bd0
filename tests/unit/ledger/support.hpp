#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/actions/action.hpp"
#include "ledger/draft.hpp"
#include "ledger/state_machine.hpp"
#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"
#include "protocol/refusal.hpp"
#include "unit/catch.hpp"

/// A state in plain maps and a small world for the tests of the rules: two authorities, suppliers,
/// projects, one contract, two accredited projects.
namespace tallystick::ledger::test {

/// Leaves in memory, put there as they are: nothing checks that they fit each other.
class MemoryState final : public StateView {
  public:
    [[nodiscard]] ValuePtr find(const std::string& key,
                                const google::protobuf::Message& /*prototype*/) const override {
        const auto found = leaves_.find(key);
        return found != leaves_.end() ? found->second : nullptr;
    }

    template <class Value>
    MemoryState& put(const Key<Value>& key, Value value) {
        leaves_[key.bytes] = std::make_shared<const Value>(std::move(value));
        return *this;
    }

    template <class Value>
    MemoryState& erase(const Key<Value>& key) {
        leaves_.erase(key.bytes);
        return *this;
    }

    /// Changes what stands under the key, or a new message: `edit(key, [](auto& value) { ... })`.
    template <class Value, class Edit>
    MemoryState& edit(const Key<Value>& key, Edit change) {
        auto value = get_or_default(key);
        change(value);
        return put(key, std::move(value));
    }

    MemoryState& apply(const Changes& changes) {
        for (const auto& [key, value] : changes) {
            if (value)
                leaves_[key] = value;
            else
                leaves_.erase(key);
        }
        return *this;
    }

    [[nodiscard]] const std::map<std::string, ValuePtr, std::less<>>& leaves() const {
        return leaves_;
    }

    MemoryState& with_account(std::string_view handle, const std::vector<pb::Role>& roles);
    /// An authority as a genesis or a vote makes it: account, place in the list, node with power.
    MemoryState& with_authority(std::string_view handle, std::uint64_t power = 1);
    MemoryState& with_contract(const pb::ContractId& id, pb::Contract contract);
    MemoryState& with_side(const pb::ContractId& id, std::string_view account, pb::Role role);
    MemoryState& with_grant(const pb::ContractId& id, std::string_view project,
                            const std::vector<std::string>& outcomes,
                            const std::vector<std::string>& wards, std::uint64_t expires);

  private:
    std::map<std::string, ValuePtr, std::less<>> leaves_;
};

inline constexpr std::uint64_t day = 86400;

/// When things happen to the standard contract.
inline constexpr std::uint64_t opened_at = 1'800'000'000;
inline constexpr std::uint64_t bids_close = opened_at + 30 * day;
inline constexpr std::uint64_t reveal_ends = bids_close + 3 * day;
inline constexpr std::uint64_t standstill_seconds = 10 * day;
inline constexpr std::uint64_t deadline = opened_at + 400 * day;
inline constexpr std::uint64_t settling_ends = deadline + 90 * day;
inline constexpr std::uint64_t allocation = 10'000'000;

inline const std::string suffolk = "suffolk";
inline const std::string norfolk = "norfolk";
inline const std::string builders = "suffolk/builders";         // supplier
inline const std::string cleaners = "suffolk/cleaners";         // supplier
inline const std::string cooperative = "suffolk/co-operative";  // supplier and project
inline const std::string food_bank = "suffolk/food-bank";       // project: every outcome and ward
inline const std::string youth_club = "suffolk/youth-club";     // project: skills in orwell only
inline const std::string choir = "norfolk/choir";               // project, not accredited

inline const std::string bid_writer = "bid-writer";  // a day: 300.00 less 10 % = 27,000
inline const std::string laptop = "laptop";          // an item: 50.00 = 5,000
inline constexpr std::uint64_t bid_writer_value = 27'000;
inline constexpr std::uint64_t laptop_value = 5'000;

/// 32 bytes that stand for an envelope, a hash or a salt; different for different names.
inline std::string bytes32(std::string_view name) {
    std::string bytes{name.substr(0, 32)};
    bytes.resize(32, '.');
    return bytes;
}

inline LedgerId test_ledger() {
    return *LedgerId::from(bytes32("ledger"));
}

/// The key pair of a name, the same every time.
inline SigningKey key_of(std::string_view name) {
    const auto seed = bytes32(name);
    return SigningKey::from_seed(bytes_of(seed));
}

inline pb::ContractId contract_id(std::string_view authority, std::string_view ocid,
                                  std::string_view lot = {}) {
    pb::ContractId id;
    id.set_authority(std::string{authority});
    id.set_ocid(std::string{ocid});
    id.set_lot(std::string{lot});
    return id;
}

/// The standard contract, and one that nobody opened.
inline pb::ContractId bridge() {
    return contract_id("suffolk", "ocds-bridge");
}
inline pb::ContractId nowhere() {
    return contract_id("suffolk", "ocds-nowhere");
}

inline pb::Claim claim_on(const pb::ContractId& contract, std::string_view supplier) {
    pb::Claim claim;
    *claim.mutable_contract() = contract;
    claim.set_supplier(std::string{supplier});
    return claim;
}

inline pb::Reason reason(pb::ReasonCode code) {
    pb::Reason made;
    made.set_code(code);
    return made;
}

inline pb::CommitmentLine commitment(std::string_view project, std::string_view resource,
                                     std::uint64_t quantity, std::string_view outcome = "skills",
                                     std::string_view ward = "orwell",
                                     std::uint64_t due = deadline - day) {
    pb::CommitmentLine line;
    line.set_project(std::string{project});
    line.set_resource(std::string{resource});
    line.set_quantity(quantity);
    line.set_outcome(std::string{outcome});
    line.set_ward(std::string{ward});
    line.set_due(due);
    return line;
}

inline pb::Policy policy_of(std::string_view name) {
    pb::Policy policy;
    policy.add_keys(key_of(name).public_key().str());
    policy.set_routine_threshold(1);
    policy.set_amount_limit(1'000'000);
    policy.set_above_threshold(1);
    policy.set_policy_threshold(1);
    return policy;
}

inline MemoryState& MemoryState::with_account(std::string_view handle,
                                              const std::vector<pb::Role>& roles) {
    pb::Account account;
    for (const auto role : roles) account.add_roles(role);
    const auto slash = handle.find('/');
    if (slash != std::string_view::npos)
        account.set_registered_by(std::string{handle.substr(0, slash)});
    auto* identifier = account.add_identifiers();
    identifier->set_scheme("GB-TEST");
    identifier->set_id(std::string{handle});
    auto* name = account.add_names();
    name->set_language("en");
    name->set_text(std::string{handle});
    *account.mutable_policy() = policy_of(handle);
    account.set_registered_at(opened_at - day);

    pb::Owner owner;
    owner.set_account(std::string{handle});
    put(identifier_key(*identifier), owner);
    put(public_key_key(account.policy().keys(0)), owner);
    return put(account_key(handle), std::move(account));
}

/// The key of an authority's first node.
inline std::string node_key_of(std::string_view authority) {
    return key_of(std::string{authority} + " node").public_key().str();
}

inline std::string address_text(std::string_view public_key) {
    return address_of(*PublicKey::from(public_key)).str();
}

inline MemoryState& MemoryState::with_authority(std::string_view handle, std::uint64_t power) {
    with_account(handle, {pb::ROLE_AUTHORITY});
    edit(authorities_key(), [&](pb::Authorities& list) {
        list.add_handles(std::string{handle});
        std::sort(list.mutable_handles()->begin(), list.mutable_handles()->end());
    });
    pb::AuthorityNode node;
    node.set_public_key(node_key_of(handle));
    node.set_power(power);
    pb::Owner owner;
    owner.set_account(std::string{handle});
    put(public_key_key(node.public_key()), owner);
    put(node_address_key(address_text(node.public_key())), owner);
    return put(authority_node_key(handle), std::move(node));
}

inline MemoryState& MemoryState::with_contract(const pb::ContractId& id, pb::Contract contract) {
    return put(contract_key(id), std::move(contract));
}

inline MemoryState& MemoryState::with_side(const pb::ContractId& id, std::string_view account,
                                           pb::Role role) {
    pb::Participant participant;
    participant.set_role(role);
    return put(participant_key(id, account), std::move(participant));
}

inline MemoryState& MemoryState::with_grant(const pb::ContractId& id, std::string_view project,
                                            const std::vector<std::string>& outcomes,
                                            const std::vector<std::string>& wards,
                                            std::uint64_t expires) {
    with_side(id, project, pb::ROLE_PROJECT);
    return edit(accreditation_key(id, project), [&](pb::Accreditation& accreditation) {
        auto* grant = accreditation.mutable_grant();
        for (const auto& outcome : outcomes) grant->add_outcomes(outcome);
        for (const auto& ward : wards) grant->add_wards(ward);
        grant->set_expires(expires);
        *grant->mutable_relevance() = reason(pb::REASON_CODE_RELEVANT_TO_OUTCOMES);
        grant->set_granted_at(opened_at + day);
    });
}

inline pb::PricedResource priced(std::string_view resource, pb::ResourceKind kind,
                                 pb::ResourceUnit unit, std::uint64_t price,
                                 std::uint32_t deadweight, std::uint64_t unit_value) {
    pb::PricedResource made;
    made.mutable_price()->set_resource(std::string{resource});
    made.mutable_price()->set_kind(kind);
    made.mutable_price()->set_unit(unit);
    made.mutable_price()->set_hundredths_per_unit(price);
    made.mutable_price()->set_deadweight_basis_points(deadweight);
    made.set_unit_value(unit_value);
    return made;
}

inline pb::Contract standard_contract() {
    pb::Contract contract;
    contract.set_value_pence(100'000'000);
    contract.set_allocation(allocation);
    *contract.add_prices() = priced(bid_writer, pb::RESOURCE_KIND_TIME, pb::RESOURCE_UNIT_DAY,
                                    30'000, 1'000, bid_writer_value);
    *contract.add_prices() =
        priced(laptop, pb::RESOURCE_KIND_MATERIALS, pb::RESOURCE_UNIT_ITEM, 5'000, 0, laptop_value);
    contract.set_price_list_hash(bytes32("price list"));
    contract.add_outcomes("jobs");
    contract.add_outcomes("skills");
    contract.add_wards("gipping");
    contract.add_wards("orwell");
    contract.set_bids_close(bids_close);
    contract.set_reveal_ends(reveal_ends);
    contract.set_standstill_seconds(standstill_seconds);
    contract.set_redemption_deadline(deadline);
    contract.set_settling_ends(settling_ends);
    contract.set_opened_at(opened_at);
    return contract;
}

/// Everyone named above, the bridge open, the food bank and the youth club accredited on it until
/// the deadline.
inline MemoryState standard_world() {
    MemoryState state;
    state.put(parameters_key(), default_parameters());
    for (const auto& authority : {suffolk, norfolk}) state.with_authority(authority);
    for (const auto& supplier : {builders, cleaners})
        state.with_account(supplier, {pb::ROLE_SUPPLIER});
    for (const auto& project : {food_bank, youth_club, choir})
        state.with_account(project, {pb::ROLE_PROJECT});
    state.with_account(cooperative, {pb::ROLE_SUPPLIER, pb::ROLE_PROJECT});
    state.with_contract(bridge(), standard_contract());
    state.with_grant(bridge(), food_bank, {"jobs", "skills"}, {"gipping", "orwell"}, deadline);
    state.with_grant(bridge(), youth_club, {"skills"}, {"orwell"}, deadline);
    return state;
}

/// Who acts, with whom, when; and the id of the envelope.
struct Scene {
    std::string account;
    std::uint64_t now = opened_at + 2 * day;
    std::vector<std::string> co_signers = {};
    std::string id = bytes32("envelope");
    LedgerId ledger_id = test_ledger();

    [[nodiscard]] Context context() const { return {ledger_id, id, account, co_signers, now}; }
    [[nodiscard]] CheckContext check_context() const { return {ledger_id, account}; }
};

/// Executes the action on a draft; what it changed goes into `state` if it was done. A refused
/// action changes nothing.
template <class Action>
Verdict run(MemoryState& state, const Scene& scene, const Action& action) {
    Draft draft{state};
    const auto verdict = execute(action, scene.context(), draft);
    if (!verdict) state.apply(draft.changes());
    return verdict;
}

/// "done" or the number of the refusal: what a failed check prints.
inline std::string told(const Verdict& verdict) {
    return verdict ? "refused: " + std::string{refusal_name(*verdict)} : "done";
}

/// "well-formed" or the name of what is wrong.
inline std::string told(const Form& form) {
    return form ? "malformed: " + std::string{malformed_name(*form)} : "well-formed";
}

inline std::string refused(Refusal refusal) {
    return told(Verdict{refusal});
}
inline std::string malformed(Malformed form) {
    return told(Form{form});
}

/// One row of an action's table: a rule, and how to break it.
template <class Action>
struct Breach {
    Refusal refusal;
    std::function<void(MemoryState&, Scene&, Action&)> commit;
};

/// Holds the documented order of an action's refusals: starting from a world, a scene and an action
/// that would be done, breaks the last rule, then the last two, and so on to all of them; each time
/// the first rule broken must be the one that refuses. Also each rule alone. Rows are in the
/// documented order; a row's `commit` must work whatever later rows did before it.
template <class Action>
void check_refusals(const MemoryState& world, const Scene& scene, const Action& action,
                    const std::vector<Breach<Action>>& breaches) {
    {
        MemoryState state = world;
        REQUIRE(told(run(state, scene, action)) == "done");
    }
    for (const auto& breach : breaches) {
        MemoryState state = world;
        Scene alone = scene;
        Action broken = action;
        breach.commit(state, alone, broken);
        CHECK(told(run(state, alone, broken)) == refused(breach.refusal));
    }
    MemoryState state = world;
    Scene all = scene;
    Action broken = action;
    for (auto breach = breaches.rbegin(); breach != breaches.rend(); ++breach) {
        breach->commit(state, all, broken);
        const auto before = state.leaves();
        CHECK(told(run(state, all, broken)) == refused(breach->refusal));
        CHECK(state.leaves() == before);
    }
}

}  // namespace tallystick::ledger::test
