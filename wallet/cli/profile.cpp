// tally profile add | list | show | use | remove
#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

struct AddInput {
    std::string name;
    Profile profile;
};

Json profile_json(const std::string& name, const Profile& profile) {
    return {{"name", name},
            {"node", profile.node},
            {"nodes", profile.nodes},
            {"account", profile.account},
            {"key", profile.key},
            {"trust", profile.trust},
            {"ledger", profile.ledger}};
}

/// Adds a profile, or changes what is given of one.
int add(Session& session, const AddInput& input) {
    auto profiles = must(load_profiles(session.folder()));
    if (!is_key_name(input.name))
        throw Stop{{Exit::usage, "bad_profile_name",
                    "A profile's name has 1 to 40 lower-case letters, digits and -."}};
    auto& profile = profiles.by_name[input.name];
    const auto take = [&](std::string Profile::*field, const std::string& given) {
        const auto& value = given.empty() ? input.profile.*field : given;
        if (!value.empty()) profile.*field = value;
    };
    take(&Profile::node, session.options.node);
    take(&Profile::account, "");
    take(&Profile::key, session.options.key);
    take(&Profile::trust, "");
    take(&Profile::ledger, "");
    if (!input.profile.nodes.empty()) profile.nodes = input.profile.nodes;
    if (!profile.node.empty()) must(url_from_text(profile.node));
    for (const auto& other : profile.nodes) must(url_from_text(other));
    if (!profile.account.empty()) must(account_from_text(profile.account));
    if (!profile.ledger.empty()) must(hash_from_text(profile.ledger));
    if (!profile.key.empty()) must(session.keystore().find(profile.key));
    if (!profile.trust.empty()) {
        profile.trust = fs::absolute(profile.trust).string();
        const auto trust = must(load_trust(profile.trust));
        const auto ledger = to_hex(trust.ledger_id.view());
        if (!profile.ledger.empty() && profile.ledger != ledger)
            throw Stop{{Exit::failed, "other_ledger",
                        "The trust file is for another ledger than --ledger."}};
        profile.ledger = ledger;
    }
    if (profiles.current.empty()) profiles.current = input.name;
    must(save_profiles(session.folder(), profiles));
    session.print(
        profile_json(input.name, profile),
        "Profile " + input.name + " is kept" +
            (profiles.current == input.name ? " and in use.\n"
                                            : ". Use it: tally profile use " + input.name + "\n"));
    return 0;
}

int list(Session& session) {
    const auto profiles = must(load_profiles(session.folder()));
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, profile] : profiles.by_name) {
        items.push_back(profile_json(name, profile));
        rows.push_back({name == profiles.current ? "*" : "", name, profile.account, profile.node,
                        profile.key});
    }
    session.print({{"current", profiles.current}, {"items", items}},
                  table_text({{""}, {"profile"}, {"account"}, {"node"}, {"key"}}, rows));
    return 0;
}

Profiles with(Session& session, const std::string& name) {
    auto profiles = must(load_profiles(session.folder()));
    if (!profiles.by_name.contains(name))
        throw Stop{
            {Exit::usage, "no_such_profile",
             "There is no profile " + shown(name) + ". tally profile list shows those that are."}};
    return profiles;
}

int show(Session& session, const std::string& typed) {
    const auto name = typed.empty() ? must(load_profiles(session.folder())).current : typed;
    const auto profile = with(session, name).by_name.at(name);
    std::string others;
    for (const auto& other : profile.nodes) others += "\n           " + shown(other);
    session.print(profile_json(name, profile),
                  "Profile " + name + "\n  Node:    " + shown(profile.node) + others +
                      "\n  Account: " + shown(profile.account) + "\n  Key:     " +
                      shown(profile.key) + "\n  Trust:   " + shown(profile.trust) +
                      "\n  Ledger:  " + shown(profile.ledger) + "\n");
    return 0;
}

int use(Session& session, const std::string& name) {
    auto profiles = with(session, name);
    profiles.current = name;
    must(save_profiles(session.folder(), profiles));
    session.print({{"current", name}}, "Profile " + name + " is in use.\n");
    return 0;
}

int remove(Session& session, const std::string& name) {
    auto profiles = with(session, name);
    profiles.by_name.erase(name);
    if (profiles.current == name) profiles.current.clear();
    must(save_profiles(session.folder(), profiles));
    session.print({{"removed", name}}, "Profile " + name + " is removed; its key stays.\n");
    return 0;
}

}  // namespace

void add_profile_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "profile", "Who you act as, and where");

    const auto adding = std::make_shared<AddInput>();
    auto& adds = add_verb(noun, "add", "Add a profile, or change one (also: --node, --key)",
                          session, [&session, adding] { return add(session, *adding); });
    adds.add_option("name", adding->name, "Lower-case letters, digits and -")->required();
    adds.add_option("--other-node", adding->profile.nodes,
                    "Address of another authority's node, asked where the first does not answer, "
                    "is behind or lies; may be repeated")
        ->allow_extra_args(false);
    adds.add_option("--account", adding->profile.account, "The account that it acts for");
    adds.add_option("--trust", adding->profile.trust, "Trust file that the authorities publish");
    adds.add_option("--ledger", adding->profile.ledger,
                    "Ledger id; taken from the trust file if left out");

    add_verb(noun, "list", "The profiles of this wallet", session,
             [&session] { return list(session); });
    const auto with_name = [&](const char* name, const char* text, bool required,
                               int (*run)(Session&, const std::string&)) {
        const auto typed = std::make_shared<std::string>();
        add_verb(noun, name, text, session, [&session, typed, run] { return run(session, *typed); })
            .add_option("name", *typed, "Name of the profile")
            ->required(required);
    };
    with_name("show", "A profile", false, &show);
    with_name("use", "Use a profile from now on", true, &use);
    with_name("remove", "Remove a profile; keys stay", true, &remove);
}

}  // namespace tallystick::wallet
