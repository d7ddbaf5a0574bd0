// tally credits return
#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

struct ReturnInput {
    std::string contract;
    std::string supplier;
    std::string amount;
    std::string award;
    std::string line;
    std::string quantity;
    std::string authority;
};

int give_back(Session& session, const ReturnInput& input) {
    auto body = new_body(session);
    const bool by_project =
        !input.contract.empty() && !input.supplier.empty() && !input.amount.empty();
    const bool by_supplier = !input.award.empty() && !input.line.empty() &&
                             !input.quantity.empty() && !input.authority.empty();
    if (by_project == by_supplier)
        throw Stop{
            {Exit::usage, "bad_return",
             "A project returns credits with --contract, --supplier and --amount; a supplier "
             "with --award, --line, --quantity and --with-authority."}};
    if (by_project) {
        auto& action = *body.mutable_return_credits();
        *action.mutable_claim() = ClaimInput{input.contract, input.supplier}.claim();
        action.set_amount(must(credits_from_text(input.amount)));
        return act(session, body);
    }
    auto& action = *body.mutable_return_awarded();
    action.set_award(
        resolve_id(session, input.award, "/v1/awards", {{"supplier", session.account()}}));
    action.set_line(typed_line(input.line));
    action.set_quantity(typed_quantity(input.quantity));
    add_co_signers(body, {input.authority});
    return act(session, body);
}

}  // namespace

void add_credits_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "credits", "Give credits back");
    const auto input = std::make_shared<ReturnInput>();
    auto& verb = add_verb(noun, "return", "Return credits for ever", session,
                          [&session, input] { return give_back(session, *input); });
    verb.add_option("--contract", input->contract, "A project: the contract, AUTHORITY:OCID[:LOT]");
    verb.add_option("--supplier", input->supplier, "A project: the supplier that promised them");
    verb.add_option("--amount", input->amount, "A project: credits, such as 12.50");
    verb.add_option("--award", input->award, "A supplier: id of the award");
    verb.add_option("--line", input->line, "A supplier: number of the awarded line, from 0");
    verb.add_option("--quantity", input->quantity, "A supplier: whole units");
    verb.add_option("--with-authority", input->authority,
                    "A supplier: the contract's authority, which signs too");
}

}  // namespace tallystick::wallet
