// A contract template that is read gives terms that the ledger takes.
#include "fuzz/fuzz.hpp"
#include "fuzz/import_check.hpp"
#include "node/import/bodies.hpp"
#include "node/import/template.hpp"

using namespace tallystick;
using namespace tallystick::import;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text_of_input(data, size);
    // Beyond ASCII toml++ 3.3 runs into its own TOML_UNREACHABLE outside of texts and comments. As
    // GCC compiles it the file is then refused as it should be, but a sanitizer stops there.
    if (std::ranges::any_of(input, [](char c) { return (c & 0x80) != 0; })) return 0;
    const auto chosen = read_template(std::string{input});
    if (!chosen) {
        check(!chosen.error().sentence.empty(), "what is wrong with a template is said");
        return 0;
    }
    Preview preview;
    ContractRow row;
    row.row = 1;
    row.ocid = chosen->ocids.empty() ? "ocds-b5fd17-1" : chosen->ocids.front();
    row.buyer = chosen->buyers.empty() ? "Suffolk County Council" : chosen->buyers.front();
    row.stage = "award";
    row.value_pence = 100'000'000;
    preview.contracts.push_back(row);
    const auto bodies = contract_bodies(preview, *chosen, "fuzz.json");
    for (const auto& one : bodies.bodies()) fuzz::check_contract_body(one);
    return 0;
}
