#include "ledger/draft.hpp"

namespace tallystick::ledger {

ValuePtr Draft::find(const std::string& key, const google::protobuf::Message& prototype) const {
    const auto changed = changes_.find(key);
    return changed != changes_.end() ? changed->second : base_.find(key, prototype);
}

}  // namespace tallystick::ledger
