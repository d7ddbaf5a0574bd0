#include "simulation/schedules/chain.hpp"

#include <algorithm>
#include <set>

#include "protocol/ensure.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick::simulation {

std::string address_text(const pb::Validator& validator) {
    // Asked for at every vote.
    static thread_local std::map<std::string, std::string> known;
    auto& address = known[validator.public_key()];
    if (address.empty()) {
        const auto made = address_of(validator);
        ensure(made.has_value(), "a validator's key has 32 bytes");
        address = made->str();
    }
    return address;
}

const pb::Validator* find_validator(const pb::ValidatorSet& set, const std::string& address) {
    for (const auto& validator : set.validators())
        if (address_text(validator) == address) return &validator;
    return nullptr;
}

std::int64_t total_power(const pb::ValidatorSet& set) {
    std::int64_t total = 0;
    for (const auto& validator : set.validators()) total += validator.power();
    return total;
}

std::string proposer_of(const pb::ValidatorSet& set, std::int64_t height, std::int32_t round) {
    std::vector<std::string> addresses;
    for (const auto& validator : set.validators()) addresses.push_back(address_text(validator));
    std::ranges::sort(addresses);
    const auto turn = static_cast<std::uint64_t>(height) + static_cast<std::uint64_t>(round);
    return addresses[turn % addresses.size()];
}

bool VoteSet::add(const Vote& vote, std::optional<Vote>& conflict) {
    if (find_validator(*validators_, vote.address) == nullptr) return false;
    auto& known = votes_[vote.address];
    if (std::ranges::find(known, vote) != known.end()) return false;
    if (!known.empty()) conflict = known.front();
    known.push_back(vote);
    return true;
}

bool VoteSet::has_two_thirds_any() const {
    std::int64_t power = 0;
    for (const auto& [address, votes] : votes_)
        power += find_validator(*validators_, address)->power();
    return is_two_thirds_majority(power, total_power(*validators_));
}

std::optional<std::string> VoteSet::two_thirds() const {
    std::map<std::string, std::int64_t> powers;
    for (const auto& [address, votes] : votes_)
        for (const auto& vote : votes)
            powers[vote.hash] += find_validator(*validators_, address)->power();
    for (const auto& [hash, power] : powers)
        if (is_two_thirds_majority(power, total_power(*validators_))) return hash;
    return std::nullopt;
}

std::vector<Vote> VoteSet::all() const {
    std::vector<Vote> all;
    for (const auto& [address, votes] : votes_) all.insert(all.end(), votes.begin(), votes.end());
    return all;
}

pb::Commit VoteSet::commit(const Block& block, std::int32_t round) const {
    pb::Commit made;
    made.set_height(block.height());
    made.set_round(round);
    *made.mutable_block_id() = block.id;
    for (const auto& validator : validators_->validators()) {
        auto& slot = *made.add_signatures();
        slot.set_block_id_flag(pb::BLOCK_ID_FLAG_ABSENT);
        const auto found = votes_.find(address_text(validator));
        if (found == votes_.end()) continue;
        const Vote* chosen = nullptr;
        for (const auto& vote : found->second)
            if (vote.hash == block.hash()) chosen = &vote;
        for (const auto& vote : found->second)
            if (chosen == nullptr && vote.hash.empty()) chosen = &vote;
        if (chosen == nullptr) continue;
        slot.set_block_id_flag(chosen->hash.empty() ? pb::BLOCK_ID_FLAG_NIL
                                                    : pb::BLOCK_ID_FLAG_COMMIT);
        slot.set_validator_address(chosen->address);
        *slot.mutable_timestamp() = chosen->time;
        slot.set_signature(chosen->signature);
    }
    return made;
}

