#include "bench/network_nodes.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <utility>

#include "bench/basics.hpp"
#include "node/data_folder.hpp"
#include "node/engine/cometbft/engine_files.hpp"
#include "node/engine/cometbft/sign_state.hpp"
#include "node/files.hpp"

extern char** environ;

namespace tallystick::bench {

namespace {

constexpr std::chrono::seconds start_limit{60};
constexpr std::chrono::milliseconds poll{20};

/// A port on loopback that nobody has now.
std::uint16_t free_port() {
    const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* general = reinterpret_cast<sockaddr*>(&address);
    if (handle < 0 || ::bind(handle, general, size) != 0 ||
        ::getsockname(handle, general, &size) != 0)
        give_up("no free port on loopback");
    ::close(handle);
    return ntohs(address.sin_port);
}

void write_node_key(const std::filesystem::path& file, const SigningKey& key) {
    std::ofstream out{file};
    out << "tallystick node key 1\n" << to_hex(key.seed().view()) << '\n';
    out.close();
    if (!out || ::chmod(file.c_str(), S_IRUSR | S_IWUSR) != 0)
        give_up("cannot write " + file.string());
}

/// What /proc tells of a process: its parent, and its processor time in clock ticks.
struct Stat {
    pid_t parent = -1;
    std::uint64_t ticks = 0;
};

std::optional<Stat> stat_of(const std::string& pid) {
    std::ifstream in{"/proc/" + pid + "/stat"};
    std::string line;
    if (!std::getline(in, line)) return std::nullopt;
    // The name stands in brackets and may hold anything.
    std::istringstream rest{line.substr(line.rfind(')') + 2)};
    std::vector<std::string> fields;
    for (std::string field; rest >> field;) fields.push_back(field);
    constexpr std::size_t parent_field = 1, user_field = 11, system_field = 12;
    if (fields.size() <= system_field) return std::nullopt;
    return Stat{static_cast<pid_t>(std::stol(fields[parent_field])),
                std::stoull(fields[user_field]) + std::stoull(fields[system_field])};
}

double milliseconds_of(const std::optional<Stat>& stat) {
    return stat ? static_cast<double>(stat->ticks) * 1000.0 /
                      static_cast<double>(::sysconf(_SC_CLK_TCK))
                : 0.0;
}

}  // namespace

NetworkNodes::NetworkNodes(const World& world, const std::filesystem::path& folder,
                           std::filesystem::path program)
    : folder_(folder / ("tally-bench-" + std::to_string(::getpid()))),
      program_(std::move(program)) {
    // Whoever measures gives up with `exit`, on any thread, which destroys nothing on the stack.
    static const int at_exit = std::atexit([] {
        if (running != nullptr) running->stop();
    });
    if (at_exit != 0) give_up("cannot ask to be told of the program's end");
    running = this;
    std::filesystem::create_directories(folder_);
    for (std::size_t i = 0; i < world.node_keys().size(); ++i) make_node(world, i);
    for (std::size_t i = 0; i < nodes_.size(); ++i) launch(i);
    for (std::size_t i = 0; i < nodes_.size(); ++i) wait_for(i);
}

NetworkNodes::~NetworkNodes() {
    running = nullptr;
    stop();
}

void NetworkNodes::stop() {
    for (const auto& node : nodes_)
        if (node.pid > 0) ::kill(node.pid, SIGTERM);
    for (auto& node : nodes_)
        if (node.pid > 0) ::waitpid(std::exchange(node.pid, -1), nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void NetworkNodes::make_node(const World& world, std::size_t number) {
    Node made;
    made.data = folder_ / ("node-" + std::to_string(number));
    made.peer_port = free_port();
    peers_.push_back(node::peer_id(world.node_keys()[number].public_key()) +
                     "@127.0.0.1:" + std::to_string(made.peer_port));
    nodes_.push_back(std::move(made));
    make_folder(world, number);
}

void NetworkNodes::make_folder(const World& world, std::size_t number) const {
    const node::DataFolder data{nodes_[number].data};
    if (const auto done = node::create_data_folder(data); !done) give_up(done.error().sentence);
    if (const auto saved = node::save_genesis(data, world.genesis_file()); !saved)
        give_up(saved.error().sentence);
    write_node_key(data.node_key(), world.node_keys()[number]);
}

void NetworkNodes::lose_disk(const World& world, std::size_t number,
                             const std::string& network_file, std::uint64_t highest_height) {
    const auto& root = nodes_[number].data;
    std::error_code error;
    std::filesystem::remove_all(root, error);
    if (error) give_up("cannot remove " + root.string());
    make_folder(world, number);
    const auto own_id = node::peer_id(world.node_keys()[number].public_key());
    if (const auto kept = node::keep_sign_state(root, node::sign_state_above(highest_height));
        !kept)
        give_up(kept.error().sentence);
    if (const auto bound = node::bind_sign_state(root, own_id); !bound)
        give_up(bound.error().sentence);
    if (const auto saved = node::write_file_atomically(
            node::DataFolder{root}.network(), network_file, node::FileMode::everyone_reads);
        !saved)
        give_up(saved.error().sentence);
}

std::string NetworkNodes::log(std::size_t number) const {
    std::ifstream log{nodes_[number].data.string() + ".log"};
    std::ostringstream text;
    text << log.rdbuf();
    return text.str();
}

void NetworkNodes::launch(std::size_t number) {
    auto& node = nodes_[number];
    std::string peers;
    for (std::size_t i = 0; i < peers_.size(); ++i)
        if (i != number) peers += (peers.empty() ? "" : ",") + peers_[i];
    std::vector<std::string> arguments{program_.string(), "serve", "--data", node.data.string()};
    std::vector<std::string> settings{std::string{"engine=cometbft"},
                                      "network.listen=127.0.0.1:" + std::to_string(node.peer_port),
                                      "network.peers=" + peers,
                                      std::string{"api.listen=127.0.0.1:0"},
                                      std::string{"ops.listen=127.0.0.1:0"},
                                      std::string{"api.requests_per_second=0"},
                                      std::string{"api.connections_per_address_max=1024"},
                                      std::string{"log.level=warning"}};
    settings.insert(settings.end(), node.settings.begin(), node.settings.end());
    for (const auto& setting : settings) {
        arguments.emplace_back("--set");
        arguments.push_back(setting);
    }
    std::vector<char*> raw;
    for (auto& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    std::error_code ignored;
    std::filesystem::remove(node::DataFolder{node.data}.addresses(), ignored);
    const auto log = node.data.string() + ".log";
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(),
                                       O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    const int failed =
        ::posix_spawn(&node.pid, program_.c_str(), &files, nullptr, raw.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    if (failed != 0) give_up("cannot start " + program_.string());
}

void NetworkNodes::wait_for(std::size_t number) {
    auto& node = nodes_[number];
    const auto until = std::chrono::steady_clock::now() + start_limit;
    for (;;) {
        std::ifstream in{node::DataFolder{node.data}.addresses()};
        const auto addresses = nlohmann::json::parse(in, nullptr, false);
        if (addresses.is_object()) {
            const auto api = addresses.value("api", "");
            node.api_port = static_cast<std::uint16_t>(std::stoul(api.substr(api.rfind(':') + 1)));
            return;
        }
        if (::waitpid(node.pid, nullptr, WNOHANG) == node.pid ||
            std::chrono::steady_clock::now() > until) {
            give_up("node " + std::to_string(number) + " did not come up: " + log(number));
        }
        std::this_thread::sleep_for(poll);
    }
}

std::vector<pid_t> NetworkNodes::engines_of(pid_t tallyd) const {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
        const auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        const auto stat = stat_of(name);
        if (stat && stat->parent == tallyd) found.push_back(static_cast<pid_t>(std::stol(name)));
    }
    return found;
}

ProcessTime NetworkNodes::process_time() const {
    ProcessTime time;
    for (const auto& node : nodes_) {
        if (node.pid <= 0) continue;
        time.tallyd_ms += milliseconds_of(stat_of(std::to_string(node.pid)));
        for (const auto engine : engines_of(node.pid))
            time.engine_ms += milliseconds_of(stat_of(std::to_string(engine)));
    }
    return time;
}

void NetworkNodes::kill(std::size_t node) {
    ::kill(nodes_[node].pid, SIGKILL);
    ::waitpid(nodes_[node].pid, nullptr, 0);
    nodes_[node].pid = -1;
}

void NetworkNodes::restart(std::size_t node, const std::vector<std::string>& settings) {
    auto& kept = nodes_[node].settings;
    kept.insert(kept.end(), settings.begin(), settings.end());
    launch(node);
    wait_for(node);
}

}  // namespace tallystick::bench
