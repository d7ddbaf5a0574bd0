#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/types.hpp"

/// Virtual time, and the record of what happened in it.
namespace tallystick::simulation {

using Millis = std::uint64_t;

/// What is to happen, in order of time and, at one time, in the order in which it was asked for.
class Timeline {
  public:
    /// Milliseconds since the simulation began.
    [[nodiscard]] Millis now() const noexcept { return now_; }
    void after(Millis delay, std::function<void()> what) {
        events_.emplace(std::pair{now_ + delay, ++count_}, std::move(what));
    }
    /// Goes on to the next event and lets it happen; false if there is none before `end`.
    bool run_next(Millis end);
    /// Nothing more happens before `end`: it is that late now. @pre `run_next(end)` said false
    void reach(Millis end) { now_ = std::max(now_, end); }
    /// Nothing happens anywhere for so long: what was to come comes so much later.
    void sleep(Millis time) { slept_ += time; }
    /// What clocks that nobody sets have counted, sleep included.
    [[nodiscard]] Millis steady() const noexcept { return now_ + slept_; }

  private:
    Millis now_ = 0;
    Millis slept_ = 0;
    std::uint64_t count_ = 0;
    std::map<std::pair<Millis, std::uint64_t>, std::function<void()>> events_;
};

/// Lines that say what happened. Two runs of one seed have the same `digest`.
class Trace {
  public:
    explicit Trace(bool print) : print_(print) {}
    void note(Millis when, std::string_view line);
    [[nodiscard]] const Hash& digest() const noexcept { return digest_; }
    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
    /// The newest lines, oldest first.
    [[nodiscard]] const std::deque<std::string>& last() const noexcept { return last_; }

  private:
    static constexpr std::size_t last_max = 60;
    bool print_;
    Hash digest_{};
    std::uint64_t lines_ = 0;
    std::deque<std::string> last_;
};

}  // namespace tallystick::simulation
