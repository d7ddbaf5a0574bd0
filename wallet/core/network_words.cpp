#include "wallet/core/network_words.hpp"

#include "wallet/core/table.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

/// `The newest block is 3 minutes old.`; empty where the answer does not say.
std::string age_words(const Json& ledger) {
    const auto age = number_from_text(json_text(ledger, "/network/head_age_seconds"), UINT64_MAX);
    return age ? "The newest block is " + about_text(*age) + " old." : std::string{};
}

std::string with_age(const std::string& words, const Json& ledger) {
    const auto age = age_words(ledger);
    return age.empty() ? words : words + " " + age;
}

/// Is there a yes or no at this pointer, and is it this one?
bool says(const Json& ledger, const char* pointer, bool value) {
    const Json::json_pointer at{pointer};
    return ledger.contains(at) && ledger[at].is_boolean() && ledger[at].get<bool>() == value;
}

}  // namespace

std::string network_text(const Json& ledger) {
    const auto engine = json_text(ledger, "/network/engine");
    if (engine.empty()) return "";
    auto text = "  Engine " + shown(engine) + ", segment " + json_text(ledger, "/network/segment") +
                ". " + age_words(ledger) + "\n";
    if (says(ledger, "/network/makes_progress", false))
        text +=
            "  The network makes no progress: too few of the authorities' nodes agree on blocks. "
            "What is read is as old as the newest block.\n";
    if (says(ledger, "/network/catching_up", true))
        text += "  This node is behind the others: what it says is old.\n";
    if (says(ledger, "/network/observer", true))
        text += "  This node only reads: it is no authority's.\n";
    for (const auto& authority : ledger.value("authorities", Json::array())) {
        const auto handle = shown(json_text(authority, "/handle"));
        const auto records = authority.value("misbehaviour", Json::array());
        if (!records.empty())
            text += "  The node of " + handle + " " + shown(json_text(records.back(), "/words")) +
                    " at height " + json_text(records.back(), "/height") + ".\n";
        if (json_text(authority, "/power") == "0")
            text += "  The node of " + handle + " has no power.\n";
    }
    return text;
}

Problem why_pending(const Json& ledger) {
    if (says(ledger, "/network/makes_progress", false))
        return {Exit::no_node, "no_progress",
                with_age("The network makes no progress: too few of the authorities' nodes agree "
                         "on blocks now. It goes on by itself once enough of them are back.",
                         ledger)};
    if (says(ledger, "/network/catching_up", true))
        return {Exit::no_node, "node_behind",
                with_age("This node is behind the others and still catches up. Another node may "
                         "know the outcome already.",
                         ledger)};
    return {Exit::no_node, "pending", "The node has it, and no block holds it yet."};
}

}  // namespace tallystick::wallet
