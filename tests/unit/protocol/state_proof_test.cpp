#include "protocol/state_proof.hpp"

#include "unit/catch.hpp"
#include "unit/protocol/trees.hpp"

using namespace tallystick;
using namespace tallystick::test;

namespace {

SlowState state_of(int leaves) {
    SlowState state;
    for (int i = 0; i < leaves; ++i)
        state.values["key " + std::to_string(i)] = "value " + std::to_string(i);
    return state;
}

StateProofFault fault_of(const Hash& root, const pb::StateItem& item) {
    const auto verified = verify_state_proof(root, item);
    REQUIRE_FALSE(verified);
    CHECK_FALSE(state_proof_fault_name(verified.error()).empty());
    CHECK(state_proof_fault_sentence(verified.error()).ends_with("."));
    return verified.error();
}

}  // namespace

TEST_CASE("every entry of a state proves itself, every other key its absence", "[state_proof]") {
    for (const int leaves : {0, 1, 2, 3, 20}) {
        const auto state = state_of(leaves);
        const auto root = state.root();
        for (int i = 0; i < leaves; ++i) {
            const auto item = state.item("key " + std::to_string(i));
            REQUIRE(item.present());
            REQUIRE(verify_state_proof(root, item));
        }
        for (int i = 100; i < 130; ++i) {
            const auto item = state.item("key " + std::to_string(i));
            REQUIRE_FALSE(item.present());
            REQUIRE(verify_state_proof(root, item));
        }
    }
    CHECK(state_of(0).root() == sparse::empty_hash);
}

TEST_CASE("neither can a held entry be denied nor an absent one be claimed", "[state_proof]") {
    const auto state = state_of(20);
    const auto root = state.root();

    auto altered = state.item("key 3");
    altered.set_value("value 4");
    CHECK(fault_of(root, altered) == StateProofFault::wrong_root);

    auto denied = state.item("key 3");
    denied.set_present(false);
    denied.set_value(sparse::path_of("key 3").str());
    CHECK(fault_of(root, denied) == StateProofFault::wrong_root);
    denied.mutable_proof()->set_other_path(sparse::path_of("key 3").str());
    denied.mutable_proof()->set_other_value_hash(sha256(std::string_view{"value 3"}).str());
    CHECK(fault_of(root, denied) == StateProofFault::other_leaf_is_same);

    // A proof of one leaf does not speak for a key elsewhere.
    auto elsewhere = state.item("key 5");
    elsewhere.set_key("key 3");
    elsewhere.set_present(false);
    elsewhere.set_value(sparse::path_of("key 3").str());
    elsewhere.mutable_proof()->set_other_path(sparse::path_of("key 5").str());
    elsewhere.mutable_proof()->set_other_value_hash(sha256(std::string_view{"value 5"}).str());
    CHECK(fault_of(root, elsewhere) == StateProofFault::other_leaf_not_near);
}

TEST_CASE("a malformed state proof is refused by name", "[state_proof]") {
    const auto state = state_of(20);
    const auto root = state.root();
    const auto good = state.item("key 3");

    auto item = good;
    item.clear_proof();
    CHECK(fault_of(root, item) == StateProofFault::no_proof);

    item = good;
    for (int i = 0; i < 257; ++i) item.mutable_proof()->add_siblings(std::string(32, 'x'));
    CHECK(fault_of(root, item) == StateProofFault::too_deep);

    item = good;
    item.mutable_proof()->mutable_siblings(0)->pop_back();
    CHECK(fault_of(root, item) == StateProofFault::bad_sibling);

    item = good;
    item.mutable_proof()->add_siblings(std::string(32, '\0'));
    CHECK(fault_of(root, item) == StateProofFault::not_compact);

    item = good;
    item.mutable_proof()->set_other_path(std::string(32, 'x'));
    CHECK(fault_of(root, item) == StateProofFault::mixed);

    item = good;
    item.set_present(false);
    CHECK(fault_of(root, item) == StateProofFault::mixed);

    item.set_value(sparse::path_of("key 4").str());
    CHECK(fault_of(root, item) == StateProofFault::other_key);
    item.set_value(sparse::path_of("key 3").str());
    item.mutable_proof()->set_other_path(std::string(32, 'x'));
    CHECK(fault_of(root, item) == StateProofFault::bad_other_leaf);

    item = good;
    (*item.mutable_proof()->mutable_siblings(0))[0] ^= 1;
    CHECK(fault_of(root, item) == StateProofFault::wrong_root);
}

TEST_CASE("bits of a path count from the most significant", "[state_proof]") {
    Hash path;
    path.bytes[0] = 0x80;
    path.bytes[31] = 0x01;
    CHECK(sparse::bit(path, 0));
    CHECK_FALSE(sparse::bit(path, 1));
    CHECK(sparse::bit(path, 255));
    CHECK(sparse::shared_bits(path, path) == 256);
    Hash other = path;
    other.bytes[31] = 0x00;
    CHECK(sparse::shared_bits(path, other) == 255);
    CHECK(sparse::shared_bits(path, Hash{}) == 0);
}
