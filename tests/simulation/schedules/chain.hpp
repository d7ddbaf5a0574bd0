#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "node/engine/abci/messages.hpp"
#include "protocol/crypto.hpp"
#include "protocol/pb.hpp"
#include "protocol/types.hpp"

/// Blocks and votes as the simulated engines make and keep them. Headers and commits are real: made
/// and signed as CometBFT's are.
namespace tallystick::simulation {

/// Somebody signed twice.
struct Evidence {
    std::string address;  ///< of the validator, 20 bytes
    std::int64_t height = 0;
    std::int64_t power = 0;
    std::int64_t total_power = 0;
    pb::Timestamp time;
    friend bool operator<(const Evidence& a, const Evidence& b) {
        return std::tie(a.height, a.address) < std::tie(b.height, b.address);
    }
};

struct Block {
    pb::Header header;
    pb::BlockId id;
    std::vector<std::string> txs;
    pb::Commit last_commit;
    std::vector<Evidence> evidence;
    [[nodiscard]] std::int64_t height() const { return header.height(); }
    [[nodiscard]] const std::string& hash() const { return id.hash(); }
};
using BlockPtr = std::shared_ptr<const Block>;

enum class VoteType : std::uint8_t { prevote, precommit };

struct Vote {
    std::int64_t height = 0;
    std::int32_t round = 0;
    VoteType type = VoteType::prevote;
    std::string hash;     ///< of the block; empty: for none
    std::string address;  ///< of the validator
    pb::Timestamp time;
    std::string signature;  ///< of a precommit for a block
    friend bool operator==(const Vote& a, const Vote& b) {
        return a.height == b.height && a.round == b.round && a.type == b.type && a.hash == b.hash &&
               a.address == b.address;
    }
};

/// The votes of one round and type. An equivocator's votes are all kept, each counts for its block.
class VoteSet {
  public:
    explicit VoteSet(std::shared_ptr<const pb::ValidatorSet> validators)
        : validators_(std::move(validators)) {}
    /// False if it is known or of no validator. `conflict` is set to an earlier one that
    /// contradicts.
    bool add(const Vote& vote, std::optional<Vote>& conflict);
    [[nodiscard]] bool has_two_thirds_any() const;
    /// The block (empty: none) that more than two thirds voted for.
    [[nodiscard]] std::optional<std::string> two_thirds() const;
    [[nodiscard]] bool has_all() const { return votes_.size() == size_of_set(); }
    [[nodiscard]] std::vector<Vote> all() const;
    /// A commit for this block: the other votes stand as nil or absent.
    [[nodiscard]] pb::Commit commit(const Block& block, std::int32_t round) const;

  private:
    [[nodiscard]] std::size_t size_of_set() const {
        return static_cast<std::size_t>(validators_->validators_size());
    }
    std::shared_ptr<const pb::ValidatorSet> validators_;
    std::map<std::string, std::vector<Vote>> votes_;  ///< by address
};

/// By the validators' powers, of the votes for the block.
[[nodiscard]] pb::Timestamp median_time(const pb::Commit& commit,
                                        const pb::ValidatorSet& validators);
/// The votes that a commit is made of.
[[nodiscard]] std::vector<Vote> votes_of(const pb::Commit& commit);

[[nodiscard]] std::string address_text(const pb::Validator& validator);
[[nodiscard]] const pb::Validator* find_validator(const pb::ValidatorSet& set,
                                                  const std::string& address);
[[nodiscard]] std::int64_t total_power(const pb::ValidatorSet& set);
/// Who proposes: each in its turn, a round moves the turn on.
[[nodiscard]] std::string proposer_of(const pb::ValidatorSet& set, std::int64_t height,
                                      std::int32_t round);
/// What validators two heights later are. Empty text, or why the engine would stop: an update of a
/// validator that is not there, a key twice, nobody left.
[[nodiscard]] std::string update_validators(pb::ValidatorSet& set,
                                            const abci_pb::ResponseFinalizeBlock& response);

[[nodiscard]] std::string evidence_hash(const std::vector<Evidence>& evidence);

// The engine's messages.
[[nodiscard]] abci_pb::CommitInfo commit_info(const pb::Commit& commit,
                                              const pb::ValidatorSet& validators);
void set_misbehaviour(google::protobuf::RepeatedPtrField<abci_pb::Misbehavior>& out,
                      const std::vector<Evidence>& evidence);
[[nodiscard]] google::protobuf::Timestamp engine_time(const pb::Timestamp& time);

[[nodiscard]] std::string short_hex(std::string_view bytes);

}  // namespace tallystick::simulation
