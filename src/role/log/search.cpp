#include "role/log/search.hpp"

#include "store/store_error.hpp"

namespace distd::logs {
namespace {

constexpr std::size_t enough_text = 64 << 10;
constexpr std::size_t looked_through_per_step = 8 << 20;  // a few milliseconds: then others get their turn

journal_walk::direction direction_of(const log_query& q) {
    return q.oldest_first ? journal_walk::direction::oldest_first : journal_walk::direction::newest_first;
}

}  // namespace

search::search(const segment_journal& journal, log_query q)
    : query_(std::move(q)), walk_(journal, direction_of(query_), query_.after), left_(query_.limit) {}

found_lines search::step() {
    found_lines found;
    try {
        std::size_t looked_through = 0;
        while (!found.is_end && found.text.size() < enough_text && looked_through < looked_through_per_step) {
            const auto& lines = walk_.next();
            for (const auto& l : lines) looked_through += l.text.size();
            if (lines.empty()) found.is_end = true;
            look_through(lines, found);
        }
    } catch (const store_error& e) {
        found.failure = e.what();
    }
    found.damaged = walk_.take_damaged();
    return found;
}

void search::look_through(const std::vector<journal_line>& lines, found_lines& found) {
    for (const auto& l : lines) {
        found.last_seen = l.seq;
        const auto stored = read_stored_line(l.text);
        if (!stored || !query_.filter.matches(*stored)) continue;
        found.lines.push_back({l.seq, found.text.size(), l.text.size()});
        found.text += l.text;
        found.text += '\n';
        if (--left_ == 0) {
            found.is_end = true;
            return;
        }
    }
}

}  // namespace distd::logs
