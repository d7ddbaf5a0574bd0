#include "protocol/receipt.hpp"

#include "protocol/canonical.hpp"
#include "protocol/crypto.hpp"
#include "protocol/header.hpp"
#include "protocol/light_client.hpp"
#include "protocol/receipt_statement.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick {

namespace {

Failure<ReceiptError> failure(ReceiptFault fault) {
    return Failure{ReceiptError{fault, std::nullopt, std::nullopt}};
}

Failure<ReceiptError> failure(ChainFault fault) {
    return Failure{ReceiptError{ReceiptFault::chain, fault, std::nullopt}};
}

/// Does the trust file itself vouch for this block? It does if the block is the trusted one, or its
/// set is the one that is listed for its height. Fork, time_not_increasing (against the trusted
/// header) and listed_set_differs are failures; a set that is listed without a last height may have
/// been replaced since the file was written, so then a trail may still lead on.
Result<bool, ReceiptError> is_vouched_for(const TrustSegment& segment,
                                          const pb::LightBlock& block) {
    const auto& header = block.header();
    const auto& trusted = segment.trusted;
    if (header.height() == trusted.height) {
        if (header_hash(header) != trusted.header_hash) return failure(ReceiptFault::fork);
        return true;
    }
    const auto order = compare(header.time(), make_timestamp(trusted.seconds, trusted.nanos));
    if (header.height() > trusted.height ? order <= 0 : order >= 0)
        return failure(ChainFault::time_not_increasing);

    const auto* listed = set_at(segment, header.height());
    if (listed == nullptr) return false;
    if (validators_hash(validators_of(*listed)).text() == header.validators_hash()) return true;
    if (listed->last_height) return failure(ReceiptFault::listed_set_differs);
    return false;
}

/// Walks from the trust file over the trail to the block; gives who signed the block.
Result<CommitPower, ReceiptError> walk(const pb::Receipt& receipt, const TrustSegment& segment) {
    std::optional<TrustedBlock> previous;
    CommitPower power;
    for (int i = 0; i <= receipt.trail_size(); ++i) {
        const auto& block = i < receipt.trail_size() ? receipt.trail(i) : receipt.block();
        auto verified = previous ? verify_step(*previous, block, SlotRule::blank)
                                 : verify_commit(block, SlotRule::blank);
        if (!verified) return failure(verified.error());
        if (block.header().chain_id() != segment.chain_id) return failure(ChainFault::other_chain);
        const auto vouched = is_vouched_for(segment, block);
        if (!vouched) return Failure{vouched.error()};
        if (!*vouched && !previous)
            return failure(set_at(segment, block.header().height()) != nullptr
                               ? ReceiptFault::listed_set_differs
                               : ReceiptFault::not_trusted);
        previous = trusted_from(block);
        power = std::move(*verified);
    }
    return power;
}

Result<ProvedRoots, ReceiptError> roots_of(const pb::Receipt& receipt, const LedgerId& ledger_id) {
    const auto& app = receipt.app_state();
    const auto state_root = Hash::from(app.state_root());
    const auto log_root = Hash::from(app.log_root());
    if (!receipt.has_app_state() || !state_root || !log_root)
        return failure(ReceiptFault::incomplete);
    if (app_hash(*state_root, *log_root, app.log_size()).text() !=
        receipt.block().header().app_hash())
        return failure(ReceiptFault::app_hash_mismatch);
    return ProvedRoots{ledger_id, *state_root, *log_root, app.log_size()};
}

std::vector<ReceiptSigner> signers_of(const pb::Receipt& receipt, const TrustSegment& segment,
                                      const CommitPower& power) {
    std::vector<ReceiptSigner> signers;
    for (const auto index : power.signers) {
        const auto& validator = receipt.block().validators().validators(index);
        ReceiptSigner signer;
        signer.authority = authority_of(segment, validator.public_key());
        // `verify_commit` has checked the key's length.
        signer.public_key = PublicKey::from(validator.public_key()).value_or(PublicKey{});
        signer.power = validator.power();
        signers.push_back(std::move(signer));
    }
    return signers;
}

}  // namespace

std::string receipt_file(const pb::Receipt& receipt) {
    return std::string{receipt_magic} + canonical_bytes(receipt);
}

Result<VerifiedReceipt, ReceiptError> verify_receipt(std::string_view file, const Trust& trust) {
    if (file.size() > receipt_bytes_max) return failure(ReceiptFault::too_large);
    if (!file.starts_with(receipt_magic)) return failure(ReceiptFault::not_a_receipt);
    return verify_receipt_message(file.substr(receipt_magic.size()), trust);
}

Result<VerifiedReceipt, ReceiptError> verify_receipt_message(std::string_view bytes,
                                                             const Trust& trust) {
    if (bytes.size() > receipt_bytes_max) return failure(ReceiptFault::too_large);
    const auto decoded = decode_canonical_as<pb::Receipt>(bytes);
    if (!decoded) return failure(ReceiptFault::not_canonical);
    const auto& receipt = *decoded;
    const auto ledger_id = LedgerId::from(receipt.ledger_id());
    if (!ledger_id || !receipt.has_block()) return failure(ReceiptFault::incomplete);
    if (*ledger_id != trust.ledger_id) return failure(ReceiptFault::other_ledger);
    const auto& header = receipt.block().header();
    const auto* segment = segment_of(trust, header.chain_id());
    if (segment == nullptr) return failure(ReceiptFault::unknown_chain);

    const auto power = walk(receipt, *segment);
    if (!power) return Failure{power.error()};
    const auto roots = roots_of(receipt, *ledger_id);
    if (!roots) return Failure{roots.error()};
    auto statement = prove_statement(receipt, *roots);
    if (!statement) return Failure{statement.error()};

    return VerifiedReceipt{
        std::move(*statement),
        *ledger_id,
        trust.name,
        header.chain_id(),
        header.height(),
        header.time(),
        header_hash(header),
        receipt.app_state(),
        signers_of(receipt, *segment, *power),
        power->signed_power,
        power->total_power,
        static_cast<std::size_t>(receipt.block().validators().validators_size())};
}

}  // namespace tallystick
