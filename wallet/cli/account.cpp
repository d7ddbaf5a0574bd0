// tally account register | show | list | balances | statement
#include <algorithm>

#include "protocol/canonical.hpp"
#include "protocol/keys.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/policy_input.hpp"

namespace tallystick::wallet {

namespace {

struct RegisterInput {
    std::string handle;
    std::vector<std::string> roles;
    std::vector<std::string> identifiers;
    std::vector<std::string> names;
    std::string prepared;  ///< file of prepared bodies that says these three
    PolicyInput policy;
};

pb::Role role_from_text(const std::string& text) {
    if (text == "supplier") return pb::ROLE_SUPPLIER;
    if (text == "project") return pb::ROLE_PROJECT;
    throw Stop{{Exit::usage, "bad_role", "A role is supplier or project."}};
}

/// Roles, identifiers and names as typed.
void take_typed(const RegisterInput& input, pb::Register& action) {
    if (input.roles.empty() || input.identifiers.empty() || input.names.empty())
        throw Stop{
            {Exit::usage, "missing_option",
             "Say --role, --identifier and --name, or --prepared with the importer's file."}};
    std::vector<pb::Role> roles;
    for (const auto& role : input.roles) roles.push_back(role_from_text(role));
    std::ranges::sort(roles);
    for (const auto role : roles) action.add_roles(role);
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& identifier : input.identifiers) {
        const auto colon = identifier.find(':');
        if (colon == std::string::npos)
            throw Stop{{Exit::usage, "bad_identifier",
                        "Write an identifier as SCHEME:ID, such as GB-CHC:1234567."}};
        pairs.emplace_back(identifier.substr(0, colon), identifier.substr(colon + 1));
    }
    std::ranges::sort(pairs);
    for (const auto& [scheme, id] : pairs) {
        auto& identifier = *action.add_identifiers();
        identifier.set_scheme(scheme);
        identifier.set_id(id);
    }
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& name : input.names) {
        const auto equals = name.find('=');
        if (equals == std::string::npos)
            throw Stop{{Exit::usage, "bad_name",
                        "Write a name as LANGUAGE=TEXT, such as en=\"Food Bank\"."}};
        names.emplace_back(name.substr(0, equals),
                           must(display_name_from_text(name.substr(equals + 1))));
    }
    std::ranges::sort(names);
    for (const auto& [language, text] : names) {
        auto& name = *action.add_names();
        name.set_language(language);
        name.set_text(text);
    }
}

/// Roles, identifiers and names as an importer prepared them for this handle.
void take_prepared(const RegisterInput& input, pb::Register& action) {
    if (!input.roles.empty() || !input.identifiers.empty() || !input.names.empty())
        throw Stop{{Exit::usage, "too_many_options",
                    "--prepared takes the place of --role, --identifier and --name."}};
    const auto file = must(parse_bodies(must(read_file(input.prepared, bodies_file_bytes_max))));
    for (const auto& prepared : file.bodies()) {
        const auto body = *decode_canonical_as<pb::Body>(prepared.body());
        if (!body.has_register_() || body.register_().handle() != action.handle()) continue;
        action = body.register_();
        return;
    }
    throw Stop{{Exit::usage, "not_prepared",
                "The file prepares no organisation " + action.handle() +
                    ". See which it does: tally bodies show " + input.prepared}};
}

int register_account(Session& session, const RegisterInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_register_();
    action.set_handle(must(account_from_text(input.handle)));
    if (input.prepared.empty()) {
        take_typed(input, action);
    } else {
        take_prepared(input, action);
    }
    const auto ledger = session.ledger_id();
    const auto proofs = input.policy.proofs(ledger, action.handle());
    *action.mutable_policy() = input.policy.policy(proofs, {});
    for (const auto& proof : proofs) *action.add_proofs() = proof;
    return act(session, body);
}

std::string account_text(const Json& account) {
    std::string text = shown(json_text(account, "/handle")) + "\n";
    for (const auto& name : account.value("names", Json::array()))
        text += "  Name (" + shown(json_text(name, "/language")) +
                "): " + shown(json_text(name, "/text")) + "\n";
    text += "  Roles: " + shown(json_text(account, "/roles")) + "\n";
    for (const auto& one : account.value("identifiers", Json::array()))
        text += "  Identifier: " + shown(json_text(one, "/scheme")) + " " +
                shown(json_text(one, "/id")) + "\n";
    if (account.contains("registered_by"))
        text += "  Registered by " + shown(json_text(account, "/registered_by")) + " on " +
                json_time(account, "/registered_at") + "\n";
    text += "  Must sign: " + json_text(account, "/policy/routine_threshold") + " key(s), " +
            json_text(account, "/policy/above_threshold") + " above " +
            json_credits(account, "/policy/amount_limit") + " credits, " +
            json_text(account, "/policy/policy_threshold") + " to change this\n";
    if (account.contains("policy"))
        for (const auto& key : account["policy"].value("keys", Json::array()))
            text += "  Key: " + shown(key.is_string() ? key.get<std::string>() : "") + "\n";
    return text;
}

