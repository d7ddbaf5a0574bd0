#include "simulation/schedules/machine.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "ledger/actions/action.hpp"
#include "ledger/store/snapshot_format.hpp"
#include "ledger/store/snapshot_writer.hpp"
#include "node/data_folder.hpp"
#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "simulation/schedules/schedule.hpp"

namespace tallystick::simulation {
namespace {

constexpr Millis poll_again_ms = 1;

node::Head head_of(ledger::Store& store) {
    node::Head head;
    head.height = store.height();
    head.time_ms = milliseconds_of(store.block_time());
    head.app_state = store.app_state();
    head.app_hash = node::app_hash_of(head.app_state);
    const auto moment = store.moment();
    const auto snapshot = store.open_snapshot({&moment, 1});
    ensure(snapshot.ok(), "a store that was opened can be read");
    if (head.height > store.base_height()) {
        const auto block = (*snapshot)->block(head.height);
        ensure(block.ok(), "the last block is there");
        const auto hash =
            block->has_header() ? header_hash(block->header()) : *Hash::from(block->hash());
        head.header_hash = hash;
    }
    return head;
}

}  // namespace

std::optional<ledger::VerifiedEnvelope> SharedChecker::check(std::string_view bytes) {
    const auto hash = sha256(bytes);
    if (const auto found = known_.find(hash); found != known_.end()) return found->second;
    std::optional<ledger::VerifiedEnvelope> checked;
    auto decoded = decode_envelope(std::string{bytes});
    if (decoded && !ledger::check_action(decoded->body) && verify_signatures(*decoded))
        checked = std::make_shared<const DecodedEnvelope>(std::move(decoded).value());
    known_.emplace(hash, checked);
    return checked;
}

void SharedChecker::spread(std::size_t parts, const std::function<void(std::size_t)>& part) {
    for (std::size_t i = 0; i < parts; ++i) part(i);
}

void SharedChecker::later(std::function<void()> work) {
    // "Some time later, or never": the schedule does it between two events.
    backlog_.push_back(std::move(work));
}

namespace {

/// As in a node, but few people make a node busy.
node::BundlerOptions bundler_options() {
    node::BundlerOptions options;
    options.busy = 2;
    return options;
}

}  // namespace

Daemon::Daemon(std::unique_ptr<ledger::Store> opened, node::EnvelopeChecker& checker,
               const SigningKey& key, node::EngineClient& client, node::Clocks clocks,
               node::ApplicationOptions options, node::CometbftApplication::Hooks hooks,
               std::function<void()> wake)
    : store(std::move(opened)),
      read_side(*store, head_of(*store), store->moment()),
      publisher(*store, read_side),
      pool(checker),
      application(node::CometbftApplication::Parts{*store, read_side, publisher, checker, pool,
                                                   writer_mutex, nullptr, clocks},
                  std::move(options), std::move(hooks), address_of(key.public_key())),
      bundler(node::Bundler::Parts{key, store->chain_id(), client, pool, publisher, application,
                                   [] { return false; },
                                   [](node::Job& job, node::Answer answer) {
                                       job.batch->answer(job.place, std::move(answer));
                                   },
                                   clocks, std::move(wake)},
              bundler_options()),
      follower(node::HeaderFollower::Parts{*store, read_side, client, application, clocks},
               node::FollowerOptions{}) {}

Daemon::~Daemon() = default;

Machine::Machine(Schedule& schedule, std::size_t index, const SigningKey& key)
    : schedule_(schedule),
      index_(index),
      key_(key),
      disk_(schedule.settings().folder / ("m" + std::to_string(index))) {}

Machine::~Machine() {
    disk_.kill();
    dying_ = true;
    engine_.reset();
    daemon_.reset();
}

std::string Machine::describe() const {
    std::string text = "machine " + std::to_string(index_) + (traitor_ ? " (traitor)" : "") + ": ";
    if (!daemon_) return text + (joining_ ? "waits for a snapshot" : "down");
    text += "ledger " + std::to_string(daemon_->application.height()) + ", headers " +
            std::to_string(daemon_->store->headers_until()) + ", engine " +
            (engine_ ? engine_->describe() : "down");
    text += ", node: " + std::to_string(daemon_->bundler.waiting_envelopes()) + " envelopes and " +
            std::to_string(daemon_->bundler.outstanding_bundles()) + " bundles on their way";
    if (const auto due = daemon_->application.first_due())
        text += ", due at " + std::to_string(*due) + " by a clock of " +
                std::to_string(wall_ms() / 1000);
    if (const auto fault = daemon_->application.fault()) text += ", fault: " + *fault;
    if (const auto fault = daemon_->follower.fault()) text += ", follower: " + *fault;
    return text;
}

// --- Life and death

void Machine::run(std::function<void()> what) {
    if (paused_) return deferred_.push_back(std::move(what));
    const OnMachine here{disk_};
    try {
        what();
        if (engine_to_stop_) {
            const auto why = *std::exchange(engine_to_stop_, std::nullopt);
            stopped(why);
        }
    } catch (const NodeDied&) {
        die(false);
    } catch (const EngineDied&) {
        engine_gone("died");
    } catch (const EngineStopped& end) {
        stopped(end.why);
    }
}

void Machine::stopped(const std::string& why) {
    engine_to_stop_.reset();
    engine_gone("stopped itself: " + why);
    const bool is_disks = disk_.take_want_of_space();
    if (!is_disks && !traitor_)
        throw Broken{"machine " + std::to_string(index_) + ": the engine stopped itself: " + why};
    // The node has stopped writing and is started anew once there is room.
    if (daemon_) {
        ++daemon_life_;
        dying_ = true;
        wrapped_.reset();
        daemon_.reset();
        dying_ = false;
    }
    if (is_disks) schedule_.count("stopped by its disk");
    schedule_.went_down(index_);
}

void Machine::engine_gone(const std::string& why) {
    note("engine " + why);
    ++engine_life_;
    engine_.reset();
    joining_.reset();
    cancel_death();
    schedule_.went_down(index_);
}

void Machine::kill_engine() {
    if (engine_) engine_gone("killed");
}

void Machine::die(bool power) {
    note(power ? "loses power" : "dies");
    ++deaths_;
    disk_.kill();
    dying_ = true;
    ++engine_life_;
    ++daemon_life_;
    engine_.reset();
    joining_.reset();
    wrapped_.reset();
    daemon_.reset();
    dying_ = false;
    paused_ = false;
    deferred_.clear();
    engine_to_stop_.reset();
    cancel_death();
    if (power)
        disk_.lose_power(schedule_.dice());
    else
        disk_.revive();
    schedule_.went_down(index_);
}

void Machine::make_room() {
    disk_.set_full(false);
    note("has room again");
    // Paused, it is seen to when it goes on.
    if (!paused_ && disk_.take_want_of_space()) shut_down();
}

void Machine::shut_down() {
    if (!daemon_ || paused_) return;
    const OnMachine here{disk_};
    note("is shut down");
    ++engine_life_;
    ++daemon_life_;
    engine_.reset();
    daemon_->bundler.stop();
    static_cast<void>(daemon_->store->checkpoint());
    wrapped_.reset();
    daemon_.reset();
    cancel_death();
    schedule_.went_down(index_);
}

void Machine::pause() {
    if (paused_) return;
    note("is paused");
    paused_ = true;
}

void Machine::go_on() {
    if (!paused_) return;
    paused_ = false;
    note("goes on");
    if (!disk_.is_full() && disk_.take_want_of_space()) shut_down();
    const auto deferred = std::exchange(deferred_, {});
    for (const auto& what : deferred) run(what);
}

void Machine::die_at_point(std::uint64_t points, bool engine_only) {
    points_left_ = points;
    point_is_engines_ = engine_only;
}

void Machine::cancel_death() {
    points_left_ = 0;
    disk_.cancel_death();
}

void Machine::wipe(bool only_ledger, std::int64_t highest_signed) {
    ensure(!daemon_, "a disk is replaced while nothing runs");
    disk_.wipe();
    snapshots_.clear();
    if (only_ledger) {
        note("loses its ledger");
        return;
    }
    note("loses its disk");
    sign_only_above(highest_signed);  // as `tallyd rejoin` is told
}

void Machine::sign_only_above(std::int64_t height) {
    files_ = EngineFiles{};
    files_.last_signed.height = height;
    files_.last_signed.step = 3;
    files_.last_signed.round = barred_round;
}

bool Machine::open_daemon() {
    const auto made =
        node::ensure_ledger(node::DataFolder{disk_.folder()}, schedule_.loaded_genesis());
    after_call();
    if (!made) {
        note("cannot make its ledger: " + made.error().sentence);
        if (!disk_.take_want_of_space())
            throw Broken{"a ledger cannot be made: " + made.error().sentence};
        return false;
    }
    ledger::StoreOptions options;
    options.checkpoint_blocks = schedule_.dice().between(2, 40);
    options.copy_blocks = schedule_.dice().between(5, 60);
    options.chain_map_bytes = 1ULL << 30;
    options.state_map_bytes = 1ULL << 30;
    auto opened = ledger::Store::open(ledger_folder(), options, schedule_.founding().ledger_id);
    after_call();
    if (!opened) {
        note(std::string{"cannot open its ledger: "} +
             std::string{ledger::store_fault_name(opened.error().fault)});
        if (opened.error().fault != ledger::StoreFault::out_of_space)
            throw Broken{"machine " + std::to_string(index_) +
                         ": a ledger cannot be opened: " + opened.error().what};
        return false;
    }
    static_cast<void>(disk_.take_want_of_space());
    const auto life = ++daemon_life_;
    node::Clocks clocks;
    clocks.wall_ms = [this] { return wall_ms(); };
    clocks.steady_ms = [this] { return schedule_.timeline().steady(); };
    node::ApplicationOptions application;
    // One throws old blocks away; whoever was away for long finds them with the others.
    const bool prunes = index_ + 1 == schedule_.machines().size();
    application.retain_blocks = prunes ? schedule_.retain_blocks() : 0;
    node::CometbftApplication::Hooks hooks;
    hooks.committed = [this](const node::CommittedBlock& block) {
        daemon_->bundler.committed(block);
        want_follow(poll_again_ms);
    };
    hooks.own_bundles = [this] { return daemon_->bundler.propose(); };
    hooks.engine_began = [this] { daemon_->bundler.engine_began(); };
    hooks.signed_elsewhere = [this](std::uint64_t height) -> std::optional<std::string> {
        if (files_.last_signed.height >= static_cast<std::int64_t>(height)) return std::nullopt;
        return "This key signed block " + std::to_string(height) + " somewhere else.";
    };
    daemon_ = std::make_unique<Daemon>(std::move(opened).value(), schedule_.checker(), key_, *this,
                                       clocks, application, std::move(hooks), [this, life] {
                                           if (life == daemon_life_ && daemon_) want_poll(0);
                                       });
    if (schedule_.settings().canary != Canary::none)
        wrapped_ = with_canary(
            schedule_.settings().canary, daemon_->application, clocks.wall_ms,
            [this](const auto& proposal) { schedule_.acknowledge_early(index_, proposal); });
    if (daemon_->application.height() == 0 && files_.base() > schedule_.genesis().initial_height) {
        // As `node::join_late` does: the engine cannot give the ledger its first blocks back.
        note("has its engine begin anew");
        sign_only_above(files_.last_signed.height);
    }
    note("opened its ledger at " + std::to_string(daemon_->application.height()));
    want_poll(poll_again_ms);
    want_follow(poll_again_ms);
    return true;
}

void Machine::start_engine() {
    EngineOptions options;
    options.state_sync = joining_ != nullptr;
    options.mempool_max = schedule_.mempool_max();
    options.recheck = true;  // as node/engine/cometbft/engine_files.cpp has it
    engine_ = std::make_unique<Engine>(*this, files_, schedule_.genesis(), options);
    engine_->start();
}

void Machine::start() {
    run([this] {
        if (wants_snapshot_ && !files_.state) {
            // What an earlier attempt left belongs to no engine.
            if (!joining_) {
                disk_.wipe();
                joining_ = std::make_unique<JoiningApplication>(ledger_folder(),
                                                                schedule_.founding().file);
            }
        } else if (!daemon_ && !open_daemon()) {
            return schedule_.went_down(index_);
        }
        if (!engine_) start_engine();
    });
}

// --- What the engine asks of the machine

node::abci::Application& Machine::application() {
    if (joining_) return *joining_;
    ensure(daemon_ != nullptr, "an engine runs beside its node");
    if (wrapped_) return *wrapped_;
    return daemon_->application;
}

void Machine::point(std::string_view where) {
    if (points_left_ == 0 || --points_left_ != 0) return;
    note("reaches its end at: " + std::string{where});
    if (point_is_engines_) {
        schedule_.count("engine died between calls");
        throw EngineDied{};
    }
    schedule_.count("died between calls");
    throw NodeDied{};
}

void Machine::after_call() {
    if (!disk_.is_dead()) return;
    schedule_.count("died between writes");
    throw NodeDied{};
}

std::uint64_t Machine::wall_ms() const {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(schedule_.true_wall_ms()) +
                                      clock_ms_);
}

