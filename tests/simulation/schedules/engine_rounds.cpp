#include <algorithm>

#include "protocol/commit.hpp"
#include "protocol/ensure.hpp"
#include "protocol/timestamp.hpp"
#include "simulation/schedules/engine.hpp"

/// Rounds: proposal, prevotes, precommits, locks and their timeouts, as CometBFT's state machine
/// has them.
namespace tallystick::simulation {
namespace {

constexpr Millis propose_ms = 400;
constexpr Millis commit_ms = 50;
constexpr Millis vote_ms = 200;
constexpr Millis delta_ms = 200;
constexpr Millis first_gossip_ms = 100;

/// What stands for a signature that no verifier looks at.
std::string unsigned_mark() {
    return std::string(64, 's');
}

}  // namespace

void Engine::begin_deciding() {
    mode_ = Mode::deciding;
    host_.note("decides from height " + std::to_string(files_.state->last_height + 1));
    const auto& state = *files_.state;
    last_precommits_.reset();
    if (state.last_height >= genesis_.initial_height) {
        const auto& last = files_.blocks.at(state.last_height);
        last_precommits_.emplace(std::make_shared<const pb::ValidatorSet>(state.last_validators));
        std::optional<Vote> conflict;
        for (const auto& vote : votes_of(last.seen)) (void)last_precommits_->add(vote, conflict);
    }
    begin_height();
    host_.later(first_gossip_ms, [this] { gossip(); });
}

void Engine::begin_height() {
    const auto& state = *files_.state;
    height_ = state.last_height + 1;
    round_ = 0;
    step_ = Step::new_height;
    validators_ = std::make_shared<const pb::ValidatorSet>(state.validators);
    proposal_.reset();
    proposal_block_ = nullptr;
    locked_round_ = -1;
    locked_block_ = nullptr;
    valid_round_ = -1;
    valid_block_ = nullptr;
    commit_round_ = -1;
    waited_for_precommits_ = false;
    votes_.clear();
    valid_.clear();
    unwritten_.clear();
    conflicts_.clear();
    if (files_.wal_height == height_) {
        // What the log of messages gives back after a crash. The votes for a locked block among it:
        // without them nobody else would ever vote for that block in a later round.
        locked_round_ = valid_round_ = files_.locked_round;
        locked_block_ = valid_block_ = files_.locked_block;
        for (const auto& vote : files_.wal_votes) {
            Message message;
            message.vote = vote;
            inbox_.push_back(message);
        }
    } else {
        files_.wal_height = height_;
        files_.locked_round = -1;
        files_.locked_block = nullptr;
        files_.wal_votes.clear();
        files_.proposed.clear();
    }
    timeout(commit_ms, Step::new_height, 0);
}

VoteSet& Engine::votes(std::int32_t round, VoteType type) {
    return votes_.try_emplace({round, type}, validators_).first->second;
}

void Engine::queue(Message message) {
    inbox_.push_back(std::move(message));
}

void Engine::work() {
    if (working_) return;
    working_ = true;
    struct Done {
        bool& flag;
        ~Done() { flag = false; }
    } done{working_};
    while (!inbox_.empty()) {
        const auto message = std::move(inbox_.front());
        inbox_.pop_front();
        handle(message);
    }
}

void Engine::receive(std::size_t from, const Message& message) {
    if (message.kind == Message::Kind::tx) {
        if (mode_ == Mode::deciding) take_tx(message.tx, from);
    } else if (mode_ == Mode::deciding) {
        queue(message);
    }
    work();
}

void Engine::handle(const Message& message) {
    switch (message.kind) {
        case Message::Kind::proposal: on_proposal(message); break;
        case Message::Kind::block: on_block(message.block); break;
        case Message::Kind::vote: handle_vote(message.vote); break;
        case Message::Kind::evidence:
            if (host_.is_true(message.evidence) && message.evidence.height < height_)
                pending_evidence_.insert(message.evidence);
            break;
        case Message::Kind::tx: break;
        case Message::Kind::again:
            if (message.vote.height != height_) break;
            if (message.vote.type == VoteType::prevote)
                after_prevote(message.vote);
            else
                after_precommit(message.vote);
            break;
    }
}

void Engine::on_proposal(const Message& message) {
    if (message.height != height_ || message.round != round_ || proposal_) return;
    if (message.block->header.proposer_address() != proposer_of(*validators_, height_, round_) &&
        message.pol_round < 0)
        return;
    if (step_ == Step::commit) return on_block(message.block);
    files_.proposed[message.block->hash()] = message.block;
    proposal_ = Proposal{message.round, message.pol_round, message.block};
    if (!proposal_block_) proposal_block_ = message.block;
    on_complete();
}

void Engine::on_block(const BlockPtr& block) {
    if (block->height() != height_) return;
    if (step_ == Step::commit) {
        const auto decided = votes(commit_round_, VoteType::precommit).two_thirds();
        if (decided != block->hash()) return;
        proposal_block_ = block;
        return try_finalize();
    }
    // A block that more than two thirds voted for and that we never saw proposed.
    const auto wanted = votes(round_, VoteType::prevote).two_thirds();
    if (!proposal_block_ && wanted == block->hash()) {
        proposal_block_ = block;
        on_complete();
    }
}

void Engine::on_complete() {
    const auto prevoted = votes(round_, VoteType::prevote).two_thirds();
    if (prevoted && !prevoted->empty() && valid_round_ < round_ && proposal_block_ &&
        proposal_block_->hash() == *prevoted) {
        valid_round_ = round_;
        valid_block_ = proposal_block_;
    }
    if (step_ <= Step::propose && is_complete()) {
        enter_prevote(round_);
        if (prevoted) enter_precommit(round_);
    } else if (step_ == Step::commit) {
        try_finalize();
    }
}

bool Engine::is_complete() const {
    if (!proposal_ || !proposal_block_) return false;
    if (proposal_->pol_round < 0) return true;
    const auto found = votes_.find({proposal_->pol_round, VoteType::prevote});
    return found != votes_.end() && found->second.two_thirds().has_value();
}

bool Engine::needs_proof() const {
    if (height_ == genesis_.initial_height) return true;
    const auto last = files_.blocks.find(height_ - 1);
    return last == files_.blocks.end() ||
           last->second.block->header.app_hash() != files_.state->app_hash;
}

void Engine::timeout(Millis delay, Step step, std::int32_t round) {
    host_.later(delay, [this, height = height_, step, round] {
        if (height != height_ || mode_ != Mode::deciding) return;
        on_timeout(step, round);
        work();
    });
}

void Engine::on_timeout(Step step, std::int32_t round) {
    switch (step) {
        case Step::new_height: enter_new_round(0); break;
        case Step::propose:
            if (round == round_) enter_prevote(round);
            break;
        case Step::prevote_wait:
            if (round == round_) enter_precommit(round);
            break;
        case Step::precommit_wait:
            if (round >= round_ && commit_round_ < 0) {
                enter_precommit(round);
                enter_new_round(round + 1);
            }
            break;
        case Step::new_round:
        case Step::prevote:
        case Step::precommit:
        case Step::commit: break;
    }
}

void Engine::txs_available() {
    if (mode_ != Mode::deciding || round_ != 0 || step_ != Step::new_round) return;
    enter_propose(0);
}

void Engine::enter_new_round(std::int32_t round) {
    if (round < round_ || (round == round_ && step_ != Step::new_height) || commit_round_ >= 0)
        return;
    round_ = round;
    step_ = Step::new_round;
    if (round != 0) {
        proposal_.reset();
        proposal_block_ = nullptr;
    }
    waited_for_precommits_ = false;
    // The proposal of round 0 may have come before.
    if (round == 0 && !needs_proof() && mempool_.size() == 0) {
        if (is_complete()) enter_prevote(0);
        return;
    }
    enter_propose(round);
}

void Engine::enter_propose(std::int32_t round) {
    if (round < round_ || (round == round_ && step_ >= Step::propose)) return;
    round_ = round;
    step_ = Step::propose;
    timeout(propose_ms + delta_ms * static_cast<Millis>(round), Step::propose, round);
    const bool may_sign = find_validator(*validators_, address_) != nullptr;
    const Signed next{height_, round, 1, std::nullopt};
    const auto& last = files_.last_signed;
    const bool is_new =
        std::tie(last.height, last.round, last.step) < std::tie(next.height, next.round, next.step);
    if (may_sign && is_new && proposer_of(*validators_, height_, round) == address_) {
        Message message;
        message.kind = Message::Kind::proposal;
        message.height = height_;
        message.round = round;
        message.pol_round = valid_round_;
        message.block = valid_block_ ? valid_block_ : make_block();
        files_.last_signed = next;
        host_.note("proposes " + short_hex(message.block->hash()) + " at " +
                   std::to_string(height_) + "/" + std::to_string(round) + " with " +
                   std::to_string(message.block->txs.size()) + " bundles");
        queue(message);
        host_.broadcast(message);
    }
    if (is_complete()) enter_prevote(round);
}

void Engine::enter_prevote(std::int32_t round) {
    if (round < round_ || (round == round_ && step_ >= Step::prevote)) return;
    round_ = round;
    step_ = Step::prevote;
    if (locked_block_) return vote(VoteType::prevote, locked_block_.get());
    if (!proposal_block_) return vote(VoteType::prevote, nullptr);
    const auto block = proposal_block_;
    bool good = is_valid_block(*block);
    if (good) good = process(*block);
    vote(VoteType::prevote, good ? block.get() : nullptr);
}

void Engine::enter_prevote_wait(std::int32_t round) {
    if (round < round_ || (round == round_ && step_ >= Step::prevote_wait)) return;
    round_ = round;
    step_ = Step::prevote_wait;
    timeout(vote_ms + delta_ms * static_cast<Millis>(round), Step::prevote_wait, round);
}

void Engine::enter_precommit(std::int32_t round) {
    if (round < round_ || (round == round_ && step_ >= Step::precommit)) return;
    round_ = round;
    step_ = Step::precommit;
    const auto prevoted = votes(round, VoteType::prevote).two_thirds();
    if (!prevoted) return vote(VoteType::precommit, nullptr);
    if (prevoted->empty()) {
        locked_round_ = -1;
        locked_block_ = nullptr;
    } else if (locked_block_ && locked_block_->hash() == *prevoted) {
        locked_round_ = round;
    } else if (proposal_block_ && proposal_block_->hash() == *prevoted) {
        ensure(is_valid_block(*proposal_block_), "more than two thirds voted for a valid block");
        locked_round_ = round;
        locked_block_ = proposal_block_;
    } else {
        locked_round_ = -1;
        locked_block_ = nullptr;
        proposal_block_ = nullptr;
        files_.locked_round = -1;
        files_.locked_block = nullptr;
        return vote(VoteType::precommit, nullptr);
    }
    files_.locked_round = locked_round_;
    files_.locked_block = locked_block_;
    vote(VoteType::precommit, locked_block_.get());
}

void Engine::enter_precommit_wait(std::int32_t round) {
    if (round < round_ || (round == round_ && waited_for_precommits_)) return;
    waited_for_precommits_ = true;
    timeout(vote_ms + delta_ms * static_cast<Millis>(round), Step::precommit_wait, round);
}

void Engine::enter_commit(std::int32_t round) {
    if (step_ == Step::commit) return;
    step_ = Step::commit;
    commit_round_ = round;
    const auto decided = votes(round, VoteType::precommit).two_thirds();
    ensure(decided && !decided->empty(), "a block was decided");
    if (locked_block_ && locked_block_->hash() == *decided) proposal_block_ = locked_block_;
    if (proposal_block_ && proposal_block_->hash() != *decided) proposal_block_ = nullptr;
    if (!proposal_block_) proposal_block_ = known_block(*decided);
    try_finalize();
}

void Engine::try_finalize() {
    const auto decided = votes(commit_round_, VoteType::precommit).two_thirds();
    ensure(decided.has_value(), "a block was decided");
    if (!proposal_block_ || proposal_block_->hash() != *decided) return;
    const auto block = proposal_block_;
    ensure(is_valid_block(*block), "a decided block is valid");
    auto& precommits = votes(commit_round_, VoteType::precommit);
    store(block, precommits.commit(*block, commit_round_));
    apply(*block);
    last_precommits_.emplace(precommits);
    // What contradicts can be proved once its block is there.
    for (const auto& vote : conflicts_) {
        Evidence evidence;
        evidence.address = vote.address;
        evidence.height = vote.height;
        evidence.power = find_validator(*validators_, vote.address)->power();
        evidence.total_power = total_power(*validators_);
        evidence.time = block->header.time();
        if (host_.is_true(evidence)) pending_evidence_.insert(evidence);
    }
    begin_height();
}

void Engine::vote(VoteType type, const Block* block) {
    if (find_validator(*validators_, address_) == nullptr) return;
    const Signed next{height_, round_, type == VoteType::prevote ? 2 : 3, std::nullopt};
    const auto& last = files_.last_signed;
    if (std::tie(next.height, next.round, next.step) <=
        std::tie(last.height, last.round, last.step))
        return reconsider(type);  // nothing at or below what was signed is signed again
    Vote made;
    made.height = height_;
    made.round = round_;
    made.type = type;
    made.address = address_;
    if (block != nullptr) made.hash = block->hash();
    auto at_ms = host_.wall_ms();
    const auto* reference = locked_block_ ? locked_block_.get() : proposal_block_.get();
    if (reference != nullptr) {
        const auto least = milliseconds_of(reference->header.time()) + 1;
        // A block's time may have parts of a millisecond: a vote is later all the same.
        at_ms =
            std::max(at_ms, reference->header.time().nanos() % 1'000'000 != 0 ? least + 1 : least);
    }
    made.time = timestamp_from_milliseconds(at_ms);
    made.signature = unsigned_mark();
    if (type == VoteType::precommit && block != nullptr) {
        pb::Commit commit;
        commit.set_height(height_);
        commit.set_round(round_);
        *commit.mutable_block_id() = block->id;
        const auto message = vote_sign_bytes(genesis_.chain_id, commit, made.time);
        made.signature = host_.key().sign(bytes_of(message)).str();
    }
    files_.last_signed = next;
    // The log is written out with every message of one's own.
    files_.wal_votes.insert(files_.wal_votes.end(), unwritten_.begin(), unwritten_.end());
    files_.wal_votes.push_back(made);
    unwritten_.clear();
    host_.point("vote signed");
    Message message;
    message.vote = made;
    queue(message);
    host_.broadcast(message);
    if (equivocates_) send_second_vote(made, block);
}

/// What follows from the votes that are there, where no vote of one's own moves things on.
void Engine::reconsider(VoteType type) {
    Message again;
    again.kind = Message::Kind::again;
    again.vote.height = height_;
    again.vote.round = round_;
    again.vote.type = type;
    queue(std::move(again));
}

void Engine::send_second_vote(const Vote& first, const Block* block) {
    auto second = first;
    second.hash = block != nullptr || !proposal_block_ ? "" : proposal_block_->hash();
    if (second.hash == first.hash || second.type == VoteType::precommit) return;
    Message message;
    message.vote = second;
    host_.signed_twice(height_);
    host_.note("signs twice at " + std::to_string(height_) + "/" + std::to_string(round_));
    host_.broadcast(message);
}

void Engine::note_conflict(const Vote& vote) {
    if (vote.address != address_) conflicts_.push_back(vote);
}

void Engine::handle_vote(const Vote& vote) {
    std::optional<Vote> conflict;
    if (vote.height + 1 == height_ && vote.type == VoteType::precommit) {
        if (step_ == Step::new_height && last_precommits_ &&
            vote.round == files_.blocks.at(height_ - 1).seen.round())
            (void)last_precommits_->add(vote, conflict);
        return;
    }
    if (vote.height != height_) return;
    if (!votes(vote.round, vote.type).add(vote, conflict)) return;
    if (conflict) note_conflict(vote);
    if (vote.address != address_) unwritten_.push_back(vote);
    if (vote.type == VoteType::prevote)
        after_prevote(vote);
    else
        after_precommit(vote);
}

void Engine::after_prevote(const Vote& vote) {
    auto& prevotes = votes(vote.round, VoteType::prevote);
    const auto decided = prevotes.two_thirds();
    if (decided) {
        if (locked_block_ && locked_round_ < vote.round && vote.round <= round_ &&
            locked_block_->hash() != *decided) {
            locked_round_ = -1;
            locked_block_ = nullptr;
            files_.locked_round = -1;
            files_.locked_block = nullptr;
        }
        if (!decided->empty() && valid_round_ < vote.round && vote.round == round_) {
            if (proposal_block_ && proposal_block_->hash() == *decided) {
                valid_round_ = vote.round;
                valid_block_ = proposal_block_;
            } else if (step_ != Step::commit) {
                proposal_block_ = nullptr;
            }
        }
    }
    if (round_ < vote.round && prevotes.has_two_thirds_any()) {
        enter_new_round(vote.round);
    } else if (round_ == vote.round && step_ >= Step::prevote && step_ != Step::commit) {
        if (decided && (is_complete() || decided->empty()))
            enter_precommit(vote.round);
        else if (prevotes.has_two_thirds_any())
            enter_prevote_wait(vote.round);
    } else if (proposal_ && proposal_->pol_round >= 0 && proposal_->pol_round == vote.round) {
        if (is_complete() && step_ <= Step::propose) enter_prevote(round_);
    }
}

void Engine::after_precommit(const Vote& vote) {
    if (commit_round_ >= 0) return;
    auto& precommits = votes(vote.round, VoteType::precommit);
    const auto decided = precommits.two_thirds();
    if (decided) {
        enter_new_round(vote.round);
        enter_precommit(vote.round);
        if (!decided->empty())
            enter_commit(vote.round);
        else
            enter_precommit_wait(vote.round);
    } else if (round_ <= vote.round && precommits.has_two_thirds_any()) {
        enter_new_round(vote.round);
        enter_precommit_wait(vote.round);
    }
}

BlockPtr Engine::known_block(const std::string& hash) const {
    for (const auto& block : {proposal_block_, locked_block_, valid_block_})
        if (block && block->hash() == hash) return block;
    if (const auto found = files_.proposed.find(hash); found != files_.proposed.end())
        return found->second;
    return nullptr;
}

std::string Engine::describe() const {
    static constexpr const char* modes[] = {"starting", "restoring", "catching up", "deciding"};
    return std::string{modes[static_cast<std::size_t>(mode_)]} + " " + std::to_string(height_) +
           "/" + std::to_string(round_) + " step " + std::to_string(static_cast<int>(step_)) +
           (locked_block_ ? ", locked on " + short_hex(locked_block_->hash()) + " since round " +
                                std::to_string(locked_round_)
                          : "") +
           (valid_block_ ? ", would propose " + short_hex(valid_block_->hash()) + " of round " +
                               std::to_string(valid_round_)
                         : "") +
           ", " + std::to_string(mempool_.size()) + " in the mempool, stored " +
           std::to_string(files_.height());
}

}  // namespace tallystick::simulation
