// tally bid seal | reveal | withdraw | show
#include "protocol/keys.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/core/seals.hpp"

namespace tallystick::wallet {

namespace {

struct BidInput {
    std::string contract;
    LinesInput lines;
};

pb::Claim bidder(Session& session, const std::string& contract) {
    pb::Claim claim;
    *claim.mutable_contract() = must(contract_from_text(contract, ""));
    claim.set_supplier(session.account());
    return claim;
}

/// The salt and the lines are on the disk before the seal leaves: without them nobody can reveal
/// it.
int seal(Session& session, const BidInput& input) {
    auto body = new_body(session);
    const auto lines = input.lines.commitment_lines();
    if (lines.lines().empty())
        throw Stop{{Exit::usage, "no_lines", "A bid has at least one line: --line or --lines."}};
    const auto sealed = new_seal(session.ledger_id(), bidder(session, input.contract), lines);
    if (!session.options.dry_run) must(SealBook{session.folder()}.keep(sealed));
    *body.mutable_seal_lines()->mutable_contract() = sealed.bidder.contract();
    body.mutable_seal_lines()->set_hash(sealed.hash().str());
    Session::say("The lines and the salt stay in this wallet; you need it to reveal the bid.");
    return act(session, body);
}

int reveal(Session& session, const std::string& contract) {
    auto body = new_body(session);
    const auto claim = bidder(session, contract);
    Facts facts;
    const auto key = bid_key(claim);
    facts.learn(key.bytes, must(session.fetcher()(key.bytes)));
    const auto bid = facts.get(key);
    const auto hash = bid ? Hash::from(bid->hash()) : std::nullopt;
    if (!hash)
        throw Stop{{Exit::failed, "no_bid",
                    "The ledger holds no sealed bid of yours on " + shown(contract) + "."}};
    const auto sealed = must(SealBook{session.folder()}.find(*hash));
    auto& action = *body.mutable_reveal_lines();
    *action.mutable_contract() = claim.contract();
    action.set_salt(sealed.salt);
    *action.mutable_lines() = sealed.lines.lines();
    return act(session, body);
}

int show(Session& session, const ContractFilter& contract, const std::string& supplier) {
    auto query = contract.query();
    query.emplace_back("supplier", supplier);
    const auto list = must(session.node().list("/v1/bids", query));
    std::vector<std::vector<std::string>> rows;
    for (const auto& bid : list["items"]) {
        const auto lines = bid.value("lines", Json::array());
        if (lines.empty())
            rows.push_back(
                {json_contract(bid, "/contract"), json_text(bid, "/supplier"), "sealed"});
        for (const auto& line : lines)
            rows.push_back(
                {json_contract(bid, "/contract"), json_text(bid, "/supplier"),
                 json_text(line, "/number"), json_text(line, "/line/project"),
                 json_text(line, "/line/quantity") + " × " + json_text(line, "/line/resource"),
                 json_time(line, "/line/due"), json_text(line, "/award").substr(0, 8)});
    }
    session.print(
        list,
        table_text(
            {{"contract"}, {"supplier"}, {"line"}, {"project"}, {"resource"}, {"due"}, {"award"}},
            rows));
    return 0;
}

}  // namespace

void add_bid_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "bid", "A supplier's promises, sealed until bids close");

    const auto sealing = std::make_shared<BidInput>();
    auto& seals = add_verb(noun, "seal", "Seal commitment lines; sealing again replaces them",
                           session, [&session, sealing] { return seal(session, *sealing); });
    seals.add_option("contract", sealing->contract, "AUTHORITY:OCID[:LOT]")->required();
    sealing->lines.add_to(seals);

    const auto revealed = std::make_shared<std::string>();
    add_verb(noun, "reveal", "Reveal the lines that this wallet sealed", session,
             [&session, revealed] { return reveal(session, *revealed); })
        .add_option("contract", *revealed, "AUTHORITY:OCID[:LOT]")
        ->required();

    const auto withdrawn = std::make_shared<std::string>();
    add_verb(noun, "withdraw", "Withdraw a bid, but for awarded lines", session,
             [&session, withdrawn] {
                 auto body = new_body(session);
                 *body.mutable_withdraw_lines()->mutable_contract() =
                     must(contract_from_text(*withdrawn, ""));
                 return act(session, body);
             })
        .add_option("contract", *withdrawn, "AUTHORITY:OCID[:LOT]")
        ->required();

    struct ShowInput {
        ContractFilter contract;
        std::string supplier;
    };
    const auto showing = std::make_shared<ShowInput>();
    auto& shows = add_verb(
        noun, "show", "Bids and their revealed lines", session,
        [&session, showing] { return show(session, showing->contract, showing->supplier); });
    showing->contract.add_to(shows);
    shows.add_option("--supplier", showing->supplier, "Only of this supplier");
}

}  // namespace tallystick::wallet
