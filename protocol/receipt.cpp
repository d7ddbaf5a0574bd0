#include "protocol/receipt.hpp"

#include "protocol/canonical.hpp"
#include "protocol/crypto.hpp"
#include "protocol/header.hpp"
#include "protocol/receipt_statement.hpp"
#include "protocol/walk.hpp"

namespace tallystick {

namespace {

Failure<ReceiptError> failure(ReceiptFault fault) {
    return Failure{ReceiptError{fault, std::nullopt, std::nullopt}};
}

/// @pre `check_app_state` accepted the receipt.
ProvedRoots roots_of(const pb::Receipt& receipt, const LedgerId& ledger_id) {
    const auto& app = receipt.app_state();
    return ProvedRoots{ledger_id, Hash::from(app.state_root()).value(),
                       Hash::from(app.log_root()).value(), app.log_size()};
}

std::vector<ReceiptSigner> signers_of(const pb::Receipt& receipt, const Trust& trust,
                                      const CommitPower& power) {
    std::vector<ReceiptSigner> signers;
    for (const auto index : power.signers) {
        const auto& validator = receipt.block().validators().validators(index);
        ReceiptSigner signer;
        signer.authority = authority_of(trust, validator.public_key());
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
    const auto walked = walk(receipt, trust);
    if (!walked) return Failure{walked.error()};
    const auto& header = receipt.block().header();
    const auto& power = walked->power;
    if (const auto fits = check_app_state(receipt); !fits) return Failure{fits.error()};
    auto statement = prove_statement(receipt, roots_of(receipt, trust.ledger_id));
    if (!statement) return Failure{statement.error()};

    return VerifiedReceipt{
        std::move(*statement),
        trust.ledger_id,
        trust.name,
        header.chain_id(),
        header.height(),
        header.time(),
        header_hash(header),
        receipt.app_state(),
        signers_of(receipt, trust, power),
        power.signed_power,
        power.total_power,
        static_cast<std::size_t>(receipt.block().validators().validators_size())};
}

}  // namespace tallystick
