#include "node/engine/cometbft/engine_version.hpp"

#include <elf.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <vector>

namespace tallystick::node {
namespace {

constexpr std::string_view section_wanted = ".go.buildinfo";
constexpr std::string_view magic = "\xff Go buildinf:";
constexpr std::size_t header_bytes = 32;
constexpr std::size_t flags_at = 15;
constexpr unsigned char texts_inline = 2;  ///< the layout since Go 1.18
constexpr std::size_t mark_bytes = 16;     ///< stands before and after the module's lines
constexpr std::size_t sections_max = 4096;
constexpr std::size_t section_bytes_max = 16777216;

/// A part of a file, or nothing if it is not all there.
std::optional<std::string> piece(std::ifstream& file, std::uint64_t at, std::uint64_t size) {
    if (size > section_bytes_max) return std::nullopt;
    std::string bytes(size, '\0');
    file.clear();
    file.seekg(static_cast<std::streamoff>(at));
    file.read(bytes.data(), static_cast<std::streamsize>(size));
    if (!file) return std::nullopt;
    return bytes;
}

template <class Header>
std::optional<Header> header_at(std::ifstream& file, std::uint64_t at) {
    const auto bytes = piece(file, at, sizeof(Header));
    if (!bytes) return std::nullopt;
    Header header;
    std::memcpy(&header, bytes->data(), sizeof header);
    return header;
}

std::optional<std::string> section(std::ifstream& file, const Elf64_Ehdr& elf) {
    if (elf.e_shnum == 0 || elf.e_shnum > sections_max || elf.e_shstrndx >= elf.e_shnum)
        return std::nullopt;
    const auto section_header = [&](std::uint64_t index) {
        return header_at<Elf64_Shdr>(file, elf.e_shoff + index * sizeof(Elf64_Shdr));
    };
    const auto names_header = section_header(elf.e_shstrndx);
    if (!names_header) return std::nullopt;
    const auto names = piece(file, names_header->sh_offset, names_header->sh_size);
    if (!names) return std::nullopt;
    for (std::uint64_t i = 0; i < elf.e_shnum; ++i) {
        const auto header = section_header(i);
        if (!header || header->sh_name >= names->size()) return std::nullopt;
        if (std::string_view{names->c_str() + header->sh_name} == section_wanted)
            return piece(file, header->sh_offset, header->sh_size);
    }
    return std::nullopt;
}

/// A text with its length before it, as Go writes it; moves `rest` on.
std::optional<std::string_view> text_in(std::string_view& rest) {
    std::uint64_t length = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (rest.empty()) return std::nullopt;
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        length |= std::uint64_t{byte & 0x7fU} << shift;
        if ((byte & 0x80U) != 0) continue;
        if (length > rest.size()) return std::nullopt;
        const auto text = rest.substr(0, length);
        rest.remove_prefix(length);
        return text;
    }
    return std::nullopt;
}

Failure<std::string> not_go(const std::filesystem::path& program) {
    return Failure{program.string() +
                   " does not say from what it was built: it is no program made by Go."};
}

/// The third field of the line `mod`, if its second is the engine.
std::optional<std::string> version_in(std::string_view information) {
    bool is_engine = false;
    std::optional<std::string> version;
    while (!information.empty()) {
        const auto end = std::min(information.find('\n'), information.size());
        const auto line = information.substr(0, end);
        information.remove_prefix(std::min(end + 1, information.size()));
        std::vector<std::string_view> fields;
        for (std::size_t at = 0; at <= line.size();) {
            const auto tab = std::min(line.find('\t', at), line.size());
            fields.push_back(line.substr(at, tab - at));
            at = tab + 1;
        }
        if (fields.size() >= 2 && fields[0] == "path") is_engine = fields[1] == engine_package;
        if (fields.size() >= 3 && fields[0] == "mod" && fields[1] == engine_module)
            version = std::string{fields[2]};
    }
    return is_engine ? version : std::nullopt;
}

bool is_program(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<std::string, std::string> go_build_information(const std::filesystem::path& program) {
    std::ifstream file{program, std::ios::binary};
    if (!file) return Failure{"The program " + program.string() + " cannot be read."};
    const auto elf = header_at<Elf64_Ehdr>(file, 0);
    if (!elf || std::memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
        elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_ident[EI_DATA] != ELFDATA2LSB)
        return Failure{program.string() + " is no program for this kind of machine."};
    const auto found = section(file, *elf);
    if (!found || found->size() < header_bytes || !found->starts_with(magic))
        return not_go(program);
    if ((static_cast<unsigned char>((*found)[flags_at]) & texts_inline) == 0)
        return Failure{program.string() + " was made by a Go older than 1.18."};
    std::string_view rest{*found};
    rest.remove_prefix(header_bytes);
    const auto go = text_in(rest);
    const auto module = text_in(rest);
    if (!go || !module || module->size() < 2 * mark_bytes) return not_go(program);
    return std::string{module->substr(mark_bytes, module->size() - 2 * mark_bytes)};
}

Result<std::string, std::string> engine_version(const std::filesystem::path& program) {
    const auto information = go_build_information(program);
    if (!information) return Failure{information.error()};
    auto version = version_in(*information);
    if (!version) return Failure{program.string() + " is another program than CometBFT."};
    return std::move(*version);
}

Result<void, std::string> check_engine_version(const std::filesystem::path& program) {
    const auto version = engine_version(program);
    const std::string wanted{engine_version_wanted};
    const auto how = " This node works with CometBFT " + wanted +
                     " and no other; install it with: go install " + std::string{engine_package} +
                     "@" + wanted;
    if (!version) return Failure{version.error() + how};
    if (*version != wanted)
        return Failure{program.string() + " is CometBFT " + *version + "." + how};
    return {};
}

Result<std::filesystem::path, std::string> find_engine(const EngineSearch& search) {
    if (!search.setting.empty()) {
        if (is_program(search.setting)) return std::filesystem::path{search.setting};
        return Failure{"The setting network.program names " + search.setting +
                       ", and there is no program."};
    }
    std::vector<std::filesystem::path> places;
    const auto beside = search.own_program.parent_path();
    places.push_back(beside / "cometbft");
    places.push_back(beside.parent_path() / "engine" / "cometbft");
    for (std::size_t at = 0; at < search.path_variable.size();) {
        const auto colon =
            std::min(search.path_variable.find(':', at), search.path_variable.size());
        const auto folder = search.path_variable.substr(at, colon - at);
        if (folder.starts_with('/')) places.push_back(std::filesystem::path{folder} / "cometbft");
        at = colon + 1;
    }
    if (!search.home.empty()) places.push_back(search.home / "go" / "bin" / "cometbft");
    std::string looked;
    for (const auto& place : places) {
        if (is_program(place)) return place;
        looked += (looked.empty() ? "" : ", ") + place.string();
    }
    return Failure{"The engine's program cometbft was not found (looked for " + looked +
                   "). Install it with: go install " + std::string{engine_package} + "@" +
                   std::string{engine_version_wanted} +
                   ", or name it in the setting network.program."};
}

EngineSearch engine_search(std::string setting) {
    EngineSearch search;
    search.setting = std::move(setting);
    std::error_code ignored;
    search.own_program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    if (const char* path = std::getenv("PATH")) search.path_variable = path;
    if (const char* home = std::getenv("HOME")) search.home = home;
    return search;
}

}  // namespace tallystick::node
