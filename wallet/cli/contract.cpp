// tally contract open | close | show | list | report
#include <algorithm>
#include <array>

#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

struct OpenInput {
    std::string contract;
    std::string value;
    std::string allocation;
    std::string rate;
    std::vector<std::string> bands;
    std::vector<std::string> prices;
    std::vector<std::string> outcomes;
    std::vector<std::string> wards;
    std::string bids_close;
    std::string standstill = "10d";
    std::string deadline;
};

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (c == separator) {
            parts.emplace_back();
        } else {
            parts.back().push_back(c);
        }
    }
    return parts;
}

/// Pounds as typed, in pence.
std::uint64_t pence(const std::string& text) {
    return must(credits_from_text(text));
}

pb::PriceItem price_from_text(const std::string& text) {
    const auto parts = split(text, ':');
    const auto bad = [&] {
        return Stop{
            {Exit::usage, "bad_price",
             "\"" + shown(text) +
                 "\" is not a price. Write RESOURCE:KIND:UNIT:CREDITS or "
                 "RESOURCE:KIND:UNIT:CREDITS:DEADWEIGHT, such as laptop:materials:item:250 or "
                 "bid-writer:time:day:300:1000; deadweight in basis points."}};
    };
    if (parts.size() != 4 && parts.size() != 5) throw bad();
    pb::PriceItem price;
    price.set_resource(parts[0]);
    if (parts[1] == "time") price.set_kind(pb::RESOURCE_KIND_TIME);
    if (parts[1] == "materials") price.set_kind(pb::RESOURCE_KIND_MATERIALS);
    constexpr std::array<std::string_view, 4> units{"hour", "day", "item", "month"};
    const auto unit = std::ranges::find(units, parts[2]);
    if (unit != units.end())
        price.set_unit(static_cast<pb::ResourceUnit>(unit - units.begin() + 1));
    if (!is_code(parts[0]) || price.kind() == pb::RESOURCE_KIND_UNSPECIFIED ||
        price.unit() == pb::RESOURCE_UNIT_UNSPECIFIED) {
        throw bad();
    }
    price.set_hundredths_per_unit(must(credits_from_text(parts[3])));
    if (parts.size() == 5)
        price.set_deadweight_basis_points(
            static_cast<std::uint32_t>(must(number_from_text(parts[4], 10000))));
    return price;
}

