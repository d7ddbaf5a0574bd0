#include "node/store_view.hpp"

namespace tallystick::node {
namespace {

class StoreBackedSnapshot final : public Snapshot {
  public:
    StoreBackedSnapshot(std::unique_ptr<ledger::StoreSnapshot> snapshot, std::uint64_t time,
                        ErrorMap errors)
        : snapshot_(std::move(snapshot)), time_(time), errors_(std::move(errors)) {}

    std::uint64_t height() const override { return snapshot_->state_height(); }
    std::uint64_t time() const override { return time_; }
    const ledger::StateView& state() const override { return snapshot_->state(); }
    std::uint64_t log_size() const override { return snapshot_->log_size(); }

    void scan(std::string_view prefix, std::string_view start,
              const std::function<bool(std::string_view, std::string_view)>& visit) const override {
        const auto read = snapshot_->for_each_leaf(prefix, start, visit);
        if (read) return;
        damaged_ = true;
        static_cast<void>(errors_(read.error()));
    }

    Result<std::vector<std::uint64_t>, ReadError> entries_of_account(
        std::string_view account, std::uint64_t before, std::size_t most) const override {
        auto found = snapshot_->entries_of_account(account, before, most);
        if (!found)
            return noted(
                Result<std::vector<std::uint64_t>, ReadError>{Failure{errors_(found.error())}});
        return std::move(*found);
    }

    Result<LoggedEntry, ReadError> entry(std::uint64_t log_index) const override {
        return noted(read_entry(*snapshot_, log_index, errors_));
    }

    Result<std::string, ReadError> envelope(std::uint64_t log_index) const override {
        return noted(read_envelope(*snapshot_, log_index, errors_));
    }

    bool is_damaged() const override {
        if (!snapshot_->damage()) return damaged_;
        static_cast<void>(errors_(*snapshot_->damage()));
        return true;
    }

  private:
    /// An answer from which a damaged record was left out would be false: nobody gets it.
    template <class T>
    Result<T, ReadError> noted(Result<T, ReadError> read) const {
        if (!read && read.error() == ReadError::damaged) damaged_ = true;
        return read;
    }

    std::unique_ptr<ledger::StoreSnapshot> snapshot_;
    std::uint64_t time_;
    ErrorMap errors_;
    mutable bool damaged_ = false;
};

/// Where an entry and its bytes live together.
struct OwnedEntry {
    pb::LogEntry entry;
    std::string bytes;
};

}  // namespace

std::unique_ptr<Snapshot> make_snapshot(std::unique_ptr<ledger::StoreSnapshot> snapshot,
                                        std::uint64_t time, ErrorMap errors) {
    return std::make_unique<StoreBackedSnapshot>(std::move(snapshot), time, std::move(errors));
}

LoggedEntry own_entry(pb::LogEntry entry, std::string bytes, std::uint64_t log_index) {
    const auto owned =
        std::make_shared<const OwnedEntry>(OwnedEntry{std::move(entry), std::move(bytes)});
    return LoggedEntry{owned, owned->entry, owned->bytes, log_index};
}

Result<LoggedEntry, ReadError> read_entry(const ledger::StoreSnapshot& snapshot,
                                          std::uint64_t log_index, const ErrorMap& errors) {
    if (log_index >= snapshot.log_size()) return Failure{ReadError::not_found};
    auto bytes = snapshot.entry(log_index);
    if (!bytes) return Failure{errors(bytes.error())};
    pb::LogEntry entry;
    // The store has compared the bytes with the log's hash; they decode unless it was written
    // wrong.
    if (!entry.ParseFromString(*bytes)) return Failure{ReadError::damaged};
    return own_entry(std::move(entry), std::move(*bytes), log_index);
}

Result<std::string, ReadError> read_envelope(const ledger::StoreSnapshot& snapshot,
                                             std::uint64_t log_index, const ErrorMap& errors) {
    if (log_index >= snapshot.log_size()) return Failure{ReadError::not_found};
    auto bytes = snapshot.envelope_of_entry(log_index);
    if (!bytes) return Failure{errors(bytes.error())};
    if (!*bytes) return Failure{ReadError::not_found};
    return std::move(**bytes);
}

}  // namespace tallystick::node
