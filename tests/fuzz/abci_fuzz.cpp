// Whatever stands on the engine's socket: it is cut into the same messages however it arrives, and
// each is answered by exactly one message of the kind that belongs to it, or by an exception.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "node/engine/abci/dispatch.hpp"
#include "node/engine/abci/framing.hpp"
#include "node/engine/abci/messages.hpp"
#include "unit/node/engine/abci/recording_application.hpp"

using namespace tallystick;
using namespace tallystick::node::abci;
using fuzz::check;

namespace {

constexpr std::size_t message_bytes_max = 4096;

struct Stream {
    std::vector<std::string> messages;
    bool broken = false;
    bool between = true;
};

Stream cut(std::string_view input, std::size_t piece_bytes) {
    Stream stream;
    Deframer deframer{message_bytes_max};
    while (!input.empty() && !stream.broken) {
        auto piece = input.substr(0, piece_bytes);
        input.remove_prefix(piece.size());
        while (!piece.empty() && !stream.broken) {
            const auto before = piece.size();
            auto taken = deframer.take(piece);
            stream.broken = !taken;
            if (!taken) break;
            check(piece.size() < before, "bytes are taken");
            check(taken.value() || piece.empty(), "an unfinished message takes all");
            if (taken.value()) stream.messages.push_back(std::move(*taken.value()));
        }
    }
    stream.between = !stream.broken && deframer.between_messages();
    return stream;
}

abci_pb::Response message_of(const Reply& reply) {
    Deframer deframer;
    std::string_view rest = reply.bytes;
    auto message = deframer.take(rest);
    check(message && message.value() && rest.empty(), "an answer is one whole message");
    abci_pb::Response response;
    check(response.ParseFromString(*message.value()), "an answer can be read");
    return response;
}

/// The name of the one field that is set, which is the same in a request and in its answer.
template <class Message>
std::string kind_of(const Message& message) {
    const auto* field = message.GetReflection()->GetOneofFieldDescriptor(
        message, message.GetDescriptor()->oneof_decl(0));
    return field == nullptr ? std::string{} : field->name();
}

void judge(const std::string& bytes) {
    test::RecordingApplication application;
    const auto reply = reply_to(bytes, application);
    const auto response = message_of(reply);
    abci_pb::Request request;
    const bool is_request = request.ParseFromString(bytes);
    if (response.has_exception()) {
        check(response.exception().error() == reply.exception && !reply.exception.empty(),
              "an exception is told");
        check(application.calls().empty(), "what is answered with an exception asks nothing");
        return;
    }
    check(reply.exception.empty(), "an answer is no exception");
    check(is_request && kind_of(request) == kind_of(response),
          "an answer is of its request's kind");
    check(application.calls().size() <= 1, "a request asks once");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text_of_input(data, size);
    const auto whole = cut(input, std::max<std::size_t>(input.size(), 1));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
        const auto pieces = cut(input, piece);
        check(pieces.messages == whole.messages && pieces.broken == whole.broken &&
                  pieces.between == whole.between,
              "pieces give what the whole gives");
    }
    std::string again;
    for (const auto& message : whole.messages) {
        check(message.size() <= message_bytes_max, "no message is larger than allowed");
        append_length(again, message.size());
        again += message;
        judge(message);
    }
    const auto repeated = cut(again, std::max<std::size_t>(again.size(), 1));
    check(repeated.messages == whole.messages && repeated.between, "messages are framed again");
    return 0;
}
