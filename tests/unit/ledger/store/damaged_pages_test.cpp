#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "ledger/store/store.hpp"
#include "unit/ledger/store/store_fixture.hpp"

/// LMDB's pages carry no checksums. Whatever bit of them is flipped: a store that opens says what
/// is true, or that something is damaged; a process that cannot go on says that it was damage.
namespace tallystick::ledger::test {

namespace {

constexpr std::size_t page_bytes = 4096;

using Answers = std::vector<std::optional<std::string>>;

template <class T, class Text>
std::optional<std::string> told(const StoreResult<T>& result, Text text) {
    if (!result) return std::nullopt;
    return text(*result);
}

/// Everything that the store knows, question by question; nothing where it says that it is damaged.
class Questions {
  public:
    explicit Questions(const StoreSnapshot& snapshot) {
        const auto noted = snapshot.for_each_leaf({}, {}, [this](auto key, auto) {
            keys_.emplace_back(key);
            return true;
        });
        REQUIRE(noted.ok());
        blocks_ = snapshot.chain_height();
        entries_ = snapshot.log_size();
        for (std::uint64_t index = 0; index < entries_; ++index) {
            pb::LogEntry entry;
            REQUIRE(entry.ParseFromString(*snapshot.entry(index)));
            ids_.emplace_back(*EnvelopeId::from(entry.id()), entry.valid_until());
        }
        truth_ = ask(snapshot);
    }

    /// Is there an answer that is neither true nor an error?
    [[nodiscard]] bool is_false(const StoreSnapshot& snapshot) const {
        const auto answers = ask(snapshot);
        for (std::size_t i = 0; i < truth_.size(); ++i)
            if (answers[i] && answers[i] != truth_[i]) return true;
        return false;
    }

  private:
    [[nodiscard]] Answers ask(const StoreSnapshot& snapshot) const {
        Answers answers;
        answers.emplace_back(std::to_string(snapshot.chain_height()));
        answers.emplace_back(std::to_string(snapshot.state_height()));
        answers.emplace_back(snapshot.tree().root().str());
        ask_state(snapshot, answers);
        ask_chain(snapshot, answers);
        return answers;
    }

    void ask_state(const StoreSnapshot& snapshot, Answers& answers) const {
        for (unsigned kind = 0; kind < 256; ++kind) {
            std::string all;
            const auto read = snapshot.for_each_leaf(
                std::string(1, static_cast<char>(kind)), {}, [&all](auto key, auto value) {
                    all.append(key).append("=").append(value).append(";");
                    return true;
                });
            answers.push_back(read ? std::optional{all} : std::nullopt);
        }
        for (const auto& key : keys_) {
            answers.push_back(told(snapshot.value(key),
                                   [](const auto& value) { return value.value_or("absent"); }));
            std::string from_here;
            const auto read = snapshot.for_each_leaf({}, key, [&](auto next, auto) {
                from_here = next;
                return false;
            });
            answers.push_back(read ? std::optional{from_here} : std::nullopt);
        }
    }

    void ask_chain(const StoreSnapshot& snapshot, Answers& answers) const {
        for (std::uint64_t height = 1; height <= blocks_; ++height) {
            answers.push_back(told(snapshot.block(height),
                                   [](const auto& block) { return block.SerializeAsString(); }));
            answers.push_back(told(snapshot.validators(height),
                                   [](const auto& set) { return set.SerializeAsString(); }));
        }
        for (std::uint64_t index = 0; index < entries_; ++index) {
            const auto& [id, valid_until] = ids_[index];
            answers.push_back(told(snapshot.entry(index), [](const auto& bytes) { return bytes; }));
            answers.push_back(told(snapshot.find_entry(id, valid_until), [](const auto& found) {
                return std::to_string(found.value_or(~0ULL));
            }));
            answers.push_back(told(snapshot.prove_entry(index, entries_),
                                   [](const auto& item) { return item.SerializeAsString(); }));
        }
        answers.push_back(
            told(snapshot.entries_of_account(suffolk, entries_, 1000), [](const auto& found) {
                std::string text;
                for (const auto index : found) text += std::to_string(index) + " ";
                return text;
            }));
    }

