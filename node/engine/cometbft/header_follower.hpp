#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "ledger/store/store.hpp"
#include "node/engine/cometbft/application.hpp"
#include "node/engine/cometbft/engine_client.hpp"
#include "node/read_side.hpp"

namespace tallystick::node {

/// Times in milliseconds.
struct FollowerOptions {
    /// The newest block's commit is fetched when no other block has come for so long: once there is
    /// one, the commit that the chain keeps is to be had, and one fetch is enough.
    std::uint64_t quiet = 15;
    /// The same for a newest block that another must follow: by then something holds it up.
    std::uint64_t held_up = 1000;
    /// While block follows block, headers are fetched and made durable only so often, several at
    /// once.
    std::uint64_t pace = 250;
    std::uint64_t retry = 200;
    std::uint64_t headers_at_once_max = 64;
};

/// Fetches the headers and commits of decided blocks, which do not come over ABCI, checks them
/// against the chain and keeps them; only then can outcomes be proved. At the head of the chain any
/// commit will do at first; it is replaced by the one that the next header hashes.
///
/// `poll` is called by one thread. Nothing that the engine serves is believed: what does not fit is
/// not kept, and said.
class HeaderFollower {
  public:
    struct Parts {
        ledger::Store& store;
        ReadSide& read_side;
        EngineClient& client;
        const CometbftApplication& application;
        Clocks clocks;
    };

    /// Everything in `parts` must outlive this.
    HeaderFollower(const Parts& parts, FollowerOptions options)
        : parts_(parts), options_(options) {}

    /// Fetches what is missing. Gives the milliseconds after which it wants to be called again,
    /// unless a block comes first.
    [[nodiscard]] std::uint64_t poll();

    /// Why headers are not kept although there are blocks, a plain sentence; nothing while they
    /// come. Any thread.
    [[nodiscard]] std::optional<std::string> fault() const;

  private:
    [[nodiscard]] std::uint64_t wait_for_head(std::uint64_t head);
    [[nodiscard]] std::optional<std::string> make_canonical(std::uint64_t height);
    [[nodiscard]] std::optional<std::string> fetch(std::uint64_t from, std::uint64_t until);
    void note(std::optional<std::string> fault);

    Parts parts_;
    FollowerOptions options_;
    std::uint64_t head_ = 0;             ///< as last seen
    std::uint64_t head_since_ms_ = 0;    ///< steady
    std::uint64_t next_fetch_ms_ = 0;    ///< steady; not before, unless it is quiet
    std::uint64_t canonical_until_ = 0;  ///< commits up to here are those that headers hash
    mutable std::mutex mutex_;
    std::optional<std::string> fault_;
};

}  // namespace tallystick::node
