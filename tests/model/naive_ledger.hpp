#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/memory_state.hpp"
#include "model/random_ledger.hpp"

/// docs/RULES.md once more, as plainly as it can be said: plain maps, no drafts, no index of
/// deadlines, no code of ledger/. It answers done or refused, and keeps the credits.
namespace tallystick::model {

/// A product of two amounts.
__extension__ typedef unsigned __int128 Wide;

/// Authority, ocid and lot with line feeds between; a claim has the supplier behind.
using ContractName = std::string;
using ClaimName = std::string;

struct NaiveContract {
    std::uint64_t allocation, bids_close, reveal_ends, standstill, deadline, settling_ends;
    bool closed = false;
    std::map<std::string, std::uint64_t> unit_values;
    std::set<std::string> outcomes, wards;
};
struct NaiveAccount {
    std::set<int> roles;
    std::set<std::string> keys;
    std::string successor;
};
struct NaiveNode {
    std::string key;
    std::uint64_t power = 0;
    std::uint64_t accused = 0;  ///< height of what stands against it; 0: nothing
};
struct NaiveProposal {
    std::string proposer;
    pb::Change change;
    std::uint64_t effective_at = 0, due = 0;
    pb::ProposalStatus status = pb::PROPOSAL_STATUS_OPEN;
    std::map<std::string, pb::Choice> ballots;
};
struct NaiveGrant {
    std::set<std::string> outcomes, wards;
    std::uint64_t expires = 0;
};
struct NaiveAccreditation {
    bool waiting = false;
    std::optional<NaiveGrant> grant;
};
struct NaiveBid {
    std::string hash;
    bool revealed = false;
    std::map<std::uint32_t, std::pair<pb::CommitmentLine, std::string>> lines;  ///< and its award
};
struct NaiveAwardedLine {
    pb::CommitmentLine line;
    std::uint64_t unit_value = 0;
    std::optional<std::uint32_t> revealed;
    std::uint64_t left = 0;
    std::uint64_t pass_on_at = 0;
};
struct NaiveAward {
    ClaimName claim;
    ContractName contract;
    std::string supplier;
    pb::AwardStatus status = pb::AWARD_STATUS_STANDSTILL;
    std::uint64_t value = 0, standstill_ends = 0;
    std::vector<NaiveAwardedLine> lines;
};
struct NaiveRequest {
    std::string resource;
    std::uint64_t unit_value = 0, requested = 0, lapse_at = 0, cancelled = 0, declined = 0;
    std::map<pb::Cell, std::uint64_t> cells;
};
struct NaiveRedemption {
    ClaimName claim;
    ContractName contract;
    std::string supplier, project;
    pb::RedemptionStatus status = pb::REDEMPTION_STATUS_REQUESTED;
    std::uint64_t wanted_by = 0, agreed = 0;
    std::vector<NaiveRequest> lines;
};
struct NaivePromise {
    std::uint64_t awarded = 0, accepted = 0;
};

/// An item that the ledger owes: when, what kind, about which state key.
struct NaiveDue {
    std::uint64_t time;
    pb::DueKind kind;
    std::string object;
    friend auto operator<=>(const NaiveDue&, const NaiveDue&) = default;
};

class NaiveLedger {
  public:
    explicit NaiveLedger(const pb::Genesis& genesis, const LedgerId& ledger_id);

    /// Does what the block does. Empty when every outcome, every due item and every skip that
    /// needs no signature is what this model makes of it; else what differs, in words.
    [[nodiscard]] std::string follow(const Block& block);
    /// Empty when balances, totals, cells, promises, awards and redemptions are the same; else what
    /// differs first.
    [[nodiscard]] std::string compare(const ledger::MemoryState& state) const;

  private:
    struct Acting {
        std::string id, account;
        std::set<std::string> signers;  ///< acting account and co-signers
        std::uint64_t now;
    };
    using Pockets = std::map<pb::Pocket, std::uint64_t>;

    [[nodiscard]] std::string follow_due(const Block& block);
    [[nodiscard]] std::string follow_envelope(const Block& block, std::size_t at);
    [[nodiscard]] std::set<NaiveDue> overdue(std::uint64_t now) const;
    void add_due_of_lines(std::set<NaiveDue>& items, const std::string& id,
                          const NaiveRedemption& redemption) const;
    [[nodiscard]] bool run_due(const pb::DueItem& item, std::uint64_t height);
    void expire_line(NaiveRedemption& redemption, NaiveRequest& line, std::uint64_t time);
    [[nodiscard]] bool does(const pb::Body& body, const Acting& acting);

    // governing
    [[nodiscard]] static std::string concerned(const pb::Change& change);
    [[nodiscard]] std::string responsible_for(const ContractName& contract) const;
    [[nodiscard]] bool is_node_key_free(const std::string& key) const;
    [[nodiscard]] bool fits(const std::string& handle, const pb::Policy& policy,
                            const google::protobuf::RepeatedPtrField<pb::KeyProof>& proofs) const;
    [[nodiscard]] bool is_possible(const pb::Change& change) const;
    void give_node(const std::string& authority, const pb::AuthorityNode& node);
    void make(const pb::Change& change, std::uint64_t height);
    void count(NaiveProposal& proposal, std::uint64_t now) const;
    [[nodiscard]] bool run_proposal(NaiveProposal& proposal, std::uint64_t height);
    /// Records what the engine brought; the keys of the new records, in order.
    [[nodiscard]] std::vector<std::string> take_reports(const Block& block);
    bool on(const pb::Propose& action, const Acting& acting);
    bool on(const pb::Vote& action, const Acting& acting);

