#include "role/log/search/field_scan.hpp"

#include "role/log/search/block_search.hpp"
#include "store/store_error.hpp"

namespace distd::logs {
namespace {
constexpr int stretches_per_step = 8;  // some tens of milliseconds: then others get their turn
}

field_scan::field_scan(const part_set& shelf, const segment_journal& journal, log_filter f)
    : filter_(std::move(f)), walk_(shelf, journal, log_walk::direction::newest_first, {}, filter_) {
    filter_.given_up = given_up_.get_token();
}

field_scan::progress field_scan::step() {
    progress p;
    has_begun_ = true;
    try {
        for (int i = 0; i < stretches_per_step && !p.is_end; ++i) {
            filter_.look_whether_given_up();
            const auto stretch = walk_.next(1);
            p.is_end = stretch.is_end;
            if (stretch.lines) count(*stretch.lines);
            for (const auto& b : stretch.blocks) count(b, p);
        }
    } catch (const store_error& e) {
        p.failure = e.what();
    } catch (const search_ended& e) {
        p.ended_by = e.reason;
    }
    for (auto& d : walk_.take_damaged()) p.damaged.push_back(std::move(d));
    return p;
}

void field_scan::count(const std::vector<journal_line>& lines) {
    for (const auto& l : lines) {
        const auto stored = read_stored_line(l.text);
        if (stored && filter_.matches(*stored)) counts_.add(l.text);
    }
}

void field_scan::count(const log_walk::block& b, progress& p) {
    try {
        const auto source = b.in->source(b.index);
        block_reader reader(b.head(), source);
        counts_.add_rows(reader, b.unpassed(matching_rows(reader, filter_)));
    } catch (const damaged_bytes& e) {
        p.damaged.push_back(b.in->damage_of(b.index, e.what()));
    }
}

}  // namespace distd::logs
