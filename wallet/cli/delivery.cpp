// tally delivery record | confirm | verify
#include <algorithm>

#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::size_t evidence_bytes_max = 268435456;

struct RecordInput {
    std::string redemption;
    std::string line;
    std::string quantity;
    std::vector<std::string> files;
    std::vector<std::string> tags;
};

int record(Session& session, const RecordInput& input) {
    auto body = new_body(session);
    auto& action = *body.mutable_record_delivery();
    action.set_redemption(resolve_id(session, input.redemption, "/v1/redemptions",
                                     {{"supplier", session.account()}}));
    action.set_line(typed_line(input.line));
    action.set_quantity(typed_quantity(input.quantity));
    std::vector<std::string> tags;
    for (const auto& tag : input.tags) tags.push_back(must(hash_from_text(tag)));
    for (const auto& file : input.files)
        tags.push_back(sha256(must(read_file(file, evidence_bytes_max))).str());
    std::ranges::sort(tags);
    const auto repeated = std::ranges::unique(tags);
    tags.erase(repeated.begin(), repeated.end());
    if (tags.empty() || tags.size() > 16)
        throw Stop{{Exit::usage, "bad_evidence",
                    "Give 1 to 16 files with --evidence, or tags with --evidence-tag."}};
    for (const auto& tag : tags) action.add_evidence(tag);
    return act(session, body);
}

/// REDEMPTION:LINE:QUANTITY, as confirm and verify take them.
std::vector<pb::LineQuantity> line_quantities(Session& session,
                                              const std::vector<std::string>& typed) {
    std::vector<pb::LineQuantity> lines;
    for (const auto& text : typed) {
        const auto first = text.find(':');
        const auto second = first == std::string::npos ? first : text.find(':', first + 1);
        if (second == std::string::npos)
            throw Stop{{Exit::usage, "bad_line",
                        "\"" + shown(text) + "\" is not a line. Write REDEMPTION:LINE:QUANTITY."}};
        pb::LineQuantity line;
        line.set_redemption(resolve_id(session, text.substr(0, first), "/v1/redemptions"));
        line.set_line(typed_line(text.substr(first + 1, second - first - 1)));
        line.set_quantity(typed_quantity(text.substr(second + 1)));
        lines.push_back(std::move(line));
    }
    std::ranges::sort(lines, [](const pb::LineQuantity& a, const pb::LineQuantity& b) {
        return std::pair{a.redemption(), a.line()} < std::pair{b.redemption(), b.line()};
    });
    return lines;
}

int confirm(Session& session, const std::vector<std::string>& typed) {
    auto body = new_body(session);
    auto& action = *body.mutable_confirm_delivery();
    for (auto& line : line_quantities(session, typed)) *action.add_lines() = std::move(line);
    return act(session, body);
}

int verify(Session& session, const std::vector<std::string>& typed) {
    auto body = new_body(session);
    auto& action = *body.mutable_verify_delivery();
    for (auto& line : line_quantities(session, typed)) *action.add_lines() = std::move(line);
    return act(session, body);
}

}  // namespace

void add_delivery_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "delivery", "What was delivered, confirmed and verified");

    const auto recording = std::make_shared<RecordInput>();
    auto& records = add_verb(noun, "record", "A supplier records what it delivered", session,
                             [&session, recording] { return record(session, *recording); });
    records.add_option("redemption", recording->redemption, "Id of the redemption")->required();
    records.add_option("--line", recording->line, "Number of the line, from 0")->required();
    records.add_option("--quantity", recording->quantity, "Whole units")->required();
    records
        .add_option("--evidence", recording->files,
                    "File that shows it; stays here, its SHA-256 on the ledger; may be repeated")
        ->allow_extra_args(false);
    records
        .add_option("--evidence-tag", recording->tags, "SHA-256 of such a file; may be repeated")
        ->allow_extra_args(false);

    const auto confirmed = std::make_shared<std::vector<std::string>>();
    add_verb(noun, "confirm", "A project confirms what it received", session,
             [&session, confirmed] { return confirm(session, *confirmed); })
        .add_option("lines", *confirmed, "REDEMPTION:LINE:QUANTITY ...")
        ->required();

    const auto verified = std::make_shared<std::vector<std::string>>();
    add_verb(noun, "verify", "The authority verifies what was confirmed", session,
             [&session, verified] { return verify(session, *verified); })
        .add_option("lines", *verified, "REDEMPTION:LINE:QUANTITY ...")
        ->required();
}

}  // namespace tallystick::wallet
