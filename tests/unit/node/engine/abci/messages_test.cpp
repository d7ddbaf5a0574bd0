#include "node/engine/abci/messages.hpp"

#include <string>

#include "unit/catch.hpp"

// Field by field, ours are held against the engine's own text by
// tests/house/engine_messages_test.py.

TEST_CASE("a result has the bytes that a header's hash is made of", "[node][abci]") {
    tallystick::abci_pb::ExecTxResult result;
    CHECK(result.SerializeAsString().empty());
    result.set_code(1);
    result.set_data("d");
    result.set_gas_wanted(2);
    result.set_gas_used(3);
    CHECK(result.SerializeAsString() == std::string{"\x08\x01\x12\x01"
                                                    "d\x28\x02\x30\x03"});
}