std::string account_or_own(Session& session, const std::string& typed) {
    return typed.empty() ? session.account() : must(account_from_text(typed));
}

int show(Session& session, const std::string& typed) {
    const auto handle = account_or_own(session, typed);
    const auto answer = must(session.node().get("/v1/accounts/" + url_encoded(handle)));
    session.print(answer, account_text(answer.value("account", Json::object())));
    return 0;
}

/// Hundredths of a proved balance's pockets, as the API writes them.
Json pockets_json(const pb::Balance& balance) {
    return {{"available", std::to_string(balance.available())},
            {"reserved", std::to_string(balance.reserved())},
            {"disputed", std::to_string(balance.disputed())},
            {"confirmed", std::to_string(balance.confirmed())}};
}

void add_to(pb::Balance& sum, const pb::Balance& one) {
    sum.set_available(sum.available() + one.available());
    sum.set_reserved(sum.reserved() + one.reserved());
    sum.set_disputed(sum.disputed() + one.disputed());
    sum.set_confirmed(sum.confirmed() + one.confirmed());
}

std::optional<pb::Claim> claim_from_json(const Json& json) {
    if (!json.is_object() || !json.contains("contract")) return std::nullopt;
    const auto contract = contract_from_json(json["contract"]);
    if (!contract || !AccountId::from(json_text(json, "/supplier"))) return std::nullopt;
    pb::Claim claim;
    *claim.mutable_contract() = *contract;
    claim.set_supplier(json_text(json, "/supplier"));
    return claim;
}

/// Every balance comes with a proof, or none is shown: the list is the node's, the figures are the
/// ledger's.
int balances(Session& session, const std::string& typed) {
    const auto handle = account_or_own(session, typed);
    auto& prover = session.prover();
    const auto list =
        must(session.node().list("/v1/accounts/" + url_encoded(handle) + "/balances", {}));
    Json items = Json::array();
    std::vector<std::vector<std::string>> rows;
    pb::Balance total;
    std::int64_t height = 0;
    for (const auto& item : list["items"]) {
        const auto claim = claim_from_json(item.value("claim", Json::object()));
        if (!claim)
            throw Stop{{Exit::failed, "bad_answer", "The node's list of balances cannot be read."}};
        const auto proved = must(prover.balance(handle, *claim));
        const auto& balance = std::get<ProvedBalance>(proved.receipt.statement).balance;
        height = std::max(height, proved.receipt.height);
        add_to(total, balance);
        auto pockets = pockets_json(balance);
        rows.push_back({typed_contract(claim->contract()), claim->supplier(),
                        json_credits(pockets, "/available"), json_credits(pockets, "/reserved"),
                        json_credits(pockets, "/disputed"), json_credits(pockets, "/confirmed")});
        Json row{{"contract", contract_json(claim->contract())}, {"supplier", claim->supplier()}};
        row.update(pockets);
        row["proved_at_height"] = proved.receipt.height;
        items.push_back(row);
    }
    const auto sum = pockets_json(total);
    rows.push_back({"total", "", json_credits(sum, "/available"), json_credits(sum, "/reserved"),
                    json_credits(sum, "/disputed"), json_credits(sum, "/confirmed")});
    session.print({{"account", handle}, {"proved", true}, {"total", sum}, {"items", items}},
                  table_text({{"contract"},
                              {"supplier"},
                              {"available", true},
                              {"reserved", true},
                              {"disputed", true},
                              {"confirmed", true}},
                             rows));
    Session::say(
        items.empty()
            ? "The node lists no balance for this account. That there is none on one claim can "
              "be proved: tally receipt balance --contract ... --supplier ..."
            : "Each line is proved by the authorities' signatures, up to block " +
                  std::to_string(height) + ".");
    return 0;
}

struct StatementInput {
    std::string account;
    std::string from;
    std::string to;
    ContractFilter contract;
};

/// `from` as a date begins with that day; `to` ends with it.
std::string first_second(const std::string& text) {
    if (text.empty()) return "";
    const auto time = typed_time(text);
    return std::to_string(text.size() == 10 ? time - 86399 : time);
}

/// The newest running balances are compared with proved ones, claim by claim: a statement whose end
/// does not meet the ledger is not shown as true.
void check_statement(Session& session, const std::string& handle, const Json& items) {
    std::map<std::string, std::pair<pb::Claim, Json>> last;
    for (const auto& item : items) {
        const auto movement = item.value("movement", Json::object());
        const auto claim = claim_from_json(movement.value("claim", Json::object()));
        if (!claim)
            throw Stop{{Exit::failed, "bad_answer", "The node's statement cannot be read."}};
        last[claim->SerializeAsString()] = {*claim, item.value("claim_balance", Json::object())};
    }
    for (const auto& [key, one] : last) {
        const auto proved = must(session.prover().balance(handle, one.first));
        const auto& balance = std::get<ProvedBalance>(proved.receipt.statement).balance;
        const auto pockets = pockets_json(balance);
        for (const auto* pocket : {"/available", "/reserved", "/disputed", "/confirmed"}) {
            if (json_text(pockets, pocket) != json_text(one.second, pocket))
                throw Stop{{Exit::failed, "unproved",
                            "Unproved: the statement ends with another balance on " +
                                shown(typed_contract(one.first.contract())) +
                                " than the ledger proves. It may just have moved; ask again."}};
        }
    }
}

