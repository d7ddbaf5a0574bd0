#include "node/read_side.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "ledger/validators.hpp"
#include "node/engine/publisher.hpp"
#include "node/store_view.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::node {
namespace {

/// How many moments stay for readers: the state's file is at most one block behind the newest.
constexpr std::size_t moments_max = 4;
/// Proofs that may wait for a block at once, and for how long: a bound, not a hope. The next block
/// follows within milliseconds unless the disk is full.
constexpr std::size_t waiting_max = 1024;
constexpr std::chrono::seconds waiting_time_max{5};
/// A log proof is tried again after a block at most this often.
constexpr int proof_attempts_max = 3;

}  // namespace

/// Shared with the handles, which may outlive the service.
struct ReadSide::Listeners {
    std::mutex mutex;
    std::uint64_t next = 0;
    std::map<std::uint64_t, NodeService::BlockListener> by_number;
};

class ReadSide::ListenerHandle final : public Subscription {
  public:
    ListenerHandle(std::shared_ptr<Listeners> listeners, std::uint64_t number)
        : listeners_(std::move(listeners)), number_(number) {}
    ~ListenerHandle() override {
        const std::lock_guard lock{listeners_->mutex};
        listeners_->by_number.erase(number_);
    }

  private:
    std::shared_ptr<Listeners> listeners_;
    std::uint64_t number_;
};

ReadSide::ReadSide(const ledger::Store& store, const Head& head, ledger::Moment moment)
    : store_(store),
      head_(head),
      headers_until_(store.headers_until()),
      listeners_(std::make_shared<Listeners>()),
      waiting_height_(headers_until_) {
    moments_.push_back(std::move(moment));
    times_.push_back(head.time_ms / 1000);
    prover_ = std::thread{[this] { serve_waiting(); }};
}

ReadSide::~ReadSide() {
    {
        const std::lock_guard lock{waiting_mutex_};
        stopping_ = true;
    }
    waiting_wake_.notify_all();
    prover_.join();
}

void ReadSide::publish_moment(ledger::Moment moment, std::uint64_t time) {
    const std::lock_guard lock{mutex_};
    moments_.push_back(std::move(moment));
    times_.push_back(time);
    if (moments_.size() <= moments_max) return;
    moments_.pop_front();
    times_.pop_front();
}

void ReadSide::publish_block(Head head, const std::shared_ptr<const BlockEvent>& event) {
    {
        const std::lock_guard lock{mutex_};
        unproved_.push_back({head.height, head.app_hash == head_.app_hash});
        head.provable_height = head_.provable_height;
        head_ = std::move(head);
    }
    const std::lock_guard lock{listeners_->mutex};
    for (const auto& [number, listener] : listeners_->by_number) listener(event);
}

void ReadSide::publish_headers(std::uint64_t until) {
    {
        const std::lock_guard lock{mutex_};
        headers_until_ = std::max(headers_until_, until);
        while (!unproved_.empty() && unproved_.front().height <= headers_until_) {
            const auto& block = unproved_.front();
            head_.provable_height = block.changed_nothing ? block.height : block.height - 1;
            unproved_.pop_front();
        }
    }
    {
        const std::lock_guard lock{waiting_mutex_};
        waiting_height_ = std::max(waiting_height_, until);
    }
    waiting_wake_.notify_all();
}

std::uint64_t ReadSide::headers_until() const {
    const std::lock_guard lock{mutex_};
    return headers_until_;
}

pb::ValidatorSet ReadSide::validators() const {
    const auto opened = open();
    // A value that does not fit its leaf reads as absent, and is said by `damage` of the snapshot.
    if (!opened || (*opened)->state().get(authorities_key()) == nullptr) return {};
    return ledger::validators_of((*opened)->state());
}

Head ReadSide::head() const {
    const std::lock_guard lock{mutex_};
    return head_;
}

ledger::StoreResult<std::unique_ptr<ledger::StoreSnapshot>> ReadSide::open() const {
    return open(nullptr);
}

