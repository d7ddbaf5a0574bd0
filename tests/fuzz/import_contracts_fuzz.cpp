// Published notices, however broken: every row is counted once, the same file twice adds nothing,
// and what is kept makes bodies that the ledger takes.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz.hpp"
#include "fuzz/import_check.hpp"
#include "node/import/bodies.hpp"
#include "node/import/ocds.hpp"
#include "node/import/template.hpp"

using namespace tallystick;
using namespace tallystick::import;
using fuzz::check;

namespace {

const ContractTemplate& any_buyers_template() {
    static const auto made = read_template(R"(
authority = "suffolk"
outcomes = ["skills"]
wards = ["E05000001"]
bids_close = 2027-01-31T12:00:00Z
standstill_days = 10
redemption_deadline = 2028-01-31
[allocation]
basis_points = 500
pence_per_credit = 100
[[price]]
resource = "laptop"
kind = "materials"
unit = "item"
credits = "250.00"
)");
    return *made;
}

void check_rows(const Preview& preview) {
    check(preview.contracts.size() == preview.kept, "what is counted as kept is kept");
    for (const auto& row : preview.contracts) {
        check(is_ocid(row.ocid), "a kept release has an ocid that the ledger can hold");
        check(!row.buyer.empty(), "a kept release has a named buyer");
        check(row.stage == "tender" || row.stage == "award", "a kept release has a stage");
        check(row.value_pence <= Amount::hundredths_max, "a value fits the ledger");
        for (const auto& id : row.supplier_ids) fuzz::check_identifier(id);
        for (const auto& id : row.buyer_ids) fuzz::check_identifier(id);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input{fuzz::text_of_input(data, size)};
    SeenReleases seen;
    Preview preview;
    const auto read = read_ocds(input, seen, preview);
    if (!read) {
        check(!read.error().sentence.empty(), "what is wrong with a file is said");
        return 0;
    }
    fuzz::check_counts(preview);
    check_rows(preview);

    Preview again;
    check(read_ocds(input, seen, again).ok(), "a file reads the same twice");
    fuzz::check_counts(again);
    check(again.kept == 0, "the same file twice adds nothing");

    const auto bodies = contract_bodies(preview, any_buyers_template(), "fuzz.json");
    for (const auto& one : bodies.bodies()) fuzz::check_contract_body(one);
    check(latest_by_ocid(preview.contracts).size() <= preview.contracts.size(), "one word an ocid");
    fuzz::check_words(preview);
    return 0;
}
