// light_client_cases FILE...: judges generated light-client cases (files MC*.json of
// informalsystems/tendermint-rs). A case states a trusted header with the validators of the next
// one, a trusting period, and blocks, each with a clock and the verdict that a correct verifier
// gives. A block that is accepted becomes the trusted one.
//
// Exit: 0 every case passed; 1 a case failed; 2 wrong usage, or a file that is not a case.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "protocol/crypto.hpp"
#include "protocol/header.hpp"
#include "protocol/light_client.hpp"
#include "vectors/node_json.hpp"

namespace {

using namespace tallystick;
using node_json::Json;

/// What became of a case: each block's verdict, up to the first that is not met.
struct Judged {
    bool passed = true;
    std::string verdicts;
};

struct Answer {
    std::string verdict;
    std::string reason;
};

/// A duration in nanoseconds, as the files write it.
struct Duration {
    std::uint64_t seconds = 0;
    std::uint32_t nanos = 0;
};

Duration duration(const Json& json) {
    const auto nanoseconds = node_json::number(json);
    if (nanoseconds < 0) throw std::runtime_error("a negative duration");
    return {static_cast<std::uint64_t>(nanoseconds / 1000000000),
            static_cast<std::uint32_t>(nanoseconds % 1000000000)};
}

TrustedBlock trusted_of(const pb::Header& header, pb::ValidatorSet next_validators) {
    TrustedBlock trusted;
    trusted.chain_id = header.chain_id();
    trusted.height = header.height();
    trusted.time = header.time();
    trusted.header_hash = header_hash(header);
    trusted.next_validators_hash = Hash::from(header.next_validators_hash()).value();
    trusted.validators = std::move(next_validators);
    return trusted;
}

/// Judges one block; if it is accepted, it becomes the trusted one.
Answer judge(TrustedBlock& trusted, const Json& block, const FollowingClock& clock) {
    pb::LightBlock next;
    *next.mutable_header() = node_json::header(block.at("signed_header").at("header"));
    *next.mutable_commit() = node_json::commit(block.at("signed_header").at("commit"));
    *next.mutable_validators() = node_json::validators(block.at("validator_set").at("validators"));
    auto after = node_json::validators(block.at("next_validator_set").at("validators"));

    const auto verified = verify_following(trusted, next, SlotRule::as_signed, clock);
    if (!verified) {
        const bool more_trust_may_help = verified.error() == ChainFault::not_enough_trust;
        return {more_trust_may_help ? "NOT_ENOUGH_TRUST" : "INVALID",
                std::string{chain_fault_name(verified.error())}};
    }
    if (validators_hash(after).text() != next.header().next_validators_hash())
        return {"INVALID", "the next validators are not those that the header announces"};
    trusted = trusted_of(next.header(), std::move(after));
    return {"SUCCESS", ""};
}

/// Nothing: not a case file. Throws on one that is malformed inside.
std::optional<Judged> judge_case(const Json& json) {
    if (!json.is_object() || !json.contains("initial") || !json.contains("input"))
        return std::nullopt;
    const auto& initial = json.at("initial");
    auto trusted =
        trusted_of(node_json::header(initial.at("signed_header").at("header")),
                   node_json::validators(initial.at("next_validator_set").at("validators")));
    const auto period = duration(initial.at("trusting_period"));
    const auto drift =
        initial.contains("clock_drift") ? duration(initial.at("clock_drift")) : Duration{};

    Judged judged;
    std::size_t number = 0;
    for (const auto& input : json.at("input")) {
        ++number;
        const FollowingClock clock{node_json::time(input.at("now")), period.seconds, drift.seconds,
                                   period.nanos, drift.nanos};
        const auto wanted = input.at("verdict").get<std::string>();
        const auto answer = judge(trusted, input.at("block"), clock);
        judged.verdicts += (number > 1 ? ", " : "") + answer.verdict +
                           (answer.reason.empty() ? "" : " (" + answer.reason + ")");
        if (answer.verdict == wanted) continue;
        judged.passed = false;
        judged.verdicts += " where the file says " + wanted;
        break;
    }
    return judged;
}

std::optional<Judged> judge_file(const char* path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) throw std::runtime_error("cannot be read");
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    return judge_case(Json::parse(text));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: light_client_cases FILE...\n";
        return 2;
    }
    if (!initialise_crypto()) {
        std::cerr << "light_client_cases: this libsodium judges signatures differently\n";
        return 2;
    }
    int passed = 0;
    int failed = 0;
    int not_cases = 0;
    for (int i = 1; i < argc; ++i) {
        try {
            const auto judged = judge_file(argv[i]);
            if (!judged) {
                ++not_cases;
                std::cerr << argv[i] << ": not a case file\n";
            } else if (judged->passed) {
                ++passed;
                std::cout << argv[i] << ": passed: " << judged->verdicts << '\n';
            } else {
                ++failed;
                std::cout << argv[i] << ": failed: " << judged->verdicts << '\n';
            }
        } catch (const std::exception& error) {
            ++not_cases;
            std::cerr << argv[i] << ": not a case file: " << error.what() << '\n';
        }
    }
    std::cout << passed << " passed, " << failed << " failed\n";
    if (failed > 0) return 1;
    return not_cases > 0 ? 2 : 0;
}
