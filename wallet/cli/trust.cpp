// tally trust show | follow | add-handover
#include "protocol/handover.hpp"
#include "protocol/keys.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"
#include "protocol/walk.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/core/follower.hpp"

namespace tallystick::wallet {

namespace {

std::string trust_path(Session& session, const std::string& typed) {
    return typed.empty() ? session.profile().trust : typed;
}

/// How long the trusted header still serves one who follows the chain.
std::string period_text(const Trust& trust, std::uint64_t now) {
    const auto since = static_cast<std::uint64_t>(trust.segments.back().trusted.seconds);
    const auto ends = since + trust.trusting_period_seconds;
    const auto period = "The trusting period is " + duration_text(trust.trusting_period_seconds);
    if (now < ends)
        return period + ": following the chain can begin from this file until " + rfc3339(ends) +
               ".\n";
    return period +
           ", and the trusted header is older: receipts still verify with this file, but "
           "to follow the chain get a fresh one from an authority (unless this wallet has "
           "followed it since).\n";
}

Json trust_json(const Trust& trust, std::uint64_t now) {
    auto json = Json::parse(serialise_trust(trust));
    const auto since = static_cast<std::uint64_t>(trust.segments.back().trusted.seconds);
    json["trust_ends"] = since + trust.trusting_period_seconds;
    json["expired"] = now >= since + trust.trusting_period_seconds;
    return json;
}

std::string trust_text(const Trust& trust, std::uint64_t now) {
    std::string text =
        "Ledger " + shown(trust.name) + "\n  Id: " + to_hex(trust.ledger_id.view()) + "\n";
    for (const auto& segment : trust.segments) {
        const auto& trusted = segment.trusted;
        text += "Chain " + shown(segment.chain_id) + "\n  Trusted block " +
                std::to_string(trusted.height) + " of " +
                rfc3339(static_cast<std::uint64_t>(trusted.seconds)) +
                "\n  Hash: " + to_hex(trusted.header_hash.view()) + "\n";
        for (const auto& set : segment.validator_sets) {
            text += "  Blocks " + std::to_string(set.first_height) +
                    (set.last_height ? " to " + std::to_string(*set.last_height) : " and after") +
                    " are signed by\n";
            for (const auto& validator : set.validators)
                text += "    " +
                        (validator.authority.empty() ? "(not named)" : shown(validator.authority)) +
                        "  " + to_hex(validator.public_key.view()) + "  power " +
                        std::to_string(validator.power) + "\n";
        }
    }
    return text + period_text(trust, now);
}

int show(Session& session, const std::string& typed) {
    const auto trust = must(load_trust(trust_path(session, typed)));
    session.print(trust_json(trust, Session::now()), trust_text(trust, Session::now()));
    return 0;
}

/// Writes a trust file; what stood there is kept beside it.
void replace_trust(const std::string& from, const std::string& out, const Trust& trust) {
    const auto target = out.empty() ? from : out;
    const auto old = read_file(target, trust_file_bytes_max);
    const auto text = serialise_trust(trust);
    if (old && *old == text) return;
    if (old) must(write_atomically(target + ".before", *old, Access::everyone));
    must(write_atomically(target, text, Access::everyone));
}

/// Names the keys that the file does not: whose they are is proved from the state, for ever.
void prove_names(Session& session, Trust& trust) {
    Prover prover{session.nodes(), trust, session.folder(), &Session::say};
    for (auto& segment : trust.segments)
        for (auto& set : segment.validator_sets)
            for (auto& validator : set.validators) {
                if (!validator.authority.empty()) continue;
                const auto address = address_of(validator.public_key);
                const auto proved = prover.entry(node_address_key(address.text()).bytes);
                if (!proved) continue;
                const auto& entry = std::get<ProvedEntry>(proved->receipt.statement);
                pb::Owner owner;
                if (entry.value && owner.ParseFromString(*entry.value))
                    validator.authority = owner.account();
            }
}

struct FollowInput {
    std::string out;
};

int follow(Session& session, const FollowInput& input) {
    const auto path = session.profile().trust;
    const auto before = must(load_trust(path));
    Follower follower{session.nodes(), before, session.folder()};
    const auto followed = must(follower.follow(Session::now()));
    auto trust = must(follower.renew(followed, Session::now()));
    prove_names(session, trust);
    replace_trust(path, input.out, trust);
    session.print(trust_json(trust, Session::now()),
                  "The trust file " + shown(input.out.empty() ? path : input.out) +
                      " now begins at block " +
                      std::to_string(trust.segments.back().trusted.height) + ".\n" +
                      trust_text(trust, Session::now()));
    return 0;
}

struct HandoverInput {
    std::string file;
    std::string trust;
    std::string out;
};

/// No network: the record is verified by the trust file that it is added to.
int add_record(Session& session, const HandoverInput& input) {
    const auto path = trust_path(session, input.trust);
    auto before = must(load_trust(path));
    const auto record = decode_handover(must(read_file(input.file, handover_bytes_max)));
    if (!record)
        throw Stop{{Exit::failed, std::string{handover_error_name(record.error())},
                    std::string{handover_error_sentence(record.error())}}};
    const auto trust = add_handover(std::move(before), *record);
    if (!trust)
        throw Stop{{Exit::failed, std::string{receipt_error_name(trust.error())},
                    "This handover record is not added: " +
                        std::string{receipt_error_sentence(trust.error())}}};
    replace_trust(path, input.out, *trust);
    session.print(
        trust_json(*trust, Session::now()),
        "The trust file knows the chain " + shown(trust->segments.back().chain_id) +
            " now; blocks of the chains before it are believed up to where they ended.\n" +
            trust_text(*trust, Session::now()));
    return 0;
}

}  // namespace

void add_trust_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "trust", "The authorities' keys that everything is verified by");

    const auto file = std::make_shared<std::string>();
    add_verb(noun, "show", "What a trust file says, to compare with another's", session,
             [&session, file] { return show(session, *file); })
        .add_option("file", *file, "A trust file; the profile's if left out");

    const auto following = std::make_shared<FollowInput>();
    add_verb(noun, "follow",
             "Follow the chain and lead the profile's trust file on to its newest block", session,
             [&session, following] { return follow(session, *following); })
        .add_option("-o,--out", following->out,
                    "Write here; else the profile's file is replaced and kept as FILE.before");

    const auto adding = std::make_shared<HandoverInput>();
    auto& adds = add_verb(noun, "add-handover",
                          "Add a handover record, so that receipts of the new chain verify",
                          session, [&session, adding] { return add_record(session, *adding); });
    adds.add_option("file", adding->file, "A handover file, from a node's /v1/handovers/SEGMENT")
        ->required();
    adds.add_option("--trust", adding->trust, "Trust file; the profile's if left out");
    adds.add_option("-o,--out", adding->out,
                    "Write here; else the trust file is replaced and kept as FILE.before");
}

}  // namespace tallystick::wallet
