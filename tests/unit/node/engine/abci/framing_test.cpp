#include "node/engine/abci/framing.hpp"

#include <vector>

#include "unit/catch.hpp"

using namespace tallystick;
using namespace tallystick::node::abci;

namespace {

/// What comes of a stream that arrives in pieces of so many bytes.
Result<std::vector<std::string>, FramingFault> messages_of(std::string_view stream,
                                                           std::size_t piece_bytes,
                                                           Deframer deframer = Deframer{}) {
    std::vector<std::string> messages;
    while (!stream.empty()) {
        auto piece = stream.substr(0, piece_bytes);
        stream.remove_prefix(piece.size());
        while (!piece.empty()) {
            auto taken = deframer.take(piece);
            if (!taken) return Failure{taken.error()};
            if (taken.value()) messages.push_back(*taken.value());
        }
    }
    return messages;
}

std::string framed(std::string_view message) {
    std::string stream;
    append_length(stream, message.size());
    return stream.append(message);
}

}  // namespace

TEST_CASE("a stream gives its messages, in whatever pieces it comes", "[node][abci]") {
    const std::vector<std::string> messages{"one",
                                            "",
                                            std::string(127, 'a'),
                                            std::string(128, 'b'),
                                            std::string(16383, 'c'),
                                            std::string(16384, 'd'),
                                            "e"};
    std::string stream;
    for (const auto& message : messages) stream += framed(message);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, stream.size()})
        CHECK(messages_of(stream, piece).value() == messages);
}

TEST_CASE("a stream may end between two messages only", "[node][abci]") {
    const auto stream = framed(std::string(200, 'x'));
    Deframer deframer;
    CHECK(deframer.between_messages());
    for (std::size_t i = 0; i < stream.size(); ++i) {
        std::string_view byte{stream.data() + i, 1};
        REQUIRE(deframer.take(byte));
        CHECK(deframer.between_messages() == (i + 1 == stream.size()));
    }
}

TEST_CASE("a length has 64 bits and no more", "[node][abci]") {
    const std::string most = std::string(9, '\xff');
    CHECK(messages_of(most + '\x01', 1).error() == FramingFault::too_large);
    CHECK(messages_of(most + '\x02', 1).error() == FramingFault::bad_length);
    CHECK(messages_of(most + '\x81', 1).error() == FramingFault::bad_length);
    CHECK(messages_of(std::string(11, '\x80'), 1).error() == FramingFault::bad_length);
    // Longer than it must be, as Go reads it too.
    const std::string padded{"\x83\x80\x00yes", 6};
    CHECK(messages_of(padded, 1).value() == std::vector<std::string>{"yes"});
}

TEST_CASE("a message may have as many bytes as are allowed, and not one more", "[node][abci]") {
    CHECK(messages_of(framed(std::string(10, 'x')), 3, Deframer{10}).value().size() == 1);
    CHECK(messages_of(framed(std::string(11, 'x')), 3, Deframer{10}).error() ==
          FramingFault::too_large);
    std::string length;
    append_length(length, request_bytes_max);
    CHECK(messages_of(length, 1).value().empty());
    length.clear();
    append_length(length, request_bytes_max + 1);
    CHECK(messages_of(length, 1).error() == FramingFault::too_large);
}

TEST_CASE("each framing fault has its sentence", "[node][abci]") {
    CHECK(framing_fault_in_words(FramingFault::bad_length) ==
          "The length of a message is not a number of 64 bits.");
    CHECK(framing_fault_in_words(FramingFault::too_large) == "A message is longer than 64 MiB.");
}
