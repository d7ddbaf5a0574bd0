#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "model/chain.hpp"
#include "protocol/canonical.hpp"
#include "protocol/crypto.hpp"
#include "protocol/header.hpp"
#include "protocol/trust.hpp"
#include "protocol/wire.hpp"

/// Writes random ledgers as exports with their trust files: what the auditor is tried on.
namespace tallystick::model {
namespace {

struct Options {
    std::uint64_t count = 1;
    std::uint64_t actions = 300;
    std::uint64_t seed = 1;
    std::filesystem::path out;
    bool with_key = false;
};

/// docs/FORMATS.md, section 8.
class ExportFile {
  public:
    explicit ExportFile(const std::filesystem::path& path) : out_(path, std::ios::binary) {
        out_ << "tallystick export 1\n";
    }
    void add(const pb::ExportRecord& record) {
        const auto bytes = canonical_bytes(record);
        std::string length;
        wire::put_varint(length, bytes.size());
        out_ << length << bytes;
    }
    [[nodiscard]] bool finish() {
        out_.flush();
        return out_.good();
    }

  private:
    std::ofstream out_;
};

/// Whose node had this key: it is on record for ever.
std::string authority_of(const RandomLedger& ledger, const PublicKey& key) {
    const auto owner = ledger.state().get(node_address_key(address_of(key).text()));
    return owner ? owner->account() : "";
}

std::vector<TrustedValidator> trusted_validators(const RandomLedger& ledger,
                                                 const pb::ValidatorSet& set) {
    std::vector<TrustedValidator> trusted;
    for (const auto& validator : set.validators()) {
        const auto key = *PublicKey::from(validator.public_key());
        trusted.push_back({authority_of(ledger, key), key, validator.power()});
    }
    return trusted;
}

/// Every stretch of the chain with all of its sets.
Trust trust_of(const RandomLedger& ledger, const Chain& chain) {
    Trust trust;
    trust.ledger_id = ledger.founding().ledger_id;
    trust.name = ledger.founding().genesis.name();
    trust.trusting_period_seconds =
        ledger.founding().genesis.parameters().trusting_period_seconds();
    for (const auto& each : chain.segments()) {
        // One that was just handed over to may have no block yet.
        if (!each.first.has_time()) continue;
        TrustSegment segment;
        segment.chain_id = each.chain_id;
        segment.trusted = {each.first.height(), each.first.time().seconds(),
                           each.first.time().nanos(), header_hash(each.first)};
        for (const auto& [height, validators] : each.sets) {
            if (!segment.validator_sets.empty())
                segment.validator_sets.back().last_height = height - 1;
            segment.validator_sets.push_back(
                {height, std::nullopt, trusted_validators(ledger, validators)});
        }
        if (!trust.segments.empty())
            trust.segments.back().validator_sets.back().last_height = each.first.height() - 1;
        trust.segments.push_back(std::move(segment));
    }
    return trust;
}

void write_leaves(ExportFile& file, const RandomLedger& ledger) {
    pb::ExportRecord record;
    for (const auto& [key, value] : ledger.state().leaves()) {
        record.mutable_leaf()->set_key(key);
        record.mutable_leaf()->set_value(canonical_bytes(*value));
        file.add(record);
    }
    const auto height = ledger.block().height;
    record.mutable_end()->set_height(height);
    record.mutable_end()->set_blocks(height);
    record.mutable_end()->set_leaves(ledger.state().leaves().size());
    file.add(record);
}

/// Every key that a node ever had, as `authority seed`, the seed in hexadecimal, so that a test can
/// lie in its name.
void write_keys(const std::filesystem::path& path, RandomLedger& ledger) {
    std::ofstream out{path};
    for (const auto& [key, value] : ledger.state().leaves()) {
        if (static_cast<Kind>(key[0]) != Kind::node_address) continue;
        const auto& handle = static_cast<const pb::Owner&>(*value).account();
        for (std::uint64_t number = 0; number < 4; ++number) {
            const auto& node = node_key(ledger.keyring(), handle, number);
            if (address_of(node.public_key()).text() == parse_key(key)->parts[0])
                out << handle << ' ' << to_hex(node.seed().view()) << '\n';
        }
    }
}

bool write_ledger(const Options& options, std::uint64_t number) {
    const auto seed = options.seed * 1'000'003 + number;
    RandomLedger ledger{seed};
    Chain chain{ledger, seed};
    const auto name = options.out / std::to_string(number);
    auto beside = [&](const char* ending) { return std::filesystem::path{name.string() + ending}; };
    ExportFile file{beside(".export")};

    pb::ExportRecord record;
    *record.mutable_start()->mutable_genesis() = ledger.founding().file;
    record.mutable_start()->set_chain_id(chain.segments().front().chain_id);
    file.add(record);
    const auto add_block = [&] {
        *record.mutable_block() = chain.add(ledger.block());
        file.add(record);
    };
    const auto choices = choices_of(seed, options.actions);
    for (std::span<const Choice> left{choices}; !left.empty();) {
        left = left.subspan(ledger.run_block(left));
        add_block();
    }
    // The last one's app hash stands in the header behind it.
    do {
        ledger.run_tick();
        add_block();
    } while (!ledger.block().result.entries.empty() || chain.segments().back().sets.empty());
    write_leaves(file, ledger);
    std::ofstream{beside(".trust.json")} << serialise_trust(trust_of(ledger, chain));
    if (options.with_key) write_keys(beside(".keys"), ledger);
    return file.finish();
}

}  // namespace
}  // namespace tallystick::model

int main(int argc, char** argv) {
    using namespace tallystick;
    model::Options options;
    CLI::App app{"Write random ledgers as NUMBER.export and NUMBER.trust.json."};
    app.add_option("--count", options.count, "How many ledgers");
    app.add_option("--actions", options.actions, "Envelopes a ledger");
    app.add_option("--seed", options.seed, "What everything follows from");
    app.add_option("--out", options.out, "Folder, made if it is not there")->required();
    app.add_flag("--with-key", options.with_key, "Also write the nodes' secret keys (NUMBER.keys)");
    CLI11_PARSE(app, argc, argv);
    if (!initialise_crypto()) {
        std::cerr << "The cryptographic library does not judge as the ledger demands.\n";
        return 1;
    }
    std::filesystem::create_directories(options.out);
    for (std::uint64_t number = 0; number < options.count; ++number)
        if (!model::write_ledger(options, number)) {
            std::cerr << "Could not write to " << options.out << ".\n";
            return 1;
        }
    return 0;
}
