#include "role/log/search/search.hpp"

#include <algorithm>

#include "role/log/search/block_search.hpp"
#include "store/store_error.hpp"

namespace distd::logs {
namespace {

constexpr std::size_t enough_text = 64 << 10;
constexpr std::size_t max_text = 2 << 20;  // most blocks have less, a large batch eight times that
constexpr std::size_t max_scanned_per_step = 32 << 20;  // some milliseconds: then others get their turn
constexpr std::size_t max_blocks_at_once = 16;
constexpr std::size_t long_running_bytes = 4 << 20;  // a page of lines has less

log_walk::direction direction_of(const log_query& q) {
    return q.oldest_first ? log_walk::direction::oldest_first : log_walk::direction::newest_first;
}

}  // namespace

search::search(const part_set& parts, const segment_journal& journal, parallel_helper& helper, log_query q,
               search_budget budget)
    : query_(std::move(q)),
      budget_(std::move(budget)),
      walk_(parts, journal, direction_of(query_), query_.after, query_.filter),
      helper_(helper),
      seen_(query_.after.value_or(query_.oldest_first ? 0 : journal.next())),
      left_(query_.limit) {}

// Frees the memory of a large stretch; what is left of it is read again with the next step.
void search::release_stretch() {
    if (!cut_at_ && stretch_bytes_ <= max_text) return;
    walk_.begin_behind(cut_at_ ? cut_at_ : walk_.passed());
    cut_at_.reset();
    stretch_bytes_ = 0;
}

found_lines search::step() {
    found_lines found;
    std::size_t scanned = 0;
    const auto has_enough = [&] {
        return found.text.size() >= enough_text || scanned >= max_scanned_per_step || cut_at_;
    };
    run_step(found, budget_, [&] {
        const auto stretch = walk_.next(blocks_at_once_);
        budget_.on_read();
        if (stretch.is_end) found.is_end = true;
        scanned += stretch.lines ? scan_lines(*stretch.lines, found) : scan_blocks(stretch.blocks, found) + 1;
        seen_ = cut_at_ ? *cut_at_ : walk_.passed().value_or(seen_);
        return !has_enough();
    });
    if (!found.is_end) found.last_seen = seen_;
    // A tail that has come to the end starts over.
    scanned_ = found.is_end ? 0 : scanned_ + scanned;
    for (auto& d : walk_.take_damaged()) found.damaged.push_back(std::move(d));
    if (cut_at_) found.text.shrink_to_fit();
    release_stretch();
    return found;
}

std::size_t search::kept_bytes() const noexcept { return walk_.newest_first() ? 0 : stretch_bytes_; }

bool search::is_long_running() const noexcept { return scanned_ >= long_running_bytes; }

std::size_t search::scan_lines(const std::vector<journal_line>& lines, found_lines& found) {
    std::size_t bytes = 0;
    work_meter meter(budget_);
    for (const auto& l : lines) {
        if (meter.is_step_over() || found.text.size() >= max_text) {
            cut_at_ = seen_;
            break;
        }
        bytes += l.text.size();
        const auto stored = query_.filter.may_match_text(l.text) ? read_stored_line(l.text) : std::nullopt;
        const bool is_found = stored && query_.filter.matches(*stored, meter);
        seen_ = l.seq;
        if (!is_found) continue;
        found.lines.push_back({l.seq, found.text.size(), l.text.size()});
        found.text += l.text;
        found.text += '\n';
        if (--left_ == 0) {
            found.is_end = true;
            break;
        }
    }
    stretch_bytes_ = bytes;
    return bytes;
}

std::size_t search::scan_blocks(const std::vector<log_walk::block>& blocks, found_lines& found) {
    stretch_bytes_ = 0;
    if (blocks.empty()) return 0;
    std::vector<block_result> results(blocks.size());
    // The first one gets on in each step, if only by a line.
    helper_.share(blocks.size(), [&](std::size_t i) { results[i] = match_block(blocks[i], i == 0); });
    std::size_t bytes = 0;
    for (const auto& b : blocks) bytes += b.head().line_bytes;
    const auto before = found.text.size();
    for (std::size_t i = 0; i < blocks.size(); ++i) add_result(blocks[i], std::move(results[i]), found);
    const bool found_little = !cut_at_ && found.text.size() - before < enough_text / 4;
    blocks_at_once_ = found_little ? std::min(blocks_at_once_ * 2, max_blocks_at_once) : 1;
    return bytes;
}

search::block_result search::match_block(const log_walk::block& b, bool is_first) const {
    block_result r;
    try {
        r.is_untouched = !is_first && budget_.is_step_over();
        if (!r.is_untouched) read_block(b, r);
    } catch (const damaged_bytes& e) {
        r = {};
        r.damaged.push_back(b.in->damage_of(b.index, e.what()));
    } catch (const store_error& e) {
        r = {};
        r.damaged.push_back(b.in->damage_of(b.index, e.what()));
    } catch (const search_ended& e) {
        r = {};
        r.ended_by = e.reason;
    }
    return r;
}

void search::read_block(const log_walk::block& b, block_result& r) const {
    const auto source = b.in->source(b.index);
    block_reader reader(b.head(), source);
    work_meter meter(budget_);
    auto [rows, undecided] = matching_rows(reader, query_.filter, b.rows(walk_.newest_first()), meter);
    if (undecided > 0) r.passed = b.passed(undecided, walk_.newest_first());
    if (walk_.newest_first()) std::ranges::reverse(rows);
    if (rows.size() > left_) rows.resize(static_cast<std::size_t>(left_));
    for (const auto row : rows) {
        r.is_cut = r.text.size() >= max_text;
        if (r.is_cut) break;
        const auto start = r.text.size();
        reader.append_line(r.text, row);
        r.lines.push_back({b.head().first + row, start, r.text.size() - start});
        r.text += '\n';
    }
}

void search::add_result(const log_walk::block& b, block_result r, found_lines& found) {
    for (auto& d : r.damaged) found.damaged.push_back(std::move(d));
    if (found.is_end || cut_at_) return;
    if (r.ended_by != nullptr) throw search_ended{r.ended_by};
    if (r.is_untouched) cut_at_ = seen_;
    if (r.passed) cut_at_ = r.passed;
    if (!cut_at_) seen_ = b.passed(0, walk_.newest_first());
    const auto count = std::min<std::uint64_t>(r.lines.size(), left_);
    if (count == 0) return;
    r.lines.resize(static_cast<std::size_t>(count));
    r.text.resize(r.lines.back().start + r.lines.back().size + 1);
    for (auto& l : r.lines) l.start += found.text.size();
    found.lines.insert(found.lines.end(), r.lines.begin(), r.lines.end());
    found.text += r.text;
    left_ -= count;
    found.is_end = left_ == 0;
    const bool is_cut = r.is_cut || found.text.size() >= max_text;
    if (is_cut && !found.is_end) cut_at_ = r.lines.back().seq;
}

}  // namespace distd::logs
