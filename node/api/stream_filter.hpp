#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/api/http.hpp"
#include "node/node_service.hpp"

/// What a client of /v1/outcomes asked for, and the frames it gets. No sockets.
namespace tallystick::node::api {

struct StreamFilter {
    std::optional<std::uint64_t> from;   ///< log index to begin with
    std::optional<std::string> account;  ///< only what concerns it
};

/// Reads the query of an upgrade; sets `fault` to the answer if something is wrong with it.
[[nodiscard]] StreamFilter stream_filter(const Request& request, std::optional<Response>& fault);

/// Do credits of the account move in this entry, or did it sign the envelope?
[[nodiscard]] bool concerns(const NodeService& node, const LoggedEntry& entry,
                            std::string_view account);

/// The frame of one block: its entries from log index `from` on that fit. Empty if there are none.
[[nodiscard]] std::string stream_frame(const NodeService& node, const BlockEvent& event,
                                       const StreamFilter& filter, std::uint64_t from);

/// Entries from log index `from` up to, without, `to` (256 at most) that fit, as frames of one
/// block each; `next` is where to go on. Empty and `next == from` if they cannot be read.
struct CatchUp {
    std::vector<std::string> frames;
    std::uint64_t next = 0;
};
[[nodiscard]] CatchUp catch_up(const NodeService& node, const StreamFilter& filter,
                               std::uint64_t from, std::uint64_t to);

}  // namespace tallystick::node::api
