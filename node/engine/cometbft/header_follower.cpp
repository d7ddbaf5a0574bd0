#include "node/engine/cometbft/header_follower.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "node/log.hpp"

namespace tallystick::node {
namespace {

constexpr std::uint64_t idle_ms = 1000;

}  // namespace

std::uint64_t HeaderFollower::wait_for_head(std::uint64_t head) {
    const auto now = parts_.clocks.steady_ms();
    if (head != head_) {
        head_ = head;
        head_since_ms_ = now;
    }
    const auto since = now - std::min(now, head_since_ms_);
    const auto patience = parts_.application.block_follows() ? options_.held_up : options_.quiet;
    return since >= patience ? 0 : patience - since;
}

std::uint64_t HeaderFollower::poll() {
    const auto head = parts_.application.height();
    const auto wait = wait_for_head(head);
    auto until = parts_.store.headers_until();
    const auto base = parts_.store.base_height();
    until = std::max(until, base);
    if (until >= head) {
        note(std::nullopt);
        return idle_ms;
    }
    // The head itself only when it is quiet.
    const auto wanted = wait == 0 ? head : head - 1;
    if (wanted <= until) return wait;
    const auto now = parts_.clocks.steady_ms();
    if (wait != 0 && now < next_fetch_ms_) return std::min(wait, next_fetch_ms_ - now);
    next_fetch_ms_ = now + options_.pace;
    auto fault = until > base ? make_canonical(until) : std::nullopt;
    if (!fault) fault = fetch(until + 1, std::min(wanted, until + options_.headers_at_once_max));
    if (parts_.store.headers_until() > until)
        parts_.read_side.publish_headers(parts_.store.headers_until());
    if (fault) {
        note(std::move(fault));
        return options_.retry;
    }
    note(std::nullopt);
    return parts_.store.headers_until() < head ? std::max<std::uint64_t>(wait, 1) : idle_ms;
}

std::optional<std::string> HeaderFollower::make_canonical(std::uint64_t height) {
    if (canonical_until_ >= height) return std::nullopt;
    // The last block of an earlier segment keeps the commit that it has: no header hashes it.
    if (height < parts_.store.segments().back().first_height) return std::nullopt;
    auto served = parts_.client.signed_header(height);
    if (!served) return served.error();
    if (!served->canonical)
        return "The engine has not yet got the commit of block " + std::to_string(height) +
               " that the next block names.";
    if (const auto kept = parts_.store.add_header(height, served->header, served->commit); !kept)
        return "The engine serves a commit of block " + std::to_string(height) +
               " that does not fit: " + kept.error().what;
    canonical_until_ = height;
    return std::nullopt;
}

std::optional<std::string> HeaderFollower::fetch(std::uint64_t from, std::uint64_t until) {
    std::vector<SignedHeader> served;
    std::optional<std::string> fault;
    for (auto height = from; height <= until && !fault; ++height) {
        auto next = parts_.client.signed_header(height);
        if (!next) {
            fault = next.error();
            break;
        }
        served.push_back(std::move(*next));
        // Nothing can follow a commit that the next header may not hash.
        if (!served.back().canonical) break;
    }
    std::vector<ledger::HeaderToStore> headers;
    headers.reserve(served.size());
    for (std::size_t i = 0; i < served.size(); ++i)
        headers.push_back({from + i, &served[i].header, &served[i].commit});
    if (headers.empty()) return fault;
    if (const auto kept = parts_.store.add_headers(headers); !kept)
        return "The engine serves a header that does not fit this ledger's blocks: " +
               kept.error().what;
    const auto last = from + served.size() - 1;
    canonical_until_ = served.back().canonical ? last : last - 1;
    return fault;
}

void HeaderFollower::note(std::optional<std::string> fault) {
    const std::lock_guard lock{mutex_};
    if (fault && fault_ != fault)
        log_event(LogLevel::warning, "headers_missing", {{"reason", *fault}});
    fault_ = std::move(fault);
}

std::optional<std::string> HeaderFollower::fault() const {
    const std::lock_guard lock{mutex_};
    return fault_;
}

}  // namespace tallystick::node
