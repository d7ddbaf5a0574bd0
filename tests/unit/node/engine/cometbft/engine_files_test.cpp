#include "node/engine/cometbft/engine_files.hpp"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "node/engine/cometbft/engine_version.hpp"
#include "node/engine/cometbft/signer_file.hpp"
#include "node/keys.hpp"
#include "protocol/timestamp.hpp"
#include "unit/node/engine/cometbft/fake_program.hpp"

using namespace tallystick;
using namespace tallystick::node;

namespace {

SigningKey key_of(std::uint8_t number) {
    const std::array<std::uint8_t, 32> seed{number};
    return SigningKey::from_seed(seed);
}

EngineGenesis genesis_of(const std::string& chain_id) {
    EngineGenesis genesis;
    genesis.chain_id = chain_id;
    genesis.initial_height = 7;
    genesis.time = make_timestamp(1800000000, 5);
    auto& validator = *genesis.validators.add_validators();
    validator.set_public_key(key_of(1).public_key().str());
    validator.set_power(3);
    genesis.app_hash.bytes.fill(0xab);
    genesis.evidence_seconds = 2592000;
    return genesis;
}

EngineSetup setup_in(const ScriptFolder& folder) {
    EngineSetup setup;
    setup.data = folder.path();
    setup.program = folder.path() / "cometbft";
    setup.moniker = "tallystick-00";
    std::filesystem::create_directories(folder.path() / "run");
    return setup;
}

/// A program of Go that says what `lines` say: the least ELF file with such a section.
std::string program_of(const std::string& lines) {
    const std::string mark(16, '\x30');
    const auto text = [](const std::string& content) {
        std::string made;
        for (auto left = content.size();; left >>= 7) {
            const auto low = static_cast<char>(left & 0x7f);
            made.push_back(left > 0x7f ? static_cast<char>(low | '\x80') : low);
            if (left <= 0x7f) break;
        }
        return made + content;
    };
    std::string section = "\xff Go buildinf:";
    section.push_back('\x08');
    section.push_back('\x02');
    section.resize(32, '\0');
    section += text("go1.26.0") + text(mark + lines + mark);
    const std::string names = std::string{'\0'} + ".shstrtab" + '\0' + ".go.buildinfo" + '\0';
    constexpr std::size_t header_size = 64;
    std::string elf(header_size, '\0');
    const auto put = [](std::string& into, std::size_t at, std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            into[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * i));
    };
    elf.replace(0, 6,
                std::string{"\x7f"
                            "ELF\x02\x01"});
    const auto sections_at = header_size + section.size() + names.size();
    put(elf, 40, sections_at, 8);
    put(elf, 58, 64, 2);
    put(elf, 60, 3, 2);
    put(elf, 62, 1, 2);
    const auto header = [&](std::uint64_t name, std::uint64_t at, std::uint64_t size) {
        std::string made(64, '\0');
        put(made, 0, name, 4);
        put(made, 24, at, 8);
        put(made, 32, size, 8);
        return made;
    };
    return elf + section + names + header(0, 0, 0) +
           header(1, header_size + section.size(), names.size()) +
           header(11, header_size, section.size());
}

const std::string right_lines =
    "path\tgithub.com/cometbft/cometbft/cmd/cometbft\nmod\tgithub.com/cometbft/"
    "cometbft\tv0.40.0\th1:x=\n"
    "dep\tgithub.com/cometbft/cometbft-db\tv0.14.1\th1:y=\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

}  // namespace

TEST_CASE("the engine's version is read from what Go left in the program", "[engine]") {
    const ScriptFolder folder;
    const auto version = [&](const std::string& content) {
        folder.write("program", content);
        return engine_version(folder.path() / "program");
    };
    REQUIRE(version(program_of(right_lines)));
    CHECK(*version(program_of(right_lines)) == "v0.40.0");
    CHECK(*version(program_of(replaced(right_lines, "v0.40.0", "v1.0.1"))) == "v1.0.1");
    CHECK(version(program_of(replaced(right_lines, "cmd/cometbft", "cmd/other"))).error() ==
          (folder.path() / "program").string() + " is another program than CometBFT.");
    CHECK(version("#!/bin/sh\n").error().find("no program for this kind of machine") !=
          std::string::npos);
    CHECK(engine_version(folder.path() / "nothing").error().find("cannot be read") !=
          std::string::npos);
    // Whatever is missing or wrong in the file, it is an error and nothing worse.
    const auto whole = program_of(right_lines);
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(version(whole.substr(0, size)));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ '\xff');
        static_cast<void>(version(altered));
    }
}

