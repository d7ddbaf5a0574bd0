#include "node/last_words.hpp"

#include <signal.h>
#include <unistd.h>

#include <string_view>

namespace tallystick::node {
namespace {

constexpr std::string_view words =
    "tallyd: memory could not be read. If that happens again, a page of the data folder is "
    "damaged: tallyd verify says where. A damaged state is rebuilt at the next start; for a "
    "damaged chain restore a backup.\n";

constexpr std::string_view aborted =
    "tallyd: stopped; the line before this one says why. If it speaks of memory, a page of the "
    "data "
    "folder may be damaged: tallyd verify says where.\n";

/// Only what may be done in a handler: the disposition is reset, so that returning dies of the
/// same signal.
void on_bad_memory(int) {
    static_cast<void>(::write(STDERR_FILENO, words.data(), words.size()) < 0);
}

/// A bug or damage that was found has been told. So has, by the C library, a heap in disorder.
void on_abort(int) {
    static_cast<void>(::write(STDERR_FILENO, aborted.data(), aborted.size()) < 0);
}

}  // namespace

void say_last_words() {
    struct sigaction action {};
    action.sa_handler = on_bad_memory;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int signal : {SIGSEGV, SIGBUS}) ::sigaction(signal, &action, nullptr);
    action.sa_handler = on_abort;
    ::sigaction(SIGABRT, &action, nullptr);
}

}  // namespace tallystick::node
