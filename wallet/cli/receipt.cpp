// tally receipt get | balance | redemption | state | verify
#include "protocol/keys.hpp"
#include "protocol/receipt_words.hpp"
#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

Json receipt_json(const VerifiedReceipt& receipt) {
    return {{"verified", true},
            {"ledger_id", to_hex(receipt.ledger_id.view())},
            {"chain_id", receipt.chain_id},
            {"height", receipt.height},
            {"time", receipt.time.seconds()},
            {"header_hash", to_hex(receipt.header_hash.view())},
            {"signed_power", receipt.signed_power},
            {"total_power", receipt.total_power},
            {"words", receipt_in_words(receipt)}};
}

/// Words of a receipt hold names from the ledger: each line is made safe, the line ends stay.
std::string safe_lines(const std::string& text) {
    std::string safe;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        safe += shown(std::string_view{text}.substr(at, end - at)) + "\n";
        at = end + 1;
    }
    return safe;
}

int keep(Session& session, const Proved& proved, const std::string& path) {
    must(write_atomically(path, proved.file, Access::everyone));
    auto json = receipt_json(proved.receipt);
    json["file"] = path;
    session.print(json, safe_lines(receipt_in_words(proved.receipt, Session::now())) +
                            "Receipt: " + shown(path) + "\n");
    return 0;
}

struct GetInput {
    std::string id;
    std::string out;
};

int get(Session& session, const GetInput& input) {
    const auto id = EnvelopeId::from(must(hash_from_text(input.id)));
    return keep(session, must(session.prover().outcome(*id)), input.out);
}

struct BalanceInput {
    std::string account;
    ClaimInput claim;
    std::string out;
};

int balance(Session& session, const BalanceInput& input) {
    const auto account =
        input.account.empty() ? session.account() : must(account_from_text(input.account));
    return keep(session, must(session.prover().balance(account, input.claim.claim())), input.out);
}

int redemption(Session& session, const GetInput& input) {
    const auto id = resolve_id(session, input.id, "/v1/redemptions");
    return keep(session, must(session.prover().redemption(id)), input.out);
}

int state(Session& session, const GetInput& input) {
    const auto key = from_hex(input.id);
    if (!key || !parse_key(*key))
        throw Stop{
            {Exit::usage, "bad_key", "That is not a state key in hexadecimal (docs/FORMATS.md)."}};
    return keep(session, must(session.prover().entry(*key)), input.out);
}

struct VerifyInput {
    std::string file;
    std::string trust;
};

/// No network and no clock but to say how old the receipt is.
int verify(Session& session, const VerifyInput& input) {
    const auto trust =
        must(load_trust(input.trust.empty() ? session.profile().trust : input.trust));
    const auto file = must(read_file(input.file, receipt_bytes_max));
    const auto verified = verify_receipt(file, trust);
    if (!verified)
        throw Stop{{Exit::failed, std::string{receipt_error_name(verified.error())},
                    "This receipt proves nothing: " +
                        std::string{receipt_error_sentence(verified.error())}}};
    session.print(receipt_json(*verified), safe_lines(receipt_in_words(*verified, Session::now())));
    return 0;
}

void add_out(CLI::App& verb, std::string& out) {
    verb.add_option("-o,--out", out, "File to write, such as receipt.tally")->required();
}

}  // namespace

void add_receipt_commands(CLI::App& app, Session& session) {
    auto& noun =
        add_noun(app, "receipt", "Statements with their proofs, in files that anyone can check");

    const auto getting = std::make_shared<GetInput>();
    auto& gets = add_verb(noun, "get", "Fetch, verify and keep the receipt of an entry", session,
                          [&session, getting] { return get(session, *getting); });
    gets.add_option("id", getting->id, "Id of the envelope or due item")->required();
    add_out(gets, getting->out);

    const auto balancing = std::make_shared<BalanceInput>();
    auto& balances =
        add_verb(noun, "balance", "The same for a balance, or that there is none", session,
                 [&session, balancing] { return balance(session, *balancing); });
    balances.add_option("account", balancing->account, "Whose; the profile's own if left out");
    balancing->claim.add_to(balances);
    add_out(balances, balancing->out);

    const auto redeeming = std::make_shared<GetInput>();
    auto& redemptions =
        add_verb(noun, "redemption", "The same for a redemption with its lines", session,
                 [&session, redeeming] { return redemption(session, *redeeming); });
    redemptions.add_option("redemption", redeeming->id, "Id of the redemption")->required();
    add_out(redemptions, redeeming->out);

    const auto stating = std::make_shared<GetInput>();
    auto& states = add_verb(noun, "state", "The same for any state entry, or its absence", session,
                            [&session, stating] { return state(session, *stating); });
    states.add_option("key", stating->id, "State key in hexadecimal")->required();
    add_out(states, stating->out);

    const auto verifying = std::make_shared<VerifyInput>();
    auto& verifies =
        add_verb(noun, "verify", "Check a receipt without network, and say what it proves", session,
                 [&session, verifying] { return verify(session, *verifying); });
    verifies.add_option("file", verifying->file, "A .tally file")->required();
    verifies.add_option("--trust", verifying->trust, "Trust file; the profile's if left out");
}

}  // namespace tallystick::wallet