TEST_CASE("an engine of another version is refused with what to install", "[engine]") {
    const ScriptFolder folder;
    folder.write("cometbft", program_of(right_lines));
    CHECK(check_engine_version(folder.path() / "cometbft"));
    folder.write("cometbft", program_of(replaced(right_lines, "v0.40.0", "v0.38.9")));
    const auto refused = check_engine_version(folder.path() / "cometbft");
    REQUIRE_FALSE(refused);
    CHECK(
        refused.error() ==
        (folder.path() / "cometbft").string() +
            " is CometBFT v0.38.9. This node works with CometBFT v0.40.0 and no other; install it "
            "with: go install github.com/cometbft/cometbft/cmd/cometbft@v0.40.0");
}

TEST_CASE("the engine's program is looked for where it may be", "[engine]") {
    const ScriptFolder folder;
    const auto root = folder.path();
    for (const auto* name : {"bin", "engine", "path", "home/go/bin"})
        std::filesystem::create_directories(root / name);
    EngineSearch search{"", root / "bin" / "tallyd", "relative:" + (root / "path").string(),
                        root / "home"};
    const auto refused = find_engine(search);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("network.program") != std::string::npos);
    for (const auto* place :
         {"home/go/bin/cometbft", "path/cometbft", "engine/cometbft", "bin/cometbft"}) {
        folder.script(place, "");
        CHECK(*find_engine(search) == root / place);
    }
    search.setting = (root / "mine").string();
    CHECK(find_engine(search).error().find("network.program names") != std::string::npos);
    folder.script("mine", "");
    CHECK(*find_engine(search) == root / "mine");
}

TEST_CASE("the engine's genesis is the same on every node", "[engine]") {
    const auto json = nlohmann::json::parse(engine_genesis_json(genesis_of("suffolk-credits-2")));
    CHECK(json["chain_id"] == "suffolk-credits-2");
    CHECK(json["initial_height"] == "7");
    CHECK(json["genesis_time"] == "2027-01-15T08:00:00.000000005Z");
    CHECK(json["app_hash"] == replaced(std::string(64, 'x'), "xx", "AB"));
    CHECK(json["app_state"] == replaced(std::string(64, 'x'), "xx", "ab"));
    CHECK(json["consensus_params"]["block"]["max_bytes"] == "4194304");
    CHECK(json["consensus_params"]["block"]["max_gas"] == "-1");
    CHECK(json["consensus_params"]["evidence"]["max_age_duration"] == "2592000000000000");
    CHECK(json["consensus_params"]["version"]["app"] == "1");
    CHECK(json["validators"][0]["power"] == "3");
    CHECK(engine_genesis_json(genesis_of("a-1")) == engine_genesis_json(genesis_of("a-1")));
}

TEST_CASE("the engine's keys are the node's, and are told in its own form", "[engine]") {
    const auto key = key_of(9);
    const EngineKeys keys{key};
    const auto validator = nlohmann::json::parse(text_of(keys.validator.view()));
    const auto peer = nlohmann::json::parse(text_of(keys.peer.view()));
    // The seed, then the public key, in base 64 as any other library writes them.
    const std::string base64 = validator["priv_key"]["value"];
    CHECK(base64.size() == 88);
    CHECK(base64.substr(0, 8) == "CQAAAAAA");
    CHECK(base64.ends_with("=="));
    CHECK(peer["priv_key"]["value"] == base64);
    CHECK(peer["priv_key"]["type"] == "tendermint/PrivKeyEd25519");
    CHECK(validator["address"] == [&] {
        auto text = peer_id(key.public_key());
        for (auto& c : text) c = static_cast<char>(std::toupper(c));
        return text;
    }());
}

TEST_CASE("an engine's folder is made once, with a memory that it never signed", "[engine]") {
    const ScriptFolder folder;
    const auto setup = setup_in(folder);
    REQUIRE(prepare_engine_folder(setup, genesis_of("a-1")));
    CHECK(folder.read("engine/config/genesis.json") == engine_genesis_json(genesis_of("a-1")));
    CHECK(read_sign_state(setup.sign_state_file())->height == 0);
    struct stat about {};
    REQUIRE(::stat(setup.home().c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0700);

    // Again changes nothing; another segment's or ledger's genesis is refused.
    REQUIRE(keep_sign_state(setup.data, {5, 0, 3}));
    REQUIRE(prepare_engine_folder(setup, genesis_of("a-1")));
    CHECK(read_sign_state(setup.sign_state_file())->height == 5);
    const auto other = prepare_engine_folder(setup, genesis_of("a-2"));
    REQUIRE_FALSE(other);
    CHECK(other.error().sentence.find("belongs to another segment or another ledger") !=
          std::string::npos);
}

TEST_CASE("a folder that has lost its genesis or its memory is refused", "[engine]") {
    const ScriptFolder folder;
    const auto setup = setup_in(folder);
    REQUIRE(prepare_engine_folder(setup, genesis_of("a-1")));
    SECTION("the memory") {
        std::filesystem::remove(setup.sign_state_file());
        const auto refused = prepare_engine_folder(setup, genesis_of("a-1"));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().sentence.find("tallyd rejoin") != std::string::npos);
    }
    SECTION("the genesis, where there are blocks") {
        std::filesystem::create_directories(setup.home() / "data/blockstore.db");
        std::filesystem::remove(setup.genesis_file());
        const auto refused = prepare_engine_folder(setup, genesis_of("a-1"));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().sentence.find("has lost its genesis") != std::string::npos);
    }
}

