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

// The words, and what else is asked of the message alone.
bool has_words(std::string_view message, const log_filter& f, bool asks_message_only) {
    f.check_not_given_up();
    if (!contains(message, f.words, f.words_escaped)) return false;
    if (!asks_message_only) return true;
    stored_line l;
    l.message = message;
    return f.text->matches(l);
}

// Looks through all messages at once; which row a hit lies in is found by counting the line ends before it.
void keep_words(row_marks& rows, column& messages, const log_filter& f, bool asks_message_only) {
    if (messages.kind() != column_kind::texts) {
        keep_entries(rows, messages, [&](std::string_view m) { return has_words(m, f, asks_message_only); });
        return;
    }
    row_marks hits(rows.size());
    const std::string_view all = messages.joined();
    std::size_t row = 0;
    std::size_t begin = 0;  // of what was not looked at yet: the message of that row
    for (auto at = find_text(all, f.words_escaped); at != std::string_view::npos;
         at = find_text(all, f.words_escaped, begin)) {
        row += count_line_ends(all.substr(begin, at - begin));
        if (row >= rows.size()) throw damaged_bytes("a column has too many values");
        begin = std::max(begin, begin_of_line(all, at));
        const auto end = find_text(all, "\n", at);
        if (rows[row] != 0 && has_words(all.substr(begin, end - begin), f, asks_message_only)) hits[row] = 1;
        begin = end + 1;
        ++row;
    }
    rows = std::move(hits);
}

// Of messages, where most rows have been ruled out already: each different one that is left is asked once.
void keep_messages(row_marks& rows, column& messages, const auto& is_wanted) {
    constexpr char unknown = 2;
    std::vector<char> wanted(messages.entries().size(), unknown);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (rows[row] == 0) continue;
        auto& answer = wanted[messages.id(row)];
        if (answer == unknown) answer = is_wanted(messages.text(row)) ? 1 : 0;
        rows[row] = answer;
    }
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

void keep_text(row_marks& rows, block_reader& b, const log_filter& f) {
    const auto& text = *f.text;
    const auto needs = text.needs();
    if (needs == expression::looks_at::message) {
        keep_messages(rows, b.of(known_column::message), [&](std::string_view m) {
            f.check_not_given_up();
            stored_line l;
            l.message = m;
            return text.matches(l);
        });
        return;
    }
    std::string whole;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (rows[row] == 0 || b.shape(row) == verbatim_shape) continue;
        f.check_not_given_up();
        if (needs == expression::looks_at::known_fields) {
            rows[row] = text.matches(line_of_columns(b, row)) ? 1 : 0;
            continue;
        }
        whole.clear();
        b.append_line(whole, row);
        const auto line = read_stored_line(whole);
        rows[row] = line && text.matches(*line) ? 1 : 0;
    }
}

bool none_left(const row_marks& rows) { return std::ranges::find(rows, 1) == rows.end(); }

void keep_by_columns(row_marks& rows, block_reader& b, const log_filter& f) {
    if (!f.trace.empty())
        keep_entries(rows, b.of(known_column::trace), [&](std::string_view t) { return t == f.trace; });
    if (!f.service.empty())
        keep_entries(rows, b.of(known_column::service), [&](std::string_view s) { return s == f.service; });
    if (none_left(rows)) return;
    if (!f.levels.empty())
        keep_entries(rows, b.of(known_column::level),
                     [&](std::string_view l) { return one_of(f.levels, l); });
    if (!lies_within(b.head(), f)) keep_times(rows, b, f);
    if (f.text == nullptr || none_left(rows)) return;
    const bool asks_message_only = f.text->needs() == expression::looks_at::message;
    if (!f.words.empty()) keep_words(rows, b.of(known_column::message), f, asks_message_only);
    if ((f.words.empty() || !asks_message_only) && !none_left(rows)) keep_text(rows, b, f);
}

}  // namespace

bool may_match(const block_head& h, const log_filter& f) {
    if (h.has_verbatim) return true;
    if ((f.from_ns && h.latest_ns < *f.from_ns) || (f.to_ns && h.earliest_ns >= *f.to_ns)) return false;
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

std::vector<std::uint32_t> matching_rows(block_reader& b, const log_filter& f) {
    row_marks rows(b.head().rows, 1);
    if (!all_match(b.head(), f)) keep_by_columns(rows, b, f);
    if (b.head().has_verbatim) {
        for (std::size_t row = 0; row < rows.size(); ++row) {
            if (b.shape(row) != verbatim_shape) continue;
            const auto line = read_stored_line(b.verbatim(row));
            rows[row] = line && f.matches(*line) ? 1 : 0;
        }
    }
    std::vector<std::uint32_t> found;
    for (std::size_t row = 0; row < rows.size(); ++row)
        if (rows[row] != 0) found.push_back(static_cast<std::uint32_t>(row));
    return found;
}

}  // namespace distd::logs
