// A cursor over the committed lines of a journal, newest or oldest first, a stretch at a time. Blocking: for
// a blocking_pool's thread, one call at a time. Holds no file open between two calls, and at most one stretch
// in memory.
//
// Segments may leave the journal meanwhile, oldest first, for another place that keeps their lines. A walk
// that comes to such lines ends, and says where it is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "store/journal/segment_journal.hpp"

namespace distd {

struct journal_line {
    std::uint64_t seq = 0;
    std::string_view text;  // without its line end
};

class journal_walk {
public:
    enum class direction : std::uint8_t { newest_first, oldest_first };

    // Begins behind line `after`, seen in the walk's direction; without it at the end or the start of the
    // journal. The journal outlives the walk.
    journal_walk(const segment_journal&, direction, std::optional<std::uint64_t> after);

    // Whether any line in [from, to) is kept elsewhere. Called by a walk from the oldest before it skips
    // numbers that the journal does not have.
    using other_place = std::function<bool(std::uint64_t from, std::uint64_t to)>;
    void set_other_place(other_place p) { elsewhere_ = std::move(p); }

    // A filter for the text of many lines at once: false skips all of them.
    using text_filter = std::function<bool(std::string_view text)>;
    void filter_text(text_filter g) { text_filter_ = std::move(g); }

    // The next lines, in order; they hold until the next call. Empty: there is no further line, for now at
    // least: a walk from the oldest goes on when more has been committed. Throws store_error.
    [[nodiscard]] const std::vector<journal_line>& next();

    // After an empty stretch: the walk has to go on elsewhere, and then with another journal_walk.
    [[nodiscard]] bool has_left_journal() const noexcept { return has_left_; }
    // The line that was passed last, in the walk's direction; nothing: it is where it began.
    [[nodiscard]] std::optional<std::uint64_t> passed() const noexcept { return passed_; }

    // Damaged places that were met since the last call.
    [[nodiscard]] std::vector<damage> take_damaged() { return std::exchange(damaged_, {}); }

private:
    [[nodiscard]] bool is_in_journal(const segment&) const;
    [[nodiscard]] bool pass_over_missing();
    bool read_older();
    bool read_newer();
    bool enter_segment_of(std::uint64_t seq);
    bool continues_elsewhere(std::uint64_t from, std::uint64_t to);
    void read_block(const segment::block&);
    // Appends to `out`.
    void read(segment&, std::uint64_t from, std::uint64_t to, journal_text& out);
    void list_lines();
    [[nodiscard]] bool is_wanted(std::uint64_t seq) const noexcept;

    const segment_journal& journal_;
    const direction direction_;
    std::optional<std::uint64_t> after_;
    std::shared_ptr<segment> segment_;    // where the walk is
    std::uint64_t offset_ = 0;            // oldest first: the end of what was read of it
    std::vector<segment::block> unread_;  // newest first: what is left of it
    std::shared_ptr<segment> missing_;    // whose file is gone, which was reported
    other_place elsewhere_;
    std::optional<std::uint64_t> passed_;
    bool has_left_ = false;

    text_filter text_filter_;
    std::shared_ptr<const journal_text> read_;  // the stretch at hand
    std::vector<journal_line> lines_;
    std::vector<damage> damaged_;
};

}  // namespace distd
