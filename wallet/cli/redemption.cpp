// tally redemption request | accept | decline | cancel | show | list
#include <algorithm>
#include <array>

#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

struct RequestInput {
    ClaimInput claim;
    std::vector<std::string> lines;
    std::string wanted_by;
};

pb::RedemptionRequest request_from_text(const std::string& text) {
    std::array<std::string, 4> parts;
    std::size_t at = 0;
    for (const char c : text) {
        if (c == ':' && at < parts.size()) {
            ++at;
        } else if (at < parts.size()) {
            parts[at].push_back(c);
        }
    }
    if (at != 3 || !is_code(parts[0]) || !is_code(parts[2]) || !is_code(parts[3]))
        throw Stop{
            {Exit::usage, "bad_line",
             "\"" + shown(text) + "\" is not a line. Write RESOURCE:QUANTITY:OUTCOME:WARD."}};
    pb::RedemptionRequest request;
    request.set_resource(parts[0]);
    request.set_quantity(typed_quantity(parts[1]));
    request.set_outcome(parts[2]);
    request.set_ward(parts[3]);
    return request;
}

int request(Session& session, const RequestInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_redeem();
    *action.mutable_claim() = input.claim.claim();
    for (const auto& line : input.lines) *action.add_lines() = request_from_text(line);
    action.set_wanted_by(typed_time(input.wanted_by));
    return act(session, body);
}

std::string redemption_id(Session& session, const std::string& typed) {
    return resolve_id(session, typed, "/v1/redemptions");
}

int accept(Session& session, const std::string& redemption, const std::string& date) {
    auto body = new_body(session);
    body.mutable_accept_redemption()->set_redemption(redemption_id(session, redemption));
    body.mutable_accept_redemption()->set_date(typed_time(date));
    return act(session, body);
}

int decline(Session& session, const std::string& redemption, const ReasonInput& reason) {
    auto body = new_body(session);
    body.mutable_decline_redemption()->set_redemption(redemption_id(session, redemption));
    *body.mutable_decline_redemption()->mutable_reason() = reason.reason(session);
    return act(session, body);
}

struct CancelInput {
    std::string redemption;
    std::vector<std::string> lines;
    std::string with;
};

int cancel(Session& session, const CancelInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_cancel_redemption();
    action.set_redemption(redemption_id(session, input.redemption));
    std::vector<std::uint32_t> numbers;
    for (const auto& line : input.lines) numbers.push_back(typed_line(line));
    std::ranges::sort(numbers);
    for (const auto number : numbers) action.add_lines(number);
    if (!input.with.empty()) add_co_signers(body, {input.with});
    return act(session, body);
}

/// One row a line: in which cells its units are.
std::string cells_table(const Json& redemption) {
    std::vector<std::vector<std::string>> rows;
    std::size_t number = 0;
    for (const auto& line : redemption.value("lines", Json::array())) {
        const auto given = json_text(line, "/number");
        rows.push_back({given.empty() ? std::to_string(number) : given,
                        json_text(line, "/resource"), json_text(line, "/requested"),
                        json_text(line, "/cells/outstanding"), json_text(line, "/cells/delivered"),
                        json_text(line, "/cells/confirmed"), json_text(line, "/cells/retired"),
                        json_text(line, "/cells/disputed_delivered"),
                        json_text(line, "/cells/disputed_confirmed"),
                        json_text(line, "/cells/released"), json_text(line, "/cells/expired")});
        ++number;
    }
    return table_text({{"line", true},
                       {"resource"},
                       {"asked", true},
                       {"outstanding", true},
                       {"delivered", true},
                       {"confirmed", true},
                       {"verified", true},
                       {"disputed delivered", true},
                       {"disputed confirmed", true},
                       {"released", true},
                       {"expired", true}},
                      rows);
}

int show(Session& session, const std::string& typed) {
    const auto id = redemption_id(session, typed);
    const auto answer = must(session.node().get("/v1/redemptions/" + to_hex(bytes_of(id))));
    const auto redemption = answer.value("redemption", Json::object());
    session.print(answer, "Redemption " + to_hex(bytes_of(id)) + " (" +
                              shown(json_text(redemption, "/status")) + ")\n  " +
                              shown(json_text(redemption, "/project")) + " asks " +
                              shown(json_text(redemption, "/claim/supplier")) + " under " +
                              shown(json_contract(redemption, "/claim/contract")) +
                              "\n  Wanted by " + json_time(redemption, "/wanted_by") + ", agreed " +
                              json_time(redemption, "/agreed_date") + "\n\n" +
                              cells_table(redemption));
    return 0;
}