void set_allocation(pb::OpenContract& action, const OpenInput& input) {
    const int given =
        int{!input.allocation.empty()} + int{!input.rate.empty()} + int{!input.bands.empty()};
    if (given != 1)
        throw Stop{{Exit::usage, "bad_allocation",
                    "Give exactly one of --allocation, --rate and --band."}};
    if (!input.allocation.empty())
        action.set_allocation_fixed(must(credits_from_text(input.allocation)));
    if (!input.rate.empty()) {
        const auto parts = split(input.rate, ':');
        if (parts.size() != 2)
            throw Stop{
                {Exit::usage, "bad_allocation", "Write --rate BASIS_POINTS:PENCE_PER_CREDIT."}};
        auto& rate = *action.mutable_allocation_rate();
        rate.set_basis_points(
            static_cast<std::uint32_t>(must(number_from_text(parts[0], 1000000))));
        rate.set_pence_per_credit(must(number_from_text(parts[1], Amount::hundredths_max)));
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> bands;
    for (const auto& band : input.bands) {
        const auto parts = split(band, '=');
        if (parts.size() != 2)
            throw Stop{{Exit::usage, "bad_allocation", "Write --band FROM_POUNDS=CREDITS."}};
        bands.emplace_back(parts[0] == "0" ? 0 : pence(parts[0]),
                           must(credits_from_text(parts[1])));
    }
    std::ranges::sort(bands);
    for (const auto& [from, allocation] : bands) {
        auto& band = *action.mutable_allocation_bands()->add_bands();
        band.set_from_pence(from);
        band.set_allocation(allocation);
    }
}

int open(Session& session, const OpenInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_open_contract();
    *action.mutable_contract() = must(contract_from_text(input.contract, ""));
    if (!input.value.empty()) action.set_value_pence(pence(input.value));
    set_allocation(action, input);
    std::vector<pb::PriceItem> prices;
    for (const auto& price : input.prices) prices.push_back(price_from_text(price));
    std::ranges::sort(prices, {}, &pb::PriceItem::resource);
    for (auto& price : prices) *action.add_prices() = std::move(price);
    for (const auto& outcome : sorted_codes(input.outcomes)) action.add_outcomes(outcome);
    for (const auto& ward : sorted_codes(input.wards)) action.add_wards(ward);
    action.set_bids_close(typed_time(input.bids_close));
    action.set_standstill_seconds(must(duration_from_text(input.standstill)));
    action.set_redemption_deadline(typed_time(input.deadline));
    return act(session, body);
}

std::string path_of(const pb::ContractId& contract) {
    return "/v1/contracts/" + url_encoded(contract.authority()) + "/" +
           url_encoded(contract.ocid());
}

int show(Session& session, const std::string& typed) {
    const auto id = must(contract_from_text(typed, ""));
    const auto answer = must(session.node().get(path_of(id), {{"lot", id.lot()}}));
    const auto contract = answer.value("contract", Json::object());
    std::string text = "Contract " + shown(json_contract(contract, "/contract")) + " (" +
                       shown(json_text(contract, "/phase")) +
                       ")\n  Allocation: " + json_credits(contract, "/allocation") +
                       " credits\n  Bids close: " + json_time(contract, "/bids_close") +
                       "\n  Reveal ends: " + json_time(contract, "/reveal_ends") +
                       "\n  Redeem until: " + json_time(contract, "/redemption_deadline") +
                       "\n  Outcomes: " + shown(json_text(contract, "/outcomes")) +
                       "\n  Wards: " + shown(json_text(contract, "/wards")) + "\n\n";
    std::vector<std::vector<std::string>> prices;
    for (const auto& price : contract.value("prices", Json::array()))
        prices.push_back({json_text(price, "/resource"), json_text(price, "/kind"),
                          json_text(price, "/unit"), json_credits(price, "/hundredths_per_unit"),
                          json_text(price, "/deadweight_basis_points"),
                          json_credits(price, "/unit_value")});
    text += table_text({{"resource"},
                        {"kind"},
                        {"unit"},
                        {"credits", true},
                        {"deadweight", true},
                        {"worth", true}},
                       prices);
    session.print(answer, text);
    return 0;
}

struct ReportInput {
    std::string contract;
    std::string by = "resource";
};

int report(Session& session, const ReportInput& input) {
    const auto id = must(contract_from_text(input.contract, ""));
    const auto answer =
        must(session.node().get(path_of(id) + "/report", {{"lot", id.lot()}, {"by", input.by}}));
    constexpr std::array<const char*, 9> figures{"promised",  "due",       "issued",
                                                 "requested", "delivered", "confirmed",
                                                 "verified",  "returned",  "expired"};
    std::vector<Column> columns{{input.by}};
    for (const auto* figure : figures) columns.push_back({figure, true});
    std::vector<std::vector<std::string>> rows;
    const auto add = [&](const std::string& name, const Json& credits) {
        std::vector<std::string> row{name};
        for (const auto* figure : figures)
            row.push_back(json_credits(credits, std::string{"/"} + figure));
        rows.push_back(std::move(row));
    };
    for (const auto& row : answer.value("rows", Json::array())) {
        std::string name;
        for (const auto* part : {"/supplier", "/project", "/resource", "/outcome", "/ward"}) {
            const auto text = json_text(row, part);
            if (!text.empty()) name += (name.empty() ? "" : " ") + text;
        }
        add(name, row.value("credits", Json::object()));
    }
    add("total", answer.value("total", Json::object()));
    session.print(answer, "Proposed against achieved, in credits; contract " +
                              shown(typed_contract(id)) + "\n" + table_text(columns, rows));
    Session::say(
        "A report is the node's word. Each entry behind it can be proved: tally receipt get ENTRY "
        "-o "
        "FILE; the whole ledger can be audited from an export.");
    return 0;
}

void add_open(CLI::App& noun, Session& session) {
    const auto input = std::make_shared<OpenInput>();
    auto& verb = add_verb(noun, "open", "Open a contract; its terms are fixed for ever", session,
                          [&session, input] { return open(session, *input); });
    const auto repeated = [&](const char* name, std::vector<std::string>& values,
                              const char* text) {
        return verb.add_option(name, values, text)->allow_extra_args(false);
    };
    verb.add_option("contract", input->contract, "AUTHORITY:OCID or AUTHORITY:OCID:LOT")
        ->required();
    verb.add_option("--value", input->value, "Estimated value in pounds, such as 1200000.00");
    verb.add_option("--allocation", input->allocation, "Most credits that it may ever issue");
    verb.add_option("--rate", input->rate, "Or BASIS_POINTS:PENCE_PER_CREDIT of the value");
    repeated("--band", input->bands, "Or FROM_POUNDS=CREDITS; may be repeated");
    repeated("--price", input->prices, "RESOURCE:KIND:UNIT:CREDITS[:DEADWEIGHT]; may be repeated")
        ->required();
    repeated("--outcome", input->outcomes, "Code of an outcome; may be repeated")->required();
    repeated("--ward", input->wards, "Code of a ward; may be repeated")->required();
    verb.add_option("--bids-close", input->bids_close, "When bids close")->required();
    verb.add_option("--standstill", input->standstill, "Shortest standstill (10d)");
    verb.add_option("--deadline", input->deadline, "Until when credits can be redeemed")
        ->required();
}

}  // namespace

