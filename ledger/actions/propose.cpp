#include "ledger/actions/propose.hpp"

#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::Propose&, const CheckContext&) {
    return Malformed::missing_field;
}

std::uint64_t value_moved(const pb::Propose&, const StateView&, const Context&) {
    return 0;
}

Verdict execute(const pb::Propose&, const Context&, Draft&) {
    stop_on_bug("check refuses it");
}

}  // namespace tallystick::ledger