int statement(Session& session, const StatementInput& input) {
    const auto handle = account_or_own(session, input.account);
    auto query = input.contract.query();
    query.emplace_back("from", first_second(input.from));
    query.emplace_back("to", input.to.empty() ? "" : std::to_string(typed_time(input.to)));
    const auto list = must(
        session.node().list("/v1/accounts/" + url_encoded(handle) + "/statement", query, 100000));
    const bool whole = input.to.empty() && !list["more"].get<bool>();
    if (whole) check_statement(session, handle, list["items"]);
    std::vector<std::vector<std::string>> rows;
    for (const auto& item : list["items"]) {
        const auto from = json_text(item, "/movement/from_account");
        const auto to = json_text(item, "/movement/to_account");
        rows.push_back({json_time(item, "/time"), json_text(item, "/action"),
                        json_contract(item, "/movement/claim/contract"),
                        from == to ? json_text(item, "/movement/from") + " to " +
                                         json_text(item, "/movement/to")
                                   : (from == handle ? "to " + to : "from " + from),
                        json_credits(item, "/change"), json_credits(item, "/total_available"),
                        json_text(item, "/entry").substr(0, 8)});
    }
    auto json = list;
    json["proved"] = whole;
    session.print(json, "Available before: " + json_credits(list, "/opening_available") + "\n" +
                            table_text({{"time"},
                                        {"action"},
                                        {"contract"},
                                        {"movement"},
                                        {"change", true},
                                        {"available", true},
                                        {"entry"}},
                                       rows));
    Session::say(whole ? "The closing balances are proved by the authorities' signatures."
                       : "A statement that ends in the past is the node's word; its entries can be "
                         "proved one by one: tally receipt get ENTRY -o FILE.");
    return 0;
}

}  // namespace

void add_account_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "account", "Organisations: who they are, what they hold");

    const auto registering = std::make_shared<RegisterInput>();
    auto& registers =
        add_verb(noun, "register", "Register an organisation under your authority", session,
                 [&session, registering] { return register_account(session, *registering); });
    registers.add_option("handle", registering->handle, "AUTHORITY/NAME")->required();
    registers.add_option("--role", registering->roles, "supplier or project; may be repeated")
        ->allow_extra_args(false);
    registers
        .add_option("--identifier", registering->identifiers,
                    "Id in a public register, SCHEME:ID such as GB-CHC:1234567; may be repeated")
        ->allow_extra_args(false);
    registers
        .add_option("--name", registering->names,
                    "LANGUAGE=TEXT such as en=\"Food Bank\"; may be repeated")
        ->allow_extra_args(false);
    registers.add_option(
        "--prepared", registering->prepared,
        "File of the importer that says roles, identifiers and names of this handle");
    registering->policy.add_to(registers);

    const auto shown_account = std::make_shared<std::string>();
    add_verb(noun, "show", "An organisation and its policy", session, [&session, shown_account] {
        return show(session, *shown_account);
    }).add_option("account", *shown_account, "Whose; the profile's own if left out");

    struct ListInput {
        std::string authority;
        std::string role;
    };
    const auto listing = std::make_shared<ListInput>();
    auto& lists =
        add_verb(noun, "list", "Organisations of the ledger", session, [&session, listing] {
            return print_list(session, "/v1/accounts",
                              {{"authority", listing->authority}, {"role", listing->role}},
                              {{"account"}, {"roles"}, {"name"}}, [](const Json& item) {
                                  return std::vector<std::string>{json_text(item, "/handle"),
                                                                  json_text(item, "/roles"),
                                                                  json_text(item, "/names/0/text")};
                              });
        });
    lists.add_option("--authority", listing->authority, "Only those under this authority");
    lists.add_option("--role", listing->role, "Only authority, supplier or project");

    const auto holder = std::make_shared<std::string>();
    add_verb(noun, "balances", "What an account holds, proved", session, [&session, holder] {
        return balances(session, *holder);
    }).add_option("account", *holder, "Whose; the profile's own if left out");

    const auto stating = std::make_shared<StatementInput>();
    auto& states = add_verb(noun, "statement", "Every movement of an account's credits", session,
                            [&session, stating] { return statement(session, *stating); });
    states.add_option("account", stating->account, "Whose; the profile's own if left out");
    states.add_option("--from", stating->from, "First day or time");
    states.add_option("--to", stating->to, "Last day or time");
    stating->contract.add_to(states);

    add_policy_commands(noun, session);
}

}  // namespace tallystick::wallet
