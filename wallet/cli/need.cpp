// tally need publish | withdraw | list
#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

struct PublishInput {
    std::string contract;
    std::string resource;
    std::string quantity;
    std::string by;
    std::string ward;
};

int publish(Session& session, const PublishInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_publish_need();
    *action.mutable_contract() = must(contract_from_text(input.contract, ""));
    action.set_resource(input.resource);
    action.set_quantity(typed_quantity(input.quantity));
    action.set_by_when(typed_time(input.by));
    action.set_ward(input.ward);
    return act(session, body);
}

std::vector<std::string> row(const Json& item) {
    return {json_text(item, "/id").substr(0, 8), json_contract(item, "/contract"),
            json_text(item, "/project"),         json_text(item, "/quantity"),
            json_text(item, "/resource"),        json_text(item, "/ward"),
            json_time(item, "/by_when")};
}

}  // namespace

void add_need_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "need", "What a project could use, visible to every bidder at once");

    const auto publishing = std::make_shared<PublishInput>();
    auto& publishes = add_verb(noun, "publish", "Publish a need", session,
                               [&session, publishing] { return publish(session, *publishing); });
    publishes.add_option("contract", publishing->contract, "AUTHORITY:OCID[:LOT]")->required();
    publishes.add_option("--resource", publishing->resource, "Code of the price list")->required();
    publishes.add_option("--quantity", publishing->quantity, "How many units")->required();
    publishes.add_option("--by", publishing->by, "By when")->required();
    publishes.add_option("--ward", publishing->ward, "Code of the ward")->required();

    const auto withdrawn = std::make_shared<std::string>();
    add_verb(noun, "withdraw", "Withdraw a need of yours", session,
             [&session, withdrawn] {
                 auto body = new_body(session);
                 body.mutable_withdraw_need()->set_need(resolve_id(
                     session, *withdrawn, "/v1/needs", {{"project", session.account()}}));
                 return act(session, body);
             })
        .add_option("need", *withdrawn, "Id of the need")
        ->required();

    struct ListInput {
        ContractFilter contract;
        std::string project;
        std::string resource;
        std::string ward;
    };
    const auto listing = std::make_shared<ListInput>();
    auto& lists = add_verb(noun, "list", "Open needs", session, [&session, listing] {
        auto query = listing->contract.query();
        query.insert(query.end(), {{"project", listing->project},
                                   {"resource", listing->resource},
                                   {"ward", listing->ward}});
        return print_list(session, "/v1/needs", query,
                          {{"need"},
                           {"contract"},
                           {"project"},
                           {"quantity", true},
                           {"resource"},
                           {"ward"},
                           {"by"}},
                          row);
    });
    listing->contract.add_to(lists);
    lists.add_option("--project", listing->project, "Only of this project");
    lists.add_option("--resource", listing->resource, "Only of this resource");
    lists.add_option("--ward", listing->ward, "Only in this ward");
}

}  // namespace tallystick::wallet
