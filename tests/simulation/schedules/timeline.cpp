#include "simulation/schedules/timeline.hpp"

#include <cstdio>

#include "protocol/crypto.hpp"

namespace tallystick::simulation {

bool Timeline::run_next(Millis end) {
    const auto next = events_.begin();
    if (next == events_.end() || next->first.first >= end) return false;
    now_ = next->first.first;
    const auto what = std::move(next->second);
    events_.erase(next);
    what();
    return true;
}

void Trace::note(Millis when, std::string_view line) {
    auto text = std::to_string(when) + " " + std::string{line};
    digest_ = sha256_of({digest_.text(), text});
    ++lines_;
    if (print_) std::printf("%s\n", text.c_str());
    last_.push_back(std::move(text));
    if (last_.size() > last_max) last_.pop_front();
}

}  // namespace tallystick::simulation