void Machine::later(Millis delay, std::function<void()> what) {
    schedule_.timeline().after(delay, [this, life = engine_life_, what = std::move(what)] {
        run([this, life, what] {
            if (life == engine_life_ && engine_) what();
        });
    });
}

void Machine::send(std::size_t to, Message message) {
    if (!schedule_.can_reach(index_, to) || schedule_.is_lost()) return;
    schedule_.timeline().after(schedule_.delay(), [this, to, message = std::move(message)] {
        if (!schedule_.can_reach(index_, to)) return;
        schedule_.machines()[to]->deliver(index_, message);
    });
}

void Machine::broadcast(const Message& message) {
    for (std::size_t to = 0; to < schedule_.machines().size(); ++to)
        if (to != index_) send(to, message);
}

void Machine::deliver(std::size_t from, const Message& message) {
    run([this, life = engine_life_, from, message] {
        if (life == engine_life_ && engine_) engine_->receive(from, message);
    });
}

std::vector<std::pair<std::size_t, Engine*>> Machine::peers() {
    std::vector<std::pair<std::size_t, Engine*>> found;
    for (const auto& other : schedule_.machines())
        if (other->index() != index_ && other->is_listening() &&
            schedule_.can_reach(index_, other->index()))
            found.emplace_back(other->index(), other->engine());
    return found;
}

