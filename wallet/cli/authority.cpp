// tally authority list | show
#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

std::string standing(const Json& authority) {
    if (authority.contains("successor"))
        return "removed; " + shown(json_text(authority, "/successor")) + " took over";
    return json_text(authority, "/node/power") == "0" ? "votes, its node has no power" : "votes";
}

std::string misbehaviour_text(const Json& record) {
    return "  Misbehaviour: its node " + shown(json_text(record, "/words")) + " at height " +
           json_text(record, "/height") + " (" + json_time(record, "/time") +
           "), recorded by block " + json_text(record, "/recorded_at") + "\n";
}

int show(Session& session, const std::string& typed) {
    const auto handle = must(account_from_text(typed));
    const auto list = must(session.node().list("/v1/authorities", {{"all", "true"}}));
    for (const auto& authority : list["items"]) {
        if (json_text(authority, "/handle") != handle) continue;
        auto text = shown(handle) + " (" + standing(authority) + ")\n";
        for (const auto& name : authority.value("names", Json::array()))
            text += "  Name (" + shown(json_text(name, "/language")) +
                    "): " + shown(json_text(name, "/text")) + "\n";
        if (authority.contains("node"))
            text += "  Node: key " + shown(json_text(authority, "/node/public_key")) +
                    ", address " + shown(json_text(authority, "/node/address")) + ", power " +
                    json_text(authority, "/node/power") + "\n";
        if (authority.contains("policy")) {
            text += "  Must sign: " + json_text(authority, "/policy/routine_threshold") +
                    " key(s), " + json_text(authority, "/policy/policy_threshold") +
                    " to change this\n";
            for (const auto& key : authority["policy"].value("keys", Json::array()))
                text += "  Key: " + shown(key.is_string() ? key.get<std::string>() : "") + "\n";
        }
        for (const auto& record : authority.value("misbehaviour", Json::array()))
            text += misbehaviour_text(record);
        session.print({{"as_of", list.value("as_of", Json::object())}, {"authority", authority}},
                      text);
        return 0;
    }
    throw Stop{{Exit::failed, "unknown_authority",
                "The ledger has and had no authority " + shown(handle) +
                    ". tally authority list --all shows them."}};
}

}  // namespace

void add_authority_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "authority", "Who governs the ledger and runs its nodes");
    const auto all = std::make_shared<bool>(false);
    auto& lists = add_verb(noun, "list", "Authorities with their nodes", session, [&session, all] {
        return print_list(session, "/v1/authorities", {{"all", *all ? "true" : ""}},
                          {{"authority"},
                           {"name"},
                           {"standing"},
                           {"power", true},
                           {"node key"},
                           {"misbehaviour", true}},
                          [](const Json& item) {
                              const auto records = item.value("misbehaviour", Json::array()).size();
                              return std::vector<std::string>{
                                  json_text(item, "/handle"),
                                  json_text(item, "/names/0/text"),
                                  standing(item),
                                  json_text(item, "/node/power"),
                                  json_text(item, "/node/public_key").substr(0, 16),
                                  records == 0 ? "" : std::to_string(records)};
                          });
    });
    lists.add_flag("--all", *all, "Removed ones too");

    const auto shown_authority = std::make_shared<std::string>();
    add_verb(noun, "show", "An authority, its node, its signers, and what its node did wrong",
             session, [&session, shown_authority] { return show(session, *shown_authority); })
        .add_option("authority", *shown_authority, "Which")
        ->required();
}

}  // namespace tallystick::wallet
