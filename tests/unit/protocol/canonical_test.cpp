#include "protocol/canonical.hpp"

#include <thread>

#include "unit/catch.hpp"
#include "unit/protocol/bodies.hpp"

using namespace tallystick;

TEST_CASE("canonical bytes decode to the message they came from", "[canonical]") {
    const auto body = test::transfer_body();
    const auto decoded = decode_canonical_as<pb::Body>(canonical_bytes(body));
    REQUIRE(decoded);
    CHECK(canonical_bytes(*decoded) == canonical_bytes(body));
    CHECK(decode_canonical_as<pb::Body>(""));
}

TEST_CASE("one message has one encoding only", "[canonical]") {
    const std::string good{"\x08\x05\x12\x01x", 5};
    pb::AuthorityNode node;
    node.set_public_key("k");
    node.set_power(5);
    const std::string canonical{"\x0a\x01k\x10\x05", 5};
    REQUIRE(canonical_bytes(node) == canonical);
    CHECK(decode_canonical(canonical, node));

    CHECK_FALSE(decode_canonical(good, node));                    // wrong wire types
    CHECK_FALSE(decode_canonical("\x10\x05\x0a\x01k", node));     // fields out of order
    CHECK_FALSE(decode_canonical(canonical + "\x10\x05", node));  // a field twice
    CHECK_FALSE(decode_canonical(canonical + "\x18\x01", node));  // an unknown field
    CHECK_FALSE(decode_canonical(std::string{"\x0a\x01k\x10\x00", 5}, node));  // a zero spelt out
    CHECK_FALSE(decode_canonical(std::string{"\x0a\x00\x10\x05", 4}, node));   // an empty one
    CHECK_FALSE(
        decode_canonical(std::string{"\x0a\x01k\x10\x85\x00", 6}, node));  // over-long varint
    CHECK_FALSE(
        decode_canonical(std::string{"\x0a\x81\x00k\x10\x05", 6}, node));  // over-long length
    CHECK_FALSE(decode_canonical("\x0a\x01k\x10", node));                  // cut short
    CHECK_FALSE(decode_canonical("\x0b\x0c", node));                       // an unknown group
    CHECK_FALSE(decode_canonical(std::string(1, '\0'), node));
}

TEST_CASE("an enum holds listed values only, wherever it stands", "[canonical]") {
    const auto unlisted = 77;
    pb::PriceItem alone;
    alone.set_kind(static_cast<pb::ResourceKind>(unlisted));
    CHECK_FALSE(decode_canonical_as<pb::PriceItem>(canonical_bytes(alone)));

    pb::Account repeated;
    repeated.add_roles(pb::ROLE_PROJECT);
    CHECK(decode_canonical_as<pb::Account>(canonical_bytes(repeated)));
    repeated.add_roles(static_cast<pb::Role>(unlisted));
    CHECK_FALSE(decode_canonical_as<pb::Account>(canonical_bytes(repeated)));

    pb::OpenContract in_list;
    in_list.add_prices()->set_kind(pb::RESOURCE_KIND_TIME);
    CHECK(decode_canonical_as<pb::OpenContract>(canonical_bytes(in_list)));
    in_list.add_prices()->set_unit(static_cast<pb::ResourceUnit>(unlisted));
    CHECK_FALSE(decode_canonical_as<pb::OpenContract>(canonical_bytes(in_list)));

    pb::Body in_oneof;
    in_oneof.mutable_decline_application()->mutable_reason()->set_code(pb::REASON_CODE_OTHER);
    CHECK(decode_canonical_as<pb::Body>(canonical_bytes(in_oneof)));
    in_oneof.mutable_decline_application()->mutable_reason()->set_code(
        static_cast<pb::ReasonCode>(unlisted));
    CHECK_FALSE(decode_canonical_as<pb::Body>(canonical_bytes(in_oneof)));

    pb::Accreditation nested;
    nested.mutable_grant()->mutable_relevance()->set_code(static_cast<pb::ReasonCode>(unlisted));
    CHECK_FALSE(decode_canonical_as<pb::Accreditation>(canonical_bytes(nested)));
}

TEST_CASE("an unknown field is found however deep it stands", "[canonical]") {
    pb::Accreditation record;
    auto& grant = *record.mutable_grant();
    CHECK(decode_canonical_as<pb::Accreditation>(canonical_bytes(record)));
    grant.GetReflection()->MutableUnknownFields(&grant)->AddVarint(100, 1);
    CHECK_FALSE(decode_canonical_as<pb::Accreditation>(canonical_bytes(record)));
}

TEST_CASE("threads may decode at once from the first call on", "[canonical]") {
    const auto bytes = canonical_bytes(test::transfer_body());
    std::array<bool, 4> decoded{};
    std::vector<std::thread> threads;
    for (auto& result : decoded) {
        threads.emplace_back([&] {
            result = true;
            for (int i = 0; i < 200; ++i)
                result = result && decode_canonical_as<pb::Body>(bytes).has_value();
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(decoded == std::array{true, true, true, true});
}
