#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/pb.hpp"
#include "protocol/result.hpp"

/// What a node wants of the engine's process beside it. The real ones speak to CometBFT; tests and
/// the simulation give their own.
namespace tallystick::node {

/// A header as the engine serves it.
struct SignedHeader {
    pb::Header header;
    pb::Commit commit;
    /// Is this the commit that the next header hashes? At the head of the chain it is the one that
    /// this engine happened to see, with more than two thirds all the same.
    bool canonical = false;
};

/// Where the engine stands.
struct EngineStatus {
    std::uint64_t height = 0;  ///< of its newest block
    bool catching_up = false;  ///< its peers have blocks that it has not executed yet
    std::uint32_t peers = 0;   ///< other nodes that it is connected to
};

/// A node that validates, as the engine names it.
struct EngineValidator {
    std::string id;  ///< its peer id: the address of its key in lower-case hexadecimal
    std::uint64_t power = 0;
    std::int64_t priority = 0;  ///< how near its turn to propose is
};

/// Why a bundle did not get into the engine's mempool.
enum class SubmitFault : std::uint8_t {
    unreachable = 1,  ///< the engine does not answer: it is starting, stopped or dead
    refused = 2,      ///< our own CheckTx said no
    full = 3,         ///< its mempool is full
};

/// Talks to the engine. Any thread; never from inside an ABCI call, since the engine answers only
/// after we have. Every call has a deadline of its own.
class EngineClient {
  public:
    virtual ~EngineClient() = default;

    /// Puts a bundle into the engine's mempool, from which it reaches every node. One that is there
    /// already, or was ordered lately, counts as taken.
    [[nodiscard]] virtual Result<void, SubmitFault> submit_bundle(const std::string& bundle) = 0;

    /// Header and commit of a block. The error is a sentence.
    [[nodiscard]] virtual Result<SignedHeader, std::string> signed_header(std::uint64_t height) = 0;

    /// The error is a sentence.
    [[nodiscard]] virtual Result<EngineStatus, std::string> status() = 0;

    /// Who validates a block, as the engine orders them, with their priorities; at most 100. The
    /// error is a sentence. By default one that says that nobody is asked.
    [[nodiscard]] virtual Result<std::vector<EngineValidator>, std::string> validators_at(
        std::uint64_t) {
        return Failure{std::string{"There is no engine to ask."}};
    }
};

/// The engine's process: started, watched, started again when it dies, stopped. Any thread, never
/// from inside an ABCI call.
class EngineProcess {
  public:
    virtual ~EngineProcess() = default;

    /// Starts it and keeps it running, with pauses that grow while it keeps dying. Our socket is
    /// open when this is called. The error is a sentence; then nothing runs.
    [[nodiscard]] virtual Result<void, std::string> start() = 0;

    /// Ends it for good: asks, waits, kills. Blocks until it is gone. Again has no effect.
    virtual void stop() = 0;

    /// Why the process does not do what it should, each a plain sentence; empty when it does.
    [[nodiscard]] virtual std::vector<std::string> not_ready() const = 0;
};

/// What waits in the engine's mempool.
struct EngineMempool {
    std::uint64_t transactions = 0;
    std::uint64_t bytes = 0;
};

/// What the operator is told of the engine, for /metrics.
struct EngineProcessMetrics {
    bool up = false;
    std::uint32_t peers = 0;
    bool catching_up = false;  ///< it fetches blocks from its peers and takes no part yet
    std::uint64_t blocks_behind_network = 0;
    std::uint64_t restarts = 0;
    EngineMempool mempool;
};

/// The process together with the way to speak to it.
class EngineBeside : public EngineProcess {
  public:
    /// Lives as long as this.
    [[nodiscard]] virtual EngineClient& client() = 0;
    /// The engine has closed its connection to us: it must end by itself soon. Any thread.
    virtual void expect_end() = 0;
    [[nodiscard]] virtual EngineProcessMetrics metrics() const = 0;
    /// The chain shows a signature of this node's key at `height`: a sentence if this folder's
    /// engine did not give it. From inside an ABCI call: must not ask the engine.
    [[nodiscard]] virtual std::optional<std::string> signed_elsewhere(
        std::uint64_t height) const = 0;
    /// The engine will be told to throw old blocks away: remembers it on the disk, so that a ledger
    /// which is lost later is not expected from the engine. False, with an event, if that failed.
    /// From inside an ABCI call.
    [[nodiscard]] virtual bool blocks_will_go() = 0;
};

/// Times as the engine needs them. Tests and the simulation give their own.
struct Clocks {
    /// Milliseconds since 1970-01-01 UTC.
    std::function<std::uint64_t()> wall_ms;
    /// Milliseconds of a clock that nobody sets.
    std::function<std::uint64_t()> steady_ms;
};

/// The system's clocks.
[[nodiscard]] Clocks system_clocks();

}  // namespace tallystick::node
