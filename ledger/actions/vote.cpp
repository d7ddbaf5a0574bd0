#include "ledger/actions/vote.hpp"

#include "protocol/ensure.hpp"

namespace tallystick::ledger {

Form check(const pb::Vote&, const CheckContext&) {
    return Malformed::missing_field;
}

std::uint64_t value_moved(const pb::Vote&, const StateView&, const Context&) {
    return 0;
}

Verdict execute(const pb::Vote&, const Context&, Draft&) {
    stop_on_bug("check refuses it");
}

}  // namespace tallystick::ledger
