#include "protocol/trail.hpp"

namespace tallystick {

Result<std::vector<pb::LightBlock>, TrailFault> make_trail(const pb::LightBlock& from,
                                                           const pb::LightBlock& to,
                                                           const LightBlockSource& source) {
    std::vector<pb::LightBlock> trail;
    if (from.header().height() == to.header().height()) return trail;
    auto trusted = trusted_from(from);
    // Targets not reached yet, the nearest last.
    std::vector<pb::LightBlock> targets{to};
    while (true) {
        const auto step = verify_step(trusted, targets.back(), SlotRule::blank);
        if (step) {
            trusted = trusted_from(targets.back());
            auto reached = std::move(targets.back());
            targets.pop_back();
            if (targets.empty()) return trail;
            trail.push_back(std::move(reached));
            continue;
        }
        const auto distance = targets.back().header().height() - trusted.height;
        if (step.error() != ChainFault::not_enough_trust || distance < 2)
            return Failure{TrailFault::broken};
        auto middle = source(trusted.height + distance / 2);
        if (!middle || middle->header().height() != trusted.height + distance / 2)
            return Failure{TrailFault::missing};
        targets.push_back(std::move(*middle));
    }
}

}  // namespace tallystick
