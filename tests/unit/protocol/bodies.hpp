#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/envelope.hpp"

namespace tallystick::test {

/// A key that is the same in every run: its seed is 32 times `number`.
[[nodiscard]] inline SigningKey key_of(std::uint8_t number) {
    const std::vector<std::uint8_t> seed(SigningKey::seed_bytes, number);
    return SigningKey::from_seed(seed);
}

/// A well-formed body: a project of Suffolk transfers 12.34 credits.
[[nodiscard]] inline pb::Body transfer_body() {
    pb::Body body;
    body.set_ledger_id(std::string(32, 'L'));
    body.set_account("suffolk/befriending-scheme");
    body.set_nonce(std::string(16, 'n'));
    body.set_valid_until(1'800'000'000);
    auto& transfer = *body.mutable_transfer();
    auto& claim = *transfer.mutable_claim();
    claim.mutable_contract()->set_authority("suffolk");
    claim.mutable_contract()->set_ocid("ocds-b5fd17-1");
    claim.set_supplier("suffolk/north-build");
    transfer.set_amount(1234);
    transfer.set_to("suffolk/food-bank");
    return body;
}

/// Reads an envelope without any check, to alter it.
[[nodiscard]] inline pb::Envelope parsed(const std::string& bytes) {
    pb::Envelope envelope;
    envelope.ParseFromString(bytes);
    return envelope;
}

}  // namespace tallystick::test
