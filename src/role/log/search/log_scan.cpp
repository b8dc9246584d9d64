#include "role/log/search/log_scan.hpp"

#include "role/log/search/block_search.hpp"

namespace distd::logs {
namespace {

void count_block(const log_walk::block& b, const log_filter& f, tally& counts) {
    if (b.is_whole() && all_match(b.head(), f) && counts.add_whole(b.head())) return;
    const auto source = b.in->source(b.index);
    block_reader reader(b.head(), source);
    counts.add_rows(reader, b.unpassed(matching_rows(reader, f)));
}

}  // namespace

std::size_t line_counting::count(const std::vector<journal_line>& lines, const log_filter& f) {
    std::size_t bytes = 0;
    for (const auto& l : lines) {
        bytes += l.text.size();
        if (!f.may_match_text(l.text)) continue;
        const auto stored = read_stored_line(l.text);
        if (stored && f.matches(*stored)) counts_.add(stored->time_ns, stored->level, stored->service);
    }
    return bytes;
}

std::size_t line_counting::count(const std::vector<log_walk::block>& blocks, const log_filter& f,
                                 std::vector<damage>& damaged) {
    std::vector<tally> counted(blocks.size(), tally(keys_));
    std::vector<std::string> wrong(blocks.size());
    std::vector<const char*> ended_by(blocks.size());
    helper_.share(blocks.size(), [&](std::size_t i) {
        try {
            count_block(blocks[i], f, counted[i]);
        } catch (const search_ended& e) {
            ended_by[i] = e.reason;
        } catch (const std::exception& e) {
            wrong[i] = e.what();
            counted[i] = tally(keys_);
        }
    });
    std::size_t bytes = 1;  // a stretch without blocks is work, too
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (ended_by[i] != nullptr) throw search_ended{ended_by[i]};
        counts_.add(counted[i]);
        if (!wrong[i].empty()) damaged.push_back(blocks[i].in->damage_of(blocks[i].index, wrong[i]));
        if (!all_match(blocks[i].head(), f)) bytes += blocks[i].head().line_bytes;
    }
    return bytes;
}

std::size_t field_counting::count(const std::vector<journal_line>& lines, const log_filter& f) {
    for (const auto& l : lines) {
        const auto stored = read_stored_line(l.text);
        if (stored && f.matches(*stored)) counts_.add(l.text);
    }
    return 1;
}

std::size_t field_counting::count(const std::vector<log_walk::block>& blocks, const log_filter& f,
                                  std::vector<damage>& damaged) {
    for (const auto& b : blocks) {
        try {
            const auto source = b.in->source(b.index);
            block_reader reader(b.head(), source);
            counts_.add_rows(reader, b.unpassed(matching_rows(reader, f)));
        } catch (const damaged_bytes& e) {
            damaged.push_back(b.in->damage_of(b.index, e.what()));
        }
    }
    return 1;
}

}  // namespace distd::logs
