#include "role/log/search/log_scan.hpp"

#include "role/log/search/block_search.hpp"
#include "store/store_error.hpp"

namespace distd::logs {
namespace {

constexpr std::size_t blocks_at_once = 32;
constexpr std::size_t looked_through_per_step = 64 << 20;

// Newest first: a scan ends at the first line that was there when it came by, not with what still arrives.
constexpr auto way = log_walk::direction::newest_first;

void count_block(const log_walk::block& b, const log_filter& f, tally& counts) {
    if (b.is_whole() && all_match(b.head(), f) && counts.add_whole(b.head())) return;
    const auto source = b.in->source(b.index);
    block_reader reader(b.head(), source);
    counts.add_rows(reader, b.unpassed(matching_rows(reader, f)));
}

}  // namespace

log_scan::log_scan(const part_set& shelf, const segment_journal& journal, parallel_helper& helper,
                   stats_query q)
    : query_(std::move(q)),
      walk_(shelf, journal, way, {}, query_.filter),
      helper_(helper),
      counts_(query_.keys) {
    query_.filter.given_up = given_up_.get_token();
}

log_scan::progress log_scan::step() {
    progress p;
    has_begun_ = true;
    const auto enough = query_.filter.bytes_per_step(looked_through_per_step);
    try {
        for (std::size_t looked_through = 0; !p.is_end && looked_through < enough;) {
            query_.filter.look_whether_given_up();
            const auto stretch = walk_.next(blocks_at_once);
            p.is_end = stretch.is_end;
            looked_through += stretch.lines ? count(*stretch.lines) : count(stretch.blocks, p) + 1;
        }
    } catch (const store_error& e) {
        p.failure = e.what();
    } catch (const search_ended& e) {
        p.ended_by = e.reason;
    }
    for (auto& d : walk_.take_damaged()) p.damaged.push_back(std::move(d));
    return p;
}

std::size_t log_scan::count(const std::vector<journal_line>& lines) {
    std::size_t bytes = 0;
    for (const auto& l : lines) {
        bytes += l.text.size();
        if (!query_.filter.may_match_text(l.text)) continue;
        const auto stored = read_stored_line(l.text);
        if (stored && query_.filter.matches(*stored))
            counts_.add(stored->time_ns, stored->level, stored->service);
    }
    return bytes;
}

std::size_t log_scan::count(const std::vector<log_walk::block>& blocks, progress& p) {
    std::vector<tally> counted(blocks.size(), tally(query_.keys));
    std::vector<std::string> wrong(blocks.size());
    std::vector<const char*> ended_by(blocks.size());
    helper_.share(blocks.size(), [&](std::size_t i) {
        try {
            count_block(blocks[i], query_.filter, counted[i]);
        } catch (const search_ended& e) {
            ended_by[i] = e.reason;
        } catch (const std::exception& e) {
            wrong[i] = e.what();
            counted[i] = tally(query_.keys);
        }
    });
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (ended_by[i] != nullptr) throw search_ended{ended_by[i]};
        counts_.add(counted[i]);
        if (!wrong[i].empty()) p.damaged.push_back(blocks[i].in->damage_of(blocks[i].index, wrong[i]));
        if (!all_match(blocks[i].head(), query_.filter)) bytes += blocks[i].head().line_bytes;
    }
    return bytes;
}

}  // namespace distd::logs
