// A receipt that verifies says what the ledger holds and nothing else: nobody can sign here, so
// whatever is accepted must be true of the one small ledger that the trust file is about.
#include <algorithm>

#include "fuzz/fuzz.hpp"
#include "protocol/receipt_words.hpp"
#include "unit/protocol/signed_chain.hpp"

using namespace tallystick;
using fuzz::check;

namespace {

const test::SmallLedger& small_ledger() {
    static const test::SmallLedger made;
    return made;
}

void check_value(const std::string& key, const std::optional<std::string>& value) {
    const auto& values = small_ledger().state.values;
    const auto found = values.find(key);
    if (value)
        check(found != values.end() && found->second == *value, "a proved value is the ledger's");
    else
        check(found == values.end(), "what is proved absent is absent");
}

void check_truth(const ProvedOutcome& outcome) {
    const auto& entries = small_ledger().entries;
    check(outcome.log_index < entries.size() &&
              entries[outcome.log_index] == canonical_bytes(outcome.entry),
          "a proved outcome stands in the log at its place");
    if (outcome.envelope)
        check(outcome.envelope->bytes == small_ledger().envelope,
              "the envelope is the one that was taken");
}

void check_truth(const ProvedBalance& balance) {
    const auto key = balance_key(balance.account, balance.claim).bytes;
    check_value(key,
                balance.present ? std::optional{canonical_bytes(balance.balance)} : std::nullopt);
}

void check_truth(const ProvedRedemption& redemption) {
    check_value(redemption_key(redemption.id).bytes, canonical_bytes(redemption.redemption));
    check(redemption.lines.size() == redemption.redemption.lines(), "all lines are there");
    for (std::uint32_t i = 0; i < redemption.lines.size(); ++i)
        check_value(redemption_line_key(redemption.id, i).bytes,
                    canonical_bytes(redemption.lines[i]));
}

void check_truth(const ProvedEntry& entry) {
    check_value(entry.key_bytes, entry.value);
}

void check_words(const std::string& words) {
    check(!words.empty(), "a receipt that verifies can be told");
    check(std::ranges::all_of(words, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }),
          "words of a receipt cannot move a reader's cursor");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto& ledger = small_ledger();
    const auto input = fuzz::text_of_input(data, size);
    const auto verified = verify_receipt(input, ledger.trust);
    if (!verified) {
        check(!receipt_error_name(verified.error()).empty(), "a fault has a name");
        check(!receipt_error_sentence(verified.error()).empty(), "a fault has a sentence");
        return 0;
    }
    std::visit([](const auto& statement) { check_truth(statement); }, verified->statement);
    check(verified->ledger_id == ledger.ledger_id, "a receipt is of the trusted ledger");
    check(verified->header_hash == header_hash(ledger.third.header()), "by the block that proves");
    check(verified->signed_power * 3 > verified->total_power * 2, "by more than two thirds");
    const auto receipt = decode_canonical_as<pb::Receipt>(input.substr(receipt_magic.size()));
    check(receipt && receipt_file(*receipt) == input, "a receipt has one form");
    check_words(receipt_in_words(*verified));
    check_words(receipt_in_words(*verified, 1'900'000'000));
    return 0;
}
