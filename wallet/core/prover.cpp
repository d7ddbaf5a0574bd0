#include "wallet/core/prover.hpp"

#include <algorithm>

#include "protocol/canonical.hpp"
#include "protocol/header.hpp"
#include "protocol/log_proof.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::string_view receipt_type = "application/vnd.tallystick.receipt";
constexpr std::size_t path_hashes_max = 128;

Failure<Problem> unproved(std::string_view name, std::string_view sentence) {
    return problem(Exit::failed, "unproved",
                   "Unproved (" + std::string{name} + "): " + std::string{sentence} +
                       " What the node says about this is not shown.");
}

Failure<Problem> another_statement() {
    return unproved("another_statement", "The node proved something else than was asked.");
}

pb::Receipt receipt_in(std::string_view file) {
    pb::Receipt receipt;
    const auto content = file.substr(std::min(receipt_magic.size(), file.size()));
    if (!receipt.ParseFromArray(content.data(), static_cast<int>(content.size()))) receipt.Clear();
    return receipt;
}

std::optional<LogHead> log_head(const pb::AppState& state) {
    const auto root = Hash::from(state.log_root());
    if (!root) return std::nullopt;
    return LogHead{state.log_size(), *root};
}

}  // namespace

Try<Trust> load_trust(const std::string& path) {
    if (path.empty())
        return problem(
            Exit::failed, "no_trust",
            "Without a trust file nothing can be proved, so it is not shown. Get the file "
            "that the authorities publish (the node's own copy is at /v1/trust; compare "
            "the two), then: tally profile add NAME --trust FILE.");
    const auto text = read_file(path, trust_file_bytes_max);
    if (!text) return Failure{text.error()};
    auto trust = parse_trust(*text);
    if (!trust)
        return problem(
            Exit::failed, "bad_trust",
            "The trust file " + shown(path) + " cannot be used: " + shown(trust.error().sentence));
    return std::move(*trust);
}

Try<Proved> Prover::outcome(const EnvelopeId& id) {
    auto proved = prove("/v1/receipts/outcome/" + to_hex(id.view()), {});
    if (!proved) return proved;
    const auto* outcome = std::get_if<ProvedOutcome>(&proved->receipt.statement);
    if (outcome == nullptr || outcome->entry.id() != id.text()) return another_statement();
    return proved;
}

Try<Proved> Prover::balance(const std::string& account, const pb::Claim& claim) {
    auto proved = prove("/v1/receipts/balance", {{"account", account},
                                                 {"authority", claim.contract().authority()},
                                                 {"ocid", claim.contract().ocid()},
                                                 {"lot", claim.contract().lot()},
                                                 {"supplier", claim.supplier()}});
    if (!proved) return proved;
    const auto* balance = std::get_if<ProvedBalance>(&proved->receipt.statement);
    if (balance == nullptr || balance->account != account ||
        canonical_bytes(balance->claim) != canonical_bytes(claim)) {
        return another_statement();
    }
    return proved;
}

Try<Proved> Prover::redemption(const std::string& id) {
    auto proved = prove("/v1/receipts/redemption/" + to_hex(bytes_of(id)), {});
    if (!proved) return proved;
    const auto* redemption = std::get_if<ProvedRedemption>(&proved->receipt.statement);
    if (redemption == nullptr || redemption->id != id) return another_statement();
    return proved;
}

Try<Proved> Prover::entry(const std::string& key) {
    auto proved = prove("/v1/receipts/state/" + to_hex(bytes_of(key)), {});
    if (!proved) return proved;
    const auto* entry = std::get_if<ProvedEntry>(&proved->receipt.statement);
    if (entry == nullptr || entry->key_bytes != key) return another_statement();
    return proved;
}

Try<Proved> Prover::prove(const std::string& path, const Query& query) {
    auto file = node_.get_bytes(path, query, std::string{receipt_type});
    if (!file) return Failure{file.error()};
    auto verified = verify_receipt(*file, trust_);
    if (!verified)
        return unproved(receipt_error_name(verified.error()),
                        receipt_error_sentence(verified.error()));
    if (const auto watched = watch(*verified, *file); !watched) return Failure{watched.error()};
    return Proved{std::move(*verified), std::move(*file)};
}

