#include "role/log/search/log_scan.hpp"

#include "role/log/search/block_search.hpp"

namespace distd::logs {
namespace {

// Hands on each line that matches, until the step is over.
counted_stretch for_each_match(const std::vector<journal_line>& lines, const log_filter& f,
                               const search_budget& budget, const auto& add) {
    counted_stretch done;
    work_meter meter(budget);
    std::size_t passed = 0;
    try {
        for (; passed < lines.size() && !meter.is_step_over(); ++passed) {
            const auto& l = lines[passed];
            done.work += l.text.size();
            if (!f.may_match_text(l.text)) continue;
            const auto stored = read_stored_line(l.text);
            if (stored && f.matches(*stored, meter)) add(l, *stored);
        }
    } catch (const search_ended& e) {
        done.ended_by = e.reason;
    }
    if (passed > 0 && passed < lines.size()) done.passed = lines[passed - 1].seq;
    return done;
}

// The rows of a block that match; where the step was over, if it was, is noted in `passed`.
std::vector<std::uint32_t> matching_rows(block_reader& reader, const log_walk::block& b, const log_filter& f,
                                         const search_budget& budget, std::optional<std::uint64_t>& passed) {
    constexpr bool newest_first = true;
    work_meter meter(budget);
    auto found = matching_rows(reader, f, b.rows(newest_first), meter);
    if (found.undecided > 0) passed = b.passed(found.undecided, newest_first);
    return std::move(found.rows);
}

struct block_counts {
    explicit block_counts(tally_keys keys) : counts(keys) {}

    tally counts;
    std::optional<std::uint64_t> passed;
    bool is_untouched = false;
    std::string damage;
    const char* ended_by = nullptr;
};

void count_block(const log_walk::block& b, const log_filter& f, const search_budget& budget,
                 block_counts& to) {
    if (b.is_whole() && all_match(b.head(), f) && to.counts.add_whole(b.head())) return;
    const auto source = b.in->source(b.index);
    block_reader reader(b.head(), source);
    to.counts.add_rows(reader, matching_rows(reader, b, f, budget, to.passed));
}

block_counts counts_of(const log_walk::block& b, bool is_first, tally_keys keys, const log_filter& f,
                       const search_budget& budget) {
    block_counts c(keys);
    try {
        c.is_untouched = !is_first && budget.is_step_over();
        if (!c.is_untouched) count_block(b, f, budget, c);
    } catch (const search_ended& e) {
        c.ended_by = e.reason;
    } catch (const std::exception& e) {
        c = block_counts(keys);
        c.damage = e.what();
    }
    return c;
}

}  // namespace

counted_stretch line_counting::count(const std::vector<journal_line>& lines, const log_filter& f,
                                     const search_budget& budget) {
    const auto add = [this](const journal_line&, const stored_line& l) {
        counts_.add(l.time_ns, l.level, l.service);
    };
    return for_each_match(lines, f, budget, add);
}

counted_stretch line_counting::count(const std::vector<log_walk::block>& blocks, const log_filter& f,
                                     const search_budget& budget, std::vector<damage>& damaged) {
    std::vector<block_counts> counted(blocks.size(), block_counts(keys_));
    helper_.share(blocks.size(),
                  [&](std::size_t i) { counted[i] = counts_of(blocks[i], i == 0, keys_, f, budget); });
    counted_stretch done;
    done.work = 1;  // a stretch without blocks is work, too
    for (std::size_t i = 0; i < blocks.size() && !done.passed; ++i) {
        const auto& c = counted[i];
        done.ended_by = c.ended_by;
        if (c.ended_by != nullptr || c.is_untouched) {
            if (i > 0) done.passed = blocks[i - 1].first;
            break;
        }
        counts_.add(c.counts);
        done.passed = c.passed;
        if (!c.damage.empty()) damaged.push_back(blocks[i].in->damage_of(blocks[i].index, c.damage));
        if (!all_match(blocks[i].head(), f)) done.work += blocks[i].head().line_bytes;
    }
    return done;
}

counted_stretch field_counting::count(const std::vector<journal_line>& lines, const log_filter& f,
                                      const search_budget& budget) {
    const auto add = [this](const journal_line& l, const stored_line&) { counts_.add(l.text); };
    auto done = for_each_match(lines, f, budget, add);
    done.work = 1;
    return done;
}

counted_stretch field_counting::count(const std::vector<log_walk::block>& blocks, const log_filter& f,
                                      const search_budget& budget, std::vector<damage>& damaged) {
    counted_stretch done;
    done.work = 1;
    for (const auto& b : blocks) {
        try {
            const auto source = b.in->source(b.index);
            block_reader reader(b.head(), source);
            counts_.add_rows(reader, matching_rows(reader, b, f, budget, done.passed));
        } catch (const damaged_bytes& e) {
            damaged.push_back(b.in->damage_of(b.index, e.what()));
        }
    }
    return done;
}

}  // namespace distd::logs
