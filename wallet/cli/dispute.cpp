// tally dispute open | resolve
#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

struct OpenInput {
    std::string redemption;
    std::string line;
    std::string quantity;
    std::string from;
    ReasonInput reason;
};

int open(Session& session, const OpenInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_dispute();
    action.set_redemption(resolve_id(session, input.redemption, "/v1/redemptions"));
    action.set_line(typed_line(input.line));
    action.set_quantity(typed_quantity(input.quantity));
    if (input.from != "delivered" && input.from != "confirmed")
        throw Stop{{Exit::usage, "bad_cell", "--from is delivered or confirmed."}};
    action.set_from(input.from == "delivered" ? pb::CELL_DELIVERED : pb::CELL_CONFIRMED);
    *action.mutable_reason() = input.reason.reason(session);
    return act(session, body);
}

struct ResolveInput {
    std::string redemption;
    std::string line;
    std::string to_project = "0";
    std::string to_retire = "0";
    std::string with_project;
};

int resolve(Session& session, const ResolveInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_resolve_dispute();
    action.set_redemption(resolve_id(session, input.redemption, "/v1/redemptions"));
    action.set_line(typed_line(input.line));
    action.set_to_project(must(number_from_text(input.to_project, Amount::hundredths_max)));
    action.set_to_retire(must(number_from_text(input.to_retire, Amount::hundredths_max)));
    if (!input.with_project.empty()) add_co_signers(body, {input.with_project});
    return act(session, body);
}

}  // namespace

void add_dispute_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "dispute", "When what came is not what was agreed");

    const auto opening = std::make_shared<OpenInput>();
    auto& opens = add_verb(noun, "open", "Dispute units of a redemption line", session,
                           [&session, opening] { return open(session, *opening); });
    opens.add_option("redemption", opening->redemption, "Id of the redemption")->required();
    opens.add_option("--line", opening->line, "Number of the line, from 0")->required();
    opens.add_option("--quantity", opening->quantity, "Whole units")->required();
    opens.add_option("--from", opening->from, "delivered or confirmed: as what they stand")
        ->required();
    opening->reason.add_to(opens);

    const auto resolving = std::make_shared<ResolveInput>();
    auto& resolves =
        add_verb(noun, "resolve", "The authority decides all that is disputed on a line", session,
                 [&session, resolving] { return resolve(session, *resolving); });
    resolves.add_option("redemption", resolving->redemption, "Id of the redemption")->required();
    resolves.add_option("--line", resolving->line, "Number of the line, from 0")->required();
    resolves.add_option("--to-project", resolving->to_project,
                        "Units whose credits go back to the project");
    resolves.add_option("--retire", resolving->to_retire, "Units that count as achieved");
    resolves.add_option("--with-project", resolving->with_project,
                        "The project, which signs too (to retire what it never confirmed)");
}

}  // namespace tallystick::wallet
