#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/dice.hpp"
#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"

/// Who takes part in a random ledger: authorities, their nodes, everybody's keys.
namespace tallystick::model {

inline constexpr std::uint64_t hour = 3600;
inline constexpr std::uint64_t day = 24 * hour;
inline constexpr std::uint64_t genesis_time = 1'800'000'000;

/// Every secret key of a ledger by its public key. Keys follow from owner and number.
class Keyring {
  public:
    /// The owner's key of this number, made at the first call. Lives as long as this.
    const SigningKey& key(std::string_view owner, std::uint64_t number);
    /// Null for a key that was never made.
    [[nodiscard]] const SigningKey* find(const std::string& public_key) const;

  private:
    std::map<std::string, SigningKey, std::less<>> keys_;
    std::map<std::string, std::string, std::less<>> public_keys_;  ///< by owner and number
};

/// One key, or two of three, with a low limit now and then: of the owner's keys from `first` on.
pb::Policy random_policy(Dice& dice, Keyring& keyring, std::string_view owner, std::uint64_t first);

/// `account` proves that it holds `public_key`. @pre the keyring made the key.
pb::KeyProof proof_of(const Keyring& keyring, const std::string& public_key,
                      const LedgerId& ledger_id, std::string_view account);

pb::Identifier identifier_of(std::string_view handle);
pb::DisplayName name_of(std::string_view handle);

/// A genesis of one to five authorities with short windows; some with tight bounds on due items
/// and refusals in a block. One authority has solo or CometBFT, several have CometBFT.
struct Founding {
    pb::Genesis genesis;
    pb::GenesisFile file;
    LedgerId ledger_id;
};
Founding found_ledger(Dice& dice, Keyring& keyring);

/// A key of an authority's node: the first one, or that of this number.
const SigningKey& node_key(Keyring& keyring, std::string_view authority, std::uint64_t number = 0);

}  // namespace tallystick::model
