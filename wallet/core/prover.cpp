#include "wallet/core/prover.hpp"

#include <algorithm>

#include "protocol/canonical.hpp"
#include "protocol/ensure.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::string_view receipt_type = "application/vnd.tallystick.receipt";

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

Try<Prover::Answered> Prover::prove_by(const Node& node, const std::string& path,
                                       const Query& query) {
    auto file = node.get_bytes(path, query, std::string{receipt_type});
    if (!file) return Failure{file.error()};
    auto verified = verify_receipt(*file, trust_);
    if (!verified)
        return unproved(receipt_error_name(verified.error()),
                        receipt_error_sentence(verified.error()));
    const auto seen = heads_.watch(node, receipt_in(*file));
    if (!seen) return Failure{seen.error()};
    return Answered{{std::move(*verified), std::move(*file)}, *seen};
}

Try<Proved> Prover::prove(const std::string& path, Query query) {
    // From the oldest block that the trust file vouches for, so that the receipt serves everyone
    // who has this file or an older one.
    query.emplace_back("from",
                       std::to_string(trust_.segments.front().validator_sets.front().first_height));
    std::optional<Answered> behind;
    std::optional<Problem> refused;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto& node = nodes_[i];
        const auto next = i + 1 < nodes_.size() ? " Asking " + nodes_[i + 1].name() + "." : "";
        auto answered = prove_by(node, path, query);
        if (answered && answered->seen != Seen::older) return std::move(answered->proved);
        if (answered) {
            const auto& receipt = answered->proved.receipt;
            tell_(node.name() + " is behind: it shows block " + std::to_string(receipt.height) +
                  " of " + rfc3339(static_cast<std::uint64_t>(receipt.time.seconds())) +
                  ", and this wallet has seen a newer one." + next);
            if (!behind || behind->proved.receipt.height < receipt.height)
                behind = std::move(*answered);
            continue;
        }
        const auto& code = answered.error().code;
        if (code == "fork" || code == "log_rewritten" || code == "head_damaged")
            return Failure{answered.error()};
        if (!next.empty()) tell_(node.name() + ": " + answered.error().message + next);
        // The first node that answered at all has the last word.
        if (!refused || refused->exit == Exit::no_node) refused = answered.error();
    }
    if (behind) return std::move(behind->proved);
    ensure(refused.has_value(), "a prover has a node to ask");
    return Failure{std::move(*refused)};
}

}  // namespace tallystick::wallet
