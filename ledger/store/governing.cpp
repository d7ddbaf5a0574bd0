#include "ledger/store/governing.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "ledger/validators.hpp"

namespace tallystick::ledger {

namespace {

bool any_of_kind(const Changes& changes, Kind kind) {
    const std::string prefix(1, static_cast<char>(kind));
    const auto first = changes.lower_bound(prefix);
    return first != changes.end() && first->first.starts_with(prefix);
}

bool changes_validators(const Changes& changes) {
    return any_of_kind(changes, Kind::authorities) || any_of_kind(changes, Kind::authority_node);
}

std::optional<pb::Handover> handover_in(const StateView& state) {
    const auto record = state.get(handover_key());
    return record ? std::optional{*record} : std::nullopt;
}

std::vector<PublicKey> keys_of(const pb::ValidatorSet& validators) {
    std::vector<PublicKey> keys;
    for (const auto& validator : validators.validators())
        if (const auto key = PublicKey::from(validator.public_key())) keys.push_back(*key);
    std::ranges::sort(keys);
    return keys;
}

}  // namespace

void Governing::load(const StateView& state, pb::ValidatorSet newest_set,
                     const pb::Segment& segment) {
    current_ = keys_of(validators_of(state));
    set_orderer(segment.engine(), segment.validators());
    newest_set_ = std::move(newest_set);
    handover_ = handover_in(state);
}

void Governing::begin_segment(const pb::Segment& segment) {
    newest_set_ = segment.validators();
    set_orderer(segment.engine(), segment.validators());
}

void Governing::set_orderer(pb::Engine engine, const pb::ValidatorSet& validators) {
    orderer_ = engine == pb::ENGINE_SOLO && validators.validators_size() == 1
                   ? PublicKey::from(validators.validators(0).public_key())
                   : std::nullopt;
    add_orderer();
}

void Governing::add_orderer() {
    nodes_ = current_;
    if (!orderer_ || std::ranges::binary_search(nodes_, *orderer_)) return;
    nodes_.insert(std::ranges::upper_bound(nodes_, *orderer_), *orderer_);
}

Governing::Noted Governing::note(std::uint64_t height, const ChainShape& shape,
                                 const Changes& changes, const StateView& state) {
    const auto& segment = shape.segment_of(height);
    Noted noted;
    noted.beyond_segment = handover_ && height >= handover_->initial_height() &&
                           segment.first_height < handover_->initial_height();
    if (any_of_kind(changes, Kind::handover)) handover_ = handover_in(state);

    const bool is_first = height == segment.first_height;
    if (is_first || changes_validators(changes)) {
        auto after = validators_of(state);
        current_ = keys_of(after);
        add_orderer();
        if (segment.engine == pb::ENGINE_COMETBFT)
            noted.updates = validator_updates(newest_set_, after);
        if (!noted.updates.empty()) {
            newest_set_ = after;
            noted.validators = std::move(after);
        }
    }
    // Executing again what a segment was already begun after.
    if (handover_ && handover_->initial_height() == height + 1) {
        newest_set_ = handover_->validators();
        if (shape.segments.back().first_height >= height + 1)
            set_orderer(handover_->engine(), handover_->validators());
    }
    return noted;
}

}  // namespace tallystick::ledger
