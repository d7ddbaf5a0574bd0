#pragma once

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/store/store.hpp"
#include "node/ledger_node.hpp"
#include "protocol/crypto.hpp"

/// A ledger of one authority in a fresh folder, and envelopes for it.
namespace tallystick::node::test {

/// A folder that goes when it goes.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

inline constexpr std::uint64_t start_ms = 1'800'000'000'000;

class SmallLedger {
  public:
    SmallLedger();

    /// A node on the folder, its clock at `clock_ms`; started. @pre no other has it open.
    [[nodiscard]] std::unique_ptr<LedgerNode> open(LedgerNodeOptions options = {},
                                                   ledger::StoreOptions store_options = {});

    /// The authority registers a project: done the first time, refused (account_exists) the next.
    [[nodiscard]] std::string registration(const std::string& name) const;
    /// The same body, signed by someone who may not.
    [[nodiscard]] std::string registration_by_stranger(const std::string& name) const;
    /// Any action of the authority, valid for a day.
    [[nodiscard]] pb::Body body() const;
    [[nodiscard]] const SigningKey& authority_key() const noexcept { return authority_key_; }
    [[nodiscard]] const LedgerId& ledger_id() const noexcept { return ledger_id_; }
    [[nodiscard]] std::filesystem::path folder() const { return folder_.path() / "ledger"; }

    std::shared_ptr<std::atomic<std::uint64_t>> clock_ms;

  private:
    [[nodiscard]] pb::Body registration_body(const std::string& name) const;

    Folder folder_;
    SigningKey authority_key_;
    SigningKey node_key_;
    SigningKey stranger_key_;
    LedgerId ledger_id_;
};

/// Hands in and waits for the answers, at most ten seconds.
[[nodiscard]] std::vector<Answer> submit(NodeService& node, std::vector<std::string> envelopes);

/// Waits until the head is at least this high, at most ten seconds.
[[nodiscard]] bool wait_for_height(const NodeService& node, std::uint64_t height);

}  // namespace tallystick::node::test