TEST_CASE("an engine that forgets its blocks signs nothing more at its last height", "[engine]") {
    const ScriptFolder folder;
    const auto setup = setup_in(folder);
    REQUIRE(prepare_engine_folder(setup, genesis_of("a-1")));
    std::filesystem::create_directories(setup.home() / "data/blockstore.db");
    CHECK_FALSE(first_blocks_are_gone(setup));
    REQUIRE(note_first_blocks_gone(setup));
    REQUIRE(note_first_blocks_gone(setup));
    CHECK(first_blocks_are_gone(setup));
    SECTION("one that has signed") {
        REQUIRE(keep_sign_state(setup.data, {10, 2, 1}));
        REQUIRE(forget_engine_blocks(setup));
        const auto kept = read_sign_state(setup.sign_state_file());
        REQUIRE(kept);
        CHECK(kept->height == 10);
        CHECK(kept->round == sign_state_above(10).round);
        CHECK(kept->step == 3);
    }
    SECTION("one that never did") {
        REQUIRE(forget_engine_blocks(setup));
        CHECK(read_sign_state(setup.sign_state_file())->height == 0);
    }
    CHECK_FALSE(first_blocks_are_gone(setup));
    CHECK_FALSE(has_engine_blocks(setup));
}

TEST_CASE("a memory of what was signed only ever grows", "[engine]") {
    const ScriptFolder folder;
    REQUIRE(keep_sign_state(folder.path(), sign_state_above(100)));
    const auto setup = setup_in(folder);
    REQUIRE(keep_sign_state(folder.path(), sign_state_above(50)));
    const auto kept = read_sign_state(setup.sign_state_file());
    REQUIRE(kept);
    CHECK(kept->height == 100);
    CHECK(kept->round == 2147483647);
    CHECK(kept->step == 3);
    // The folder that rejoining made gets its genesis at the first start.
    REQUIRE(prepare_engine_folder(setup, genesis_of("a-1")));
    CHECK(read_sign_state(setup.sign_state_file())->height == 100);
}

TEST_CASE("an engine is not started with a key that its memory is not of", "[engine]") {
    const ScriptFolder folder;
    const auto setup = setup_in(folder);
    const auto key = key_of(1);
    const EngineKeys keys{key};
    const auto own_id = peer_id(key.public_key());
    folder.write("cometbft", program_of(right_lines));
    REQUIRE(prepare_engine_folder(setup, genesis_of("a-1")));
    REQUIRE(engine_command(setup, own_id, keys));  // made here: bound now
    REQUIRE(bind_sign_state(setup.data, peer_id(key_of(2).public_key())));
    const auto refused = engine_command(setup, own_id, keys);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("made for another key") != std::string::npos);
    CHECK(refused.error().find("tallyd rejoin") != std::string::npos);
    REQUIRE(bind_sign_state(setup.data, own_id));
    CHECK(engine_command(setup, own_id, keys));
}

TEST_CASE("a copy of a folder is not signed with until its operator says that it was moved",
          "[engine]") {
    const ScriptFolder folder;
    const auto setup = setup_in(folder);
    const auto key = key_of(1);
    const EngineKeys keys{key};
    const auto own_id = peer_id(key.public_key());
    folder.write("cometbft", program_of(right_lines));
    REQUIRE(prepare_engine_folder(setup, genesis_of("a-1")));
    REQUIRE(engine_command(setup, own_id, keys));
    CHECK(std::filesystem::exists(setup.signer_file()));

    // A new name is no new place.
    auto renamed = setup;
    renamed.data = folder.path() / "renamed";
    std::filesystem::create_directory(renamed.data);
    std::filesystem::rename(setup.home(), renamed.home());
    CHECK(engine_command(renamed, own_id, keys));

    auto copied = setup;
    copied.data = folder.path() / "copied";
    std::filesystem::copy(renamed.data, copied.data, std::filesystem::copy_options::recursive);
    const auto refused = engine_command(copied, own_id, keys);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("This folder is a copy") == 0);
    CHECK(refused.error().find("tallyd rejoin --data " + copied.data.string() + " --moved") !=
          std::string::npos);
    CHECK(engine_command(renamed, own_id, keys));
    CHECK(is_signer(copied.home(), own_id));
    CHECK_FALSE(is_signer(copied.home(), peer_id(key_of(2).public_key())));
    REQUIRE(bind_sign_state(copied.data, own_id));
    CHECK(engine_command(copied, own_id, keys));
}