ledger::StoreResult<std::unique_ptr<ledger::StoreSnapshot>> ReadSide::open(
    std::uint64_t* time) const {
    // Under the lock: the writer publishes a moment before it writes the state, so as long as it
    // cannot publish, the state on disk is that of a moment in the list.
    const std::lock_guard lock{mutex_};
    const std::vector<ledger::Moment> recent{moments_.begin(), moments_.end()};
    auto opened = store_.open_snapshot(recent);
    if (!opened || time == nullptr) return opened;
    for (std::size_t i = 0; i < moments_.size(); ++i)
        if (moments_[i].height == (*opened)->state_height()) *time = times_[i];
    return opened;
}

ReadError ReadSide::error_of(const ledger::StoreError& error) const {
    switch (error.fault) {
        case ledger::StoreFault::not_found: return ReadError::not_found;
        case ledger::StoreFault::damaged: {
            const std::lock_guard lock{mutex_};
            if (!damage_) damage_ = error.what;
            return ReadError::damaged;
        }
        case ledger::StoreFault::exists:
        case ledger::StoreFault::in_use:
        case ledger::StoreFault::other_ledger:
        case ledger::StoreFault::newer_version:
        case ledger::StoreFault::out_of_space:
        case ledger::StoreFault::input_output:
        case ledger::StoreFault::read_only:
        case ledger::StoreFault::unfit: return ReadError::unavailable;
    }
    return ReadError::unavailable;
}

std::optional<std::string> ReadSide::damage() const {
    const std::lock_guard lock{mutex_};
    return damage_;
}

Result<std::unique_ptr<Snapshot>, ReadError> ReadSide::snapshot() const {
    std::uint64_t time = 0;
    auto opened = open(&time);
    if (!opened) return Failure{error_of(opened.error())};
    return make_snapshot(std::move(*opened), time,
                         [this](const ledger::StoreError& error) { return error_of(error); });
}

Result<LoggedEntry, ReadError> ReadSide::lookup(const EnvelopeId& id) const {
    const auto opened = open();
    if (!opened) return Failure{error_of(opened.error())};
    const auto index = (*opened)->find_entry(id);
    if (!index) return Failure{error_of(index.error())};
    if (!*index) return Failure{ReadError::not_found};
    return read_entry(**opened, **index, [this](const auto& error) { return error_of(error); });
}

Result<LoggedEntry, ReadError> ReadSide::entry(std::uint64_t log_index) const {
    const auto opened = open();
    if (!opened) return Failure{error_of(opened.error())};
    return read_entry(**opened, log_index, [this](const auto& error) { return error_of(error); });
}

Result<std::string, ReadError> ReadSide::envelope(std::uint64_t log_index) const {
    const auto opened = open();
    if (!opened) return Failure{error_of(opened.error())};
    return read_envelope(**opened, log_index,
                         [this](const auto& error) { return error_of(error); });
}

Result<pb::BlockRecord, ReadError> ReadSide::block(std::uint64_t height) const {
    const auto opened = open();
    if (!opened) return Failure{error_of(opened.error())};
    if (height <= (*opened)->base_height() || height > (*opened)->chain_height())
        return Failure{ReadError::not_found};
    auto block = (*opened)->block(height);
    if (!block) return Failure{error_of(block.error())};
    return std::move(*block);
}

Result<pb::LightBlock, ReadError> ReadSide::light_block(std::uint64_t height) const {
    const auto opened = open();
    if (!opened) return Failure{error_of(opened.error())};
    return light_block(**opened, height);
}

