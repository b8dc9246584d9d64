#include "store/journal_walk.hpp"

#include <algorithm>

#include "store/segment_scanner.hpp"

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
        text_.clear();
        batches_.clear();
        try {
            const bool read_some =
                !left_ && (direction_ == direction::newest_first ? read_older() : read_newer());
            if (!read_some) break;
        } catch (const store_error&) {
            std::error_code ignored;
            if (!batches_.empty() || !segment_ || std::filesystem::exists(segment_->file(), ignored)) throw;
            left_ = true;
        }
        list_lines();
    }
    return lines_;
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
    read(*segment_, block.offset, block.offset + block.bytes);
    passed_ = block.first;
    std::reverse(batches_.begin(), batches_.end());
    return true;
}

bool journal_walk::read_newer() {
    if (!segment_ && !enter_segment_of(after_.value_or(0) + 1)) return false;
    for (;;) {
        const auto blocks = segment_->blocks();
        const auto end = blocks.empty() ? 0 : blocks.back().offset + blocks.back().bytes;
        if (offset_ < end) {
            read(*segment_, offset_, end);
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
        if (leaves(passed_.value_or(0) + 1, (*later)->first())) return false;
        if (!enter_segment_of((*later)->first())) return false;
    }
}

bool journal_walk::enter_segment_of(std::uint64_t seq) {
    const auto all = journal_.segments();
    if (all.empty()) return false;
    const auto beyond = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s->first() > seq; });
    if (beyond == all.begin() && leaves(seq, all.front()->first())) return false;
    segment_ = beyond == all.begin() ? all.front() : *std::prev(beyond);
    const auto blocks = segment_->blocks();
    const auto later =
        std::find_if(blocks.begin(), blocks.end(), [&](const auto& b) { return b.first > seq; });
    offset_ = blocks.empty() ? 0 : later == blocks.begin() ? blocks.front().offset : std::prev(later)->offset;
    return true;
}

bool journal_walk::leaves(std::uint64_t from, std::uint64_t to) {
    left_ = from < to && elsewhere_ && elsewhere_(from, to);
    return left_;
}

void journal_walk::read(segment& s, std::uint64_t from, std::uint64_t to) {
    const posix_file file(s.file(), posix_file::mode::read);
    segment_scanner scan(file, from, to);
    while (auto b = scan.next()) {
        if (b->start > b->skipped_from)
            damaged_.push_back(
                {s.file(), b->skipped_from, b->start - b->skipped_from, "belongs to no batch"});
        if (!b->sound)
            damaged_.push_back({s.file(), b->start, b->end - b->start, "a batch does not fit its checksum"});
        if (b->sound) {
            batches_.push_back({b->trailer.first, text_.size(), text_.size() + b->lines.size()});
            text_ += b->lines;
            if (direction_ == direction::oldest_first && b->trailer.lines > 0)
                passed_ = std::max(passed_.value_or(0), b->trailer.first + b->trailer.lines - 1);
        }
        offset_ = b->end;
        if (direction_ == direction::oldest_first && text_.size() >= stretch_bytes) return;
    }
    // What the file no longer shows of its committed bytes is not looked for again.
    if (scan.position() < to)
        damaged_.push_back({s.file(), scan.position(), to - scan.position(), "belongs to no batch"});
    offset_ = to;
}

void journal_walk::list_lines() {
    for (const auto& b : batches_) {
        const auto begin = lines_.size();
        auto seq = b.first;
        for (std::size_t at = b.start; at < b.end;) {
            const auto end = text_.find('\n', at);
            if (is_wanted(seq)) lines_.push_back({seq, std::string_view(text_).substr(at, end - at)});
            at = end + 1;
            ++seq;
        }
        if (direction_ == direction::newest_first)
            std::reverse(lines_.begin() + static_cast<std::ptrdiff_t>(begin), lines_.end());
    }
}

bool journal_walk::is_wanted(std::uint64_t seq) const noexcept {
    if (!after_) return true;
    return direction_ == direction::newest_first ? seq < *after_ : seq > *after_;
}

}  // namespace distd