void add_contract_commands(CLI::App& app, Session& session) {
    auto& noun =
        add_noun(app, "contract", "Contracts: their terms, and what became of their promises");
    add_open(noun, session);

    const auto closed = std::make_shared<std::string>();
    add_verb(noun, "close", "Close a contract that is settled", session,
             [&session, closed] {
                 auto body = new_body(session);
                 *body.mutable_close_contract()->mutable_contract() =
                     must(contract_from_text(*closed, ""));
                 return act(session, body);
             })
        .add_option("contract", *closed, "AUTHORITY:OCID[:LOT]")
        ->required();

    const auto shown_contract = std::make_shared<std::string>();
    add_verb(noun, "show", "A contract and its price list", session,
             [&session, shown_contract] { return show(session, *shown_contract); })
        .add_option("contract", *shown_contract, "AUTHORITY:OCID[:LOT]")
        ->required();

    struct ListInput {
        std::string authority;
        std::string phase;
    };
    const auto listing = std::make_shared<ListInput>();
    auto& lists = add_verb(noun, "list", "Contracts of the ledger", session, [&session, listing] {
        return print_list(
            session, "/v1/contracts",
            {{"authority", listing->authority}, {"phase", listing->phase}},
            {{"contract"},
             {"phase"},
             {"allocation", true},
             {"issued", true},
             {"bids close"},
             {"redeem until"}},
            [](const Json& item) {
                return std::vector<std::string>{
                    json_contract(item, "/contract"),  json_text(item, "/phase"),
                    json_credits(item, "/allocation"), json_credits(item, "/totals/issued"),
                    json_time(item, "/bids_close"),    json_time(item, "/redemption_deadline")};
            });
    });
    lists.add_option("--authority", listing->authority, "Only of this authority");
    lists.add_option("--phase", listing->phase, "Only open, settling or closed");

    const auto reporting = std::make_shared<ReportInput>();
    auto& reports = add_verb(noun, "report", "Proposed against achieved", session,
                             [&session, reporting] { return report(session, *reporting); });
    reports.add_option("contract", reporting->contract, "AUTHORITY:OCID[:LOT]")->required();
    reports.add_option("--by", reporting->by, "resource, supplier, project, outcome, ward or line");
}

}  // namespace tallystick::wallet