model::Dice& Machine::dice() {
    return schedule_.dice();
}

void Machine::note(const std::string& line) {
    schedule_.note(index_, line);
}

void Machine::judged(const Block& block, bool accepted) {
    schedule_.judged(index_, block, accepted);
}

void Machine::finalized(const Block& block, const abci_pb::ResponseFinalizeBlock& response) {
    note("executed " + std::to_string(block.height()) + " " + short_hex(block.hash()) + " -> " +
         short_hex(response.app_hash()));
    schedule_.reference().finalized(block, response);
}

bool Machine::is_true(const Evidence& evidence) const {
    return schedule_.is_true(evidence);
}

void Machine::committed(std::int64_t height) {
    note("committed " + std::to_string(height));
    if (height % 12 == 0 && index_ % 2 == 0)
        schedule_.timeline().after(1, [this, life = daemon_life_] {
            run([this, life] {
                if (life == daemon_life_ && daemon_) write_snapshot();
            });
        });
}

void Machine::signed_twice(std::int64_t height) {
    schedule_.signed_twice(index_, height);
}

void Machine::alter_proposal(std::vector<std::string>& txs) {
    if (traitor_) schedule_.alter_proposal(*this, txs);
}

std::string Machine::fetch_chunk(std::size_t from, const abci_pb::Snapshot& what,
                                 std::uint32_t chunk) {
    auto& sender = *schedule_.machines()[from];
    std::ifstream file{ledger::chunk_file(sender.snapshot_folder(what.height()), chunk),
                       std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    if (sender.is_traitor() && !bytes.empty() && dice().chance(50)) {
        schedule_.count("false chunks");
        bytes[static_cast<std::size_t>(dice().below(bytes.size()))] ^= 1;
    }
    return bytes;
}

std::vector<abci_pb::Snapshot> Machine::fetch_snapshots(std::size_t from) {
    std::vector<abci_pb::Snapshot> offers;
    auto& sender = *schedule_.machines()[from];
    for (const auto height : sender.snapshots_) {
        std::ifstream file{ledger::manifest_file(sender.snapshot_folder(height)), std::ios::binary};
        std::string manifest{std::istreambuf_iterator<char>{file}, {}};
        pb::SnapshotManifest parsed;
        ensure(parsed.ParseFromString(manifest), "a snapshot that was written can be read");
        if (sender.is_traitor() && dice().chance(50)) {
            schedule_.count("false snapshots");
            parsed.mutable_app_state()->mutable_log_root()->back() ^= 1;
            manifest = parsed.SerializeAsString();
        }
        auto& offer = offers.emplace_back();
        offer.set_height(height);
        offer.set_format(ledger::snapshot_format_version);
        offer.set_chunks(static_cast<std::uint32_t>(parsed.chunks_size()));
        offer.set_hash(sha256(manifest).str());
        offer.set_metadata(manifest);
    }
    return offers;
}

void Machine::restored() {
    schedule_.count("joined by a snapshot");
    wants_snapshot_ = false;
    throw EngineDied{};
}

void Machine::gives_up_on_snapshots() {
    note("begins with the blocks, since nobody has a snapshot");
    schedule_.count("waited for no snapshot");
    wants_snapshot_ = false;
    throw EngineDied{};
}

/// As an archive makes them while it runs: in small chunks, so that there are several.
void Machine::write_snapshot() {
    const auto height = daemon_->application.height();
    const auto snapshot = daemon_->read_side.open();
    if (!snapshot || snapshots_.contains(height)) return;
    std::error_code ignored;
    std::filesystem::create_directories(disk_.folder() / "snapshots", ignored);
    const auto written = ledger::write_snapshot(**snapshot, schedule_.founding().file,
                                                snapshot_folder(height), 4096);
    after_call();
    if (!written) {
        note("cannot write a snapshot: " + written.error().what);
        using ledger::StoreFault;
        const auto fault = written.error().fault;
        if (fault != StoreFault::unfit && fault != StoreFault::out_of_space)
            throw Broken{"a snapshot cannot be written: " + written.error().what};
        return;
    }
    schedule_.count("snapshots written");
    snapshots_.insert(height);
}

// --- What the node asks of the engine

Result<void, node::SubmitFault> Machine::submit_bundle(const std::string& bundle) {
    if (!engine_) return Failure{node::SubmitFault::unreachable};
    try {
        return engine_->submit(bundle);
    } catch (const EngineDied&) {
        // Its node finds it gone; what else that means is seen to when the node is done.
        engine_gone("died");
    } catch (const EngineStopped& end) {
        engine_to_stop_ = end.why;
    }
    return Failure{node::SubmitFault::unreachable};
}

Result<node::SignedHeader, std::string> Machine::signed_header(std::uint64_t height) {
    if (!engine_) return Failure{std::string{"the engine does not answer"}};
    return engine_->signed_header(height);
}

Result<node::EngineStatus, std::string> Machine::status() {
    if (!engine_) return Failure{std::string{"the engine does not answer"}};
    return node::EngineStatus{static_cast<std::uint64_t>(engine_->stored_height()),
                              engine_->mode() != Engine::Mode::deciding,
                              static_cast<std::uint32_t>(engine_->peers_seen())};
}

// --- The node's own threads

void Machine::want_poll(Millis delay) {
    schedule_.timeline().after(delay, [this, life = daemon_life_, poll = ++polls_] {
        run([this, life, poll] {
            if (life == daemon_life_ && daemon_ && poll == polls_) poll_bundler();
        });
    });
}

void Machine::poll_bundler() {
    const auto wait = daemon_->bundler.poll();
    // A wish to be polled at once came meanwhile, or this one is the next.
    if (daemon_) want_poll(std::max<Millis>(wait, 1));
}

void Machine::want_follow(Millis delay) {
    schedule_.timeline().after(delay, [this, life = daemon_life_, follow = ++follows_] {
        run([this, life, follow] {
            if (life == daemon_life_ && daemon_ && follow == follows_) poll_follower();
        });
    });
}

void Machine::poll_follower() {
    const auto wait = daemon_->follower.poll();
    after_call();
    want_follow(std::max<Millis>(wait, 1));
}

bool Machine::submit(std::size_t place) {
    if (!daemon_ || paused_) return false;
    run([this, place] {
        const auto& sent = schedule_.people().at(place);
        node::Job job;
        job.batch = std::make_shared<node::Batch>(
            1, [this, life = daemon_life_, place](std::vector<node::Answer> answers) {
                // What a dying process would still say reaches nobody.
                if (dying_ || life != daemon_life_) return;
                schedule_.answered(index_, place, answers.front());
            });
        job.size_bytes = sent.envelope->bytes.size();
        job.envelope = sent.envelope;
        std::vector<node::Job> jobs;
        jobs.push_back(std::move(job));
        daemon_->bundler.offer(std::move(jobs));
    });
    return true;
}

}  // namespace tallystick::simulation
