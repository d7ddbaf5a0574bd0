#include "node/engine/copier.hpp"

#include "node/log.hpp"

namespace tallystick::node {
namespace {

constexpr std::uint64_t retry_blocks = 1000;

}  // namespace

Copier::~Copier() {
    finish();
}

void Copier::finish() {
    if (thread_.joinable()) thread_.join();
}

void Copier::copy_if_due(std::uint64_t height) {
    if (copying_ || height < not_before_ || !store_.copy_is_due()) return;
    finish();
    copying_ = true;
    thread_ = std::thread{[this, height] {
        if (const auto copied = store_.copy_state(); copied) {
            log_event(LogLevel::info, "state_copied", {{"height", std::to_string(height)}});
        } else {
            not_before_ = height + retry_blocks;
            log_event(LogLevel::warning, "state_copy_failed", {{"reason", copied.error().what}});
        }
        copying_ = false;
    }};
}

}  // namespace tallystick::node
