#include "role/log/search/block_search.hpp"

#include <algorithm>

#include "role/log/line/find_text.hpp"

namespace distd::logs {
namespace {

// A byte for each row; what is not set has been ruled out.
using row_marks = std::vector<char>;

bool one_of(const std::vector<std::string>& wanted, std::string_view text) {
    return std::ranges::find(wanted, text) != wanted.end();
}

bool names_any(const std::vector<text_count>& counts, const auto& is_wanted) {
    return std::ranges::any_of(counts, [&](const auto& c) { return is_wanted(c.first); });
}

bool lies_within(const block_head& h, const log_filter& f) {
    return (!f.from_ns || h.earliest_ns >= *f.from_ns) && (!f.to_ns || h.latest_ns < *f.to_ns);
}

// Keeps the rows whose entry is wanted.
void keep_entries(row_marks& rows, column& c, const auto& is_wanted) {
    const auto& entries = c.entries();
    std::vector<char> wanted(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) wanted[i] = is_wanted(entries[i]) ? 1 : 0;
    if (std::ranges::find(wanted, 1) == wanted.end()) {
        rows.assign(rows.size(), 0);
        return;
    }
    for (std::size_t row = 0; row < rows.size(); ++row)
        if (wanted[c.id(row)] == 0) rows[row] = 0;
}

void keep_times(row_marks& rows, block_reader& b, const log_filter& f) {
    const auto& times = b.times();
    for (std::size_t row = 0; row < rows.size(); ++row)
        if ((f.from_ns && times[row] < *f.from_ns) || (f.to_ns && times[row] >= *f.to_ns)) rows[row] = 0;
}

// A message in which the words stand.
struct message_hit {
    std::size_t row;
    std::string_view message;
};

// Looks through all messages at once; which row a hit lies in is found by counting the line ends before it.
std::vector<message_hit> find_words(row_marks& rows, column& messages, const log_filter& f) {
    std::vector<message_hit> hits;
    const std::string_view all = messages.joined();
    std::size_t row = 0;
    std::size_t begin = 0;  // of what was not looked at yet: the message of that row
    for (auto at = find_text(all, f.words_escaped); at != std::string_view::npos;
         at = find_text(all, f.words_escaped, begin)) {
        row += count_line_ends(all.substr(begin, at - begin));
        if (row >= rows.size()) throw damaged_bytes("a column has too many values");
        begin = std::max(begin, begin_of_line(all, at));
        const auto end = find_text(all, "\n", at);
        const auto message = all.substr(begin, end - begin);
        if (rows[row] != 0 && contains(message, f.words, f.words_escaped)) hits.push_back({row, message});
        begin = end + 1;
        ++row;
    }
    rows.assign(rows.size(), 0);
    for (const auto& hit : hits) rows[hit.row] = 1;
    return hits;
}

// What the columns know of a row, without its further fields; they are put together only when asked for.
stored_line line_of_columns(block_reader& b, std::size_t row) {
    stored_line l;
    l.seq = b.head().first + row;
    l.time_ns = b.times()[row];
    l.level = b.of(known_column::level).text(row);
    l.service = b.of(known_column::service).text(row);
    l.trace = b.of(known_column::trace).text(row);
    l.message = b.of(known_column::message).text(row);
    return l;
}

// Asks the whole filter, or what the columns alone cannot answer of it, about rows of one block.
class row_test {
public:
    row_test(block_reader& b, const log_filter& f, std::vector<message_hit> hits, work_meter& meter)
        : block_(b),
          filter_(f),
          needs_(f.text == nullptr ? expression::looks_at::message : f.text->needs()),
          hits_(std::move(hits)),
          meter_(meter) {}

    bool operator()(std::size_t row) {
        meter_.begin_line();
        if (block_.head().has_verbatim && block_.shape(row) == verbatim_shape) {
            const auto line = read_stored_line(block_.verbatim(row));
            return line && filter_.matches(*line, meter_);
        }
        if (filter_.text == nullptr) return true;
        switch (needs_) {
            case expression::looks_at::message: return asks_message(row);
            case expression::looks_at::known_fields:
                return filter_.text->matches(line_of_columns(block_, row), meter_);
            case expression::looks_at::whole_line: break;
        }
        whole_.clear();
        block_.append_line(whole_, row);
        const auto line = read_stored_line(whole_);
        return line && filter_.text->matches(*line, meter_);
    }

private:
    // Of a dictionary each different message is asked about once.
    bool asks_message(std::size_t row) {
        const auto at = std::ranges::lower_bound(hits_, row, {}, &message_hit::row);
        if (at != hits_.end() && at->row == row) return asks(at->message);
        auto& messages = block_.of(known_column::message);
        if (messages.kind() == column_kind::texts) return asks(messages.text(row));
        if (answers_.empty()) answers_.assign(messages.entries().size(), unknown);
        auto& answer = answers_[messages.id(row)];
        if (answer == unknown) answer = asks(messages.text(row)) ? 1 : 0;
        return answer == 1;
    }
    bool asks(std::string_view message) {
        stored_line l;
        l.message = message;
        return filter_.text->matches(l, meter_);
    }