TEST_CASE("a signature that this folder did not give is noticed", "[engine]") {
    const ScriptFolder folder;
    const auto setup = setup_in(folder);
    REQUIRE(keep_sign_state(folder.path(), {10, 0, 3}));
    CHECK_FALSE(signed_elsewhere(setup.sign_state_file(), 10));
    const auto noticed = signed_elsewhere(setup.sign_state_file(), 11);
    REQUIRE(noticed);
    CHECK(noticed->find("Block 11 bears a signature of this node's key") == 0);
    CHECK(noticed->find("Another node runs with the same key") != std::string::npos);
    for (const auto* damaged : {"", "{}", "{\"height\":\"x\",\"round\":0,\"step\":0}",
                                "{\"height\":5,\"round\":0,\"step\":0}", "[]"}) {
        folder.write("engine/data/priv_validator_state.json", damaged);
        CHECK(signed_elsewhere(setup.sign_state_file(), 1));
        CHECK_FALSE(read_sign_state(setup.sign_state_file()));
    }
}

TEST_CASE("starting the engine writes its settings and gives it its keys in memory", "[engine]") {
    const ScriptFolder folder;
    auto setup = setup_in(folder);
    const auto key = key_of(1);
    const auto own = peer_id(key.public_key());
    setup.peers = {own + "@127.0.0.1:1", std::string(40, 'b') + "@127.0.0.1:2"};
    setup.admitted = {std::string(40, 'b')};
    setup.listen = "127.0.0.1:3";
    const EngineKeys keys{key};
    folder.write("cometbft", program_of(right_lines));
    CHECK(engine_command(setup, own, keys).error().find("lost its genesis") != std::string::npos);
    REQUIRE(prepare_engine_folder(setup, genesis_of("a-1")));
    const auto command = engine_command(setup, own, keys);
    REQUIRE(command);
    CHECK(command->arguments == std::vector<std::string>{"start", "--home", setup.home().string()});
    CHECK(command->secrets.size() == 2);
    const auto text = folder.read("engine/config/config.toml");
    const auto has = [&](const std::string& line) {
        return text.find(line + "\n") != std::string::npos;
    };
    CHECK(has("proxy_app = \"unix://" + (folder.path() / "run/abci.sock").string() + "\""));
    CHECK(has("laddr = \"unix://" + (folder.path() / "run/rpc.sock").string() + "\""));
    CHECK(has("laddr = \"tcp://127.0.0.1:3\""));
    CHECK(has("persistent_peers = \"" + setup.peers[1] + "\""));
    CHECK(has("filter_peers = true"));
    CHECK(has("create_empty_blocks = false"));
    CHECK(has("priv_validator_key_file = \"/proc/self/fd/3\""));
    CHECK(has("node_key_file = \"/proc/self/fd/4\""));
    CHECK(has("log_format = \"json\""));
    CHECK(text.find("[statesync]\nenable = false\n") != std::string::npos);
    // Nothing secret stands anywhere in the folder.
    for (const auto& entry : std::filesystem::recursive_directory_iterator{setup.home()})
        if (entry.is_regular_file())
            CHECK(folder.read(std::filesystem::relative(entry.path(), folder.path()).string())
                      .find("AQAAAAAA") == std::string::npos);

    folder.write("cometbft", program_of(replaced(right_lines, "v0.40.0", "v0.39.0")));
    CHECK(engine_command(setup, own, keys).error().find("is CometBFT v0.39.0") !=
          std::string::npos);
}

TEST_CASE("a data folder whose sockets' paths are too long is refused", "[engine]") {
    const ScriptFolder folder;
    auto setup = setup_in(folder);
    folder.write("cometbft", program_of(right_lines));
    setup.data = folder.path() / std::string(100, 'd');
    std::filesystem::create_directories(setup.data);
    REQUIRE(prepare_engine_folder(setup, genesis_of("a-1")));
    const EngineKeys keys{key_of(1)};
    const auto refused = engine_command(setup, "", keys);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("Move the data folder to a place with a shorter name.") !=
          std::string::npos);
}
