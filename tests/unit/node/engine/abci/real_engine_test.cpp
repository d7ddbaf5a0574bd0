// The server and the engine itself, where it is installed: what CometBFT really asks stays within
// its grammar, what we answer is understood, and an exception stops it.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "node/engine/abci/server.hpp"
#include "unit/catch.hpp"
#include "unit/node/engine/abci/call_grammar.hpp"
#include "unit/node/engine/abci/engine_side.hpp"
#include "unit/node/engine/abci/recording_application.hpp"

using namespace tallystick;
using namespace tallystick::node::abci;
using namespace tallystick::node::abci::test;

namespace {

constexpr std::chrono::seconds patience{60};

template <class Predicate>
bool eventually(Predicate predicate) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!predicate()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return true;
}

/// The smallest application that makes a chain: its state is how many transactions there were.
class ChainApplication : public RecordingApplication {
  public:
    Answer<abci_pb::ResponseInfo> info(const abci_pb::RequestInfo& request) override {
        auto answer = RecordingApplication::info(request);
        if (answer) {
            answer.value().set_last_block_height(height);
            if (height > 0) answer.value().set_last_block_app_hash(hash_of(transactions));
        }
        return answer;
    }
    Answer<abci_pb::ResponseInitChain> init_chain(
        const abci_pb::RequestInitChain& request) override {
        auto answer = RecordingApplication::init_chain(request);
        if (answer) answer.value().set_app_hash(hash_of(0));
        return answer;
    }
    Answer<abci_pb::ResponseFinalizeBlock> finalize_block(
        const abci_pb::RequestFinalizeBlock& request) override {
        auto answer = RecordingApplication::finalize_block(request);
        if (!answer) return answer;
        next_height = request.height();
        next_transactions = transactions + request.txs_size();
        answer.value().set_app_hash(hash_of(next_transactions));
        return answer;
    }
    Answer<abci_pb::ResponseCommit> commit(const abci_pb::RequestCommit& request) override {
        auto answer = RecordingApplication::commit(request);
        transactions = next_transactions;
        height = next_height;
        return answer;
    }

    std::atomic<std::int64_t> height{0};
    std::atomic<std::int64_t> transactions{0};

  private:
    static std::string hash_of(std::int64_t count) {
        auto text = std::to_string(count);
        text.resize(32, '.');
        return text;
    }

    std::int64_t next_height = 0;
    std::int64_t next_transactions = 0;
};

std::optional<std::filesystem::path> engine_program() {
    std::vector<std::filesystem::path> places;
    if (const char* path = std::getenv("PATH")) {
        std::string rest = path;
        for (std::size_t end = 0; end != std::string::npos;) {
            end = rest.find(':');
            places.emplace_back(rest.substr(0, end));
            rest = end == std::string::npos ? std::string{} : rest.substr(end + 1);
        }
    }
    if (const char* home = std::getenv("HOME"))
        places.push_back(std::filesystem::path{home} / "go" / "bin");
    for (const auto& place : places)
        if (::access((place / "cometbft").c_str(), X_OK) == 0) return place / "cometbft";
    return std::nullopt;
}

/// A child of ours; killed if it still runs at the end.
class Process {
  public:
    Process(const std::vector<std::string>& command, const std::filesystem::path& log) {
        std::vector<char*> arguments;
        for (const auto& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
        arguments.push_back(nullptr);
        id_ = ::fork();
        if (id_ != 0) return;
        const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    ~Process() { kill(); }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] bool ended() {
        if (id_ > 0 && ::waitpid(id_, &status_, WNOHANG) == id_) id_ = -1;
        return id_ < 0;
    }
    void kill() {
        if (ended()) return;
        ::kill(id_, SIGKILL);
        ::waitpid(id_, &status_, 0);
        id_ = -1;
    }
    /// @pre it ended.
    [[nodiscard]] int status() const { return status_; }

  private:
    pid_t id_ = -1;
    int status_ = 0;
};

/// What the engine's RPC answers to a GET; nothing while it does not listen.
std::string get(const std::filesystem::path& socket, const std::string& target) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.native().copy(address.sun_path, sizeof address.sun_path - 1);
    std::string answer;
    if (::connect(fd, static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                  sizeof address) == 0) {
        const auto request = "GET " + target + " HTTP/1.0\r\n\r\n";
        if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
            char piece[4096];
            for (ssize_t got = 0; (got = ::recv(fd, piece, sizeof piece, 0)) > 0;)
                answer.append(piece, static_cast<std::size_t>(got));
        }
    }
    ::close(fd);
    return answer;
}

