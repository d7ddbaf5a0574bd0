#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What an operator can set. Nothing here changes what the ledger decides: parameters of the rules
/// are on the ledger. Every member has its documented default; node/config/settings.cpp lists them
/// with their bounds.
namespace tallystick::node {

struct ApiConfig {
    std::string listen = "127.0.0.1:7710";
    std::uint64_t threads = 2;
    std::uint64_t connections_max = 1024;
    std::uint64_t connections_per_address_max = 128;
    std::uint64_t requests_per_second = 500;  ///< of one address, on average; 0: no limit
    std::uint64_t requests_burst = 1000;      ///< of one address at once
    std::uint64_t request_seconds_max = 10;   ///< for a whole request to arrive
    std::uint64_t idle_seconds_max = 60;      ///< between requests of a connection
    std::uint64_t write_seconds_max = 30;     ///< for an answer to be taken
    std::uint64_t stream_clients_max = 256;
    std::uint64_t stream_queue_max = 256;  ///< frames that wait for one client
    /// Addresses whose X-Forwarded-For is believed: a reverse proxy on this machine.
    std::vector<std::string> trusted_proxies;
};

/// A network of several authorities; of no effect while the engine is solo.
struct NetworkConfig {
    std::string listen = "0.0.0.0:7712";  ///< for the other authorities' nodes
    std::string external;                 ///< HOST:PORT by which they reach this one
    /// ID@HOST:PORT; empty: those that `tallyd join` wrote down.
    std::vector<std::string> peers;
    std::vector<std::string> extra_peers;   ///< ids of nodes that are no authority's, let in too
    std::string program;                    ///< of the engine; empty: it is looked for
    std::string archive = "no";             ///< keep every block in the engine too
    std::uint64_t retain_blocks = 100000;   ///< that the engine keeps for peers, without `archive`
    std::uint64_t snapshot_blocks = 10000;  ///< a snapshot for late joiners every so many; 0: none
    /// May a node without a ledger begin with a snapshot of its peers?
    std::string state_sync = "yes";
    /// Where the other authorities' public APIs are; empty: those that joining wrote down.
    std::vector<std::string> apis;
};

struct OpsConfig {
    std::string listen = "127.0.0.1:7711";
    std::uint64_t disk_free_mib_min = 512;  ///< less on the data folder's disk: not ready
};

struct LogConfig {
    std::string level = "info";  ///< debug, info, warning, error
};

struct PipelineConfig {
    std::uint64_t threads = 0;  ///< that verify signatures; 0: one a core
    std::uint64_t envelopes_max = 65536;
    std::uint64_t bytes_max = 67108864;
    std::uint64_t remembered_max = 65536;  ///< envelopes whose signatures are known to be true
};

struct ShutdownConfig {
    std::uint64_t drain_seconds_max = 10;  ///< for what is under way to be answered
};

struct Config {
    std::string data = "/var/lib/tallystick";
    std::string engine;  ///< solo or cometbft; empty: what the ledger says
    ApiConfig api;
    NetworkConfig network;
    OpsConfig ops;
    LogConfig log;
    PipelineConfig pipeline;
    ShutdownConfig shutdown;
};

}  // namespace tallystick::node
