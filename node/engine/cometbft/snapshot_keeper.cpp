#include "node/engine/cometbft/snapshot_keeper.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <utility>

#include "ledger/store/snapshot_writer.hpp"
#include "node/log.hpp"
#include "protocol/canonical.hpp"
#include "protocol/crypto.hpp"

namespace tallystick::node {
namespace {

/// After a failure, or while a change of the validators is under way.
constexpr std::uint64_t retry_blocks = 20;

std::optional<std::string> read_whole(const std::filesystem::path& file, std::size_t bytes_max) {
    std::ifstream in{file, std::ios::binary};
    if (!in) return std::nullopt;
    std::string content(bytes_max + 1, '\0');
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (in.bad() || static_cast<std::size_t>(in.gcount()) > bytes_max) return std::nullopt;
    content.resize(static_cast<std::size_t>(in.gcount()));
    return content;
}

std::optional<std::uint64_t> height_from(const std::string& name) {
    std::uint64_t height = 0;
    const auto* end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, height);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return height;
}

/// 32 bytes a chunk and a few besides.
constexpr std::size_t manifest_bytes_max = 67108864;

}  // namespace

SnapshotKeeper::SnapshotKeeper(Parts parts) : parts_(std::move(parts)) {
    read_folder();
}

SnapshotKeeper::~SnapshotKeeper() {
    finish();
}

void SnapshotKeeper::finish() {
    if (thread_.joinable()) thread_.join();
}

std::filesystem::path SnapshotKeeper::folder_of(std::uint64_t height) const {
    return parts_.folder / std::to_string(height);
}

void SnapshotKeeper::read_folder() {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{parts_.folder, none}) {
        const auto height = height_from(entry.path().filename().string());
        if (!height) continue;
        auto manifest = read_whole(ledger::manifest_file(entry.path()), manifest_bytes_max);
        const auto parsed =
            manifest ? decode_canonical_as<pb::SnapshotManifest>(*manifest) : std::nullopt;
        if (!parsed || parsed->height() != *height) continue;
        add({*height, std::move(*manifest), {parsed->chunks().begin(), parsed->chunks().end()}});
    }
}

void SnapshotKeeper::add(Kept snapshot) {
    std::vector<std::uint64_t> old;
    {
        const std::lock_guard lock{mutex_};
        kept_.push_back(std::move(snapshot));
        std::ranges::sort(kept_, std::ranges::greater{}, &Kept::height);
        for (; kept_.size() > kept; kept_.pop_back()) old.push_back(kept_.back().height);
    }
    for (const auto height : old) drop(height);
}

void SnapshotKeeper::drop(std::uint64_t height) {
    {
        const std::lock_guard lock{mutex_};
        std::erase_if(kept_, [&](const Kept& one) { return one.height == height; });
    }
    std::error_code none;
    std::filesystem::remove_all(folder_of(height), none);
}

void SnapshotKeeper::make_if_due(std::uint64_t height) {
    if (parts_.every_blocks == 0 || making_ || height < not_before_) return;
    {
        const std::lock_guard lock{mutex_};
        const auto newest = kept_.empty() ? 0 : kept_.front().height;
        if (height / parts_.every_blocks == newest / parts_.every_blocks) return;
    }
    finish();
    making_ = true;
    not_before_ = height + retry_blocks;
    thread_ = std::thread{[this, height] {
        make(height);
        making_ = false;
    }};
}

void SnapshotKeeper::make(std::uint64_t height) {
    const auto failed = [height](const std::string& why) {
        log_event(LogLevel::warning, "snapshot_failed",
                  {{"after_block", std::to_string(height)}, {"reason", why}});
    };
    const auto opened = parts_.open();
    if (!opened) return failed(opened.error().what);
    const auto at = (*opened)->state_height();
    std::error_code error;
    std::filesystem::create_directories(parts_.folder, error);
    if (error) return failed(error.message());
    const auto written = ledger::write_snapshot(**opened, parts_.genesis, folder_of(at));
    // Said by `exists`: it was made before this process began.
    if (!written) return failed(written.error().what);
    add({at, canonical_bytes(*written), {written->chunks().begin(), written->chunks().end()}});
    log_event(LogLevel::info, "snapshot_made",
              {{"height", std::to_string(at)}, {"chunks", std::to_string(written->chunks_size())}});
}

std::vector<SnapshotOffer> SnapshotKeeper::list() {
    const std::lock_guard lock{mutex_};
    std::vector<SnapshotOffer> offers;
    for (const auto& one : kept_)
        offers.push_back({one.height, ledger::snapshot_format_version,
                          static_cast<std::uint32_t>(one.chunks.size()),
                          sha256(std::string_view{one.manifest}).str(), one.manifest});
    return offers;
}

std::uint64_t SnapshotKeeper::oldest() {
    const std::lock_guard lock{mutex_};
    return kept_.empty() ? 0 : kept_.back().height;
}

std::string SnapshotKeeper::load_chunk(std::uint64_t height, std::uint32_t format,
                                       std::uint32_t chunk) {
    std::string expected;
    {
        const std::lock_guard lock{mutex_};
        const auto found = std::ranges::find(kept_, height, &Kept::height);
        if (format != ledger::snapshot_format_version || found == kept_.end() ||
            chunk >= found->chunks.size())
            return {};
        expected = found->chunks[chunk];
    }
    auto content =
        read_whole(ledger::chunk_file(folder_of(height), chunk), ledger::snapshot_chunk_bytes_max);
    if (content && sha256(std::string_view{*content}).text() == expected)
        return std::move(*content);
    log_event(LogLevel::error, "snapshot_damaged",
              {{"height", std::to_string(height)}, {"chunk", std::to_string(chunk)}});
    drop(height);
    return {};
}

OfferVerdict SnapshotKeeper::offer(const SnapshotOffer&, std::string_view) {
    return OfferVerdict::abort;
}

ChunkAnswer SnapshotKeeper::apply_chunk(std::uint32_t, std::string_view) {
    return {};
}

}  // namespace tallystick::node
