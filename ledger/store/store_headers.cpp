#include <algorithm>
#include <utility>

#include "ledger/store/chain_check.hpp"
#include "ledger/store/record.hpp"
#include "ledger/store/store_parts.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"

/// What arrives after a block, and what changes with who governs: headers, validators, segments.
namespace tallystick::ledger {

namespace {

[[noreturn]] void fail_unfit(const std::string& what) {
    throw LmdbFailure{{StoreFault::unfit, what}};
}

std::string joined(const std::vector<std::string>& sentences) {
    std::string text;
    for (const auto& sentence : sentences) text += (text.empty() ? "" : "; ") + sentence;
    return text;
}

}  // namespace

void Store::Parts::check_writable() const {
    if (!failed) return;
    throw LmdbFailure{{StoreFault::read_only,
                       "nothing is written any more after an earlier error of the disk: find its "
                       "cause, then start the node again"}};
}

std::uint64_t Store::Parts::find_headers_until(const ChainReader& reader) const {
    auto newest = reader.height();
    while (newest > reader.shape().base_height && !reader.block(newest).record.has_header())
        --newest;
    return newest;
}

std::vector<std::string> check_header_for(const ChainReader& reader, std::uint64_t height,
                                          const StoredBlock& before, const StoredBlock& stored,
                                          const HeaderToStore& arrived) {
    const auto& shape = reader.shape();
    pb::BlockRecord whole;
    *whole.mutable_header() = *arrived.header;
    *whole.mutable_commit() = *arrived.commit;
    const auto bundles = reader.bundles(height, stored.extent);
    const auto validators = reader.validators(height).validators;
    const auto next_validators = reader.validators(height + 1).validators;
    auto wrong = check_chain_step({shape.segment_of(height), height, validators, next_validators,
                                   before.record, before.extent.bundles,
                                   height - 1 > shape.base_height, whole, bundles});
    if (header_hash(*arrived.header).text() != hash_of(stored.record))
        wrong.emplace_back("it is not the header of the block that is stored");
    if (compare(arrived.header->time(), time_of(stored.record)) != 0)
        wrong.emplace_back("its time is not that of the block that is stored");
    return wrong;
}

StoreResult<void> Store::add_header(std::uint64_t height, const pb::Header& header,
                                    const pb::Commit& commit) {
    const HeaderToStore one{height, &header, &commit};
    return add_headers({&one, 1});
}

StoreResult<void> Store::add_headers(std::span<const HeaderToStore> headers) {
    return guarded([&] {
        parts_->check_writable();
        const auto reader = parts_->chain->read();
        std::uint64_t until = parts_->headers_until;
        std::vector<std::pair<std::uint64_t, StoredBlock>> arrived;
        for (const auto& next : headers) {
            const auto place = "the header of block " + std::to_string(next.height);
            if (next.height < until || next.height <= reader.shape().base_height) continue;
            if (next.height > until + 1)
                fail_unfit(place + " comes too early: that of block " + std::to_string(until + 1) +
                           " is missing");
            if (next.height > reader.height()) fail_unfit(place + " comes before the block itself");
            const bool replaces = !arrived.empty() && arrived.back().first == next.height;
            auto stored = replaces ? arrived.back().second : reader.block(next.height);
            const auto before_at = arrived.size() - (replaces ? 1 : 0);
            const auto before = before_at > 0 && arrived[before_at - 1].first == next.height - 1
                                    ? arrived[before_at - 1].second
                                    : reader.block(next.height - 1);
            const auto wrong = check_header_for(reader, next.height, before, stored, next);
            if (!wrong.empty()) fail_unfit(place + " does not fit: " + joined(wrong));
            *stored.record.mutable_header() = *next.header;
            *stored.record.mutable_commit() = *next.commit;
            stored.record.clear_hash();
            stored.record.clear_time();
            if (replaces)
                arrived.back().second = std::move(stored);
            else
                arrived.emplace_back(next.height, std::move(stored));
            until = next.height;
        }
        if (arrived.empty()) return;
        try {
            parts_->chain->replace(arrived);
        } catch (...) {
            parts_->failed = true;
            throw;
        }
        parts_->headers_until = until;
    });
}

StoreResult<void> Store::begin_segment(const std::string& chain_id, std::uint64_t first_height) {
    return guarded([&] {
        parts_->check_writable();
        const auto& newest = parts_->newest_segment();
        if (newest.chain_id == chain_id && newest.first_height == first_height) return;
        const auto& handover = parts_->governing.handover();
        const auto name = "segment " + chain_id;
        if (!handover || handover->initial_height() <= newest.first_height)
            fail_unfit(name + " cannot begin: the ledger has decided no handover");
        if (handover->chain_id() != chain_id || handover->initial_height() != first_height)
            fail_unfit(name + " cannot begin at block " + std::to_string(first_height) +
                       ": the ledger hands over to " + handover->chain_id() + " at block " +
                       std::to_string(handover->initial_height()));
        if (parts_->height + 1 != first_height)
            fail_unfit(name + " begins after block " + std::to_string(first_height - 1) +
                       ", and the newest here is " + std::to_string(parts_->height));
        if (parts_->headers_until != parts_->height)
            fail_unfit(name + " cannot begin: the headers of the last blocks of " +
                       newest.chain_id + " are missing, from block " +
                       std::to_string(parts_->headers_until + 1) + " on; serve it once more");
        pb::Segment segment;
        segment.set_chain_id(chain_id);
        segment.set_first_height(first_height);
        *segment.mutable_validators() = handover->validators();
        segment.set_engine(handover->engine());
        try {
            parts_->chain->begin_segment(segment);
        } catch (...) {
            parts_->failed = true;
            throw;
        }
        parts_->segment_validators = segment.validators();
        parts_->governing.begin_segment(segment);
    });
}

}  // namespace tallystick::ledger
