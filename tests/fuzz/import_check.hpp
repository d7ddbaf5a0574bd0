#pragma once

#include <nlohmann/json.hpp>

#include "fuzz/fuzz.hpp"
#include "ledger/actions/action.hpp"
#include "node/import/preview.hpp"
#include "protocol/canonical.hpp"
#include "protocol/types.hpp"

/// What holds of every preview, whatever was read.
namespace tallystick::fuzz {

inline void check_identifier(const pb::Identifier& identifier) {
    check(is_code(identifier.scheme()) && is_ocid(identifier.id()),
          "a kept identifier fits the ledger");
}

/// A prepared contract is taken once the wallet has filled in what it must.
inline void check_contract_body(const pb::PreparedBody& prepared) {
    auto body = decode_canonical_as<pb::Body>(prepared.body());
    check(body.has_value(), "a prepared body is canonical");
    body->set_ledger_id(std::string(LedgerId::size, 'L'));
    const auto form = ledger::check_action(*body);
    if (form) check(false, ledger::malformed_sentence(*form).data());
}

inline void check_counts(const import::Preview& preview) {
    check(preview.read == preview.kept + preview.returned + preview.duplicates,
          "read = kept + returned + duplicates");
    std::uint64_t reasons = 0;
    for (const auto& [reason, count] : preview.reasons) {
        check(!import::reason_sentence(reason).empty(), "a reason has a sentence");
        reasons += count;
    }
    check(reasons == preview.returned && preview.returned_rows.size() == preview.returned,
          "each row given back has a reason");
}

inline void check_words(const import::Preview& preview) {
    const auto json = nlohmann::json::parse(import::preview_json(preview, 0), nullptr, false);
    check(json.is_object() && json.at("read") == preview.read, "a preview's JSON is JSON");
    check(!import::preview_words(preview, 20).empty(), "a preview can be told");
    check(!import::returned_csv(preview).empty(), "rows given back make a file");
}

}  // namespace tallystick::fuzz
