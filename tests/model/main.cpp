#define CATCH_CONFIG_RUNNER
#include <cstdlib>

#include "protocol/crypto.hpp"
#include "unit/catch.hpp"

int main(int argc, char** argv) {
    if (!tallystick::initialise_crypto()) return 1;
    // The same ledgers every time, unless somebody asks for others.
    ::setenv("RC_PARAMS", "seed=20261122 max_success=100", 0);
    return Catch::Session().run(argc, argv);
}
