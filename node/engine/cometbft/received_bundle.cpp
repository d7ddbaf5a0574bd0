#include "node/engine/cometbft/received_bundle.hpp"

#include <algorithm>
#include <utility>

#include "protocol/ensure.hpp"

namespace tallystick::node {

ReceivedBundle::ReceivedBundle(std::string_view bytes, const Hash& hash, const BundleView& view)
    : hash_(hash),
      node_key_(view.node_key),
      chain_id_(view.chain_id),
      time_ms_(view.time_ms),
      size_bytes_(bytes.size()) {}

std::shared_ptr<ReceivedBundle> ReceivedBundle::from(std::string_view bytes, const Hash& hash) {
    const auto view = parse_bundle(bytes);
    if (!view || !verify_bundle_signature(*view)) return nullptr;
    std::shared_ptr<ReceivedBundle> made{new ReceivedBundle{bytes, hash, *view}};
    if (view->envelopes.empty()) return made;  // a tick
    made->bytes_ = std::string{bytes};
    made->raw_.reserve(view->envelopes.size());
    for (const auto envelope : view->envelopes)
        made->raw_.push_back(std::string_view{made->bytes_}.substr(
            static_cast<std::size_t>(envelope.data() - bytes.data()), envelope.size()));
    made->envelopes_.resize(made->raw_.size());
    made->parts_ = (made->raw_.size() + part_envelopes - 1) / part_envelopes;
    return made;
}

std::shared_ptr<ReceivedBundle> ReceivedBundle::own(
    std::string_view bytes, const Hash& hash, std::vector<ledger::VerifiedEnvelope> envelopes) {
    const auto view = parse_bundle(bytes);
    ensure(view && view->envelopes.size() == envelopes.size(), "our own bundle is well-formed");
    std::shared_ptr<ReceivedBundle> made{new ReceivedBundle{bytes, hash, *view}};
    made->envelopes_ = std::move(envelopes);
    return made;
}

ReceivedBundle::Verdict ReceivedBundle::verdict() const noexcept {
    // First what is done, then whether it was good: the other way round the last part could turn
    // out unsound between the two.
    const bool all_done = done_.load(std::memory_order_acquire) == parts_;
    if (unsound_.load(std::memory_order_acquire)) return Verdict::unsound;
    return all_done ? Verdict::sound : Verdict::unknown;
}

const std::vector<ledger::VerifiedEnvelope>& ReceivedBundle::envelopes() const {
    ensure(verdict() == Verdict::sound, "only a sound bundle has envelopes");
    return envelopes_;
}

void ReceivedBundle::check_some(EnvelopeChecker& checker) {
    for (auto mine = next_++; mine < parts_; mine = next_++) {
        check_part(mine, checker);
        if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 != parts_) continue;
        // The last one: nobody reads the raw bytes any more.
        raw_ = {};
        bytes_ = {};
        done_.notify_all();
    }
}

void ReceivedBundle::check_part(std::size_t part, EnvelopeChecker& checker) {
    const auto begin = part * part_envelopes;
    const auto end = std::min(begin + part_envelopes, envelopes_.size());
    for (auto i = begin; i < end && !unsound_.load(std::memory_order_relaxed); ++i) {
        auto envelope = checker.check(raw_[i]);
        if (envelope)
            envelopes_[i] = std::move(*envelope);
        else
            unsound_.store(true, std::memory_order_release);
    }
}

void ReceivedBundle::wait() const {
    for (auto done = done_.load(); done != parts_; done = done_.load()) done_.wait(done);
}

}  // namespace tallystick::node
