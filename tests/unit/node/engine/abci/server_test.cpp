#include "node/engine/abci/server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include "unit/catch.hpp"
#include "unit/node/engine/abci/engine_side.hpp"
#include "unit/node/engine/abci/recording_application.hpp"

using namespace tallystick;
using namespace tallystick::node::abci;
using namespace tallystick::node::abci::test;
using Catch::Matchers::Contains;

namespace {

constexpr std::chrono::seconds patience{30};

/// Whether it comes true in time.
template <class Predicate>
bool eventually(Predicate predicate) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!predicate()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

/// Opens once and for all.
class Gate {
  public:
    void open() {
        {
            const std::lock_guard lock{mutex_};
            open_ = true;
        }
        changed_.notify_all();
    }
    bool wait() {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [this] { return open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

/// A server with its application, and what it said of connections that ended.
struct Served {
    explicit Served(RecordingApplication& served) : application(served) { open(); }

    void open() {
        auto opened = Server::open(folder.socket(), application, [this](const std::string& why) {
            const std::lock_guard lock{mutex};
            closed.push_back(why);
        });
        REQUIRE(opened);
        server = std::move(opened).value();
    }
    [[nodiscard]] EngineSide connect() const { return EngineSide{folder.socket()}; }
    [[nodiscard]] std::vector<std::string> reasons() {
        const std::lock_guard lock{mutex};
        return closed;
    }
    /// The reason why the only connection ended.
    [[nodiscard]] std::string reason() {
        if (!eventually([this] { return !reasons().empty(); })) return "none came";
        return reasons().size() == 1 ? reasons().front() : "several came";
    }

    PrivateFolder folder;
    RecordingApplication& application;
    std::mutex mutex;
    std::vector<std::string> closed;
    std::unique_ptr<Server> server;  ///< the last: it goes first
};

mode_t mode_of(const std::filesystem::path& path) {
    struct stat about {};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    return about.st_mode & 07777U;
}

std::string refusal_of(const std::filesystem::path& socket) {
    RecordingApplication application;
    auto opened = Server::open(socket, application, [](const std::string&) {});
    return opened ? "" : opened.error();
}

}  // namespace

TEST_CASE("the socket is its owner's alone", "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    CHECK(mode_of(served.folder.socket()) == 0600);
    served.server->stop();
    CHECK_FALSE(std::filesystem::exists(served.folder.socket()));
    served.server->stop();
}

TEST_CASE("a server is not opened where the socket would not be safe", "[node][abci]") {
    PrivateFolder folder;
    CHECK_THAT(refusal_of(folder.path / "none" / "abci.sock"), Contains("No such file"));
    CHECK_THAT(refusal_of(folder.path / std::string(120, 'a')), Contains("a shorter path"));
    std::ofstream{folder.path / "file"} << "kept";
    CHECK_THAT(refusal_of(folder.path / "file"), Contains("of another kind"));
    CHECK_THAT(refusal_of(folder.path / "file" / "abci.sock"), Contains("should be its folder"));
    CHECK(std::filesystem::file_size(folder.path / "file") == 4);
    std::filesystem::permissions(folder.path, std::filesystem::perms{0710});
    CHECK_THAT(refusal_of(folder.socket()), Contains("chmod 700"));
    CHECK_FALSE(std::filesystem::exists(folder.socket()));
}

TEST_CASE("a dead process's socket is replaced, a living one's is not", "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    CHECK_THAT(refusal_of(served.folder.socket()), Contains("another process listens"));
    CHECK(served.connect().call(echo("still here"))->echo().message() == "still here");
    served.server->stop();

    // Bound and closed without being removed, as by a process that was killed.
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    served.folder.socket().native().copy(address.sun_path, sizeof address.sun_path - 1);
    const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(::bind(left, static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                   sizeof address) == 0);
    ::close(left);
    served.open();
    CHECK(served.connect().call(echo("anew"))->echo().message() == "anew");
}

TEST_CASE("answers come in the order of requests, and a flush after all before it",
          "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    auto engine = served.connect();
    // More than the engine queues, in one piece.
    constexpr int requests = 1000;
    std::string stream;
    for (int i = 0; i < requests; ++i) {
        stream += framed(check_tx("tx " + std::to_string(i)));
        stream += framed(i % 2 == 0 ? flush() : echo(std::to_string(i)));
    }
    std::thread writer{[&] { engine.send(stream); }};
    for (int i = 0; i < requests; ++i) {
        const auto checked = engine.receive();
        const auto after = engine.receive();
        if (checked->check_tx().data() != "tx " + std::to_string(i)) FAIL("wrong order at " << i);
        if (i % 2 == 0 ? !after->has_flush() : after->echo().message() != std::to_string(i))
            FAIL("wrong order after " << i);
    }
    writer.join();
    CHECK(application.recorded().size() == requests);
    CHECK(application.threads() == 1);
}

TEST_CASE("a request may come byte by byte", "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    auto engine = served.connect();
    for (const char byte : framed(check_tx(std::string(300, 'x'))) + framed(flush()))
        REQUIRE(engine.send(std::string_view{&byte, 1}));
    CHECK(engine.receive()->check_tx().data() == std::string(300, 'x'));
    CHECK(engine.receive()->has_flush());
}

TEST_CASE("four connections do not wait for each other", "[node][abci]") {
    RecordingApplication application;
    Gate gate;
    application.before = [&](const std::string& call, const std::string&) -> std::string {
        return call != "finalize_block" || gate.wait() ? "" : "nobody opened the gate";
    };
    Served served{application};
    auto consensus = served.connect();
    auto mempool = served.connect();
    auto snapshots = served.connect();
    auto queries = served.connect();
    consensus.send(finalize(1));
    consensus.send(flush());
    // While the block is executed, the others are answered.
    for (int i = 0; i < 50; ++i) {
        REQUIRE(mempool.call(check_tx(std::to_string(i)))->check_tx().data() == std::to_string(i));
        abci_pb::Request list;
        list.mutable_list_snapshots();
        REQUIRE(snapshots.call(list)->list_snapshots().snapshots(0).height() == 7);
        REQUIRE(queries.call(info(std::to_string(i)))->info().data() == std::to_string(i));
    }
    CHECK(served.server->connections() == 4);
    gate.open();
    CHECK(consensus.receive()->finalize_block().app_hash() == "1");
    CHECK(consensus.receive()->has_flush());
    CHECK(consensus.call(commit())->has_commit());
    CHECK(application.threads() == 4);
}

TEST_CASE("no connection is told from another by what it asks", "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    auto first = served.connect();
    auto second = served.connect();
    for (auto* engine : {&first, &second}) {
        CHECK(engine->call(info("v"))->has_info());
        CHECK(engine->call(check_tx("t"))->has_check_tx());
        CHECK(engine->call(finalize(1))->has_finalize_block());
        CHECK(engine->call(commit())->has_commit());
    }
}

TEST_CASE("an exception is the last answer of its connection", "[node][abci]") {
    RecordingApplication application;
    application.before = [](const std::string&, const std::string& what) -> std::string {
        return what == "bad" ? "this ledger has another name" : "";
    };
    Served served{application};
    auto engine = served.connect();
    auto other = served.connect();
    engine.send(framed(check_tx("good")) + framed(check_tx("bad")) + framed(check_tx("after")) +
                framed(flush()));
    CHECK(engine.receive()->check_tx().data() == "good");
    CHECK(engine.receive()->exception().error() == "this ledger has another name");
    CHECK_FALSE(engine.receive());
    engine.close();
    CHECK_THAT(served.reason(), Contains("this ledger has another name"));
    // Nothing after it was asked, and nobody else is ended by it.
    CHECK(application.calls() == std::vector<std::string>{"check_tx", "check_tx"});
    CHECK(other.call(check_tx("good"))->check_tx().data() == "good");
}

TEST_CASE("an engine that does not go after an exception is cut off", "[node][abci]") {
    RecordingApplication application;
    application.before = [](const std::string&, const std::string&) { return "no"; };
    Served served{application};
    auto engine = served.connect();
    engine.send(framed(check_tx("x")));
    CHECK_THAT(served.reason(), Contains("no"));
    CHECK(engine.receive()->has_exception());
    CHECK(eventually([&] { return served.server->connections() == 0; }));
    CHECK_FALSE(engine.send(std::string(1 << 20, 'x')));
}

TEST_CASE("what cannot be understood is answered with an exception", "[node][abci]") {
    std::string too_large;
    append_length(too_large, request_bytes_max + 1);
    struct Bad {
        std::string stream;
        std::string sentence;
    };
    const std::vector<Bad> bad{
        {std::string(11, '\xff'), "not a number of 64 bits"},
        {too_large + "and some of it", "longer than 64 MiB"},
        {std::string{"\x00", 1}, "of no kind that this node knows"},
        {"\x03\xfa\x07\x01", "no request of the engine's"},
        {"\x05\xff\xff\xff\xff\xff", "no request of the engine's"},
        {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + std::string(64, ' '),
         "no request of the engine's"},
    };
    for (const auto& [stream, sentence] : bad) {
        INFO(sentence);
        RecordingApplication application;
        Served served{application};
        auto engine = served.connect();
        // What came before it is answered first.
        REQUIRE(engine.send(framed(check_tx("good")) + stream));
        CHECK(engine.receive()->check_tx().data() == "good");
        CHECK_THAT(engine.receive()->exception().error(), Contains(sentence));
        CHECK_FALSE(engine.receive());
        CHECK(application.recorded().size() == 1);
        CHECK(served.connect().call(echo("alive"))->echo().message() == "alive");
    }
}

TEST_CASE("a length that promises more than it keeps costs nothing", "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    auto engine = served.connect();
    std::string length;
    append_length(length, request_bytes_max);
    REQUIRE(engine.send(length + "a little"));
    // Others are served meanwhile, and the end in its middle is told.
    CHECK(served.connect().call(echo("alive"))->echo().message() == "alive");
    engine.close_for_writing();
    CHECK_THAT(engine.receive()->exception().error(), Contains("in the middle of a message"));
    CHECK_FALSE(engine.receive());
}

TEST_CASE("an engine that asks no more is answered to the end", "[node][abci]") {
    RecordingApplication application;
    Gate gate;
    application.before = [&](const std::string&, const std::string&) -> std::string {
        return gate.wait() ? "" : "nobody opened the gate";
    };
    Served served{application};
    auto engine = served.connect();
    for (int i = 0; i < 10; ++i) engine.send(check_tx(std::to_string(i)));
    engine.close_for_writing();
    gate.open();
    for (int i = 0; i < 10; ++i) CHECK(engine.receive()->check_tx().data() == std::to_string(i));
    CHECK_FALSE(engine.receive());
    CHECK(served.reason() == "The engine closed its connection.");
}

TEST_CASE("what a dead engine had queued is not begun", "[node][abci]") {
    RecordingApplication application;
    Gate begun;
    Gate gate;
    application.before = [&](const std::string&, const std::string&) -> std::string {
        begun.open();
        return gate.wait() ? "" : "nobody opened the gate";
    };
    Served served{application};
    auto engine = served.connect();
    engine.send(framed(finalize(1)) + framed(commit()));
    REQUIRE(begun.wait());
    engine.close();
    // Told while the call still runs.
    CHECK(served.reason() == "The engine closed its connection.");
    CHECK(served.server->connections() == 1);
    gate.open();
    CHECK(eventually([&] { return served.server->connections() == 0; }));
    CHECK(application.calls() == std::vector<std::string>{"finalize_block"});
}

TEST_CASE("an engine that reads no answers is asked to wait, and nothing is lost", "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    auto engine = served.connect();
    const std::size_t message_bytes = std::size_t{1} << 20;
    const auto request = framed(echo(std::string(message_bytes, 'e')));
    // Both queues and what the system holds besides are far less than this.
    constexpr std::size_t sent_max = 4 * queued_bytes_max;
    std::size_t sent = 0;
    std::string_view rest;
    while (sent < sent_max) {
        if (rest.empty()) rest = request;
        const auto taken = engine.send_some(rest, 3000);
        if (taken == 0) break;
        sent += taken;
        rest.remove_prefix(taken);
    }
    CHECK(sent < sent_max);
    CHECK(sent > queued_bytes_max);
    // Others do not notice.
    CHECK(served.connect().call(echo("alive"))->echo().message() == "alive");

    std::thread writer{[&] { engine.send(rest); }};
    const auto requests = (sent + rest.size()) / request.size();
    std::size_t answers = 0;
    while (answers < requests) {
        const auto answer = engine.receive();
        if (!answer || answer->echo().message().size() != message_bytes) break;
        ++answers;
    }
    writer.join();
    CHECK(answers == requests);
}

TEST_CASE("a full queue of small requests is asked to wait, and nothing is lost", "[node][abci]") {
    RecordingApplication application;
    Gate gate;
    application.before = [&](const std::string&, const std::string& what) -> std::string {
        return what != "0" || gate.wait() ? "" : "nobody opened the gate";
    };
    Served served{application};
    auto engine = served.connect();
    constexpr std::size_t requests = 40 * requests_queued_max;
    std::atomic<std::size_t> written{0};
    std::thread writer{[&] {
        for (std::size_t i = 0; i < requests; ++i, ++written)
            if (!engine.send(framed(check_tx(std::to_string(i))))) break;
    }};
    // More than the queue's bound is on its way before the first is answered.
    CHECK(eventually([&] { return written > requests_queued_max; }));
    CHECK(application.recorded().size() <= 1);
    gate.open();
    std::size_t in_order = 0;
    while (in_order < requests) {
        const auto answer = engine.receive();
        if (!answer || answer->check_tx().data() != std::to_string(in_order)) break;
        ++in_order;
    }
    writer.join();
    CHECK(in_order == requests);
}

TEST_CASE("stopping waits for calls that run and begins no other", "[node][abci]") {
    RecordingApplication application;
    Gate begun;
    Gate gate;
    application.before = [&](const std::string&, const std::string&) -> std::string {
        begun.open();
        return gate.wait() ? "" : "nobody opened the gate";
    };
    Served served{application};
    auto engine = served.connect();
    auto idle = served.connect();
    engine.send(framed(finalize(1)) + framed(commit()));
    REQUIRE(begun.wait());
    std::atomic<bool> stopped{false};
    std::thread stopper{[&] {
        served.server->stop();
        stopped = true;
    }};
    // The connections end at once, the call does not.
    CHECK_FALSE(idle.receive());
    CHECK_FALSE(engine.receive());
    CHECK_FALSE(stopped);
    gate.open();
    stopper.join();
    CHECK(application.calls() == std::vector<std::string>{"finalize_block"});
    // A stop of ours is nobody's news.
    CHECK(served.reasons().empty());
    CHECK_THROWS(served.connect());
}

TEST_CASE("stopping does not wait for an engine that reads nothing", "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    auto engine = served.connect();
    const auto request = framed(echo(std::string(std::size_t{1} << 20, 'e')));
    for (std::size_t sent = 0; sent < 2 * queued_bytes_max;) {
        const auto taken = engine.send_some(request, 2000);
        if (taken < request.size()) break;
        sent += taken;
    }
    served.server->stop();
    CHECK(served.server->connections() == 0);
}

TEST_CASE("more connections than an engine can have are turned away", "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    std::vector<EngineSide> engines;
    for (std::size_t i = 0; i < connections_max; ++i) {
        engines.push_back(served.connect());
        REQUIRE(engines.back().call(echo("here"))->echo().message() == "here");
    }
    auto extra = served.connect();
    CHECK_FALSE(extra.receive());
    CHECK_THAT(served.reason(), Contains("turned away"));
    engines.pop_back();
    CHECK(eventually([&] { return served.server->connections() < connections_max; }));
    CHECK(served.connect().call(echo("room"))->echo().message() == "room");
}

TEST_CASE("an engine that was killed is followed by its next one", "[node][abci]") {
    RecordingApplication application;
    Served served{application};
    for (int run = 0; run < 20; ++run) {
        std::vector<EngineSide> engines;
        for (int i = 0; i < 4; ++i) engines.push_back(served.connect());
        for (auto& engine : engines) REQUIRE(engine.call(info("run"))->info().data() == "run");
        for (auto& engine : engines) engine.send(framed(check_tx("lost")).substr(0, 3));
    }
    CHECK(eventually([&] { return served.server->connections() == 0; }));
    CHECK(served.reasons().size() == 80);
}
