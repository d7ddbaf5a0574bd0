#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/pb.hpp"
#include "wallet/core/http.hpp"
#include "wallet/core/problem.hpp"

/// A node's API (protocol/openapi.yaml). What it says is hearsay until proved.
namespace tallystick::wallet {

using Json = nlohmann::ordered_json;

/// Query parameters; those with an empty value are left out.
using Query = std::vector<std::pair<std::string, std::string>>;

class Node {
  public:
    explicit Node(Url url) { urls_.push_back(std::move(url)); }
    /// Several addresses of nodes that keep the same ledger: where nobody answers at one, the next
    /// is asked, and stays the one that is asked. `tell` is told of each change. @pre not empty
    Node(std::vector<Url> urls, std::function<void(const std::string&)> tell)
        : urls_(std::move(urls)), tell_(std::move(tell)) {}

    /// The address that is asked now, to show.
    [[nodiscard]] std::string name() const;

    /// A JSON answer. Waits and asks again where nobody answers, the node is busy, or what is asked
    /// cannot be proved yet, three times in all. Refuses what the node's problem says, under its
    /// code; `bad_answer` for an answer that is none.
    [[nodiscard]] Try<Json> get(const std::string& path, const Query& query = {}) const;

    /// All items of a list, page by page, at most `items_max`; the first page's other fields beside
    /// them. `more` is true if the list goes on.
    [[nodiscard]] Try<Json> list(const std::string& path, Query query,
                                 std::size_t items_max = 10000) const;

    /// The same as `get` for Protobuf: raw bytes.
    [[nodiscard]] Try<std::string> get_bytes(const std::string& path, const Query& query,
                                             const std::string& accept) const;

    /// Sends envelopes and waits for what becomes of them. Sending the same bytes again is safe, so
    /// this asks again after a lost connection. Results in the order of the envelopes.
    [[nodiscard]] Try<pb::SubmitResponse> submit(const std::vector<std::string>& envelopes) const;

    /// What the ledger would answer. Nothing changes.
    [[nodiscard]] Try<Json> dry_run(std::string_view kind, std::string_view bytes) const;

  private:
    [[nodiscard]] Try<HttpResponse> ask(const HttpRequest& request) const;

    std::vector<Url> urls_;
    std::function<void(const std::string&)> tell_;
    mutable std::size_t current_ = 0;
};

/// Base 64 with padding, RFC 4648.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace tallystick::wallet
