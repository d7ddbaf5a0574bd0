// tally transfer send | pass
#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

struct SendInput {
    ClaimInput claim;
    std::string to;
    std::string amount;
    std::string reference;
    bool with_authority = false;
};

int send(Session& session, const SendInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_transfer();
    *action.mutable_claim() = input.claim.claim();
    action.set_to(must(account_from_text(input.to)));
    action.set_amount(must(credits_from_text(input.amount)));
    action.set_reference(salted_hash(session, input.reference));
    if (input.with_authority) add_co_signers(body, {action.claim().contract().authority()});
    return act(session, body);
}

struct PassInput {
    std::string award;
    std::string line;
    std::string quantity;
    std::string to;
    std::string with_authority;
};

int pass(Session& session, const PassInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_transfer_awarded();
    action.set_award(
        resolve_id(session, input.award, "/v1/awards", {{"supplier", session.account()}}));
    action.set_line(typed_line(input.line));
    action.set_quantity(typed_quantity(input.quantity));
    action.set_to(must(account_from_text(input.to)));
    if (!input.with_authority.empty()) add_co_signers(body, {input.with_authority});
    return act(session, body);
}

}  // namespace

void add_transfer_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "transfer", "Move credits to a project");

    const auto sending = std::make_shared<SendInput>();
    auto& sends = add_verb(noun, "send", "A project sends credits to another project", session,
                           [&session, sending] { return send(session, *sending); });
    sends.add_option("to", sending->to, "The project that receives them")->required();
    sends.add_option("amount", sending->amount, "Credits, such as 12.50")->required();
    sending->claim.add_to(sends);
    sends.add_option("--reference", sending->reference,
                     "What it is for; kept here, its salted hash on the ledger");
    sends.add_flag("--with-authority", sending->with_authority,
                   "The contract's authority signs too (for a project that is not accredited)");

    const auto passing = std::make_shared<PassInput>();
    auto& passes = add_verb(noun, "pass", "A supplier passes units of an awarded line on", session,
                            [&session, passing] { return pass(session, *passing); });
    passes.add_option("award", passing->award, "Id of the award")->required();
    passes.add_option("--line", passing->line, "Number of the awarded line, from 0")->required();
    passes.add_option("--quantity", passing->quantity, "Whole units")->required();
    passes.add_option("--to", passing->to, "The project that receives them")->required();
    passes.add_option(
        "--with-authority", passing->with_authority,
        "The contract's authority, which signs too (for another project than the line's)");
}

}  // namespace tallystick::wallet