Result<pb::LightBlock, ReadError> ReadSide::light_block(const ledger::StoreSnapshot& from,
                                                        std::uint64_t height) const {
    if (height <= from.base_height() || height > from.chain_height())
        return Failure{ReadError::not_found};
    if (height > headers_until()) return Failure{ReadError::not_provable_yet};
    auto header = from.header(height);
    // The block is there: its header came after this view was opened.
    if (!header && header.error().fault == ledger::StoreFault::not_found)
        return Failure{ReadError::not_provable_yet};
    if (!header) return Failure{error_of(header.error())};
    auto commit = from.commit(height);
    if (!commit) return Failure{error_of(commit.error())};
    auto validators = from.validators(height);
    if (!validators) return Failure{error_of(validators.error())};
    pb::LightBlock block;
    *block.mutable_header() = std::move(*header);
    *block.mutable_commit() = std::move(*commit);
    *block.mutable_validators() = std::move(*validators);
    return block;
}

void ReadSide::prove_state(std::vector<std::string> keys, NodeService::ProvedStateDone done) const {
    const auto opened = open();
    if (!opened) return done(Failure{error_of(opened.error())});
    const auto& snapshot = **opened;
    const auto height = snapshot.state_height();
    ProvedState proved;
    for (const auto& key : keys) {
        auto item = snapshot.prove(key);
        if (!item) return done(Failure{error_of(item.error())});
        proved.items.push_back(std::move(*item));
    }
    auto app_state = snapshot.app_state(height);
    if (!app_state) return done(Failure{error_of(app_state.error())});
    proved.app_state = std::move(*app_state);

    finish_state(std::move(proved), height, std::move(done));
}

void ReadSide::finish_state(ProvedState proved, std::uint64_t height,
                            NodeService::ProvedStateDone done) const {
    // Header H+1 carries the state after H; so does header H where H changed nothing, after which
    // there may be silence.
    const auto headers = headers_until();
    const auto is_under = [&](std::uint64_t header) {
        auto block = light_block(header);
        if (!block) return done(Failure{block.error()}), true;
        if (block->header().app_hash() != app_hash_of(proved.app_state).text()) return false;
        proved.block = std::move(*block);
        return done(std::move(proved)), true;
    };
    if (headers > height) {
        if (!is_under(height + 1)) done(Failure{ReadError::damaged});
        return;
    }
    if (headers == height && height > store_.base_height() && is_under(height)) return;
    wait_for_header(headers < height ? height : height + 1,
                    [this, height, proved = std::move(proved),
                     done = std::move(done)](std::optional<ReadError> error) mutable {
                        if (error) return done(Failure{*error});
                        finish_state(std::move(proved), height, std::move(done));
                    });
}

void ReadSide::prove_entry(std::uint64_t log_index, NodeService::ProvedEntryDone done) const {
    finish_entry(log_index, std::move(done), proof_attempts_max);
}

void ReadSide::finish_entry(std::uint64_t log_index, NodeService::ProvedEntryDone done,
                            int attempts) const {
    const auto headers = headers_until();  // before the view is opened, so that it has them all
    const auto opened = open();
    if (!opened) return done(Failure{error_of(opened.error())});
    const auto& snapshot = **opened;
    if (log_index >= snapshot.log_size()) return done(Failure{ReadError::not_found});
    const auto newest = std::min(headers, snapshot.chain_height());
    if (newest <= snapshot.base_height()) return done(Failure{ReadError::not_provable_yet});
    auto app_state = snapshot.app_state(newest - 1);
    if (!app_state) return done(Failure{error_of(app_state.error())});
    if (log_index >= app_state->log_size()) {
        if (attempts == 0) return done(Failure{ReadError::not_provable_yet});
        return wait_for_header(newest + 1, [this, log_index, attempts, done = std::move(done)](
                                               std::optional<ReadError> error) mutable {
            if (error) return done(Failure{*error});
            finish_entry(log_index, std::move(done), attempts - 1);
        });
    }
    ProvedEntry proved;
    auto item = snapshot.prove_entry(log_index, app_state->log_size());
    if (!item) return done(Failure{error_of(item.error())});
    auto envelope = snapshot.envelope_of_entry(log_index);
    if (!envelope) return done(Failure{error_of(envelope.error())});
    auto block = light_block(snapshot, newest);
    if (!block) return done(Failure{block.error()});
    proved.item = std::move(*item);
    proved.envelope = std::move(*envelope).value_or("");
    proved.app_state = std::move(*app_state);
    proved.block = std::move(*block);
    done(std::move(proved));
}

