// tally award make | cancel | show | list
#include <algorithm>

#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

struct MakeInput {
    std::string contract;
    std::string supplier;
    std::vector<std::string> revealed;
    LinesInput lines;
    std::string standstill_ends;
};

int make(Session& session, const MakeInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_award();
    *action.mutable_contract() = must(contract_from_text(input.contract, ""));
    action.set_supplier(must(account_from_text(input.supplier)));
    std::vector<std::uint32_t> numbers;
    for (const auto& number : input.revealed) numbers.push_back(typed_line(number));
    std::ranges::sort(numbers);
    for (const auto number : numbers) action.add_revealed(number);
    const auto lines = input.lines.commitment_lines();
    *action.mutable_lines() = lines.lines();
    if (action.revealed().empty() == action.lines().empty())
        throw Stop{
            {Exit::usage, "bad_lines",
             "Award either revealed lines (--revealed NUMBER) or lines that the supplier signs "
             "too (--line, --lines)."}};
    // Lines from elsewhere are the supplier's promise only if it signs them.
    if (!action.lines().empty()) add_co_signers(body, {action.supplier()});
    action.set_standstill_ends(typed_time(input.standstill_ends));
    return act(session, body);
}

int cancel(Session& session, const std::string& award, const ReasonInput& reason) {
    auto body = new_body(session);
    auto& action = *body.mutable_cancel_award();
    action.set_award(resolve_id(session, award, "/v1/awards"));
    *action.mutable_reason() = reason.reason(session);
    return act(session, body);
}

std::string lines_table(const Json& award) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& line : award.value("lines", Json::array()))
        rows.push_back({json_text(line, "/number"), json_text(line, "/line/project"),
                        json_text(line, "/line/resource"), json_text(line, "/line/quantity"),
                        json_credits(line, "/unit_value"), json_text(line, "/remaining"),
                        json_text(line, "/transferred"), json_text(line, "/passed_on"),
                        json_text(line, "/returned"), json_time(line, "/pass_on_at")});
    return table_text({{"line", true},
                       {"project"},
                       {"resource"},
                       {"units", true},
                       {"worth", true},
                       {"remaining", true},
                       {"passed", true},
                       {"by itself", true},
                       {"returned", true},
                       {"passed on at"}},
                      rows);
}

int show(Session& session, const std::string& typed) {
    const auto id = resolve_id(session, typed, "/v1/awards");
    const auto answer = must(session.node().get("/v1/awards/" + to_hex(bytes_of(id))));
    const auto award = answer.value("award", Json::object());
    session.print(answer, "Award " + to_hex(bytes_of(id)) + " (" +
                              shown(json_text(award, "/status")) + ")\n  To " +
                              shown(json_text(award, "/claim/supplier")) + " under " +
                              shown(json_contract(award, "/claim/contract")) + ", " +
                              json_credits(award, "/value") + " credits\n  Standstill ends " +
                              json_time(award, "/standstill_ends") + "\n\n" + lines_table(award));
    return 0;
}

}  // namespace

void add_award_commands(CLI::App& app, Session& session) {
    auto& noun =
        add_noun(app, "award", "What an authority awards; credits are issued after standstill");

    const auto making = std::make_shared<MakeInput>();
    auto& makes = add_verb(noun, "make", "Award lines to a supplier", session,
                           [&session, making] { return make(session, *making); });
    makes.add_option("contract", making->contract, "AUTHORITY:OCID[:LOT]")->required();
    makes.add_option("supplier", making->supplier, "To whom")->required();
    makes.add_option("--revealed", making->revealed, "Number of a revealed line; may be repeated")
        ->allow_extra_args(false);
    making->lines.add_to(makes);
    makes.add_option("--standstill-ends", making->standstill_ends, "When the standstill ends")
        ->required();

    struct CancelInput {
        std::string award;
        ReasonInput reason;
    };
    const auto cancelling = std::make_shared<CancelInput>();
    auto& cancels = add_verb(
        noun, "cancel", "Cancel an award in its standstill", session,
        [&session, cancelling] { return cancel(session, cancelling->award, cancelling->reason); });
    cancels.add_option("award", cancelling->award, "Id of the award")->required();
    cancelling->reason.add_to(cancels);

    const auto shown_award = std::make_shared<std::string>();
    add_verb(noun, "show", "An award with its lines", session,
             [&session, shown_award] { return show(session, *shown_award); })
        .add_option("award", *shown_award, "Id of the award")
        ->required();

    struct ListInput {
        ContractFilter contract;
        std::string supplier;
        std::string project;
        std::string status;
    };
    const auto listing = std::make_shared<ListInput>();
    auto& lists = add_verb(noun, "list", "Awards", session, [&session, listing] {
        auto query = listing->contract.query();
        query.insert(query.end(), {{"supplier", listing->supplier},
                                   {"project", listing->project},
                                   {"status", listing->status}});
        return print_list(
            session, "/v1/awards", query,
            {{"award"},
             {"contract"},
             {"supplier"},
             {"status"},
             {"credits", true},
             {"standstill ends"}},
            [](const Json& item) {
                return std::vector<std::string>{
                    json_text(item, "/id").substr(0, 8), json_contract(item, "/claim/contract"),
                    json_text(item, "/claim/supplier"),  json_text(item, "/status"),
                    json_credits(item, "/value"),        json_time(item, "/standstill_ends")};
            });
    });
    listing->contract.add_to(lists);
    lists.add_option("--supplier", listing->supplier, "Only to this supplier");
    lists.add_option("--project", listing->project, "Only with a line for this project");
    lists.add_option("--status", listing->status, "Only standstill, issued or cancelled");
}

}  // namespace tallystick::wallet
