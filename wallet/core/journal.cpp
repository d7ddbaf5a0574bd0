#include "wallet/core/journal.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "protocol/envelope.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format = "tallystick-journal-1";
constexpr std::array<std::string_view, 6> status_names{"pending", "done",      "refused",
                                                       "skipped", "malformed", "expired"};

std::string text_of_entry(const JournalEntry& entry) {
    const Json json{{"format", format},           {"id", to_hex(entry.id.view())},
                    {"ledger", entry.ledger},     {"account", entry.account},
                    {"sentence", entry.sentence}, {"valid_until", entry.valid_until},
                    {"created", entry.created},   {"status", journal_status_name(entry.status)},
                    {"code", entry.code},         {"envelope", to_hex(bytes_of(entry.envelope))}};
    return json.dump(2) + "\n";
}

/// Nothing unless the text is an entry whose envelope is the one that its id names.
std::optional<JournalEntry> entry_from_text(std::string_view text) {
    const auto json = Json::parse(text, nullptr, false);
    if (!json.is_object() || json.value("format", "") != format) return std::nullopt;
    JournalEntry entry;
    try {
        const auto id = EnvelopeId::from(from_hex(json.at("id").get<std::string>()).value_or(""));
        const auto status = std::ranges::find(status_names, json.at("status").get<std::string>());
        if (!id || status == status_names.end()) return std::nullopt;
        entry.id = *id;
        entry.ledger = json.at("ledger").get<std::string>();
        entry.account = json.at("account").get<std::string>();
        entry.sentence = json.at("sentence").get<std::string>();
        entry.valid_until = json.at("valid_until").get<std::uint64_t>();
        entry.created = json.at("created").get<std::uint64_t>();
        entry.status = static_cast<JournalStatus>(status - status_names.begin());
        entry.code = json.at("code").get<std::string>();
        entry.envelope = from_hex(json.at("envelope").get<std::string>()).value_or("");
    } catch (const Json::exception&) {
        return std::nullopt;
    }
    const auto decoded = decode_envelope(entry.envelope);
    if (!decoded || decoded->id != entry.id) return std::nullopt;
    return entry;
}

fs::path file_of(const fs::path& folder, const EnvelopeId& id) {
    return folder / (to_hex(id.view()) + ".json");
}

}  // namespace

std::string_view journal_status_name(JournalStatus status) noexcept {
    return status_names[static_cast<std::size_t>(status)];
}

Try<void> Journal::begin(const JournalEntry& entry) const {
    const auto pending = folder_ / "pending";
    if (const auto made = make_private_folder(pending); !made) return made;
    return write_atomically(file_of(pending, entry.id), text_of_entry(entry), Access::owner_only);
}

Try<void> Journal::finish(JournalEntry entry, JournalStatus status, std::string code) const {
    const auto finished = folder_ / "finished";
    if (const auto made = make_private_folder(finished); !made) return made;
    entry.status = status;
    entry.code = std::move(code);
    // Written before the other is removed: a crash in between leaves it in both, and it is sent
    // again, which is harmless.
    if (const auto written =
            write_atomically(file_of(finished, entry.id), text_of_entry(entry), Access::owner_only);
        !written) {
        return written;
    }
    return remove_file(file_of(folder_ / "pending", entry.id));
}

Try<std::vector<JournalEntry>> Journal::pending() const {
    return entries_in(folder_ / "pending");
}

Try<std::vector<JournalEntry>> Journal::finished() const {
    return entries_in(folder_ / "finished");
}

Try<std::vector<JournalEntry>> Journal::entries_in(const fs::path& folder) const {
    std::vector<JournalEntry> entries;
    for (const auto& name : names_in(folder, ".json")) {
        const auto path = folder / (name + ".json");
        const auto text = read_file(path, 4 * envelope_bytes_max);
        // Another command may have finished it since the folder was listed.
        if (!text && text.error().code == "no_such_file") continue;
        if (!text) return Failure{text.error()};
        auto entry = entry_from_text(*text);
        if (!entry)
            return problem(Exit::failed, "journal_damaged",
                           "The journal's file " + shown(path.string()) +
                               " is damaged. Keep it aside, and ask the ledger what became of the "
                               "envelope that its name names: tally entry show " +
                               shown(name) + ".");
        entries.push_back(std::move(*entry));
    }
    std::ranges::stable_sort(entries, {}, &JournalEntry::created);
    return entries;
}

}  // namespace tallystick::wallet
