// Writes the part of the corpus that needs keys and hashes; the same files in every run. The
// readable seeds (requests, notices, lists, templates) are written by hand and stay as they are.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "fuzz/actions_world.hpp"
#include "node/import/bodies.hpp"
#include "unit/protocol/signed_chain.hpp"
#include "wallet/core/drafts.hpp"
#include "wallet/core/recovery_sheet.hpp"

using namespace tallystick;
namespace fs = std::filesystem;

namespace {

class Folder {
  public:
    explicit Folder(const fs::path& path) : path_(path) { fs::create_directories(path_); }
    void put(const std::string& name, std::string_view content) const {
        std::ofstream file{path_ / name, std::ios::binary};
        file << content;
        file.close();
        if (!file) throw std::runtime_error("cannot write " + (path_ / name).string());
    }

  private:
    fs::path path_;
};

std::string raw(const nlohmann::json& hex) {
    return from_hex(hex.get<std::string>()).value();
}

std::string byte(unsigned number) {
    return {static_cast<char>(number)};
}

void write_envelopes(const fs::path& corpus, const nlohmann::json& golden) {
    const Folder envelopes{corpus / "envelope"};
    for (const auto& vector : golden.at("envelopes"))
        envelopes.put(vector.at("action").get<std::string>(), raw(vector.at("envelope")));
}

void write_receipts(const fs::path& corpus, const test::SmallLedger& ledger) {
    const Folder receipts{corpus / "receipt"};
    receipts.put("outcome", receipt_file(ledger.outcome(1)));
    receipts.put("due_item", receipt_file(ledger.outcome(0)));
    receipts.put("refused_due_item", receipt_file(ledger.outcome(2)));
    receipts.put("balance", receipt_file(ledger.balance()));
    receipts.put("absence", receipt_file(ledger.absence()));
    receipts.put("redemption", receipt_file(ledger.redemption()));
    auto with_trail = ledger.balance();
    *with_trail.add_trail() = ledger.first;
    *with_trail.add_trail() = ledger.second;
    receipts.put("with_trail", receipt_file(with_trail));
    receipts.put("without_statement", receipt_file(ledger.receipt()));
}

void write_proofs(const fs::path& corpus, const test::SmallLedger& ledger) {
    const Folder state{corpus / "state_proof"};
    state.put("honest_presence", byte(0) + byte(3) + byte(0));
    state.put("honest_absence", byte(0) + byte(30) + byte(0));
    for (unsigned change = 0; change < 9; ++change)
        state.put("altered_" + std::to_string(change), byte(0) + byte(change * 3) + byte(1) +
                                                           byte(change) + byte(change) +
                                                           std::string(32, 'h'));
    state.put("item_present", byte(1) + canonical_bytes(ledger.balance().balance()));
    state.put("item_absent", byte(1) + canonical_bytes(ledger.absence().entry()));

    const Folder log{corpus / "log_proof"};
    for (unsigned size = 1; size < 70; size += 11) {
        log.put("inclusion_" + std::to_string(size), byte(0) + byte(size) + byte(size / 2));
        log.put("growth_" + std::to_string(size), byte(1) + byte(size) + byte(size / 3));
    }
    for (unsigned change = 0; change < 5; ++change) {
        log.put("inclusion_altered_" + std::to_string(change),
                byte(0) + byte(40) + byte(17) + byte(1) + byte(change) + byte(2));
        log.put("growth_altered_" + std::to_string(change),
                byte(1) + byte(40) + byte(17) + byte(1) + byte(change) + byte(2));
    }
    const auto sizes = std::string(7, '\0') + byte(5) + std::string(7, '\0') + byte(7);
    log.put("raw_inclusion", byte(2) + sizes + std::string(96, 'p'));
    log.put("raw_growth", byte(3) + sizes + std::string(128, 'q'));
    log.put("raw_largest", byte(2) + std::string(7, '\xff') + byte(0xfe) + std::string(8, '\xff') +
                               std::string(1024, 'r'));
}

void write_trust(const fs::path& corpus, const test::SmallLedger& ledger) {
    const Folder trust{corpus / "trust"};
    trust.put("one_segment", serialise_trust(ledger.trust));
    auto longer = ledger.trust;
    auto& segment = longer.segments.front();
    segment.validator_sets.front().last_height = 9;
    segment.validator_sets.push_back({10, std::nullopt, {segment.validator_sets[0].validators[0]}});
    longer.segments.push_back(segment);
    longer.segments.back().chain_id = "suffolk-2";
    longer.segments.back().trusted.nanos = 0;
    trust.put("two_segments", serialise_trust(longer));
}

void write_drafts(const fs::path& corpus, const nlohmann::json& golden) {
    const Folder drafts{corpus / "drafts"};
    pb::PreparedBodies prepared;
    for (const auto& vector : golden.at("envelopes")) {
        const auto action = vector.at("action").get<std::string>();
        const auto body = decode_canonical_as<pb::Body>(raw(vector.at("body"))).value();
        auto draft = wallet::unsigned_draft(body);
        if (action.size() % 2 == 0) {
            const auto key = test::key_of(1);
            if (!wallet::add_signature(draft, key)) throw std::runtime_error("no signature");
        }
        drafts.put("draft_" + action, wallet::draft_file(draft));
        auto bare = body;
        bare.clear_nonce();
        bare.clear_valid_until();
        auto& one = *prepared.add_bodies();
        one.set_body(canonical_bytes(bare));
        one.set_row(static_cast<std::uint64_t>(prepared.bodies_size()));
        one.set_source("contracts.json");
    }
    drafts.put("bodies", import::prepared_bodies_file(prepared));
    std::string groups;
    for (const auto& group : wallet::recovery_groups_of(std::vector<std::uint8_t>(32, 7)))
        groups += group + ' ';
    drafts.put("recovery_groups", groups);
}

void write_requests(const fs::path& corpus, const test::SmallLedger& ledger) {
    const Folder api{corpus / "api"};
    pb::SubmitRequest submit;
    submit.add_envelopes(ledger.envelope);
    submit.add_envelopes("not an envelope");
    api.put("submit_protobuf", "P/v1/envelopes\napplication/x-protobuf\napplication/x-protobuf\n" +
                                   canonical_bytes(submit));
    const auto id = to_hex(decode_envelope(ledger.envelope).value().id.view());
    api.put("envelope_known", "G/v1/envelopes/" + id + "\n\n\n");
    api.put("receipt_outcome", "G/v1/receipts/outcome/" + id + "\n\napplication/x-protobuf\n");
    api.put("receipt_redemption",
            "G/v1/receipts/redemption/" + to_hex(bytes_of(ledger.redemption_id)) + "\n\n\n");
    api.put("receipt_state", "G/v1/receipts/state/" +
                                 to_hex(bytes_of(account_key("suffolk/food-bank").bytes)) +
                                 "\n\n\n");
}

void write_actions(const fs::path& corpus) {
    const Folder actions{corpus / "actions"};
    for (const auto& [name, steps] : fuzz::action_stories()) actions.put(name, steps);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " GOLDEN_JSON CORPUS\n";
        return 2;
    }
    try {
        std::ifstream file{argv[1]};
        const auto golden = nlohmann::json::parse(file);
        const fs::path corpus{argv[2]};
        const test::SmallLedger ledger;
        write_envelopes(corpus, golden);
        write_receipts(corpus, ledger);
        write_proofs(corpus, ledger);
        write_trust(corpus, ledger);
        write_drafts(corpus, golden);
        write_requests(corpus, ledger);
        write_actions(corpus);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
