#pragma once

#include "ledger/reports/leaf_source.hpp"
#include "node/node_service.hpp"

namespace tallystick::node::api {

/// A snapshot as the reports of the ledger want to read it. Lives no longer than the snapshot.
class SnapshotLeaves final : public ledger::LeafSource {
  public:
    explicit SnapshotLeaves(const Snapshot& snapshot) : snapshot_(snapshot) {}

    [[nodiscard]] ledger::ValuePtr find(const std::string& key,
                                        const google::protobuf::Message& prototype) const override;
    void for_each(std::string_view prefix, const Visit& visit) const override;

  private:
    const Snapshot& snapshot_;
};

}  // namespace tallystick::node::api
