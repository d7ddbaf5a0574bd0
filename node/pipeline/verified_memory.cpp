#include "node/pipeline/verified_memory.hpp"

namespace tallystick::node {

bool VerifiedMemory::contains(const Hash& envelope_hash) const {
    if (half_ == 0) return false;
    const std::lock_guard lock{mutex_};
    return generations_[0].contains(envelope_hash) || generations_[1].contains(envelope_hash);
}

void VerifiedMemory::add(const Hash& envelope_hash) {
    if (half_ == 0) return;
    Hashes forgotten;  // freed outside the lock
    const std::lock_guard lock{mutex_};
    if (generations_[0].size() >= half_) {
        forgotten.swap(generations_[1]);
        generations_[0].swap(generations_[1]);
    }
    generations_[0].insert(envelope_hash);
}

}  // namespace tallystick::node