std::vector<std::string> row(const Json& item) {
    return {json_text(item, "/id").substr(0, 8), json_contract(item, "/claim/contract"),
            json_text(item, "/project"),         json_text(item, "/claim/supplier"),
            json_text(item, "/status"),          json_time(item, "/wanted_by"),
            json_time(item, "/agreed_date")};
}

void add_list(CLI::App& noun, Session& session) {
    struct ListInput {
        ContractFilter contract;
        std::string supplier;
        std::string project;
        std::string status;
        bool open = false;
    };
    const auto listing = std::make_shared<ListInput>();
    auto& lists = add_verb(noun, "list", "Redemptions", session, [&session, listing] {
        auto query = listing->contract.query();
        query.insert(query.end(), {{"supplier", listing->supplier},
                                   {"project", listing->project},
                                   {"status", listing->status},
                                   {"open", listing->open ? "true" : ""}});
        return print_list(session, "/v1/redemptions", query,
                          {{"redemption"},
                           {"contract"},
                           {"project"},
                           {"supplier"},
                           {"status"},
                           {"wanted by"},
                           {"agreed"}},
                          row);
    });
    listing->contract.add_to(lists);
    lists.add_option("--supplier", listing->supplier, "Only of this supplier");
    lists.add_option("--project", listing->project, "Only of this project");
    lists.add_option("--status", listing->status,
                     "Only requested, accepted, declined, cancelled, lapsed or ended");
    lists.add_flag("--open", listing->open, "Only those that have not ended");
}

}  // namespace

void add_redemption_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "redemption", "Spend credits on time and materials");

    const auto requesting = std::make_shared<RequestInput>();
    auto& requests = add_verb(noun, "request", "Ask a supplier for what it promised", session,
                              [&session, requesting] { return request(session, *requesting); });
    requesting->claim.add_to(requests);
    requests
        .add_option("--line", requesting->lines, "RESOURCE:QUANTITY:OUTCOME:WARD; may be repeated")
        ->required()
        ->allow_extra_args(false);
    requests.add_option("--wanted-by", requesting->wanted_by, "By when")->required();

    struct AnswerInput {
        std::string redemption;
        std::string date;
        ReasonInput reason;
    };
    const auto accepting = std::make_shared<AnswerInput>();
    auto& accepts = add_verb(
        noun, "accept", "Accept a redemption with a date", session,
        [&session, accepting] { return accept(session, accepting->redemption, accepting->date); });
    accepts.add_option("redemption", accepting->redemption, "Id of the redemption")->required();
    accepts.add_option("--date", accepting->date, "When you will have delivered")->required();

    const auto declining = std::make_shared<AnswerInput>();
    auto& declines =
        add_verb(noun, "decline", "Decline a redemption", session, [&session, declining] {
            return decline(session, declining->redemption, declining->reason);
        });
    declines.add_option("redemption", declining->redemption, "Id of the redemption")->required();
    declining->reason.add_to(declines);

    const auto cancelling = std::make_shared<CancelInput>();
    auto& cancels = add_verb(noun, "cancel", "Cancel what is outstanding", session,
                             [&session, cancelling] { return cancel(session, *cancelling); });
    cancels.add_option("redemption", cancelling->redemption, "Id of the redemption")->required();
    cancels.add_option("--line", cancelling->lines, "Number of a line, from 0; may be repeated")
        ->required()
        ->allow_extra_args(false);
    cancels.add_option("--with", cancelling->with, "The other side, which signs too");

    const auto shown_redemption = std::make_shared<std::string>();
    add_verb(noun, "show", "A redemption with its lines", session,
             [&session, shown_redemption] { return show(session, *shown_redemption); })
        .add_option("redemption", *shown_redemption, "Id of the redemption")
        ->required();
    add_list(noun, session);
}

}  // namespace tallystick::wallet
