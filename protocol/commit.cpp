#include "protocol/commit.hpp"

#include "protocol/header.hpp"
#include "protocol/merkle.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"
#include "protocol/wire.hpp"

namespace tallystick {

namespace {

constexpr std::uint64_t precommit_type = 2;
/// 0001-01-01T00:00:00Z, which Go writes where no time is set.
constexpr std::int64_t go_zero_seconds = -62135596800;

std::string encode_timestamp(const pb::Timestamp& time) {
    std::string encoded;
    wire::put_signed(encoded, 1, time.seconds());
    wire::put_signed(encoded, 2, time.nanos());
    return encoded;
}

/// One slot's share of `verify_commit`: does it count?
Result<bool, ChainFault> verify_slot(const pb::LightBlock& block, int index, SlotRule rule) {
    const auto& slot = block.commit().signatures(index);
    const auto& validator = block.validators().validators(index);
    const auto flag = slot.block_id_flag();
    if (flag == pb::BLOCK_ID_FLAG_ABSENT || flag == pb::BLOCK_ID_FLAG_NIL) {
        if (rule == SlotRule::as_signed) {
            // An engine names the voter of a nil vote; a name that is not the validator's is a lie.
            const auto address = address_of(validator);
            if (!slot.validator_address().empty() && slot.validator_address() != address->text())
                return Failure{ChainFault::wrong_address};
            return false;
        }
        const bool blank = flag == pb::BLOCK_ID_FLAG_ABSENT && slot.validator_address().empty() &&
                           !slot.has_timestamp() && slot.signature().empty();
        // What does not count is not authenticated, so it must not say anything.
        if (!blank) return Failure{ChainFault::slot_not_blank};
        return false;
    }
    const auto signature = SignatureBytes::from(slot.signature());
    if (flag != pb::BLOCK_ID_FLAG_COMMIT || !slot.has_timestamp() || !is_valid(slot.timestamp()) ||
        !signature)
        return Failure{ChainFault::bad_slot};
    const auto key = PublicKey::from(validator.public_key());
    if (!key || slot.validator_address() != address_of(*key).text())
        return Failure{ChainFault::wrong_address};
    const auto message =
        vote_sign_bytes(block.header().chain_id(), block.commit(), slot.timestamp());
    if (!verify_commit_signature(*key, bytes_of(message), *signature))
        return Failure{ChainFault::false_signature};
    return true;
}

/// Rules 1 and 2 and the number of slots; gives the total power.
Result<std::int64_t, ChainFault> check_frame(const pb::LightBlock& block) {
    const auto& header = block.header();
    const auto& commit = block.commit();
    if (!block.has_header()) return Failure{ChainFault::incomplete};
    if (const auto checked = check_header(header); !checked) return Failure{checked.error()};
    if (!block.has_commit() || !commit.has_block_id() || !is_complete(commit.block_id()) ||
        commit.round() < 0 || !block.has_validators())
        return Failure{ChainFault::incomplete};
    if (commit.height() != header.height()) return Failure{ChainFault::height_mismatch};
    if (commit.block_id().hash() != header_hash(header).text())
        return Failure{ChainFault::block_id_mismatch};

    const auto total = check_validators(block.validators());
    if (!total) return total;
    if (validators_hash(block.validators()).text() != header.validators_hash())
        return Failure{ChainFault::validators_mismatch};
    if (commit.signatures_size() != block.validators().validators_size())
        return Failure{ChainFault::wrong_number_of_slots};
    return total;
}

}  // namespace

std::string vote_sign_bytes(std::string_view chain_id, const pb::Commit& commit,
                            const pb::Timestamp& timestamp) {
    std::string vote;
    wire::put_number(vote, 1, precommit_type);
    wire::put_fixed(vote, 2, commit.height());
    wire::put_fixed(vote, 3, commit.round());
    wire::put_message(vote, 4, encode_block_id(commit.block_id()));
    wire::put_message(vote, 5, encode_timestamp(timestamp));
    wire::put_bytes(vote, 6, chain_id);
    std::string delimited;
    wire::put_varint(delimited, vote.size());
    return delimited + vote;
}

std::string encode_commit_sig(const pb::CommitSig& slot) {
    std::string encoded;
    wire::put_number(encoded, 1, static_cast<std::uint64_t>(slot.block_id_flag()));
    wire::put_bytes(encoded, 2, slot.validator_address());
    wire::put_message(encoded, 3,
                      encode_timestamp(slot.has_timestamp() ? slot.timestamp()
                                                            : make_timestamp(go_zero_seconds, 0)));
    wire::put_bytes(encoded, 4, slot.signature());
    return encoded;
}

std::string encode_commit(const pb::Commit& commit) {
    std::string encoded;
    wire::put_signed(encoded, 1, commit.height());
    wire::put_signed(encoded, 2, commit.round());
    wire::put_message(encoded, 3, encode_block_id(commit.block_id()));
    for (const auto& slot : commit.signatures())
        wire::put_message(encoded, 4, encode_commit_sig(slot));
    return encoded;
}

Hash commit_hash(const pb::Commit& commit) {
    merkle::Frontier frontier;
    for (const auto& slot : commit.signatures())
        frontier.append(merkle::leaf_hash(encode_commit_sig(slot)));
    return frontier.root();
}

pb::Commit sign_commit(const CommitFor& what, const SigningKey& key,
                       const pb::Timestamp& timestamp) {
    pb::Commit commit;
    commit.set_height(what.height);
    commit.set_round(what.round);
    *commit.mutable_block_id() = what.block_id;
    auto& slot = *commit.add_signatures();
    slot.set_block_id_flag(pb::BLOCK_ID_FLAG_COMMIT);
    slot.set_validator_address(address_of(key.public_key()).str());
    *slot.mutable_timestamp() = timestamp;
    const auto message = vote_sign_bytes(what.chain_id, commit, timestamp);
    slot.set_signature(key.sign(bytes_of(message)).str());
    return commit;
}

void blank_slots(pb::Commit& commit) {
    for (auto& slot : *commit.mutable_signatures()) {
        if (slot.block_id_flag() == pb::BLOCK_ID_FLAG_COMMIT) continue;
        slot.Clear();
        slot.set_block_id_flag(pb::BLOCK_ID_FLAG_ABSENT);
    }
}

Result<CommitPower, ChainFault> verify_signatures_of(const pb::LightBlock& block, SlotRule rule) {
    const auto total = check_frame(block);
    if (!total) return Failure{total.error()};
    CommitPower power;
    power.total_power = *total;
    for (int i = 0; i < block.commit().signatures_size(); ++i) {
        const auto counts = verify_slot(block, i, rule);
        if (!counts) return Failure{counts.error()};
        if (!*counts) continue;
        power.signers.push_back(i);
        power.signed_power += block.validators().validators(i).power();
    }
    return power;
}

Result<CommitPower, ChainFault> verify_commit(const pb::LightBlock& block, SlotRule rule) {
    auto power = verify_signatures_of(block, rule);
    if (!power) return power;
    if (!is_two_thirds_majority(power->signed_power, power->total_power))
        return Failure{ChainFault::too_few_signatures};
    return power;
}

}  // namespace tallystick