    std::vector<std::string> keys_;
    std::vector<std::pair<EnvelopeId, std::uint64_t>> ids_;
    std::uint64_t blocks_ = 0;
    std::uint64_t entries_ = 0;
    Answers truth_;
};

enum Ending : int { spoke_truly = 0, would_not_open = 10, lied = 20 };

/// In a process of its own: opens, asks, goes on with one block, and ends.
[[noreturn]] void open_and_ask(const std::filesystem::path& folder, const Questions& questions,
                               const std::filesystem::path& last_words) {
    const auto words = ::open(last_words.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (words < 0 || ::dup2(words, STDERR_FILENO) < 0) ::_exit(1);
    ::signal(SIGABRT, SIG_DFL);
    ::signal(SIGSEGV, SIG_DFL);
    ::alarm(20);
    auto opened = Store::open(folder, {});
    if (!opened) ::_exit(opened.error().what.empty() ? 1 : would_not_open);
    auto& store = **opened;
    const auto moment = store.moment();
    {
        const auto snapshot = store.open_snapshot({&moment, 1});
        if (!snapshot) ::_exit(would_not_open);
        if (questions.is_false(**snapshot)) ::_exit(lied);
        // What the next block is made on.
        const auto height = store.height();
        if (!(*snapshot)->commit(height) || !(*snapshot)->block(height)) ::_exit(spoke_truly);
    }
    TestEngine engine{store};
    static_cast<void>(engine.block({registration(store.ledger_id(), "one-more")}));
    ::_exit(spoke_truly);
}

/// Where it was flipped.
struct Flip {
    std::string environment;
    std::size_t offset = 0;
    unsigned bit = 0;
};

/// Heads and indexes of pages above all, the two first pages among them, and any other byte.
Flip choose(const std::filesystem::path& folder, std::uint64_t seed) {
    std::mt19937_64 dice{seed};
    const auto below = [&dice](std::size_t limit) {
        return static_cast<std::size_t>(dice() % limit);
    };
    Flip flip;
    flip.environment = below(2) == 0 ? "chain" : "state";
    const auto bytes = std::filesystem::file_size(folder / flip.environment / "data.mdb");
    const auto pages = bytes / page_bytes;
    switch (below(8)) {
        case 0: flip.offset = below(2) * page_bytes + below(168); break;
        case 1: flip.offset = below(bytes); break;
        default: flip.offset = below(pages) * page_bytes + below(below(2) == 0 ? 24 : 128);
    }
    flip.bit = static_cast<unsigned>(below(8));
    return flip;
}

void apply(const Flip& flip, const std::filesystem::path& folder) {
    std::fstream file{folder / flip.environment / "data.mdb",
                      std::ios::in | std::ios::out | std::ios::binary};
    file.seekg(static_cast<std::streamoff>(flip.offset));
    const auto byte = static_cast<char>(file.get() ^ (1 << flip.bit));
    file.seekp(static_cast<std::streamoff>(flip.offset));
    file.put(byte);
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

}  // namespace

TEST_CASE("a flipped bit in the store's own pages never makes it say something false", "[store]") {
    StoreFixture data;
    data.grow(70);
    REQUIRE(data.store().checkpoint().ok());
    const Questions questions{*data.snapshot()};
    data.close();

    // More of them: TALLYSTICK_FLIPS=1000 TALLYSTICK_FLIPS_FROM=5000 unit_ledger "a flipped bit*"
    const auto* const wanted = std::getenv("TALLYSTICK_FLIPS");
    const auto* const wanted_from = std::getenv("TALLYSTICK_FLIPS_FROM");
    const auto flips = wanted != nullptr ? std::stoull(wanted) : 200ULL;
    const auto from = wanted_from != nullptr ? std::stoull(wanted_from) : 0ULL;
    ScratchFolder scratch;
    const auto folder = scratch.path() / "flipped";
    const auto last_words = scratch.path() / "last words";
    std::map<std::string, std::uint64_t> endings;
    for (std::uint64_t seed = from; seed < from + flips; ++seed) {
        std::filesystem::remove_all(folder);
        std::filesystem::copy(data.path(), folder, std::filesystem::copy_options::recursive);
        const auto flip = choose(folder, seed);
        apply(flip, folder);
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) open_and_ask(folder, questions, last_words);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        const auto ending = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                                : "exit " + std::to_string(WEXITSTATUS(status));
        ++endings[ending];
        const auto said = text_of(last_words);
        INFO("seed " << seed << ": bit " << flip.bit << " of byte " << flip.offset << " of "
                     << flip.environment << " ends in " << ending << ": " << said);
        // What LMDB follows into nowhere ends the process, and node/last_words.hpp says why.
        const bool died_of_it =
            WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS ||
                                    (WTERMSIG(status) == SIGABRT && !said.empty() &&
                                     said.find("a bug") == std::string::npos &&
                                     said.find("terminate") == std::string::npos));
        CHECK((died_of_it || ending == "exit " + std::to_string(spoke_truly) ||
               ending == "exit " + std::to_string(would_not_open)));
    }
    if (wanted != nullptr)
        for (const auto& [ending, count] : endings) WARN(ending << ": " << count);
    CHECK(endings["exit 0"] > flips / 3);
}

}  // namespace tallystick::ledger::test