Try<void> Prover::watch(const VerifiedReceipt& verified, const std::string& file) {
    const auto heads = folder_ / "heads";
    const auto path = heads / (to_hex(verified.ledger_id.view()) + ".head");
    auto received = receipt_in(file);
    received.clear_statement();
    received.clear_envelope();
    const auto remember = [&]() -> Try<void> {
        if (const auto made = make_private_folder(heads); !made) return made;
        return write_atomically(path, canonical_bytes(received), Access::owner_only);
    };
    const auto kept = read_file(path, receipt_bytes_max);
    if (!kept && kept.error().code == "no_such_file") return remember();
    if (!kept) return Failure{kept.error()};
    const auto head = decode_canonical_as<pb::Receipt>(*kept);
    // A damaged note of the head proves nothing against anybody: begin anew, and say so.
    if (!head || !head->has_block())
        return problem(Exit::failed, "head_damaged",
                       "The wallet's note of the newest block, " + shown(path.string()) +
                           ", is damaged. Remove it, and ask again.");
    const auto& before = head->block().header();
    if (before.chain_id() != verified.chain_id) return remember();
    if (before.height() == verified.height) {
        if (header_hash(before) == verified.header_hash) return {};
        return contradiction("fork",
                             "two different blocks of height " + std::to_string(verified.height) +
                                 " are both signed by the authorities",
                             *kept, file);
    }
    const bool newer = before.height() < verified.height;
    const auto& older_state = newer ? head->app_state() : verified.app_state;
    const auto& newer_state = newer ? verified.app_state : head->app_state();
    if (const auto grew = check_growth(older_state, newer_state, *kept, file); !grew) return grew;
    return newer ? remember() : Try<void>{};
}

Try<void> Prover::check_growth(const pb::AppState& older, const pb::AppState& newer,
                               const std::string& head, const std::string& file) {
    const auto first = log_head(older);
    const auto second = log_head(newer);
    const bool shrank = !first || !second || second->size < first->size ||
                        (second->size == first->size && second->root != first->root);
    if (shrank)
        return contradiction("log_rewritten", "the log lost entries that it had", head, file);
    if (first->size == second->size || first->size == 0) return {};
    const auto bytes = node_.get_bytes(
        "/v1/log/consistency",
        {{"first", std::to_string(first->size)}, {"second", std::to_string(second->size)}},
        "application/x-protobuf");
    if (!bytes) return Failure{bytes.error()};
    pb::ConsistencyProof proof;
    if (!proof.ParseFromString(*bytes)) proof.Clear();
    const auto path = hashes_from(proof.path(), path_hashes_max);
    if (path && verify_consistency(*first, *second, *path)) return {};
    return problem(Exit::failed, "log_unproved",
                   "Unproved: the node cannot show that the log of " +
                       std::to_string(second->size) + " entries still holds the " +
                       std::to_string(first->size) +
                       " that this wallet has seen. Ask another authority's node.");
}

Failure<Problem> Prover::contradiction(const std::string& code, const std::string& what,
                                       const std::string& head, const std::string& file) {
    const auto folder = folder_ / "evidence";
    const auto name = code + "-" + to_hex(sha256(head + file).view()).substr(0, 16);
    std::string kept = "could not be kept";
    if (make_private_folder(folder) &&
        write_atomically(folder / (name + ".seen"), head, Access::owner_only) &&
        write_atomically(folder / (name + ".tally"), file, Access::owner_only)) {
        kept = "is kept in " + shown((folder / name).string()) + ".seen and .tally";
    }
    return problem(Exit::failed, code,
                   "WARNING: this ledger contradicts itself: " + what +
                       ". Believe nothing it says. The evidence " + kept +
                       "; show it to every authority and to the auditor.");
}

}  // namespace tallystick::wallet
