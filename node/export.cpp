#include "node/export.hpp"

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "protocol/canonical.hpp"

namespace tallystick::node {
namespace {

/// Records, each with its length as a varint before it.
class ExportFile {
  public:
    explicit ExportFile(const std::filesystem::path& path)
        : out_(path, std::ios::binary | std::ios::trunc) {
        out_ << export_magic;
    }

    void add(const pb::ExportRecord& record) {
        const auto bytes = canonical_bytes(record);
        std::string length;
        auto left = bytes.size();
        while (left >= 0x80) {
            length.push_back(static_cast<char>(left | 0x80));
            left >>= 7;
        }
        length.push_back(static_cast<char>(left));
        out_ << length << bytes;
    }

    /// Was everything written?
    [[nodiscard]] bool finish() {
        out_.flush();
        const bool whole = out_.good();
        out_.close();
        return whole;
    }
    [[nodiscard]] bool is_good() const { return out_.good(); }

  private:
    std::ofstream out_;
};

Failure<FileError> refuse(std::string sentence) {
    return Failure{FileError{std::move(sentence)}};
}

}  // namespace

Result<Exported, FileError> write_export(const ledger::StoreSnapshot& snapshot,
                                         const pb::GenesisFile& genesis,
                                         const std::filesystem::path& file) {
    if (snapshot.base_height() > 0)
        return refuse("This node joined after block " + std::to_string(snapshot.base_height()) +
                      " and does not keep the blocks before: ask a node that was there from the "
                      "beginning for an export.");
    auto beside = file;
    beside += ".new";
    ExportFile out{beside};
    Exported counts;
    counts.height = snapshot.state_height();

    pb::ExportRecord record;
    *record.mutable_start()->mutable_genesis() = genesis;
    record.mutable_start()->set_chain_id(snapshot.segments().front().chain_id);
    out.add(record);
    for (std::uint64_t height = 1; height <= counts.height && out.is_good(); ++height) {
        auto block = snapshot.block(height);
        if (!block) return refuse(block.error().what);
        *record.mutable_block() = std::move(*block);
        out.add(record);
        ++counts.blocks;
    }
    const auto read =
        snapshot.for_each_leaf("", "", [&](std::string_view key, std::string_view value) {
            record.mutable_leaf()->set_key(std::string{key});
            record.mutable_leaf()->set_value(std::string{value});
            out.add(record);
            ++counts.leaves;
            return out.is_good();
        });
    if (!read) return refuse(read.error().what);
    record.mutable_end()->set_height(counts.height);
    record.mutable_end()->set_blocks(counts.blocks);
    record.mutable_end()->set_leaves(counts.leaves);
    out.add(record);

    if (!out.finish())
        return refuse("Could not write " + beside.string() + ": " +
                      std::generic_category().message(errno) + ".");
    std::error_code error;
    std::filesystem::rename(beside, file, error);
    if (error)
        return refuse("Could not put " + file.string() + " in place: " + error.message() + ".");
    return counts;
}

}  // namespace tallystick::node
