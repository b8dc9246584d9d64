#include "role/log/search/log_walk.hpp"

#include <algorithm>
#include <filesystem>

namespace distd::logs {
namespace {
constexpr std::size_t max_passed_over = 4096;  // blocks, in one call: some milliseconds
}

log_walk::log_walk(const part_set& parts, const segment_journal& journal, direction d,
                   std::optional<std::uint64_t> after, const log_filter& filter)
    : parts_(parts), journal_(journal), direction_(d), filter_(filter), tokens_(filter.tokens()) {
    begin_behind(after);
}

void log_walk::begin_behind(std::optional<std::uint64_t> after) {
    passed_ = after;
    open_ = nullptr;
    in_journal_.reset();
    if (newest_first()) enter_journal(after);
}

void log_walk::enter_journal(std::optional<std::uint64_t> after) {
    in_journal_.emplace(journal_, direction_, after);
    in_journal_->filter_text([this](std::string_view text) { return filter_.may_match_text(text); });
}

row_range log_walk::block::rows(bool newest_first) const {
    return {static_cast<std::size_t>(first - head().first), static_cast<std::size_t>(last + 1 - head().first),
            newest_first};
}

log_walk::stretch log_walk::next(std::size_t max_blocks) {
    stretch s;
    // From parts to the journal, or the other way, and back when what was to come has been sealed meanwhile.
    for (;;) {
        if (in_journal_) {
            if (next_lines(s)) return s;
            if (!newest_first() && !in_journal_->has_left_journal()) {
                s.is_end = true;
                return s;
            }
            in_journal_.reset();
        }
        next_blocks(s, max_blocks);
        if (!s.is_end) return s;
        if (newest_first()) return s;
        s.is_end = false;
        enter_journal(passed_);
        in_journal_->set_other_place(
            [this](std::uint64_t from, std::uint64_t to) { return parts_.has_any_of(from, to); });
    }
}

bool log_walk::next_lines(stretch& s) {
    const auto& lines = in_journal_->next();
    for (auto& d : in_journal_->take_damaged()) damaged_.push_back(std::move(d));
    if (const auto passed = in_journal_->passed()) passed_ = passed;
    s.lines = &lines;
    return !lines.empty();
}

bool log_walk::is_ahead(std::uint64_t first, std::uint64_t last) const noexcept {
    return !passed_ || (newest_first() ? first < *passed_ : last > *passed_);
}

std::shared_ptr<const part> log_walk::next_part() const {
    const auto all = parts_.parts();
    const auto ahead = [&](const auto& p) { return is_ahead(p->first(), p->last()); };
    if (newest_first()) {
        const auto it = std::find_if(all->rbegin(), all->rend(), ahead);
        return it == all->rend() ? nullptr : *it;
    }
    const auto it = std::find_if(all->begin(), all->end(), ahead);
    return it == all->end() ? nullptr : *it;
}

bool log_walk::is_open_ahead() const noexcept {
    return open_ && is_ahead(open_->of().first(), open_->of().last());
}

bool log_walk::open_next() {
    for (;;) {
        const auto p = next_part();
        if (!p) return false;
        try {
            open_ = std::make_shared<const part_input>(p);
            note_missing(*p);
            return true;
        } catch (const store_error& e) {
            // Gone between the two looks: replaced, or dropped.
            if (next_part() != p) continue;
            const bool is_there = p->storage().exists(p->file());
            if (is_there && !part::is_on_bad_place(p->storage(), p->file())) throw;
            damaged_.push_back({p->file(), 0, p->bytes(), is_there ? e.what() : "the file is missing"});
            passed_ = newest_first() ? p->first() : p->last();
        }
    }
}

// Of a part that was damaged when it was opened the blocks that were lost are met by nobody.
void log_walk::note_missing(const part& p) {
    if (p.is_sound() || p.missing() == 0) return;
    const auto& blocks = p.index().blocks;
    const auto is_of_that_time = [this](const placed_block& b) { return may_be_of_time(b.head, filter_); };
    if (!blocks.empty() && std::ranges::none_of(blocks, is_of_that_time)) return;
    damaged_.push_back({p.file(), 0, p.bytes(),
                        std::to_string(p.missing()) + " of its lines are in no block that can be read"});
}

// A part that is replaced while it is read stays readable.
void log_walk::next_blocks(stretch& s, std::size_t max) {
    s.lines = nullptr;
    for (std::size_t examined = 0; s.blocks.size() < max && examined < max_passed_over;) {
        if (!is_open_ahead() && !open_next()) {
            s.is_end = s.blocks.empty();
            return;
        }
        examined += collect_blocks(s, max, max_passed_over - examined);
    }
}

log_walk::block log_walk::block_ahead(std::size_t i) const {
    const auto& head = open_->block(i).head;
    block b{open_, i, head.first, head.last()};
    if (passed_ && newest_first()) b.last = std::min(b.last, *passed_ - 1);
    if (passed_ && !newest_first()) b.first = std::max(b.first, *passed_ + 1);
    return b;
}

std::size_t log_walk::collect_blocks(stretch& s, std::size_t max, std::size_t max_examined) {
    const auto& blocks = open_->of().index().blocks;
    const auto count = blocks.size();
    std::size_t examined = 0;
    const auto examine = [&](std::size_t i) {
        const auto& head = blocks[i].head;
        if (!is_ahead(head.first, head.last())) return true;
        if (s.blocks.size() == max || examined == max_examined) return false;
        ++examined;
        if (may_match(head, filter_) && open_->may_have(i, tokens_)) s.blocks.push_back(block_ahead(i));
        passed_ = newest_first() ? head.first : head.last();
        return true;
    };
    for (std::size_t i = 0; i < count; ++i)
        if (!examine(newest_first() ? count - 1 - i : i)) return examined;
    // Through; the numbers at its far end may stand for lines that were damaged.
    passed_ = newest_first() ? open_->of().first() : open_->of().last();
    return std::max<std::size_t>(examined, 1);
}

}  // namespace distd::logs
