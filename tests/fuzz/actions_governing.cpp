#include "fuzz/actions_governing.hpp"

#include <array>

#include "unit/ledger/governing.hpp"

namespace tallystick::fuzz {

namespace {

/// Its node's first key, or another.
std::string node_key_name(std::uint8_t whom, std::uint8_t number) {
    const auto first = governing_authority(whom) + " node";
    return number % 4 == 0 ? first : first + " " + std::to_string(number % 4);
}

std::uint64_t value(std::uint8_t number) {
    static constexpr std::array<std::uint64_t, 8> all{
        1, 3'600, 86'400, 2'592'000, 5'000'000, UINT32_MAX, seconds_max, seconds_max + 1};
    return all[number % all.size()];
}

}  // namespace

const std::string& governing_authority(std::uint8_t number) {
    static const std::array<std::string, 6> all{ledger::test::suffolk, ledger::test::norfolk,
                                                ledger::test::essex,   ledger::test::kent,
                                                ledger::test::surrey,  "sussex"};
    return all[number % all.size()];
}

pb::Change change_of_step(const Step& step) {
    using ledger::test::change_of;
    const auto& whom = governing_authority(step.whom);
    switch (step.where % 7) {
        case 0: return change_of(ledger::test::admit(whom));
        case 1: return change_of(ledger::test::removal(whom, governing_authority(step.object)));
        case 2: return change_of(ledger::test::new_signer(whom, "signer " + whom));
        case 3:
            return change_of(ledger::test::new_node(whom, node_key_name(step.whom, step.object),
                                                    1 + step.what % 3U));
        case 4: {
            // Never new rules: the ledger would stop at them, as it should.
            const auto which =
                static_cast<pb::Parameter>(2 + step.object % (pb::Parameter_MAX - 1));
            return change_of(ledger::test::parameter(which, value(step.what)));
        }
        case 5: return change_of(ledger::test::taking_power(whom));
        default:
            return change_of(ledger::test::handing_over(
                2 + step.object % 3U, step.what % 2 == 0 ? pb::ENGINE_COMETBFT : pb::ENGINE_SOLO));
    }
}

pb::Misbehaviour report_of(const Step& step) {
    const auto key = ledger::test::key_of(node_key_name(step.whom, step.object));
    return ledger::test::report_on(key.public_key().str(), step.what % 8U);
}

}  // namespace tallystick::fuzz
