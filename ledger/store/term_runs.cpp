#include "ledger/store/term_runs.hpp"

#include <algorithm>
#include <limits>

#include "ledger/store/record.hpp"

namespace tallystick::ledger {

namespace {

constexpr std::string_view table_name = "runs";
constexpr std::uint64_t merged_entries_min = 8192;
constexpr std::uint64_t open_runs_max = 512;
constexpr std::size_t page_terms = 128;
constexpr std::size_t page_head_bytes = 16;
constexpr std::size_t pair_bytes = 12;
constexpr std::uint64_t no_next = std::numeric_limits<std::uint64_t>::max();

std::string page_key(std::uint64_t first, std::uint64_t term) {
    auto key = number_bytes(first);
    add_number(key, term);
    return key;
}

/// A page taken apart; points into the environment.
struct Page {
    std::uint64_t first;  ///< entry
    std::uint64_t begin_term;
    std::uint64_t entries;  ///< that the whole run covers
    std::uint64_t next_term;
    std::string_view pairs;

    [[nodiscard]] std::size_t size() const { return pairs.size() / pair_bytes; }
    [[nodiscard]] Term at(std::size_t i) const {
        return {number_at(pairs, i * pair_bytes),
                first + small_number_at(pairs, i * pair_bytes + 8)};
    }
};

Page open_page(std::string_view key, std::string_view record) {
    const auto content = unsealed(table_name, key, record);
    if (!content || key.size() != 16 || content->size() < page_head_bytes)
        fail_damaged(place_of("chain", table_name, key), "the record does not fit its check");
    return {number_at(key, 0), number_at(key, 8), number_at(*content, 0), number_at(*content, 8),
            content->substr(page_head_bytes)};
}

/// The page of the newest run that starts at or before entry `first`, for `term`. Nothing if none.
std::optional<Page> page_at(const LmdbRead& read, LmdbTable table, std::uint64_t first,
                            std::uint64_t term) {
    std::optional<Page> page;
    read.descend(table, page_key(first, term), [&](auto key, auto record) {
        page = open_page(key, record);
        return false;
    });
    return page;
}

/// Goes through the runs, newest first: told of each run's page for `term`.
void descend_runs(const LmdbRead& read, LmdbTable table, std::uint64_t term, RunSpan span,
                  const std::function<bool(const Page&)>& take) {
    auto end = span.end;
    while (end > span.first) {
        const auto last = page_at(read, table, end - 1, no_next);
        // Else a missing run would make entries disappear without a word.
        if (!last || last->first + last->entries != end || last->next_term != no_next)
            fail_damaged("chain/runs before entry " + std::to_string(end), "a run is missing");
        const auto page = term >= last->begin_term ? last : page_at(read, table, last->first, term);
        if (!page || page->first != last->first || term < page->begin_term ||
            (term >= page->next_term && page->next_term != no_next))
            fail_damaged("chain/runs entry " + std::to_string(last->first), "a page is missing");
        if (!take(*page)) return;
        end = last->first;
    }
}

void write_page(LmdbWrite& write, LmdbTable table, std::uint64_t first, std::uint64_t begin_term,
                std::uint64_t entries, std::uint64_t next_term, std::span<const Term> terms) {
    std::string content = number_bytes(entries);
    content.reserve(page_head_bytes + terms.size() * pair_bytes);
    add_number(content, next_term);
    for (const auto& it : terms) {
        add_number(content, it.term);
        add_small_number(content, static_cast<std::uint32_t>(it.entry - first));
    }
    const auto key = page_key(first, begin_term);
    write.put(table, key, sealed(table_name, key, content));
}

void write_run(LmdbWrite& write, LmdbTable table, std::uint64_t first, std::uint64_t entries,
               std::span<const Term> terms) {
    std::uint64_t begin_term = 0;
    std::size_t begin = 0;
    do {
        auto end = std::min(begin + page_terms, terms.size());
        while (end < terms.size() && terms[end].term == terms[end - 1].term) ++end;
        const auto next_term = end < terms.size() ? terms[end].term : no_next;
        write_page(write, table, first, begin_term, entries, next_term,
                   terms.subspan(begin, end - begin));
        begin_term = next_term;
        begin = end;
    } while (begin < terms.size());
}

void merge_open_runs(LmdbWrite& write, LmdbTable table, std::uint64_t end, OpenRuns& open) {
    std::vector<Term> terms;
    std::vector<std::string> keys;
    write.ascend(table, page_key(open.first_entry, 0), [&](auto key, auto record) {
        const auto page = open_page(key, record);
        for (std::size_t i = 0; i < page.size(); ++i) terms.push_back(page.at(i));
        keys.emplace_back(key);
        return true;
    });
    for (const auto& key : keys) write.erase(table, key);
    std::ranges::sort(terms);
    write_run(write, table, open.first_entry, end - open.first_entry, terms);
    open = {end, 0};
}

}  // namespace

OpenRuns find_open_runs(const LmdbRead& read, LmdbTable table, RunSpan span) {
    OpenRuns open{span.end, 0};
    descend_runs(read, table, 0, span, [&](const Page& page) {
        if (page.entries >= merged_entries_min) return false;
        if (span.end - page.first >= merged_entries_min) return false;
        open.first_entry = page.first;
        return ++open.runs < open_runs_max;
    });
    return open;
}

void add_run(LmdbWrite& write, LmdbTable table, std::uint64_t first, std::uint64_t count,
             std::vector<Term> terms, OpenRuns& open) {
    if (count == 0) return;
    std::ranges::sort(terms);
    write_run(write, table, first, count, terms);
    ++open.runs;
    const auto end = first + count;
    if (end - open.first_entry >= merged_entries_min || open.runs >= open_runs_max)
        merge_open_runs(write, table, end, open);
}

void find_term(const LmdbRead& read, LmdbTable table, std::uint64_t term, std::uint64_t before,
               RunSpan span, const std::function<bool(std::uint64_t)>& take) {
    descend_runs(read, table, term, span, [&](const Page& page) {
        std::size_t low = 0;
        std::size_t high = page.size();
        while (low < high) {
            const auto middle = low + (high - low) / 2;
            if (page.at(middle).term <= term)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low > 0 && page.at(low - 1).term == term; --low) {
            const auto entry = page.at(low - 1).entry;
            if (entry < before && !take(entry)) return false;
        }
        return true;
    });
}

void for_each_term(const LmdbRead& read, LmdbTable table, RunSpan span,
                   const std::function<void(const Term&)>& take) {
    std::uint64_t run_end = span.first;
    std::uint64_t expected_term = 0;
    read.ascend(table, {}, [&](auto key, auto record) {
        const auto page = open_page(key, record);
        const bool starts = page.begin_term == 0 && page.first == run_end;
        if (!starts && (page.begin_term != expected_term || page.first + page.entries != run_end))
            fail_damaged(place_of("chain", table_name, key), "a page of a run is missing");
        run_end = page.first + page.entries;
        expected_term = page.next_term;
        for (std::size_t i = 0; i < page.size(); ++i) take(page.at(i));
        return true;
    });
    if (run_end != span.end) fail_damaged("chain/runs", "the runs do not cover the log");
}

}  // namespace tallystick::ledger
