#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "ledger/store/lmdb.hpp"

/// What entries can be found by (their ids, their accounts), without a random write: each block
/// appends a small sorted run of (term, entry); when enough have gathered they are merged into one.
/// A look-up goes through the runs, newest first, one seek each: about 2 microseconds per 8,192
/// entries of the log.
///
/// Table `runs`: key `first entry (8) first term (8)`, content `entries covered (8) first term of
/// the next page (8, all ones for the last)`, then pairs `term (8) entry less first (4)`,
/// ascending. A page ends only where the term changes; the first page of a run begins at term 0.
namespace tallystick::ledger {

struct Term {
    std::uint64_t term = 0;
    std::uint64_t entry = 0;
    friend auto operator<=>(const Term&, const Term&) = default;
};

/// The runs that are not merged yet.
struct OpenRuns {
    std::uint64_t first_entry = 0;  ///< of the oldest of them
    std::uint64_t runs = 0;
};

/// The entries that the runs cover: from `first` up to, without, `end`.
struct RunSpan {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
};

/// Where the log's unmerged runs begin. @pre the runs cover `span`.
[[nodiscard]] OpenRuns find_open_runs(const LmdbRead& read, LmdbTable table, RunSpan span);

/// Adds the run of a block's entries `first` to `first + count`; merges when it is time.
void add_run(LmdbWrite& write, LmdbTable table, std::uint64_t first, std::uint64_t count,
             std::vector<Term> terms, OpenRuns& open);

/// The entries below `before` that have this term, newest first, until `take` says false.
/// Throws `damaged` if a run or a page is missing or does not fit its check.
void find_term(const LmdbRead& read, LmdbTable table, std::uint64_t term, std::uint64_t before,
               RunSpan span, const std::function<bool(std::uint64_t entry)>& take);

/// Every term of every run, run by run. Throws as `find_term`.
void for_each_term(const LmdbRead& read, LmdbTable table, RunSpan span,
                   const std::function<void(const Term&)>& take);

}  // namespace tallystick::ledger
