#include "wallet/cli/session.hpp"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>

#include "wallet/core/secrets.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

/// The value of a state entry in a receipt that nobody has verified.
std::optional<std::string> unverified_value(std::string_view bytes) {
    pb::Receipt receipt;
    if (!receipt.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
        !receipt.has_entry() || !receipt.entry().present()) {
        return std::nullopt;
    }
    return receipt.entry().value();
}

}  // namespace

const fs::path& Session::folder() {
    if (!folder_) {
        folder_ = must(wallet_folder());
        must(make_private_folder(*folder_));
    }
    return *folder_;
}

const Profile& Session::profile() {
    if (profile_) return *profile_;
    const auto profiles = must(load_profiles(folder()));
    const auto& name = options.profile.empty() ? profiles.current : options.profile;
    const auto found = profiles.by_name.find(name);
    if (found == profiles.by_name.end() && !options.profile.empty())
        throw Stop{
            {Exit::usage, "no_such_profile",
             "There is no profile " + shown(name) + ". tally profile list shows those that are."}};
    profile_ = found == profiles.by_name.end() ? Profile{} : found->second;
    if (!options.node.empty()) profile_->node = options.node;
    if (!options.key.empty()) profile_->key = options.key;
    return *profile_;
}

const std::vector<Node>& Session::nodes() {
    if (!nodes_.empty()) return nodes_;
    if (profile().node.empty())
        throw Stop{
            {Exit::usage, "no_node_named",
             "Which node? Give --node http://HOST:PORT or make a profile: tally profile add."}};
    std::vector<Url> urls{must(url_from_text(profile().node))};
    if (options.node.empty())
        for (const auto& other : profile().nodes) urls.push_back(must(url_from_text(other)));
    for (const auto& url : urls) nodes_.emplace_back(url);
    node_ = std::make_unique<Node>(std::move(urls), &Session::say);
    return nodes_;
}

const Node& Session::node() {
    // Made together.
    (void)nodes();
    return *node_;
}

Prover& Session::prover() {
    if (!prover_)
        prover_ = std::make_unique<Prover>(nodes(), must(load_trust(profile().trust)), folder(),
                                           &Session::say);
    return *prover_;
}

LedgerId Session::ledger_id() {
    if (ledger_id_) return *ledger_id_;
    auto known = LedgerId::from(from_hex(profile().ledger).value_or(""));
    if (has_trust()) {
        const auto trusted = prover().trust().ledger_id;
        if (known && *known != trusted)
            throw Stop{
                {Exit::failed, "other_ledger",
                 "The profile's ledger is not that of its trust file. Mend the profile before "
                 "you sign anything."}};
        known = trusted;
    }
    if (!known) {
        const auto ledger = must(node().get("/v1/ledger"));
        known = LedgerId::from(from_hex(ledger.value("ledger_id", std::string{})).value_or(""));
    }
    if (!known)
        throw Stop{{Exit::failed, "bad_answer", "The node does not say which ledger it keeps."}};
    ledger_id_ = known;
    return *ledger_id_;
}

const std::string& Session::account() {
    if (profile().account.empty())
        throw Stop{
            {Exit::usage, "no_account",
             "For which account? Make a profile with --account, or choose one with --profile."}};
    return profile().account;
}

std::string Session::key_name() {
    if (!profile().key.empty()) return profile().key;
    const auto names = keystore().names();
    if (names.size() == 1) return names.front();
    throw Stop{{Exit::usage, "no_key",
                names.empty() ? "This wallet has no key yet. tally key create NAME makes one."
                              : "Which key? Give --key NAME; tally key list shows them."}};
}

SecretBytes Session::passphrase(const std::string& prompt) {
    if (!options.passphrase_file.empty())
        return must(passphrase_from_file(options.passphrase_file));
    if (options.no_input)
        throw Stop{{Exit::locked, "key_locked",
                    "The key is locked, and --no-input forbids asking. Give --passphrase-file."}};
    return must(passphrase_from_terminal(prompt));
}

SigningKey Session::unlock() {
    const auto sealed = must(keystore().find(key_name()));
    const auto secret = passphrase("Passphrase of the key " + sealed.info.name + ": ");
    return must(open_key(sealed, secret));
}

EntryFetcher Session::fetcher() {
    if (has_trust()) {
        return [this](const std::string& key) -> Try<std::optional<std::string>> {
            auto proved = prover().entry(key);
            if (!proved) return Failure{proved.error()};
            return std::get<ProvedEntry>(proved->receipt.statement).value;
        };
    }
    return [this](const std::string& key) -> Try<std::optional<std::string>> {
        const auto bytes = node().get_bytes("/v1/receipts/state/" + to_hex(bytes_of(key)), {},
                                            "application/x-protobuf");
        if (!bytes) return Failure{bytes.error()};
        return unverified_value(*bytes);
    };
}

std::uint64_t Session::now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

void Session::print(Json json, const std::string& text) {
    printed_ = true;
    if (!options.json) {
        std::cout << text << std::flush;
        return;
    }
    Json versioned{{"version", 1}};
    versioned.update(json);
    // Bytes that are not UTF-8 would make the library throw half-way through a page of results.
    std::cout << versioned.dump(2, ' ', false, Json::error_handler_t::replace) << std::endl;
}

void Session::say(const std::string& message) {
    std::cerr << message << std::endl;
}

std::optional<std::string> Session::ask(const std::string& question) const {
    if (options.no_input)
        throw Stop{{Exit::usage, "needs_input",
                    "An answer is needed (" + question + "), and --no-input forbids asking."}};
    std::cerr << question << std::flush;
    std::string line;
    if (::isatty(STDIN_FILENO) != 0) {
        if (!std::getline(std::cin, line)) return std::nullopt;
        return line;
    }
    std::ifstream terminal{"/dev/tty"};
    if (!terminal || !std::getline(terminal, line)) return std::nullopt;
    return line;
}

bool Session::agreed(const std::string& question) const {
    if (options.yes) return true;
    if (options.no_input)
        throw Stop{{Exit::usage, "needs_input",
                    "This asks before it signs. With --no-input give --yes too, if you mean it."}};
    const auto answer = ask(question + " [y/N] ");
    if (!answer) say("");
    return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

}  // namespace tallystick::wallet
