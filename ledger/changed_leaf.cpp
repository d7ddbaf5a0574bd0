#include "ledger/changed_leaf.hpp"

namespace tallystick::ledger {

const google::protobuf::Message* prototype_of(std::string_view key) noexcept {
    if (key.empty()) return nullptr;
    switch (kind_of(key)) {
        case Kind::parameters: return &pb::Parameters::default_instance();
        case Kind::account: return &pb::Account::default_instance();
        case Kind::identifier: return &pb::Owner::default_instance();
        case Kind::public_key: return &pb::Owner::default_instance();
        case Kind::authority_node: return &pb::AuthorityNode::default_instance();
        case Kind::contract: return &pb::Contract::default_instance();
        case Kind::contract_totals: return &pb::Totals::default_instance();
        case Kind::claim_totals: return &pb::Totals::default_instance();
        case Kind::participant: return &pb::Participant::default_instance();
        case Kind::accreditation: return &pb::Accreditation::default_instance();
        case Kind::need: return &pb::Need::default_instance();
        case Kind::bid: return &pb::Bid::default_instance();
        case Kind::revealed_line: return &pb::RevealedLine::default_instance();
        case Kind::award: return &pb::AwardRecord::default_instance();
        case Kind::awarded_line: return &pb::AwardedLine::default_instance();
        case Kind::balance: return &pb::Balance::default_instance();
        case Kind::promise: return &pb::Promise::default_instance();
        case Kind::redemption: return &pb::Redemption::default_instance();
        case Kind::redemption_line: return &pb::RedemptionLine::default_instance();
        case Kind::evidence: return &pb::EvidenceUse::default_instance();
        case Kind::authorities: return &pb::Authorities::default_instance();
        case Kind::proposal: return &pb::Proposal::default_instance();
        case Kind::misbehaviour: return &pb::MisbehaviourRecord::default_instance();
        case Kind::handover: return &pb::Handover::default_instance();
        case Kind::node_address: return &pb::Owner::default_instance();
    }
    return nullptr;
}

std::vector<ChangedLeaf> changed_leaves(const Changes& changes, const StateView& before) {
    std::vector<ChangedLeaf> leaves;
    leaves.reserve(changes.size());
    for (const auto& [key, value] : changes) {
        const auto* prototype = prototype_of(key);
        ensure(prototype != nullptr, "a changed key is of a listed kind");
        leaves.push_back({key, before.find(key, *prototype), value});
    }
    return leaves;
}

namespace {

struct AwardedLineDue {
    std::uint64_t pass_on_at;
    bool has_units;
    friend bool operator==(const AwardedLineDue&, const AwardedLineDue&) = default;

    static AwardedLineDue of(const pb::AwardedLine& line) {
        return {line.pass_on_at(),
                line.line().quantity() != line.transferred() + line.passed_on() + line.returned()};
    }
};

struct RedemptionLineDue {
    std::uint64_t lapse_at;
    bool outstanding;
    bool settling;
    friend bool operator==(const RedemptionLineDue&, const RedemptionLineDue&) = default;

    static RedemptionLineDue of(const pb::RedemptionLine& line) {
        const auto& cells = line.cells();
        return {line.lapse_at(), cells.outstanding() != 0,
                cells.delivered() + cells.disputed_delivered() + cells.disputed_confirmed() != 0};
    }
};

template <class Value, class Measure>
bool differ(const ChangedLeaf& leaf, Measure measure) {
    return !(measure(*leaf.old_value<Value>()) == measure(*leaf.new_value<Value>()));
}

}  // namespace

bool may_change_due_items(const ChangedLeaf& leaf) {
    if (!leaf.before || !leaf.after) return true;
    const auto kind = kind_of(leaf.key);
    if (kind == Kind::balance)
        return differ<pb::Balance>(leaf, [](const auto& it) { return it.available() != 0; });
    if (kind == Kind::awarded_line) return differ<pb::AwardedLine>(leaf, AwardedLineDue::of);
    if (kind == Kind::redemption_line)
        return differ<pb::RedemptionLine>(leaf, RedemptionLineDue::of);
    return true;
}

ValuePtr OverChanges::find(const std::string& key,
                           const google::protobuf::Message& prototype) const {
    const auto changed = changes_.find(key);
    return changed != changes_.end() ? changed->second : base_.find(key, prototype);
}

}  // namespace tallystick::ledger
