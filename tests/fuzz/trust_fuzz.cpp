// A trust file that is read is read back from what it writes, and its sets are usable.
#include "fuzz/fuzz.hpp"
#include "protocol/trust.hpp"
#include "protocol/validator_set.hpp"

using namespace tallystick;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto trust = parse_trust(fuzz::text_of_input(data, size));
    if (!trust) {
        check(!trust.error().sentence.empty(), "what is wrong is said");
        return 0;
    }
    const auto text = serialise_trust(*trust);
    const auto again = parse_trust(text);
    check(again.ok(), "what is written can be read");
    check(*again == *trust, "what is written says the same");
    check(serialise_trust(*again) == text, "and is written the same");
    for (const auto& segment : trust->segments) {
        check(segment_of(*trust, segment.chain_id) != nullptr, "a segment is found by its name");
        for (const auto& set : segment.validator_sets) {
            check(set_at(segment, set.first_height) == &set, "a set is found by its height");
            const auto validators = validators_of(set);
            check(check_validators(validators).ok(), "a trusted set is a set");
            (void)validators_hash(validators);
            for (const auto& validator : set.validators)
                check(validator.authority.empty() ||
                          !authority_of(*trust, validator.public_key.text()).empty(),
                      "a trusted key that is named has an authority");
        }
    }
    return 0;
}
