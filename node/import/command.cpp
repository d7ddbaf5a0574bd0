#include "node/import/command.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "node/import/bodies.hpp"
#include "node/import/ocds.hpp"
#include "node/import/organisations.hpp"
#include "protocol/crypto.hpp"
#include "protocol/types.hpp"

namespace tallystick::import {

namespace {

constexpr std::uintmax_t file_bytes_max = 256 * 1024 * 1024;
constexpr std::size_t salt_bytes = 32;

/// Why the command ends; thrown in this file only and caught in `run_preview`.
struct Stop {
    int exit_code;
    std::string sentence;
};

std::string read_file(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) throw Stop{1, path + " cannot be read: " + error.message() + "."};
    if (size > file_bytes_max) {
        throw Stop{1, path + " is larger than 256 MiB; split it and import the parts one by one."};
    }
    std::ifstream in{path, std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    if (!in) throw Stop{1, path + " cannot be read."};
    return bytes;
}

void write_file(const std::string& path, std::string_view bytes) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file)
        throw Stop{1, path + " cannot be written; is the folder there and the disk not full?"};
}

/// The salt of the given file, made on first use and readable by its owner alone; without a file a
/// fresh one, good for this preview.
std::string salt_of(const PreviewOptions& options) {
    if (!options.salt_file) return random_string(salt_bytes);
    if (std::filesystem::exists(*options.salt_file)) {
        auto salt = read_file(*options.salt_file);
        if (salt.size() != salt_bytes)
            throw Stop{1, *options.salt_file + " is not a salt of 32 bytes."};
        return salt;
    }
    auto salt = random_string(salt_bytes);
    write_file(*options.salt_file, salt);
    std::filesystem::permissions(*options.salt_file, std::filesystem::perms::owner_read |
                                                         std::filesystem::perms::owner_write);
    return salt;
}

std::string file_name(const std::string& path) {
    return std::filesystem::path{path}.filename().string();
}

void read_all(const PreviewOptions& options, Preview& preview) {
    SeenReleases releases;
    SeenIdentifiers identifiers;
    const auto salt = options.subject == Subject::organisations ? salt_of(options) : std::string{};
    for (const auto& path : options.files) {
        const auto bytes = read_file(path);
        const auto read = options.subject == Subject::contracts
                              ? read_ocds(bytes, releases, preview)
                              : read_organisations(bytes, salt, identifiers, preview);
        if (!read) throw Stop{1, path + ": " + read.error().sentence};
    }
}

pb::PreparedBodies prepare(const PreviewOptions& options, Preview& preview) {
    const auto source = file_name(options.files.front());
    if (options.subject == Subject::contracts && options.template_file) {
        const auto chosen = read_template(read_file(*options.template_file));
        if (!chosen) throw Stop{1, *options.template_file + ": " + chosen.error().sentence};
        return contract_bodies(preview, *chosen, source);
    }
    if (options.subject == Subject::organisations && options.authority) {
        if (!is_handle_part(*options.authority)) {
            throw Stop{2, "\"" + *options.authority + "\" is not an authority's handle."};
        }
        return organisation_bodies(preview, *options.authority, options.role, source);
    }
    return {};
}

void check_usage(const PreviewOptions& options) {
    if (options.files.empty()) throw Stop{2, "Name a file to preview."};
    const bool can_prepare = options.subject == Subject::contracts
                                 ? options.template_file.has_value()
                                 : options.authority.has_value();
    if (options.bodies_file && !can_prepare) {
        throw Stop{2, options.subject == Subject::contracts
                          ? "Notices have no price list: give one with --template FILE."
                          : "Say who registers the organisations with --authority HANDLE."};
    }
}

}  // namespace

int run_preview(const PreviewOptions& options, std::ostream& out, std::ostream& err) {
    try {
        check_usage(options);
        Preview preview;
        read_all(options, preview);
        const auto bodies = prepare(options, preview);
        if (options.bodies_file) write_file(*options.bodies_file, prepared_bodies_file(bodies));
        if (options.returned_file) write_file(*options.returned_file, returned_csv(preview));
        const auto prepared = static_cast<std::size_t>(bodies.bodies_size());
        out << (options.json ? preview_json(preview, prepared)
                             : preview_words(preview, options.rows_shown_max));
        if (!options.json && options.bodies_file) {
            out << "\n"
                << prepared << (prepared == 1 ? " body" : " bodies") << " written to "
                << *options.bodies_file << ". Look at them with: tally bodies show "
                << *options.bodies_file << "\n";
        }
        return 0;
    } catch (const Stop& stop) {
        err << "tallyd: " << stop.sentence << "\n";
        return stop.exit_code;
    }
}

}  // namespace tallystick::import
