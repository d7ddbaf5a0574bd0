#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/crypto.hpp"
#include "simulation/traitor/lies.hpp"

namespace tallystick::traitor {

/// Makes bundles that no honest node makes, signed by an authority's own key. Any thread.
class FalseBundles {
  public:
    explicit FalseBundles(SigningKey key)
        : key_(std::move(key)), stranger_(SigningKey::generate()) {}

    /// Remembers a bundle that was ordered: there are envelopes and a chain's name in it. Only the
    /// newest few are kept.
    void saw_ordered(std::string_view bundle);

    [[nodiscard]] std::string public_key() const { return key_.public_key().str(); }

    /// A tick as an honest node makes it, and no other like it. Nothing before the chain is known.
    [[nodiscard]] std::optional<std::string> tick();

    /// What a proposal holds for a lie about bundles. Nothing while there is nothing to make it of,
    /// or for lies about other things.
    [[nodiscard]] std::optional<std::vector<std::string>> for_lie(Lie lie);

  private:
    struct Made {
        std::string chain_id;
        std::vector<std::string> envelopes;
        bool own_key = true;
    };
    [[nodiscard]] std::string bundle(const Made& made);
    [[nodiscard]] std::optional<std::string> one_for(Lie lie);

    SigningKey key_;
    SigningKey stranger_;
    std::mutex mutex_;
    std::string chain_id_;
    std::string ordered_;                 ///< the newest bundle with envelopes
    std::vector<std::string> envelopes_;  ///< of it
    std::uint64_t counter_ = 0;
};

}  // namespace tallystick::traitor
