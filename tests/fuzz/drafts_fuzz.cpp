// What colleagues send a wallet as files: half-signed envelopes, prepared bodies, lists of lines,
// addresses. What is read is written back the same, and told without harm to the reader's screen.
#include "fuzz/fuzz.hpp"
#include "protocol/canonical.hpp"
#include "wallet/core/drafts.hpp"
#include "wallet/core/facts.hpp"
#include "wallet/core/http.hpp"
#include "wallet/core/recovery_sheet.hpp"
#include "wallet/core/seals.hpp"
#include "wallet/core/sentence.hpp"
#include "wallet/core/text.hpp"

using namespace tallystick;
using namespace tallystick::wallet;
using fuzz::check;

namespace {

constexpr std::uint64_t now = 1'800'000'000;

template <class Value>
bool is_read(const Try<Value>& read) {
    if (read) return true;
    check(!read.error().code.empty() && !read.error().message.empty(), "a refusal says why");
    return false;
}

/// Nothing in the sentence that a screen would act on.
void check_sentence(const pb::Body& body) {
    const auto sentence = sentence_of(body, Facts{});
    check(!sentence.empty(), "a body can be told");
    std::string line;
    for (const char c : sentence + '\n') {
        if (c != '\n') {
            line += c;
            continue;
        }
        check(shown(line) == line, "a sentence cannot move a reader's cursor");
        line.clear();
    }
}

void read_draft(std::string_view input) {
    const auto draft = parse_draft(input);
    if (!is_read(draft)) return;
    check(draft_file(*draft) == input, "a draft has one form");
    for (const auto& key : draft->signers()) check(key.size() == PublicKey::size, "keys are keys");
    check_sentence(draft->body);
    (void)amount_moved(draft->body, Facts{});
    if (!draft->signatures.empty()) (void)decode_envelope(envelope_bytes(*draft));
}

void read_bodies(std::string_view input) {
    const auto bodies = parse_bodies(input);
    if (!is_read(bodies)) return;
    check(std::string{bodies_magic} + canonical_bytes(*bodies) == input, "bodies have one form");
    for (const auto& one : bodies->bodies()) {
        const auto body = decode_canonical_as<pb::Body>(one.body());
        check(body.has_value(), "a body that is taken can be read");
        check_sentence(*body);
    }
}

void read_typed(std::string_view input) {
    if (const auto lines = lines_from_json(input, now); is_read(lines))
        check(lines->lines_size() >= 0, "lines are lines");
    (void)is_read(line_from_text(input, now));
    if (const auto url = url_from_text(input); is_read(url))
        check(!url->host.empty() && !url->port.empty(), "an address has a host and a port");
    (void)is_read(time_from_text(input, now));
    (void)is_read(contract_from_text(input, {}));
    if (const auto credits = credits_from_text(input); is_read(credits))
        check(*credits >= 1 && *credits <= Amount::hundredths_max, "credits are within bounds");
    if (const auto name = display_name_from_text(input); is_read(name))
        check(shown(*name) == *name, "a name that is taken is safe to show");
    check(shown(shown(input)) == shown(input), "what is safe to show stays as it is");
    (void)is_read(key_from_groups(groups_in_sheet(input)));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text_of_input(data, size);
    read_draft(input);
    read_bodies(input);
    if (!input.starts_with(draft_magic) && !input.starts_with(bodies_magic)) read_typed(input);
    return 0;
}
