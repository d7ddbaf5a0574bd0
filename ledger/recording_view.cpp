#include "ledger/recording_view.hpp"

namespace tallystick::ledger {

ValuePtr RecordingView::find(const std::string& key,
                             const google::protobuf::Message& prototype) const {
    keys_.insert(key);
    return base_.find(key, prototype);
}

}  // namespace tallystick::ledger
