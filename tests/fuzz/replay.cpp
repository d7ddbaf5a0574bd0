// Runs a fuzz target without libFuzzer: every file of its corpus, then mutations of them that are
// the same in every run with the same seed. Exit codes: 0 nothing found, 1 something was found (the
// input is written to a file), 2 wrong usage or no corpus.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TALLYSTICK_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TALLYSTICK_SANITIZED 1
#endif
#endif
#ifdef TALLYSTICK_SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

namespace {

constexpr std::size_t input_bytes_max = 65536;

// What is running, for the handler below: it may use nothing but these and system calls.
std::string current;       // the input
std::string current_name;  // where it came from
std::string found_file;    // where it is to be written

void say(const char* text, std::size_t size) {
    if (write(STDERR_FILENO, text, size) < 0) return;
}

void write_found_input() {
    say("found by ", 9);
    say(current_name.data(), current_name.size());
    say("; the input is in ", 18);
    say(found_file.data(), found_file.size());
    say("\n", 1);
    const int file = open(found_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) return;
    if (write(file, current.data(), current.size()) >= 0) close(file);
}

/// Exits instead of dying by the signal, so that a test that must fail can fail in order.
extern "C" void on_signal(int) {
    write_found_input();
    _exit(1);
}

void catch_what_stops_the_process() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigaction(SIGABRT, &action, nullptr);
#ifdef TALLYSTICK_SANITIZED
    // The sanitizers tell more about the other signals.
    __sanitizer_set_death_callback(write_found_input);
#else
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(signal, &action, nullptr);
#endif
}

/// xorshift64*: the same numbers in every run, on every machine.
class Numbers {
  public:
    explicit Numbers(std::uint64_t seed) : state_(0x7A11757C6B5EEDU + seed) {}
    std::uint64_t next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545F4914F6CDD1DU;
    }
    /// 0 to `bound` - 1. @pre `bound` is at least 1.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

  private:
    std::uint64_t state_;
};

using Corpus = std::vector<std::string>;

/// Bytes at which parsers tend to decide something.
constexpr std::array<std::uint8_t, 16> telling{0x00, 0x01, 0x7f, 0x80, 0xff, 0x22, 0x5c, 0x0a,
                                               0x2c, 0x7b, 0x5b, 0x25, 0x2f, 0x0d, 0xc3, 0x30};

void mutate_once(std::string& input, const Corpus& corpus, Numbers& numbers) {
    const auto at = input.empty() ? 0 : numbers.below(input.size());
    const auto some = 1 + numbers.below(numbers.below(8) == 0 ? 256 : 8);
    switch (numbers.below(9)) {
        case 0:
        case 1:
            if (!input.empty())
                input[at] = static_cast<char>(static_cast<std::uint8_t>(input[at]) ^
                                              1U << numbers.below(8));
            return;
        case 2:
            if (!input.empty()) input[at] = static_cast<char>(telling[numbers.below(16)]);
            return;
        case 3: input.insert(at, 1, static_cast<char>(telling[numbers.below(16)])); return;
        case 4: input.erase(at, some); return;
        case 5: input.insert(at, input.substr(at, some)); return;
        case 6: input.resize(at); return;
        case 7:  // a small number up or down, also across bytes of a varint
            if (!input.empty())
                input[at] = static_cast<char>(static_cast<std::uint8_t>(input[at]) +
                                              (numbers.below(2) == 0 ? 1U : 255U));
            return;
        case 8: {  // the front of one, the back of another
            const auto& other = corpus[numbers.below(corpus.size())];
            if (!other.empty())
                input.replace(at, std::string::npos, other.substr(numbers.below(other.size())));
            return;
        }
        default: return;
    }
}

void run(const std::string& input, std::string name) {
    // A copy of exactly its size, so that a sanitizer sees a read beyond the end.
    current = input.substr(0, input_bytes_max);
    current_name = std::move(name);
    std::vector<std::uint8_t> bytes(current.begin(), current.end());
    bytes.shrink_to_fit();
    (void)LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end;
         entry.increment(error))
        if (entry->is_regular_file()) files.push_back(entry->path());
    std::ranges::sort(files);
    return files;
}

/// A whole number as typed; nothing for anything else.
std::optional<std::uint64_t> number_from(const char* text) {
    std::uint64_t number = 0;
    const auto* const end = text + std::strlen(text);
    const auto read = std::from_chars(text, end, number);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return number;
}

}  // namespace

int main(int argc, char** argv) {
    const auto mutations = argc >= 3 ? number_from(argv[2]) : std::nullopt;
    const auto seed = argc == 4 ? number_from(argv[3]) : std::optional<std::uint64_t>{0};
    if (argc > 4 || !mutations || !seed) {
        std::fprintf(stderr, "usage: fuzz_TARGET CORPUS MUTATIONS [SEED]\n");
        return 2;
    }
    found_file = std::filesystem::path{argv[0]}.filename().string() + ".found";
    catch_what_stops_the_process();

    Corpus corpus;
    for (const auto& path : files_of(argv[1])) {
        std::ifstream file{path, std::ios::binary};
        corpus.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
        run(corpus.back(), path.filename().string());
    }
    if (corpus.empty()) {
        std::fprintf(stderr, "no corpus in %s\n", argv[1]);
        return 2;
    }
    run({}, "the empty input");

    Numbers numbers{*seed};
    for (std::uint64_t i = 0; i < *mutations; ++i) {
        auto input = corpus[numbers.below(corpus.size())];
        for (auto times = 1 + numbers.below(4); times > 0; --times)
            mutate_once(input, corpus, numbers);
        run(input, "mutation " + std::to_string(i));
    }
    std::printf("%zu files and %llu mutations: nothing found\n", corpus.size(),
                static_cast<unsigned long long>(*mutations));
    return 0;
}
