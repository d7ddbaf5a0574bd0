#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "unit/catch.hpp"

namespace tallystick::node {

/// A folder that goes with the test, and shell scripts in it that play an engine.
class ScriptFolder {
  public:
    ScriptFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "tallystick-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~ScriptFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScriptFolder(const ScriptFolder&) = delete;
    ScriptFolder& operator=(const ScriptFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    std::filesystem::path script(const std::string& name, const std::string& body) const {
        const auto file = path_ / name;
        write(name, "#!/bin/sh\n" + body + "\n");
        REQUIRE(::chmod(file.c_str(), 0700) == 0);
        return file;
    }
    void write(const std::string& name, const std::string& content) const {
        std::ofstream{path_ / name, std::ios::binary} << content;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream{path_ / name, std::ios::binary}.rdbuf();
        return text.str();
    }

  private:
    std::filesystem::path path_;
};

}  // namespace tallystick::node