    static constexpr char unknown = 2;
    block_reader& block_;
    const log_filter& filter_;
    const expression::looks_at needs_;
    const std::vector<message_hit> hits_;
    work_meter& meter_;
    std::vector<char> answers_;  // by entry of the messages
    std::string whole_;
};

// Decides the rows that are left in the walk's order, until the step is over: how many of the range have to
// wait for the next one, and are ruled out here.
std::size_t keep_in_order(row_marks& rows, const row_range& range, const work_meter& meter,
                          row_test& is_wanted) {
    const auto count = range.end - range.begin;
    const auto row_at = [&](std::size_t i) {
        return range.newest_first ? range.end - 1 - i : range.begin + i;
    };
    std::size_t passed = 0;
    for (; passed < count && !meter.is_step_over(); ++passed) {
        auto& mark = rows[row_at(passed)];
        if (mark != 0) mark = is_wanted(row_at(passed)) ? 1 : 0;
    }
    for (auto i = passed; i < count; ++i) rows[row_at(i)] = 0;
    return count - passed;
}

bool none_left(const row_marks& rows) { return std::ranges::find(rows, 1) == rows.end(); }

// Rules out what the columns can, and returns where the words stand, if that is known.
std::vector<message_hit> keep_by_columns(row_marks& rows, block_reader& b, const log_filter& f) {
    if (!f.trace.empty())
        keep_entries(rows, b.of(known_column::trace), [&](std::string_view t) { return t == f.trace; });
    if (!f.service.empty())
        keep_entries(rows, b.of(known_column::service), [&](std::string_view s) { return s == f.service; });
    if (none_left(rows)) return {};
    if (!f.levels.empty())
        keep_entries(rows, b.of(known_column::level),
                     [&](std::string_view l) { return one_of(f.levels, l); });
    if (!lies_within(b.head(), f)) keep_times(rows, b, f);
    if (f.words.empty() || none_left(rows)) return {};
    auto& messages = b.of(known_column::message);
    if (messages.kind() == column_kind::texts) return find_words(rows, messages, f);
    keep_entries(rows, messages, [&](std::string_view m) { return contains(m, f.words, f.words_escaped); });
    return {};
}

}  // namespace

bool may_be_of_time(const block_head& h, const log_filter& f) {
    return h.has_verbatim ||
           !((f.from_ns && h.latest_ns < *f.from_ns) || (f.to_ns && h.earliest_ns >= *f.to_ns));
}

bool may_match(const block_head& h, const log_filter& f) {
    if (h.has_verbatim) return true;
    if (!may_be_of_time(h, f)) return false;
    if (!f.service.empty() && !names_any(h.services, [&](const auto& s) { return s == f.service; }))
        return false;
    return f.levels.empty() || names_any(h.levels, [&](const auto& l) { return one_of(f.levels, l); });
}

bool all_match(const block_head& h, const log_filter& f) {
    if (h.has_verbatim || !f.trace.empty() || f.text != nullptr || !lies_within(h, f)) return false;
    if (!f.service.empty() && (h.services.size() != 1 || h.services.front().first != f.service)) return false;
    return f.levels.empty() ||
           std::ranges::all_of(h.levels, [&](const auto& l) { return one_of(f.levels, l.first); });
}

rows_found matching_rows(block_reader& b, const log_filter& f, row_range range, work_meter& meter) {
    row_marks rows(b.head().rows);
    std::fill(rows.begin() + static_cast<std::ptrdiff_t>(range.begin),
              rows.begin() + static_cast<std::ptrdiff_t>(range.end), 1);
    rows_found found;
    if (!all_match(b.head(), f)) {
        auto hits = keep_by_columns(rows, b, f);
        // Of a line that lies there as it came the columns know nothing.
        for (auto row = range.begin; b.head().has_verbatim && row < range.end; ++row)
            if (b.shape(row) == verbatim_shape) rows[row] = 1;
        row_test asks(b, f, std::move(hits), meter);
        if (!none_left(rows) && (f.text != nullptr || b.head().has_verbatim))
            found.undecided = keep_in_order(rows, range, meter, asks);
    }
    for (auto row = range.begin; row < range.end; ++row)
        if (rows[row] != 0) found.rows.push_back(static_cast<std::uint32_t>(row));
    return found;
}

}  // namespace distd::logs
