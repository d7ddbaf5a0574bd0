#include "wallet/core/heads.hpp"

#include <algorithm>

#include "protocol/canonical.hpp"
#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "protocol/light_client.hpp"
#include "protocol/log_proof.hpp"
#include "wallet/core/text.hpp"

namespace tallystick::wallet {

namespace {

constexpr std::size_t path_hashes_max = 128;

std::optional<LogHead> log_head(const pb::AppState& state) {
    const auto root = Hash::from(state.log_root());
    if (!root) return std::nullopt;
    return LogHead{state.log_size(), *root};
}

/// Block and app state alone: what is kept of a head.
pb::Receipt bare(const pb::Receipt& verified) {
    pb::Receipt head;
    head.set_ledger_id(verified.ledger_id());
    *head.mutable_app_state() = verified.app_state();
    *head.mutable_block() = verified.block();
    return head;
}

std::vector<std::string> signers_of(const pb::LightBlock& block) {
    std::vector<std::string> keys;
    for (int i = 0; i < block.commit().signatures_size(); ++i)
        if (block.commit().signatures(i).block_id_flag() == pb::BLOCK_ID_FLAG_COMMIT &&
            i < block.validators().validators_size())
            keys.push_back(block.validators().validators(i).public_key());
    std::ranges::sort(keys);
    return keys;
}

std::optional<pb::Receipt> receipt_at(const fs::path& path) {
    const auto bytes = read_file(path, receipt_bytes_max + receipt_magic.size());
    if (!bytes) return std::nullopt;
    std::string_view content{*bytes};
    if (content.starts_with(receipt_magic)) content.remove_prefix(receipt_magic.size());
    return decode_canonical_as<pb::Receipt>(content);
}

}  // namespace

fs::path Heads::path_of(std::string_view ledger) const {
    return folder_ / "heads" / (to_hex(bytes_of(ledger)) + ".head");
}

Try<std::optional<pb::Receipt>> Heads::newest(const LedgerId& ledger) const {
    const auto path = path_of(ledger.text());
    const auto kept = read_file(path, receipt_bytes_max);
    if (!kept && kept.error().code == "no_such_file") return std::optional<pb::Receipt>{};
    if (!kept) return Failure{kept.error()};
    auto head = decode_canonical_as<pb::Receipt>(*kept);
    // A damaged note of the head proves nothing against anybody: begin anew, and say so.
    if (!head || !head->has_block())
        return problem(Exit::failed, "head_damaged",
                       "The wallet's note of the newest block, " + shown(path.string()) +
                           ", is damaged. Remove it, and ask again.");
    return head;
}

Try<void> Heads::remember(const pb::Receipt& verified) const {
    if (const auto made = make_private_folder(folder_ / "heads"); !made) return made;
    return write_atomically(path_of(verified.ledger_id()), canonical_bytes(bare(verified)),
                            Access::owner_only);
}

Try<Seen> Heads::watch(const Node& node, const pb::Receipt& verified) const {
    const auto ledger = LedgerId::from(verified.ledger_id());
    ensure(ledger.has_value(), "a verified receipt names its ledger");
    const auto head = newest(*ledger);
    if (!head) return Failure{head.error()};
    if (!*head) {
        if (const auto kept = remember(verified); !kept) return Failure{kept.error()};
        return Seen::first;
    }
    const auto& before = (*head)->block().header();
    const auto& now = verified.block().header();
    if (before.height() == now.height()) {
        if (header_hash(before) == header_hash(now)) return Seen::same;
        return contradiction("fork",
                             "two different blocks of height " + std::to_string(now.height()) +
                                 " are both signed by the authorities",
                             **head, verified);
    }
    const bool is_newer = before.height() < now.height();
    const auto& older = is_newer ? **head : verified;
    if (const auto grew = check_growth(node, older, is_newer ? verified : **head); !grew)
        return Failure{grew.error()};
    if (!is_newer) return Seen::older;
    if (const auto kept = remember(verified); !kept) return Failure{kept.error()};
    return Seen::newer;
}

Try<void> Heads::check_growth(const Node& node, const pb::Receipt& older,
                              const pb::Receipt& newer) const {
    const auto first = log_head(older.app_state());
    const auto second = log_head(newer.app_state());
    const bool shrank = !first || !second || second->size < first->size ||
                        (second->size == first->size && second->root != first->root);
    if (shrank)
        return contradiction("log_rewritten", "the log lost entries that it had", older, newer);
    if (first->size == second->size || first->size == 0) return {};
    const auto bytes = node.get_bytes(
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

Failure<Problem> Heads::contradiction(const std::string& code, const std::string& what,
                                      const pb::Receipt& seen, const pb::Receipt& received) const {
    const auto folder = folder_ / "evidence";
    const auto first = receipt_file(seen);
    const auto second = receipt_file(received);
    const auto name = code + "-" + to_hex(sha256(first + second).view()).substr(0, 16);
    std::string kept = "could not be kept";
    if (make_private_folder(folder) &&
        write_atomically(folder / (name + ".seen"), first, Access::owner_only) &&
        write_atomically(folder / (name + ".tally"), second, Access::owner_only)) {
        kept = "is kept in " + shown((folder / name).string()) +
               ".seen and .tally (tally ledger evidence says who signed both)";
    }
    return problem(Exit::failed, code,
                   "WARNING: this ledger contradicts itself: " + what +
                       ". Believe nothing it says. The evidence " + kept +
                       "; show it to every authority and to the auditor.");
}

std::vector<Evidence> Heads::evidence() const {
    const auto folder = folder_ / "evidence";
    std::vector<Evidence> all;
    for (const auto& name : names_in(folder, ".seen")) {
        auto seen = receipt_at(folder / (name + ".seen"));
        auto received = receipt_at(folder / (name + ".tally"));
        if (!seen || !received) continue;
        Evidence one{name, std::move(*seen), std::move(*received), false, {}};
        one.is_fork = is_fork(one.seen.block(), one.received.block(), SlotRule::blank);
        if (one.is_fork)
            std::ranges::set_intersection(signers_of(one.seen.block()),
                                          signers_of(one.received.block()),
                                          std::back_inserter(one.signed_both));
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace tallystick::wallet
