#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "node/api/json.hpp"
#include "node/api/parameters.hpp"
#include "node/node_service.hpp"
#include "protocol/keys.hpp"

/// What routes that read the state have in common.
namespace tallystick::node::api {

/// Leaves looked at for one page at most, so that a filter that fits nothing costs no more.
inline constexpr std::size_t scanned_max = 50000;

/// `as_of` of a JSON answer.
[[nodiscard]] Json as_of_json(const NodeService& node, AsOf as_of);
[[nodiscard]] AsOf as_of(const Snapshot& snapshot);

/// Opens a snapshot and answers from it; a problem if there is none.
[[nodiscard]] Response with_snapshot(const NodeService& node,
                                     const std::function<Response(const Snapshot&)>& answer);

/// A key's bytes from its kind and some of its first parts.
[[nodiscard]] std::string key_prefix(Kind kind, std::initializer_list<std::string_view> parts);

/// Which contract is asked for, as far as it was said.
struct ContractFilter {
    std::optional<std::string> authority;
    std::optional<std::string> ocid;
    std::optional<std::string> lot;

    /// Reads authority, ocid and lot; an ocid without its authority is a fault.
    [[nodiscard]] static ContractFilter from(Parameters& parameters);
    [[nodiscard]] bool fits(const pb::ContractId& contract) const;
    /// Where the keys of a kind that begin with a contract begin.
    [[nodiscard]] std::string prefix(Kind kind) const;
};

/// The contract named by the path (authority, ocid) and `lot`.
[[nodiscard]] pb::ContractId contract_at(Parameters& parameters);

/// 404s that say what was looked for, and as of when.
[[nodiscard]] Response unknown_account(std::string_view handle, const Snapshot& snapshot);
[[nodiscard]] Response unknown_contract(const pb::ContractId& contract, const Snapshot& snapshot);

/// Which page of a list is asked for.
struct PageRequest {
    std::size_t limit = 100;
    std::string start;  ///< the key to begin with; empty: the first

    [[nodiscard]] static PageRequest from(Parameters& parameters);
};

/// Gathers a page over the keys of a prefix: `take` gives an item, or nothing for a leaf that does
/// not fit. The answer has `as_of`, what `head` holds, `items` and maybe `next`.
using TakeLeaf = std::function<std::optional<Json>(const ParsedKey&, std::string_view key,
                                                   std::string_view value)>;
[[nodiscard]] Response page_of_leaves(const NodeService& node, const Snapshot& snapshot,
                                      const std::string& prefix, const PageRequest& page, Json head,
                                      const TakeLeaf& take);

/// Visits every leaf of a prefix with its key taken apart, until `visit` returns false.
void for_each_leaf(const Snapshot& snapshot, const std::string& prefix,
                   const std::function<bool(const ParsedKey&, std::string_view key,
                                            std::string_view value)>& visit);

/// Decodes a leaf's value, which the node checked against its hash.
template <class Message>
[[nodiscard]] Message decoded(std::string_view value) {
    Message message;
    (void)message.ParseFromArray(value.data(), static_cast<int>(value.size()));
    return message;
}

/// A cursor is the hexadecimal of where the next page begins; clients must not look inside.
[[nodiscard]] std::string cursor_of(std::string_view place);

}  // namespace tallystick::node::api
