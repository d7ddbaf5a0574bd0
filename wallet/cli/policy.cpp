// tally account policy set | show
#include <algorithm>
#include <set>

#include "protocol/envelope.hpp"
#include "protocol/keys.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/policy_input.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::size_t proof_file_bytes_max = 65536;

pb::Account fetched_account(Session& session) {
    Facts facts;
    const auto key = account_key(session.account());
    facts.learn(key.bytes, must(session.fetcher()(key.bytes)));
    const auto account = facts.get(key);
    if (!account)
        throw Stop{{Exit::failed, "unknown_account",
                    "The ledger knows no account " + session.account() + "."}};
    return *account;
}

struct SetInput {
    PolicyInput policy;
    std::vector<std::string> remove;
};

int set_policy(Session& session, const SetInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_set_policy();
    const auto before = fetched_account(session);
    std::set<std::string> removed;
    for (const auto& key : input.remove) removed.insert(must(hash_from_text(key)));
    std::vector<std::string> kept;
    for (const auto& key : before.policy().keys()) {
        if (removed.erase(key) == 0) kept.push_back(key);
    }
    if (!removed.empty())
        throw Stop{{Exit::usage, "unknown_key",
                    "A key to remove is not in the policy: tally account policy show."}};
    auto proofs = input.policy.proofs(session.ledger_id(), session.account());
    std::erase_if(proofs, [&](const pb::KeyProof& proof) {
        return std::ranges::find(kept, proof.public_key()) != kept.end();
    });
    *action.mutable_policy() = input.policy.policy(proofs, kept);
    for (const auto& proof : proofs) *action.add_proofs() = proof;
    return act(session, body);
}

int show_policy(Session& session) {
    const auto policy = fetched_account(session).policy();
    Json keys = Json::array();
    std::string text = "Routine: " + std::to_string(policy.routine_threshold()) + "\nAbove " +
                       credits_text(policy.amount_limit()) + ": " +
                       std::to_string(policy.above_threshold()) +
                       "\nTo change this: " + std::to_string(policy.policy_threshold()) + "\n";
    for (const auto& key : policy.keys()) {
        keys.push_back(to_hex(bytes_of(key)));
        text += "Key: " + to_hex(bytes_of(key)) + "\n";
    }
    session.print({{"account", session.account()},
                   {"keys", keys},
                   {"routine_threshold", policy.routine_threshold()},
                   {"amount_limit", std::to_string(policy.amount_limit())},
                   {"above_threshold", policy.above_threshold()},
                   {"policy_threshold", policy.policy_threshold()},
                   {"proved", session.has_trust()}},
                  text);
    return 0;
}

}  // namespace

void PolicyInput::add_to(CLI::App& verb) {
    verb.add_option("--proof", proof_files,
                    "File of tally key proof, one a new signer; may be repeated")
        ->allow_extra_args(false);
    verb.add_option("--routine", routine, "How many must sign a routine action (1)");
    verb.add_option("--limit", limit, "Credits above which --above must sign");
    verb.add_option("--above", above, "How many must sign above the limit");
    verb.add_option("--change", change, "How many must sign a change of this policy");
}

std::vector<pb::KeyProof> PolicyInput::proofs(const LedgerId& ledger_id,
                                              const std::string& account) const {
    std::vector<pb::KeyProof> made;
    for (const auto& file : proof_files) {
        const auto json = Json::parse(must(read_file(file, proof_file_bytes_max)), nullptr, false);
        pb::KeyProof proof;
        if (json.is_object()) {
            proof.set_public_key(from_hex(json_text(json, "/public_key")).value_or(""));
            proof.set_signature(from_hex(json_text(json, "/signature")).value_or(""));
        }
        if (!verify_key_proof(proof, ledger_id, account))
            throw Stop{
                {Exit::failed, "false_key_proof",
                 shown(file) + " does not prove a key for " + shown(account) +
                     " on this ledger. Its owner makes one with: tally key proof --account " +
                     shown(account) + "."}};
        made.push_back(std::move(proof));
    }
    std::ranges::sort(made, {}, &pb::KeyProof::public_key);
    const auto repeated = std::ranges::unique(made, {}, &pb::KeyProof::public_key);
    made.erase(repeated.begin(), repeated.end());
    return made;
}

pb::Policy PolicyInput::policy(const std::vector<pb::KeyProof>& proofs,
                               const std::vector<std::string>& kept_keys) const {
    constexpr std::uint64_t keys_max = 16;
    const auto threshold = [](const std::string& text, std::uint32_t otherwise) {
        return text.empty() ? otherwise
                            : static_cast<std::uint32_t>(must(number_from_text(text, keys_max)));
    };
    auto keys = kept_keys;
    for (const auto& proof : proofs) keys.push_back(proof.public_key());
    std::ranges::sort(keys);
    pb::Policy policy;
    for (const auto& key : keys) policy.add_keys(key);
    policy.set_routine_threshold(threshold(routine, 1));
    policy.set_above_threshold(threshold(above, policy.routine_threshold()));
    policy.set_policy_threshold(threshold(change, policy.above_threshold()));
    policy.set_amount_limit(limit.empty() ? Amount::hundredths_max
                                          : must(credits_from_text(limit)));
    if (!is_well_formed(policy))
        throw Stop{
            {Exit::usage, "policy_unsatisfiable",
             "These signers could not satisfy that policy: it has " + std::to_string(keys.size()) +
                 " key(s), each threshold is at least 1 and at most that, and those above the "
                 "limit and for changes are at least the routine one."}};
    return policy;
}

void add_policy_commands(CLI::App& account, Session& session) {
    auto& noun = add_noun(account, "policy", "Who must sign for your account");
    const auto setting = std::make_shared<SetInput>();
    auto& sets = add_verb(noun, "set", "Change signers and thresholds", session,
                          [&session, setting] { return set_policy(session, *setting); });
    setting->policy.add_to(sets);
    sets.add_option("--remove", setting->remove,
                    "Public key that may no longer sign; may be repeated")
        ->allow_extra_args(false);
    add_verb(noun, "show", "Signers and thresholds", session,
             [&session] { return show_policy(session); });
}

}  // namespace tallystick::wallet
