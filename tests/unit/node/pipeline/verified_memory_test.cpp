#include "node/pipeline/verified_memory.hpp"

#include "protocol/crypto.hpp"
#include "unit/catch.hpp"

namespace tallystick::node {

TEST_CASE("the memory of true signatures is bounded and forgets the oldest", "[node][pipeline]") {
    VerifiedMemory memory{8};
    const auto hash = [](int i) { return sha256(std::to_string(i)); };
    for (int i = 0; i < 100; ++i) memory.add(hash(i));
    CHECK(memory.contains(hash(99)));
    CHECK(memory.contains(hash(96)));
    CHECK_FALSE(memory.contains(hash(0)));
    int remembered = 0;
    for (int i = 0; i < 100; ++i) remembered += memory.contains(hash(i)) ? 1 : 0;
    CHECK(remembered <= 8);
}

TEST_CASE("a memory of none remembers nothing", "[node][pipeline]") {
    VerifiedMemory memory{0};
    memory.add(sha256(std::string_view{"x"}));
    CHECK_FALSE(memory.contains(sha256(std::string_view{"x"})));
}

}  // namespace tallystick::node
