#include "store/journal/journal_walk.hpp"

#include <algorithm>

#include "store/journal/segment_scanner.hpp"

namespace distd {
namespace {
// Of a walk from the oldest, which may find a long run of small batches.
constexpr std::size_t stretch_bytes = 256 << 10;
}  // namespace

journal_walk::journal_walk(const segment_journal& journal, direction d, std::optional<std::uint64_t> after)
    : journal_(journal), direction_(d), after_(after), passed_(after) {}

const std::vector<journal_line>& journal_walk::next() {
    lines_.clear();
    // A stretch may hold damaged batches only, or lines on the wrong side of the start.
    while (lines_.empty()) {
        read_ = nullptr;
        try {
            const bool read_some =
                !has_left_ && (direction_ == direction::newest_first ? read_older() : read_newer());
            if (!read_some) break;
        } catch (const store_error&) {
            if (read_ || !segment_ || journal_.storage().exists(segment_->file())) throw;
            has_left_ = !is_in_journal(*segment_);
            if (!has_left_ && !pass_over_missing()) break;
        }
        list_lines();
    }
    return lines_;
}

bool journal_walk::is_in_journal(const segment& s) const {
    const auto all = journal_.segments();
    return std::ranges::any_of(all, [&](const auto& other) { return other.get() == &s; });
}

// The file was deleted by someone else, and its lines are lost: goes on with the next segment. False: it was
// the last one.
bool journal_walk::pass_over_missing() {
    if (missing_ != segment_) damaged_.push_back({segment_->file(), 0, 0, "the file is missing"});
    missing_ = segment_;
    unread_.clear();
    if (direction_ == direction::newest_first) return true;
    const auto all = journal_.segments();
    const auto later =
        std::ranges::find_if(all, [&](const auto& s) { return s->first() > segment_->first(); });
    if (later == all.end()) return false;
    after_ = passed_ = (*later)->first() - 1;
    segment_ = nullptr;
    return true;
}

bool journal_walk::read_older() {
    while (unread_.empty()) {
        const auto all = journal_.segments();
        const auto before = segment_ ? segment_->first() : after_.value_or(UINT64_MAX);
        const auto it =
            std::find_if(all.rbegin(), all.rend(), [&](const auto& s) { return s->first() < before; });
        if (segment_) passed_ = segment_->first();
        if (it == all.rend()) return false;
        segment_ = *it;
        unread_ = segment_->blocks();
        if (after_) std::erase_if(unread_, [&](const auto& b) { return b.first >= *after_; });
    }
    const auto block = unread_.back();
    unread_.pop_back();
    read_block(block);
    passed_ = block.first;
    return true;
}

// Of what was read before only the batches that came since.
void journal_walk::read_block(const segment::block& block) {
    auto kept = segment_->kept(block);
    if (kept.bytes < block.bytes) {
        auto out = std::make_shared<journal_text>();
        out->text.reserve(static_cast<std::size_t>(block.bytes));
        if (kept.text) {
            out->text = kept.text->text;
            out->batches = kept.text->batches;
        }
        const auto damaged_before = damaged_.size();
        read(*segment_, block.offset + kept.bytes, block.offset + block.bytes, *out);
        kept.text = std::move(out);
        if (damaged_.size() == damaged_before) segment_->keep(block, kept.text);
    }
    read_ = std::move(kept.text);
}

bool journal_walk::read_newer() {
    if (!segment_ && !enter_segment_of(after_.value_or(0) + 1)) return false;
    for (;;) {
        const auto blocks = segment_->blocks();
        const auto end = blocks.empty() ? 0 : blocks.back().offset + blocks.back().bytes;
        if (offset_ < end) {
            auto out = std::make_shared<journal_text>();
            read(*segment_, offset_, end, *out);
            for (const auto& b : out->batches)
                if (b.lines > 0) passed_ = std::max(passed_.value_or(0), b.first + b.lines - 1);
            read_ = std::move(out);
            return true;
        }
        const auto all = journal_.segments();
        const auto later = std::find_if(all.begin(), all.end(),
                                        [&](const auto& s) { return s->first() > segment_->first(); });
        if (later == all.end()) return false;
        // The writer may have added to the segment between the two looks: leave it only when nothing was
        // added.
        const auto now = segment_->blocks();
        if (!now.empty() && now.back().offset + now.back().bytes > end) continue;
        if (continues_elsewhere(passed_.value_or(0) + 1, (*later)->first())) return false;
        if (!enter_segment_of((*later)->first())) return false;
    }
}

bool journal_walk::enter_segment_of(std::uint64_t seq) {
    const auto all = journal_.segments();
    if (all.empty()) return false;
    const auto beyond = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s->first() > seq; });
    if (beyond == all.begin() && continues_elsewhere(seq, all.front()->first())) return false;
    segment_ = beyond == all.begin() ? all.front() : *std::prev(beyond);
    const auto blocks = segment_->blocks();
    const auto later =
        std::find_if(blocks.begin(), blocks.end(), [&](const auto& b) { return b.first > seq; });
    offset_ = blocks.empty() ? 0 : later == blocks.begin() ? blocks.front().offset : std::prev(later)->offset;
    return true;
}

bool journal_walk::continues_elsewhere(std::uint64_t from, std::uint64_t to) {
    has_left_ = from < to && elsewhere_ && elsewhere_(from, to);
    return has_left_;
}

void journal_walk::read(segment& s, std::uint64_t from, std::uint64_t to, journal_text& out) {
    auto& text = out.text;
    const posix_file file(journal_.storage(), s.file(), posix_file::mode::read);
    segment_scanner scan(file, from, to);
    while (auto b = scan.next()) {
        scan.add_damage(*b, damaged_);
        if (b->sound) {
            out.batches.push_back(
                {b->trailer.first, b->trailer.lines, text.size(), text.size() + b->lines.size()});
            text += b->lines;
        }
        offset_ = b->end;
        if (direction_ == direction::oldest_first && text.size() >= stretch_bytes) return;
    }
    // What the file no longer shows of its committed bytes is not looked for again.
    scan.add_rest(damaged_);
    offset_ = to;
}

void journal_walk::list_lines() {
    if (!read_ || (text_filter_ && !text_filter_(read_->text))) return;
    const std::string_view text = read_->text;
    for (const auto& b : read_->batches) {
        auto seq = b.first;
        for (std::size_t at = b.start; at < b.end; ++seq) {
            const auto end = text.find('\n', at);
            if (is_wanted(seq)) lines_.push_back({seq, text.substr(at, end - at)});
            at = end + 1;
        }
    }
    if (direction_ == direction::newest_first) std::reverse(lines_.begin(), lines_.end());
}

bool journal_walk::is_wanted(std::uint64_t seq) const noexcept {
    if (!after_) return true;
    return direction_ == direction::newest_first ? seq < *after_ : seq > *after_;
}

}  // namespace distd
