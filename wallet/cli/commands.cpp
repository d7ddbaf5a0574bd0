#include "wallet/cli/commands.hpp"

#include <algorithm>

#include "wallet/core/seals.hpp"

namespace tallystick::wallet {

CLI::App& add_noun(CLI::App& app, const std::string& name, const std::string& description) {
    auto& noun = *app.add_subcommand(name, description);
    noun.require_subcommand(1);
    noun.fallthrough();
    return noun;
}

CLI::App& add_verb(CLI::App& noun, const std::string& name, const std::string& description,
                   Session& session, std::function<int()> run) {
    auto& verb = *noun.add_subcommand(name, description);
    verb.fallthrough();
    verb.final_callback([&session, run = std::move(run)] { session.command = run; });
    return verb;
}

int print_list(Session& session, const std::string& path, const Query& query,
               const std::vector<Column>& columns,
               const std::function<std::vector<std::string>(const Json&)>& row) {
    const auto list = must(session.node().list(path, query));
    std::vector<std::vector<std::string>> rows;
    for (const auto& item : list["items"]) rows.push_back(row(item));
    if (rows.empty()) Session::say("None.");
    session.print(list, rows.empty() ? "" : table_text(columns, rows));
    if (list["more"].get<bool>()) Session::say("The list goes on; narrow it down.");
    return 0;
}

void ContractFilter::add_to(CLI::App& verb) {
    verb.add_option("--contract", contract, "Only this contract: AUTHORITY:OCID[:LOT]");
}

Query ContractFilter::query() const {
    if (contract.empty()) return {};
    const auto id = must(contract_from_text(contract, ""));
    return {{"authority", id.authority()}, {"ocid", id.ocid()}, {"lot", id.lot()}};
}

void ClaimInput::add_to(CLI::App& verb) {
    verb.add_option("--contract", contract,
                    "The contract that issued the credits: AUTHORITY:OCID[:LOT]")
        ->required();
    verb.add_option("--supplier", supplier, "The supplier that promised them")->required();
}

pb::Claim ClaimInput::claim() const {
    pb::Claim claim;
    *claim.mutable_contract() = must(contract_from_text(contract, ""));
    claim.set_supplier(must(account_from_text(supplier)));
    return claim;
}

void ReasonInput::add_to(CLI::App& verb) {
    verb.add_option("--reason", code, "Why, a code of the published list, such as no-longer-needed")
        ->required();
    verb.add_option("--reason-text", text,
                    "More about it; kept in the wallet's folder, its salted hash on the ledger");
}

pb::Reason ReasonInput::reason(Session& session) const {
    pb::Reason reason;
    reason.set_code(must(reason_from_text(code)));
    reason.set_text_hash(salted_hash(session, text));
    return reason;
}

std::string salted_hash(Session& session, const std::string& text) {
    if (text.empty()) return "";
    const auto salt = random_string(32);
    const auto hash = sha256_of({salt, text});
    const auto folder = session.folder() / "texts";
    must(make_private_folder(folder));
    const Json note{
        {"format", "tallystick-text-1"}, {"salt", to_hex(bytes_of(salt))}, {"text", text}};
    must(write_atomically(folder / (to_hex(hash.view()) + ".json"),
                          note.dump(2, ' ', false, Json::error_handler_t::replace) + "\n",
                          Access::owner_only));
    return hash.str();
}

void LinesInput::add_to(CLI::App& verb) {
    verb.add_option(
            "--line", lines,
            "A commitment line, PROJECT:RESOURCE:QUANTITY:OUTCOME:WARD:DUE; may be repeated")
        ->allow_extra_args(false);
    verb.add_option("--lines", file,
                    "A JSON file with a list of {project, resource, quantity, outcome, ward, due}");
}

pb::CommitmentLines LinesInput::commitment_lines() const {
    pb::CommitmentLines made;
    if (!file.empty()) made = must(lines_from_json(must(read_file(file, 1048576)), Session::now()));
    for (const auto& line : lines) *made.add_lines() = must(line_from_text(line, Session::now()));
    return made;
}

std::vector<std::string> sorted_codes(std::vector<std::string> codes) {
    for (const auto& code : codes) {
        if (!is_code(code))
            throw Stop{{Exit::usage, "bad_code",
                        "\"" + shown(code) +
                            "\" is not a code: 1 to 40 letters, digits, -, _ and points."}};
    }
    std::ranges::sort(codes);
    const auto repeated = std::ranges::unique(codes);
    codes.erase(repeated.begin(), repeated.end());
    return codes;
}

std::uint64_t typed_time(const std::string& text) {
    return must(time_from_text(text, Session::now()));
}

std::uint64_t typed_quantity(const std::string& text) {
    const auto quantity = must(number_from_text(text, Amount::hundredths_max));
    if (quantity == 0) throw Stop{{Exit::usage, "bad_quantity", "A quantity is at least 1."}};
    return quantity;
}

std::uint32_t typed_line(const std::string& text) {
    return static_cast<std::uint32_t>(must(number_from_text(text, UINT32_MAX)));
}

}  // namespace tallystick::wallet
