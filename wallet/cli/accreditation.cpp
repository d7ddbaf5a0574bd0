// tally accreditation apply | decline | grant | list
#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

struct Input {
    std::string contract;
    std::string project;
    std::vector<std::string> outcomes;
    std::vector<std::string> wards;
    std::string expires;
    std::string reference;
    ReasonInput reason;

    void add_scope(CLI::App& verb) {
        verb.add_option("--outcome", outcomes, "Code of an outcome; may be repeated")
            ->required()
            ->allow_extra_args(false);
        verb.add_option("--ward", wards, "Code of a ward; may be repeated")
            ->required()
            ->allow_extra_args(false);
    }
};

int apply(Session& session, const Input& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_apply_for_accreditation();
    *action.mutable_contract() = must(contract_from_text(input.contract, ""));
    for (const auto& outcome : sorted_codes(input.outcomes)) action.add_outcomes(outcome);
    for (const auto& ward : sorted_codes(input.wards)) action.add_wards(ward);
    action.set_reference(salted_hash(session, input.reference));
    return act(session, body);
}

int decline(Session& session, const Input& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_decline_application();
    *action.mutable_contract() = must(contract_from_text(input.contract, ""));
    action.set_project(must(account_from_text(input.project)));
    *action.mutable_reason() = input.reason.reason(session);
    return act(session, body);
}

int grant(Session& session, const Input& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_accredit();
    *action.mutable_contract() = must(contract_from_text(input.contract, ""));
    action.set_project(must(account_from_text(input.project)));
    for (const auto& outcome : sorted_codes(input.outcomes)) action.add_outcomes(outcome);
    for (const auto& ward : sorted_codes(input.wards)) action.add_wards(ward);
    action.set_expires(typed_time(input.expires));
    *action.mutable_relevance() = input.reason.reason(session);
    return act(session, body);
}

std::vector<std::string> row(const Json& item) {
    std::string state = item.contains("declined") ? "declined" : "";
    if (item.contains("grant"))
        state = json_text(item, "/grant/in_force") == "yes" ? "accredited" : "accreditation ended";
    if (item.contains("application")) state += state.empty() ? "applied" : ", applied again";
    return {json_contract(item, "/contract"),
            json_text(item, "/project"),
            state,
            json_text(item, "/grant/outcomes"),
            json_text(item, "/grant/wards"),
            json_time(item, "/grant/expires")};
}

}  // namespace

void add_accreditation_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "accreditation", "Which projects a contract may serve");

    const auto applying = std::make_shared<Input>();
    auto& applies = add_verb(noun, "apply", "Apply to be accredited to a contract", session,
                             [&session, applying] { return apply(session, *applying); });
    applies.add_option("contract", applying->contract, "AUTHORITY:OCID[:LOT]")->required();
    applying->add_scope(applies);
    applies.add_option("--reference", applying->reference,
                       "Where the application is; kept here, its salted hash on the ledger");

    const auto declining = std::make_shared<Input>();
    auto& declines = add_verb(noun, "decline", "Decline a project's application", session,
                              [&session, declining] { return decline(session, *declining); });
    declines.add_option("contract", declining->contract, "AUTHORITY:OCID[:LOT]")->required();
    declines.add_option("project", declining->project, "Whose application")->required();
    declining->reason.add_to(declines);

    const auto granting = std::make_shared<Input>();
    auto& grants = add_verb(noun, "grant", "Accredit a project that applied", session,
                            [&session, granting] { return grant(session, *granting); });
    grants.add_option("contract", granting->contract, "AUTHORITY:OCID[:LOT]")->required();
    grants.add_option("project", granting->project, "Whose application")->required();
    granting->add_scope(grants);
    grants.add_option("--expires", granting->expires, "Until when")->required();
    granting->reason.add_to(grants);

    struct ListInput {
        ContractFilter contract;
        std::string project;
    };
    const auto listing = std::make_shared<ListInput>();
    auto& lists =
        add_verb(noun, "list", "Applications and accreditations", session, [&session, listing] {
            auto query = listing->contract.query();
            query.emplace_back("project", listing->project);
            return print_list(
                session, "/v1/accreditations", query,
                {{"contract"}, {"project"}, {"state"}, {"outcomes"}, {"wards"}, {"expires"}}, row);
        });
    listing->contract.add_to(lists);
    lists.add_option("--project", listing->project, "Only of this project");
}

}  // namespace tallystick::wallet
