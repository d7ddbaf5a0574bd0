#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "ledger/block_stages.hpp"
#include "ledger/memory_state.hpp"
#include "ledger/state_machine.hpp"
#include "protocol/block.hpp"
#include "protocol/canonical.hpp"
#include "protocol/commit.hpp"
#include "protocol/envelope.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"
#include "unit/ledger/support.hpp"

/// Signed envelopes, blocks and a genesis for the tests of the state machine and the store.
namespace tallystick::ledger::test {

inline void set_action(pb::Body& body, const pb::PublishNeed& action) {
    *body.mutable_publish_need() = action;
}
inline void set_action(pb::Body& body, const pb::Register& action) {
    *body.mutable_register_() = action;
}
inline void set_action(pb::Body& body, const pb::Propose& action) {
    *body.mutable_propose() = action;
}
inline void set_action(pb::Body& body, const pb::Vote& action) {
    *body.mutable_vote() = action;
}
inline void set_action(pb::Body& body, const pb::Accredit& action) {
    *body.mutable_accredit() = action;
}
inline void set_action(pb::Body& body, const pb::CloseContract& action) {
    *body.mutable_close_contract() = action;
}
inline void set_action(pb::Body& body, const pb::Transfer& action) {
    *body.mutable_transfer() = action;
}

inline pb::PublishNeed need_of(std::string_view resource = laptop, std::uint64_t quantity = 1) {
    pb::PublishNeed action;
    *action.mutable_contract() = bridge();
    action.set_resource(std::string{resource});
    action.set_quantity(quantity);
    action.set_by_when(deadline - day);
    action.set_ward("orwell");
    return action;
}

/// What a body is made of, apart from its action.
struct Sending {
    std::string account;
    std::string name;  ///< makes the nonce, and so the id, its own
    std::uint64_t valid_until = opened_at + 3 * day;
    std::vector<std::string> co_signers = {};
    LedgerId ledger_id = test_ledger();
    std::vector<std::string> signers = {};  ///< whose keys sign; empty: those of the account and
                                            ///< the co-signers
};

template <class Action>
VerifiedEnvelope envelope_of(const Sending& sending, const Action& action) {
    pb::Body body;
    body.set_ledger_id(sending.ledger_id.str());
    body.set_account(sending.account);
    for (const auto& co_signer : sending.co_signers) body.add_co_signers(co_signer);
    body.set_nonce(bytes32(sending.name).substr(0, nonce_bytes));
    body.set_valid_until(sending.valid_until);
    set_action(body, action);
    auto names = sending.signers;
    if (names.empty()) {
        names = sending.co_signers;
        names.push_back(sending.account);
    }
    std::vector<SigningKey> keys;
    for (const auto& name : names) keys.push_back(key_of(name));
    std::vector<const SigningKey*> pointers;
    for (const auto& key : keys) pointers.push_back(&key);
    auto decoded = decode_envelope(sign_envelope(body, pointers));
    REQUIRE(decoded.ok());
    return std::make_shared<const DecodedEnvelope>(std::move(decoded).value());
}

/// A folder that goes when it does.
class ScratchFolder {
  public:
    ScratchFolder() {
        auto pattern = (std::filesystem::temp_directory_path() / "tallystick-XXXXXX").string();
        const char* made = ::mkdtemp(pattern.data());
        REQUIRE(made != nullptr);
        path_ = made;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace tallystick::ledger::test
