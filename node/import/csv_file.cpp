#include "node/import/csv_file.hpp"

#include <csv.h>

#include <algorithm>

#include "node/import/text.hpp"

namespace tallystick::import {

namespace {

std::string folded(std::string_view name) {
    std::string out;
    for (const char c : lower_ascii(name)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out.push_back(c);
    }
    return out;
}

char delimiter_of(std::string_view text) {
    const auto line = text.substr(0, text.find('\n'));
    const auto commas = std::ranges::count(line, ',');
    const auto semicolons = std::ranges::count(line, ';');
    const auto tabs = std::ranges::count(line, '\t');
    if (tabs > commas && tabs > semicolons) return '\t';
    return semicolons > commas ? ';' : ',';
}

std::string with_plain_newlines(const std::string& text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        out.push_back(text[i]);
    }
    return out;
}

/// libcsv's parser with its memory.
class Parser {
  public:
    explicit Parser(char delimiter) : ready_(csv_init(&parser_, CSV_REPALL_NL) == 0) {
        if (ready_) csv_set_delim(&parser_, static_cast<unsigned char>(delimiter));
    }
    ~Parser() {
        if (ready_) csv_free(&parser_);
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    bool parse(const std::string& text) {
        if (!ready_) return false;
        const auto read = csv_parse(&parser_, text.data(), text.size(), &on_cell, &on_row, this);
        return read == text.size() && csv_fini(&parser_, &on_cell, &on_row, this) == 0;
    }

    std::vector<std::vector<std::string>> rows;

  private:
    static void on_cell(void* cell, std::size_t size, void* self) {
        static_cast<Parser*>(self)->row_.emplace_back(static_cast<const char*>(cell), size);
    }
    static void on_row(int, void* self) {
        auto& parser = *static_cast<Parser*>(self);
        parser.rows.push_back(std::move(parser.row_));
        parser.row_.clear();
    }

    csv_parser parser_{};
    bool ready_;
    std::vector<std::string> row_;
};

}  // namespace

std::optional<std::size_t> CsvTable::column(std::initializer_list<std::string_view> names) const {
    for (const auto name : names) {
        const auto wanted = folded(name);
        for (std::size_t i = 0; i < header.size(); ++i) {
            if (folded(header[i]) == wanted) return i;
        }
    }
    return std::nullopt;
}

std::optional<CsvTable> read_csv(const std::string& text) {
    Parser parser{delimiter_of(text)};
    // Blank lines are reported so that rows keep the spreadsheet's numbers; CR LF would be reported
    // twice.
    if (!parser.parse(with_plain_newlines(text)) || parser.rows.empty()) return std::nullopt;
    CsvTable table;
    table.header = std::move(parser.rows.front());
    parser.rows.erase(parser.rows.begin());
    table.rows = std::move(parser.rows);
    if (table.header.size() < 2) return std::nullopt;
    return table;
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (const auto& cell : cells) {
        if (!line.empty() || &cell != &cells.front()) line.push_back(',');
        std::string safe = cell;
        if (!safe.empty() && std::string_view{"=+-@\t\r"}.find(safe[0]) != std::string_view::npos) {
            safe.insert(safe.begin(), '\'');
        }
        if (safe.find_first_of(",\"\r\n") == std::string::npos) {
            line += safe;
            continue;
        }
        line.push_back('"');
        for (const char c : safe) {
            if (c == '"') line.push_back('"');
            line.push_back(c);
        }
        line.push_back('"');
    }
    return line + "\r\n";
}

}  // namespace tallystick::import
