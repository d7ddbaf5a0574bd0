#include "wallet/core/journal.hpp"

#include "protocol/envelope.hpp"
#include "temporary_folder.hpp"
#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::wallet;

namespace {

JournalEntry an_entry(char nonce, std::uint64_t created) {
    pb::Body body;
    body.set_ledger_id(std::string(32, 'L'));
    body.set_account("suffolk");
    body.set_nonce(std::string(16, nonce));
    body.set_valid_until(1800000000);
    body.mutable_close_contract()->mutable_contract()->set_authority("suffolk");
    body.mutable_close_contract()->mutable_contract()->set_ocid("ocds-1");
    const auto key = SigningKey::from_seed(bytes_of(std::string(32, 'k')));
    const auto bytes = sign_envelope(body, {&key});
    return {decode_envelope(bytes)->id,
            std::string(64, '0'),
            "suffolk",
            "You close it.",
            bytes,
            1800000000,
            created,
            JournalStatus::pending,
            ""};
}

}  // namespace

TEST_CASE("what was begun is pending, with the very bytes, until its outcome is known",
          "[wallet][journal]") {
    REQUIRE(initialise_crypto());
    const TemporaryFolder folder;
    const auto second = an_entry('b', 20);
    const auto first = an_entry('a', 10);
    REQUIRE(Journal{folder.path}.begin(second));
    REQUIRE(Journal{folder.path}.begin(first));

    const Journal again{folder.path};
    const auto pending = again.pending();
    REQUIRE(pending);
    REQUIRE(pending->size() == 2);
    CHECK(pending->at(0).envelope == first.envelope);
    CHECK(pending->at(1).envelope == second.envelope);
    CHECK(pending->at(0).sentence == "You close it.");

    REQUIRE(again.finish(first, JournalStatus::refused, "contract_not_settling"));
    CHECK(again.pending()->size() == 1);
    const auto finished = again.finished();
    REQUIRE(finished);
    REQUIRE(finished->size() == 1);
    CHECK(finished->at(0).status == JournalStatus::refused);
    CHECK(finished->at(0).code == "contract_not_settling");
}

TEST_CASE("beginning the same envelope again keeps one entry", "[wallet][journal]") {
    REQUIRE(initialise_crypto());
    const TemporaryFolder folder;
    const Journal journal{folder.path};
    REQUIRE(journal.begin(an_entry('a', 10)));
    REQUIRE(journal.begin(an_entry('a', 10)));
    CHECK(journal.pending()->size() == 1);
    REQUIRE(journal.finish(an_entry('a', 10), JournalStatus::done, ""));
    REQUIRE(journal.finish(an_entry('a', 10), JournalStatus::done, ""));
    CHECK(journal.pending()->empty());
    CHECK(journal.finished()->size() == 1);
}

TEST_CASE("a damaged entry is named, never sent", "[wallet][journal]") {
    REQUIRE(initialise_crypto());
    const TemporaryFolder folder;
    const Journal journal{folder.path};
    const auto entry = an_entry('a', 10);
    REQUIRE(journal.begin(entry));
    const auto path = folder.path / "journal" / "pending" / (to_hex(entry.id.view()) + ".json");
    auto text = *read_file(path, 100000);
    const auto at = text.find("\"envelope\": \"") + 60;
    text[at] = text[at] == '0' ? '1' : '0';
    REQUIRE(write_atomically(path, text, Access::owner_only));
    REQUIRE_FALSE(journal.pending());
    CHECK(journal.pending().error().code == "journal_damaged");
    CHECK(journal.pending().error().message.find(to_hex(entry.id.view())) != std::string::npos);
}
