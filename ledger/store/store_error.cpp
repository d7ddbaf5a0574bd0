#include "ledger/store/store_error.hpp"

#include <cstdio>
#include <cstdlib>

namespace tallystick::ledger {

std::string_view store_fault_name(StoreFault fault) noexcept {
    switch (fault) {
        case StoreFault::not_found: return "not_found";
        case StoreFault::exists: return "exists";
        case StoreFault::in_use: return "in_use";
        case StoreFault::other_ledger: return "other_ledger";
        case StoreFault::newer_version: return "newer_version";
        case StoreFault::damaged: return "damaged";
        case StoreFault::out_of_space: return "out_of_space";
        case StoreFault::input_output: return "input_output";
        case StoreFault::read_only: return "read_only";
        case StoreFault::unfit: return "unfit";
    }
    return "unknown";
}

void stop_on_damage(std::string_view what) noexcept {
    std::fputs("tallystick: stopped by damage: ", stderr);
    std::fwrite(what.data(), 1, what.size(), stderr);
    std::fputc('\n', stderr);
    std::abort();
}

}  // namespace tallystick::ledger
