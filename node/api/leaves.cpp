#include "node/api/leaves.hpp"

#include "ledger/changed_leaf.hpp"

namespace tallystick::node::api {

ledger::ValuePtr SnapshotLeaves::find(const std::string& key,
                                      const google::protobuf::Message& prototype) const {
    return snapshot_.state().find(key, prototype);
}

void SnapshotLeaves::for_each(std::string_view prefix, const Visit& visit) const {
    snapshot_.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
        const auto* prototype = ledger::prototype_of(key);
        if (prototype == nullptr) return true;
        const std::shared_ptr<google::protobuf::Message> message{prototype->New()};
        if (!message->ParseFromArray(value.data(), static_cast<int>(value.size()))) return true;
        return visit(key, message);
    });
}

}  // namespace tallystick::node::api