    // accounts and programme
    [[nodiscard]] bool has_role(const std::string& account, pb::Role role) const;
    [[nodiscard]] bool is_key_free(const std::string& key, const std::string& but) const;
    [[nodiscard]] NaiveContract* open(const ContractName& name, std::uint64_t now);
    [[nodiscard]] const NaiveGrant* grant(const ContractName& contract, const std::string& project,
                                          std::uint64_t at) const;
    [[nodiscard]] bool may_take(const ContractName& contract, const std::string& account,
                                pb::Role role) const;
    [[nodiscard]] std::optional<std::uint64_t> admit(
        const ContractName& name,
        const google::protobuf::RepeatedPtrField<pb::CommitmentLine>& lines,
        std::uint64_t now) const;
    bool on(const pb::Register& action, const Acting& acting);
    bool on(const pb::SetPolicy& action, const Acting& acting);
    bool on(const pb::OpenContract& action, const Acting& acting);
    bool on(const pb::CloseContract& action, const Acting& acting);
    bool on(const pb::ApplyForAccreditation& action, const Acting& acting);
    bool on(const pb::DeclineApplication& action, const Acting& acting);
    bool on(const pb::Accredit& action, const Acting& acting);
    bool on(const pb::PublishNeed& action, const Acting& acting);
    bool on(const pb::WithdrawNeed& action, const Acting& acting);
    bool on(const pb::SealLines& action, const Acting& acting);
    bool on(const pb::RevealLines& action, const Acting& acting);
    bool on(const pb::WithdrawLines& action, const Acting& acting);
    bool on(const pb::Award& action, const Acting& acting);
    bool on(const pb::CancelAward& action, const Acting& acting);

    // credits
    [[nodiscard]] bool move(const ClaimName& claim, const std::string& from_account,
                            pb::Pocket from, const std::string& to_account, pb::Pocket to,
                            std::uint64_t amount);
    NaiveAwardedLine* issued_line(const std::string& award, std::uint32_t number,
                                  const Acting& acting);
    bool on(const pb::TransferAwarded& action, const Acting& acting);
    bool on(const pb::Transfer& action, const Acting& acting);
    bool on(const pb::ReturnCredits& action, const Acting& acting);
    bool on(const pb::ReturnAwarded& action, const Acting& acting);

    // redemptions
    void shift(NaiveRedemption& redemption, NaiveRequest& line, pb::Cell from, pb::Cell to,
               std::uint64_t units);
    NaiveRequest* line_of(const std::string& redemption, std::uint32_t number);
    bool on(const pb::Redeem& action, const Acting& acting);
    bool on(const pb::AcceptRedemption& action, const Acting& acting);
    bool on(const pb::DeclineRedemption& action, const Acting& acting);
    bool on(const pb::CancelRedemption& action, const Acting& acting);
    bool on(const pb::RecordDelivery& action, const Acting& acting);
    bool on(const pb::ConfirmDelivery& action, const Acting& acting);
    bool on(const pb::VerifyDelivery& action, const Acting& acting);
    bool on(const pb::Dispute& action, const Acting& acting);
    bool on(const pb::ResolveDispute& action, const Acting& acting);

    LedgerId ledger_id_;
    std::map<pb::Parameter, std::uint64_t> values_;
    std::map<std::string, NaiveNode> nodes_;  ///< by authority: those there are
    std::map<std::string, std::string> addresses_;
    std::set<std::pair<std::string, std::uint64_t>> records_;  ///< authority, height
    std::map<std::string, NaiveProposal> proposals_;
    std::uint32_t segment_ = 1;
    std::uint64_t first_height_ = 1;  ///< of the segment, or of the one to come
    std::set<std::string> used_;
    std::map<std::string, NaiveAccount> accounts_;
    std::set<std::string> identifiers_;
    std::map<ContractName, NaiveContract> contracts_;
    std::map<std::pair<ContractName, std::string>, pb::Role> sides_;
    std::map<std::pair<ContractName, std::string>, NaiveAccreditation> accreditations_;
    std::map<std::string, std::pair<std::string, ContractName>> needs_;  ///< project, contract
    std::map<ClaimName, NaiveBid> bids_;
    std::map<std::string, NaiveAward> awards_;
    std::map<std::pair<std::string, ClaimName>, Pockets> balances_;
    std::map<std::string, Pockets> totals_;         ///< of contracts and of claims
    std::map<std::string, std::uint64_t> awarded_;  ///< in standstill; of contracts and of claims
    std::map<std::pair<ClaimName, std::string>, NaivePromise> promises_;
    std::map<std::string, NaiveRedemption> redemptions_;
    std::set<std::string> evidence_;
};

[[nodiscard]] ContractName name_of(const pb::ContractId& contract);
[[nodiscard]] ClaimName name_of(const pb::Claim& claim);
/// The contract of a claim.
[[nodiscard]] ContractName contract_of(const ClaimName& claim);
[[nodiscard]] std::string authority_of(const ContractName& contract);
[[nodiscard]] pb::Claim claim_from(const ClaimName& claim);

}  // namespace tallystick::model
