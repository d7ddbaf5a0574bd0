#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/state_machine.hpp"
#include "node/engine/bundle.hpp"
#include "node/pipeline/envelope_checker.hpp"

namespace tallystick::node {

/// A bundle as it came from the engine, its envelopes checked bit by bit by whoever has time. It is
/// shared between the mempool's calls, the proposals that hold it and the threads that check it.
class ReceivedBundle {
  public:
    /// What its bytes say. Once it is not `unknown` it never changes.
    enum class Verdict : std::uint8_t { unknown, sound, unsound };

    /// Takes a bundle apart; null unless it is well-formed and its node's signature true. The
    /// envelopes in it have not been looked into then.
    [[nodiscard]] static std::shared_ptr<ReceivedBundle> from(std::string_view bytes,
                                                              const Hash& hash);

    /// One that this node made itself, of envelopes that it has verified.
    [[nodiscard]] static std::shared_ptr<ReceivedBundle> own(
        std::string_view bytes, const Hash& hash, std::vector<ledger::VerifiedEnvelope> envelopes);

    /// SHA-256 of the bundle: the engine's name for it.
    [[nodiscard]] const Hash& hash() const noexcept { return hash_; }
    [[nodiscard]] const PublicKey& node_key() const noexcept { return node_key_; }
    [[nodiscard]] const std::string& chain_id() const noexcept { return chain_id_; }
    [[nodiscard]] std::uint64_t time_ms() const noexcept { return time_ms_; }
    [[nodiscard]] std::size_t size_bytes() const noexcept { return size_bytes_; }
    [[nodiscard]] std::size_t envelope_count() const noexcept { return envelopes_.size(); }

    [[nodiscard]] Verdict verdict() const noexcept;

    /// In the bundle's order. @pre `verdict()` is sound
    [[nodiscard]] const std::vector<ledger::VerifiedEnvelope>& envelopes() const;

    /// Checks what nobody has begun to check. Returns when nothing is left to begin; others may
    /// still be at work on what they began. Any thread.
    void check_some(EnvelopeChecker& checker);
    /// Waits for those who are at work. @pre `check_some` has returned on this thread
    void wait() const;

  private:
    ReceivedBundle(std::string_view bytes, const Hash& hash, const BundleView& view);

    static constexpr std::size_t part_envelopes = 16;
    void check_part(std::size_t part, EnvelopeChecker& checker);

    Hash hash_;
    PublicKey node_key_;
    std::string chain_id_;
    std::uint64_t time_ms_;
    std::size_t size_bytes_;

    std::string bytes_;                                ///< until all is checked
    std::vector<std::string_view> raw_;                ///< into `bytes_`
    std::vector<ledger::VerifiedEnvelope> envelopes_;  ///< filled in by parts
    std::size_t parts_ = 0;
    std::atomic<std::size_t> next_{0};
    std::atomic<std::size_t> done_{0};
    std::atomic<bool> unsound_{false};
};

}  // namespace tallystick::node
