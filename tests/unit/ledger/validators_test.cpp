#include "ledger/validators.hpp"

#include "protocol/validator_set.hpp"
#include "unit/ledger/support.hpp"

namespace tallystick::ledger::test {

namespace {

pb::Validator validator(std::string_view name, std::int64_t power) {
    pb::Validator made;
    made.set_public_key(node_key_of(name));
    made.set_power(power);
    return made;
}

pb::ValidatorSet set_of(const std::vector<pb::Validator>& validators) {
    pb::ValidatorSet set;
    for (const auto& each : validators) *set.add_validators() = each;
    sort_validators(set);
    return set;
}

/// Three authorities; cambridge's node has lost its power, and a node without an authority stands
/// there.
MemoryState three() {
    MemoryState state;
    Draft draft{state};
    pb::Authorities authorities;
    const auto add = [&](const char* handle, std::uint64_t power, bool current) {
        pb::AuthorityNode node;
        node.set_public_key(node_key_of(handle));
        node.set_power(power);
        draft.put(authority_node_key(handle), node);
        if (current) authorities.add_handles(handle);
    };
    add("cambridge", 0, true);
    add("essex", 9, false);
    add("norfolk", 1, true);
    add("suffolk", 3, true);
    draft.put(authorities_key(), authorities);
    state.apply(draft.take_changes());
    return state;
}

}  // namespace

TEST_CASE("validators are the nodes with power of current authorities, as headers hash them",
          "[ledger][validators]") {
    const auto set = validators_of(three());
    REQUIRE(set.validators_size() == 2);
    CHECK(set.validators(0).public_key() == node_key_of("suffolk"));
    CHECK(set.validators(0).power() == 3);
    CHECK(set.validators(1).public_key() == node_key_of("norfolk"));
    CHECK(check_validators(set));
}

TEST_CASE("updates name what is new, changed and gone, each once, sorted by key",
          "[ledger][validators]") {
    const auto before = set_of({validator("norfolk", 1), validator("suffolk", 1),
                                validator("essex", 2), validator("kent", 5)});
    const auto after = set_of({validator("norfolk", 1), validator("suffolk", 4),
                               validator("kent", 5), validator("cambridge", 1)});
    const auto updates = validator_updates(before, after);
    std::map<std::string, std::int64_t> powers;
    for (const auto& update : updates) powers.emplace(update.public_key(), update.power());
    CHECK(powers == std::map<std::string, std::int64_t>{{node_key_of("suffolk"), 4},
                                                        {node_key_of("essex"), 0},
                                                        {node_key_of("cambridge"), 1}});
    REQUIRE(updates.size() == 3);
    CHECK(updates[0].public_key() < updates[1].public_key());
    CHECK(updates[1].public_key() < updates[2].public_key());
    CHECK(validator_updates(before, before).empty());
}

TEST_CASE("only authorities and their nodes decide who validates", "[ledger][validators]") {
    CHECK(decides_validators(authorities_key().bytes));
    CHECK(decides_validators(authority_node_key("suffolk").bytes));
    CHECK_FALSE(decides_validators(account_key("suffolk").bytes));
    CHECK_FALSE(decides_validators(node_address_key("address").bytes));
    CHECK_FALSE(decides_validators(""));
}

}  // namespace tallystick::ledger::test