/// The end of what the engine said.
std::string last_of(const std::filesystem::path& log) {
    std::ifstream file{log};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    return text.substr(text.size() - std::min<std::size_t>(text.size(), 4000));
}

/// Reads what one process of the engine asked, from the call at `first` on.
bool is_within_grammar(const ChainApplication& application, std::size_t first,
                       CallGrammar::Start start) {
    const std::vector<Call> ordered{Call::info,
                                    Call::init_chain,
                                    Call::offer_snapshot,
                                    Call::apply_chunk,
                                    Call::prepare_proposal,
                                    Call::process_proposal,
                                    Call::finalize_block,
                                    Call::commit};
    CallGrammar grammar{start};
    const auto recorded = application.recorded();
    for (auto one = first; one < recorded.size(); ++one)
        for (const auto call : ordered) {
            if (name_of(call) != recorded[one].call) continue;
            const bool of_height = call == Call::prepare_proposal ||
                                   call == Call::process_proposal || call == Call::finalize_block;
            if (!grammar.take(call, of_height ? std::optional{std::stoull(recorded[one].what)}
                                              : std::nullopt)) {
                UNSCOPED_INFO("call " << one << ": " << recorded[one].call);
                return false;
            }
        }
    return true;
}

}  // namespace

TEST_CASE("the engine itself asks by its grammar and understands what it is answered",
          "[node][abci][engine]") {
    const auto program = engine_program();
    if (!program) {
        WARN("passed over: cometbft is neither in PATH nor in ~/go/bin");
        return;
    }
    PrivateFolder folder;
    const auto home = folder.path / "engine";
    const auto log = folder.path / "log";
    const auto rpc = folder.path / "rpc.sock";
    Process init{{program->string(), "init", "--home", home.string()}, log};
    REQUIRE(eventually([&] { return init.ended(); }));
    REQUIRE(init.status() == 0);

    ChainApplication application;
    application.before = [](const std::string& call, const std::string& what) -> std::string {
        return call == "check_tx" && what == "poison" ? "this must stop the engine" : "";
    };
    std::atomic<int> closed{0};
    auto server = Server::open(folder.socket(), application, [&](const std::string&) { ++closed; });
    REQUIRE(server);
    const std::vector<std::string> command{program->string(),
                                           "start",
                                           "--home",
                                           home.string(),
                                           "--proxy_app",
                                           "unix://" + folder.socket().string(),
                                           "--rpc.laddr",
                                           "unix://" + rpc.string(),
                                           "--p2p.laddr",
                                           "tcp://127.0.0.1:0",
                                           "--consensus.create_empty_blocks=false"};

    {
        Process engine{command, log};
        REQUIRE(eventually([&] { return application.height > 0 || engine.ended(); }));
        CHECK(server.value()->connections() == 4);
        REQUIRE(eventually([&] {
            return get(rpc, "/broadcast_tx_sync?tx=\"first\"").find("\"code\":0") !=
                   std::string::npos;
        }));
        REQUIRE(eventually([&] { return application.transactions == 1; }));
        engine.kill();
    }
    CHECK(eventually([&] { return closed == 4; }));
    CHECK(is_within_grammar(application, 0, CallGrammar::Start::clean));

    // Killed, it leaves its own socket behind and would not start again.
    std::filesystem::remove(rpc);
    const auto first = application.recorded().size();
    const auto height = application.height.load();
    {
        Process engine{command, log};
        REQUIRE(eventually([&] {
            return get(rpc, "/broadcast_tx_sync?tx=\"second\"").find("\"code\":0") !=
                       std::string::npos ||
                   engine.ended();
        }));
        const bool ordered = eventually([&] { return application.transactions == 2; });
        INFO(last_of(log));
        REQUIRE(ordered);
        CHECK(application.height > height);
        CHECK(is_within_grammar(application, first, CallGrammar::Start::recovery));

        (void)get(rpc, "/broadcast_tx_sync?tx=\"poison\"");
        CHECK(eventually([&] { return engine.ended(); }));
        CHECK(eventually([&] { return closed == 8; }));
    }
    std::ifstream told{log};
    CHECK_THAT((std::string{std::istreambuf_iterator<char>{told}, {}}),
               Catch::Matchers::Contains("this must stop the engine"));
}