Result<Hash, ReadError> ReadSide::log_root_at(const ledger::StoreSnapshot& from,
                                              std::uint64_t size) const {
    // The first height after which the log had at least this size; sizes never fall.
    std::uint64_t low = from.base_height();
    std::uint64_t high = from.chain_height();
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        const auto there = from.log_size_at(middle);
        if (!there) return Failure{error_of(there.error())};
        if (*there >= size)
            high = middle;
        else
            low = middle + 1;
    }
    const auto app_state = from.app_state(low);
    if (!app_state) return Failure{error_of(app_state.error())};
    const auto root = Hash::from(app_state->log_root());
    if (app_state->log_size() != size || !root) return Failure{ReadError::not_found};
    return *root;
}

Result<ConsistencyProof, ReadError> ReadSide::prove_consistency(std::uint64_t first,
                                                                std::uint64_t second) const {
    const auto opened = open();
    if (!opened) return Failure{error_of(opened.error())};
    const auto& snapshot = **opened;
    if (second == 0) {
        const auto newest = std::min(headers_until(), snapshot.chain_height());
        const auto size = snapshot.log_size_at(newest == 0 ? 0 : newest - 1);
        if (!size) return Failure{error_of(size.error())};
        second = *size;
    }
    if (first > second || second > snapshot.log_size()) return Failure{ReadError::not_found};
    ConsistencyProof proof;
    proof.first = first;
    proof.second = second;
    auto path = snapshot.prove_consistency(first, second);
    if (!path) return Failure{error_of(path.error())};
    proof.path = std::move(*path);
    const auto first_root = log_root_at(snapshot, first);
    if (!first_root) return Failure{first_root.error()};
    const auto second_root = log_root_at(snapshot, second);
    if (!second_root) return Failure{second_root.error()};
    proof.first_root = *first_root;
    proof.second_root = *second_root;
    return proof;
}

std::unique_ptr<Subscription> ReadSide::subscribe(NodeService::BlockListener listener) {
    const std::lock_guard lock{listeners_->mutex};
    const auto number = listeners_->next++;
    listeners_->by_number.emplace(number, std::move(listener));
    return std::make_unique<ListenerHandle>(listeners_, number);
}

void ReadSide::wait_for_header(std::uint64_t height,
                               std::function<void(std::optional<ReadError>)> go_on) const {
    {
        const std::lock_guard lock{waiting_mutex_};
        if (!stopping_ && waiting_.size() < waiting_max) {
            waiting_.push_back(
                {height, std::chrono::steady_clock::now() + waiting_time_max, std::move(go_on)});
            waiting_wake_.notify_all();
            return;
        }
    }
    go_on(ReadError::not_provable_yet);
}

void ReadSide::serve_waiting() {
    std::unique_lock lock{waiting_mutex_};
    while (!stopping_) {
        const auto now = std::chrono::steady_clock::now();
        const auto next = std::ranges::find_if(waiting_, [&](const Waiting& waiting) {
            return waiting.height <= waiting_height_ || waiting.until <= now;
        });
        if (next == waiting_.end()) {
            if (waiting_.empty())
                waiting_wake_.wait(lock);
            else
                waiting_wake_.wait_until(lock, waiting_.front().until);
            continue;
        }
        auto waiting = std::move(*next);
        waiting_.erase(next);
        const bool is_there = waiting.height <= waiting_height_;
        lock.unlock();
        waiting.go_on(is_there ? std::optional<ReadError>{} : ReadError::not_provable_yet);
        lock.lock();
    }
    auto left = std::move(waiting_);
    lock.unlock();
    for (auto& waiting : left) waiting.go_on(ReadError::unavailable);
}

}  // namespace tallystick::node
