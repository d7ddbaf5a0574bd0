#include "wallet/core/seals.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "protocol/canonical.hpp"
#include "protocol/envelope.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format = "tallystick-seal-1";
constexpr std::size_t seal_file_bytes_max = 1048576;

std::string hex(std::string_view raw) {
    return to_hex(bytes_of(raw));
}

fs::path file_of(const fs::path& folder, const Hash& hash) {
    return folder / (to_hex(hash.view()) + ".json");
}

/// 0, which no line takes, for what is no whole number: the library would wrap -3 around silently.
std::uint64_t whole_number(const Json& json) {
    return json.is_number_unsigned() ? json.get<std::uint64_t>() : 0;
}

Try<pb::CommitmentLine> checked(pb::CommitmentLine line, const std::string& what) {
    if (!AccountId::from(line.project()) || !is_code(line.resource()) || !is_code(line.outcome()) ||
        !is_code(line.ward()) || line.quantity() == 0 || line.due() == 0) {
        return problem(Exit::usage, "bad_line",
                       what +
                           " is not a commitment line. It has a project such as "
                           "suffolk/food-bank, codes of a resource, an outcome and a ward, a "
                           "quantity of at least 1, and a due date.");
    }
    return line;
}

}  // namespace

Hash Seal::hash() const {
    return seal_hash(ledger_id, bidder, salt, lines);
}

Seal new_seal(const LedgerId& ledger_id, const pb::Claim& bidder,
              const pb::CommitmentLines& lines) {
    return {ledger_id, bidder, random_string(32), lines};
}

Try<void> SealBook::keep(const Seal& seal) const {
    if (const auto made = make_private_folder(folder_); !made) return made;
    const Json json{{"format", format},
                    {"ledger", to_hex(seal.ledger_id.view())},
                    {"bidder", hex(canonical_bytes(seal.bidder))},
                    {"salt", hex(seal.salt)},
                    {"lines", hex(canonical_bytes(seal.lines))}};
    return write_atomically(file_of(folder_, seal.hash()), json.dump(2) + "\n", Access::owner_only);
}

Try<Seal> SealBook::find(const Hash& hash) const {
    const auto text = read_file(file_of(folder_, hash), seal_file_bytes_max);
    if (!text && text.error().code == "no_such_file")
        return problem(Exit::failed, "no_such_seal",
                       "This wallet did not make the seal that is on the ledger. Reveal from the "
                       "wallet that sealed the bid.");
    if (!text) return Failure{text.error()};
    const auto json = Json::parse(*text, nullptr, false);
    const auto field = [&](const char* name) -> std::string {
        if (!json.is_object() || !json.contains(name) || !json[name].is_string()) return "";
        return from_hex(json[name].get<std::string>()).value_or("");
    };
    const auto ledger = LedgerId::from(field("ledger"));
    const auto bidder = decode_canonical_as<pb::Claim>(field("bidder"));
    const auto lines = decode_canonical_as<pb::CommitmentLines>(field("lines"));
    if (ledger && bidder && lines) {
        Seal seal{*ledger, *bidder, field("salt"), *lines};
        if (seal.hash() == hash) return seal;
    }
    return problem(
        Exit::failed, "seal_damaged",
        "The file of this seal in the wallet's folder is damaged. Take it from a copy, or "
        "seal again while bids are open.");
}

Try<pb::CommitmentLines> lines_from_json(std::string_view text, std::uint64_t now) {
    const auto json = Json::parse(text, nullptr, false);
    if (!json.is_array())
        return problem(
            Exit::usage, "bad_lines",
            "The lines' file is a JSON list of {\"project\", \"resource\", \"quantity\", "
            "\"outcome\", \"ward\", \"due\"}.");
    pb::CommitmentLines lines;
    for (const auto& item : json) {
        const auto what = "Line " + std::to_string(lines.lines_size()) + " of the file";
        pb::CommitmentLine line;
        try {
            line.set_project(item.at("project").get<std::string>());
            line.set_resource(item.at("resource").get<std::string>());
            line.set_quantity(whole_number(item.at("quantity")));
            line.set_outcome(item.at("outcome").get<std::string>());
            line.set_ward(item.at("ward").get<std::string>());
            const auto& due = item.at("due");
            const auto time = due.is_string() ? time_from_text(due.get<std::string>(), now)
                                              : Try<std::uint64_t>{whole_number(due)};
            if (!time) return Failure{time.error()};
            line.set_due(*time);
        } catch (const Json::exception&) {
            return problem(Exit::usage, "bad_line",
                           what + " lacks a field, or has one of another kind.");
        }
        auto good = checked(std::move(line), what);
        if (!good) return Failure{good.error()};
        *lines.add_lines() = std::move(*good);
    }
    return lines;
}

Try<pb::CommitmentLine> line_from_text(std::string_view text, std::uint64_t now) {
    std::array<std::string_view, 6> parts;
    auto rest = text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto colon = i + 1 == parts.size() ? std::string_view::npos : rest.find(':');
        parts[i] = rest.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
    }
    const auto what = "\"" + shown(text) + "\"";
    const auto quantity = number_from_text(parts[2], Amount::hundredths_max);
    if (!quantity)
        return problem(Exit::usage, "bad_line",
                       what + " is not a line. Write PROJECT:RESOURCE:QUANTITY:OUTCOME:WARD:DUE.");
    const auto due = time_from_text(parts[5], now);
    if (!due) return Failure{due.error()};
    pb::CommitmentLine line;
    line.set_project(std::string{parts[0]});
    line.set_resource(std::string{parts[1]});
    line.set_quantity(*quantity);
    line.set_outcome(std::string{parts[3]});
    line.set_ward(std::string{parts[4]});
    line.set_due(*due);
    return checked(std::move(line), what);
}

}  // namespace tallystick::wallet