pb::Timestamp median_time(const pb::Commit& commit, const pb::ValidatorSet& validators) {
    std::vector<std::pair<pb::Timestamp, std::int64_t>> times;
    std::int64_t total = 0;
    for (const auto& slot : commit.signatures()) {
        if (slot.block_id_flag() != pb::BLOCK_ID_FLAG_COMMIT) continue;
        const auto* validator = find_validator(validators, slot.validator_address());
        ensure(validator != nullptr, "a commit's signers are validators");
        times.emplace_back(slot.timestamp(), validator->power());
        total += validator->power();
    }
    std::ranges::stable_sort(
        times, [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
    auto middle = total / 2;
    for (const auto& [time, power] : times) {
        if (middle <= power) return time;
        middle -= power;
    }
    ensure(false, "a commit has signers");
    return {};
}

std::vector<Vote> votes_of(const pb::Commit& commit) {
    std::vector<Vote> votes;
    for (const auto& slot : commit.signatures()) {
        if (slot.block_id_flag() == pb::BLOCK_ID_FLAG_ABSENT) continue;
        Vote vote;
        vote.height = commit.height();
        vote.round = commit.round();
        vote.type = VoteType::precommit;
        if (slot.block_id_flag() == pb::BLOCK_ID_FLAG_COMMIT) vote.hash = commit.block_id().hash();
        vote.address = slot.validator_address();
        vote.time = slot.timestamp();
        vote.signature = slot.signature();
        votes.push_back(std::move(vote));
    }
    return votes;
}

std::string update_validators(pb::ValidatorSet& set,
                              const abci_pb::ResponseFinalizeBlock& response) {
    std::map<std::string, std::int64_t> powers;
    for (const auto& validator : set.validators())
        powers[validator.public_key()] = validator.power();
    std::set<std::string> named;
    for (const auto& update : response.validator_updates()) {
        const auto& key = update.pub_key().ed25519();
        if (!named.insert(key).second) return "a validator is updated twice";
        if (update.power() < 0) return "a validator's power is negative";
        if (update.power() == 0) {
            if (powers.erase(key) == 0) return "a validator is removed that is none";
        } else {
            powers[key] = update.power();
        }
    }
    if (powers.empty()) return "no validator is left";
    set.Clear();
    for (const auto& [key, power] : powers) {
        auto& validator = *set.add_validators();
        validator.set_public_key(key);
        validator.set_power(power);
    }
    sort_validators(set);
    return {};
}

std::string evidence_hash(const std::vector<Evidence>& evidence) {
    std::string all;
    for (const auto& each : evidence)
        all += each.address + std::to_string(each.height) + std::to_string(each.power);
    return sha256(all).str();
}

google::protobuf::Timestamp engine_time(const pb::Timestamp& time) {
    google::protobuf::Timestamp made;
    made.set_seconds(time.seconds());
    made.set_nanos(time.nanos());
    return made;
}

abci_pb::CommitInfo commit_info(const pb::Commit& commit, const pb::ValidatorSet& validators) {
    abci_pb::CommitInfo info;
    info.set_round(commit.round());
    for (int i = 0; i < commit.signatures_size(); ++i) {
        auto& vote = *info.add_votes();
        const auto& validator = validators.validators(i);
        vote.mutable_validator()->set_address(address_text(validator));
        vote.mutable_validator()->set_power(validator.power());
        vote.set_block_id_flag(
            static_cast<tendermint::types::BlockIDFlag>(commit.signatures(i).block_id_flag()));
    }
    return info;
}

void set_misbehaviour(google::protobuf::RepeatedPtrField<abci_pb::Misbehavior>& out,
                      const std::vector<Evidence>& evidence) {
    for (const auto& each : evidence) {
        auto& made = *out.Add();
        made.set_type(abci_pb::DUPLICATE_VOTE);
        made.mutable_validator()->set_address(each.address);
        made.mutable_validator()->set_power(each.power);
        made.set_height(each.height);
        *made.mutable_time() = engine_time(each.time);
        made.set_total_voting_power(each.total_power);
    }
}

std::string short_hex(std::string_view bytes) {
    return to_hex(bytes_of(bytes.substr(0, std::min<std::size_t>(bytes.size(), 4))));
}

}  // namespace tallystick::simulation
