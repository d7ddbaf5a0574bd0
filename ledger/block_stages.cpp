#include "ledger/block_stages.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/canonical.hpp"
#include "protocol/merkle.hpp"
#include "protocol/state_proof.hpp"

namespace tallystick::ledger {

namespace {

std::uint64_t first_8_bytes(const std::array<std::uint8_t, 32>& bytes) noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = number << 8 | bytes[i];
    return number;
}

struct Slice {
    std::size_t begin;
    std::size_t end;
};

Slice slice_of(std::size_t size, std::size_t part, std::size_t parts) {
    return {size * part / parts, size * (part + 1) / parts};
}

}  // namespace

std::uint64_t term_of_id(const EnvelopeId& id) noexcept {
    return first_8_bytes(id.bytes);
}

std::uint64_t term_of_account(std::string_view account) noexcept {
    return first_8_bytes(sha256(account).bytes);
}

EncodedEntry encode_entry(const pb::LogEntry& entry, const DecodedEnvelope* envelope) {
    EncodedEntry encoded;
    encoded.bytes = canonical_bytes(entry);
    encoded.leaf = merkle::leaf_hash(encoded.bytes);
    const auto id = EnvelopeId::from(entry.id());
    ensure(id.has_value(), "an entry's id has 32 bytes");
    encoded.id = *id;
    encoded.valid_until = entry.valid_until();

    std::vector<std::string_view> accounts;
    if (envelope != nullptr) {
        accounts.emplace_back(envelope->body.account());
        accounts.insert(accounts.end(), envelope->co_signers.begin(), envelope->co_signers.end());
    }
    for (const auto& movement : entry.outcome().movements()) {
        accounts.emplace_back(movement.from_account());
        accounts.emplace_back(movement.to_account());
    }
    std::ranges::sort(accounts);
    const auto repeated = std::ranges::unique(accounts);
    accounts.erase(repeated.begin(), repeated.end());
    encoded.terms.reserve(accounts.size() + 1);
    encoded.terms.push_back(term_of_id(*id));
    for (const auto account : accounts)
        if (!account.empty()) encoded.terms.push_back(term_of_account(account));
    return encoded;
}

EncodedChange encode_change(const Changes::value_type& change) {
    EncodedChange encoded{change.first, std::nullopt, {sparse::path_of(change.first), {}}};
    if (change.second) {
        encoded.value = canonical_bytes(*change.second);
        encoded.leaf.value_hash = sha256(*encoded.value);
    }
    return encoded;
}

std::vector<const DecodedEnvelope*> envelopes_of_entries(
    const BlockResult& result, std::span<const VerifiedEnvelope> envelopes) {
    std::vector<const DecodedEnvelope*> answered(result.entries.size(), nullptr);
    for (std::size_t i = 0; i < result.envelopes.size(); ++i)
        if (const auto entry = result.envelopes[i].entry) answered[*entry] = envelopes[i].get();
    return answered;
}

EncodedBlock begin_encoding(BlockResult result) {
    EncodedBlock block;
    block.result = std::move(result);
    block.entries.resize(block.result.entries.size());
    block.changes.resize(block.result.changes.size());
    return block;
}

void encode_part(EncodedBlock& block, std::span<const VerifiedEnvelope> envelopes, std::size_t part,
                 std::size_t parts) {
    ensure(part < parts, "a part is one of the parts");
    const auto answered = envelopes_of_entries(block.result, envelopes);
    const auto entries = slice_of(block.entries.size(), part, parts);
    for (auto i = entries.begin; i < entries.end; ++i)
        block.entries[i] = encode_entry(block.result.entries[i], answered[i]);

    const auto changes = slice_of(block.changes.size(), part, parts);
    auto change =
        std::next(block.result.changes.begin(), static_cast<std::ptrdiff_t>(changes.begin));
    for (auto i = changes.begin; i < changes.end; ++i, ++change)
        block.changes[i] = encode_change(*change);
}

EncodedBlock encode_block(BlockResult result, std::span<const VerifiedEnvelope> envelopes) {
    auto block = begin_encoding(std::move(result));
    encode_part(block, envelopes, 0, 1);
    return block;
}

std::vector<TreeChange> tree_changes(const EncodedBlock& block) {
    std::vector<TreeChange> changes;
    changes.reserve(block.changes.size());
    for (const auto& change : block.changes) changes.push_back(change.leaf);
    std::ranges::sort(changes, {}, &TreeChange::path);
    return changes;
}

std::optional<std::vector<VerifiedEnvelope>> envelopes_of_bundles(
    std::span<const std::string> bundles, std::span<const PublicKey> nodes) {
    std::vector<VerifiedEnvelope> envelopes;
    for (const auto& bytes : bundles) {
        const auto bundle = decode_canonical_as<pb::Bundle>(bytes);
        if (!bundle) return std::nullopt;
        const auto body = decode_canonical_as<pb::BundleBody>(bundle->body());
        if (!body) return std::nullopt;
        const auto key = PublicKey::from(body->node_key());
        if (!key) return std::nullopt;
        const bool is_current = std::ranges::binary_search(nodes, *key);
        for (const auto& raw : body->envelopes()) {
            auto decoded = decode_envelope(raw);
            if (!decoded) return std::nullopt;
            if (is_current)
                envelopes.push_back(
                    std::make_shared<const DecodedEnvelope>(std::move(decoded).value()));
        }
    }
    return envelopes;
}

}  // namespace tallystick::ledger
