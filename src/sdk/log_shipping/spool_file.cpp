#include "sdk/log_shipping/spool_file.hpp"

#include <utility>

#include "base/assert.hpp"
#include "sdk/log_shipping/line_queue.hpp"

namespace distd {
namespace {

// Far from zero: lines that are put back in front have a position, too.
constexpr spool_file::position first_of_all = spool_file::position{1} << 40;

}  // namespace

spool_file::spool_file(disk& on, std::string path, std::uint64_t limit_bytes)
    : disk_(on),
      path_(std::move(path)),
      newer_path_(path_ + ".next"),
      limit_(limit_bytes),
      next_(first_of_all) {
    DISTD_ASSERT(limit_ > 8 * spool_part::head_bytes);
}

result<std::uint64_t> spool_file::append(std::string_view lines) {
    if (const auto opened = open(true); !opened) return opened.error();
    if (lines.size() > room()) return keep_newest_of(lines);
    const auto& last = newer_.is_open() ? newer_ : older_;
    if (last.file_bytes() + lines.size() > limit_ / 2)
        if (const auto made = make_room(); !made) return made.error();
    auto& target = newer_.is_open() ? newer_ : older_;
    if (const auto written = target.append(lines); !written) return written.error();
    return std::exchange(dropped_, 0);
}

// What is newest goes on in a file of its own; what is oldest goes.
result<> spool_file::make_room() {
    if (newer_.is_open()) {
        const auto lost = older_.count_waiting();
        if (!lost) return lost.error();
        if (const auto moved = newer_becomes_older(); !moved) return moved;
        dropped_ += *lost;
    }
    return newer_.create(disk_, newer_path_, older_.end());
}

result<> spool_file::newer_becomes_older() {
    if (!disk_.rename(newer_path_, path_)) return errc::storage_failed;
    older_ = std::move(newer_);
    return {};
}

// More at once than there is room for.
result<std::uint64_t> spool_file::keep_newest_of(std::string_view lines) {
    const auto gone = lines_over(lines, room());
    const auto in_older = older_.count_waiting();
    const auto in_newer = newer_.count_waiting();
    if (!in_older || !in_newer) return errc::storage_failed;
    const auto end = newer_.is_open() ? newer_.end() : older_.end();
    if (const auto kept = rewrite_older(lines.substr(gone.size()), end + gone.size()); !kept)
        return kept.error();
    newer_.close();
    static_cast<void>(disk_.remove(newer_path_));
    return std::exchange(dropped_, 0) + *in_older + *in_newer + count_lines(gone);
}

result<std::uint64_t> spool_file::put_back(std::string_view lines) {
    if (const auto opened = open(true); !opened) return opened.error();
    const auto waiting = older_.all_waiting();
    if (!waiting) return waiting.error();
    const auto all = std::string(lines) += *waiting;
    const auto gone = lines_over(all, room_in_older());
    const auto first = older_.first() - lines.size() + gone.size();
    if (const auto kept = rewrite_older(std::string_view(all).substr(gone.size()), first); !kept)
        return kept.error();
    return count_lines(gone);
}

result<spool_file::position> spool_file::put_in_front(std::string_view lines) {
    if (const auto opened = open(true); !opened) return opened.error();
    if (older_.waiting_bytes() + lines.size() > room_in_older()) return errc::storage_full;
    if (const auto put = put_back(lines); !put) return put.error();
    return older_.first();
}

// A new file in the place of the old one, so that there is a whole one at any time.
result<> spool_file::rewrite_older(std::string_view lines, position first) {
    const auto draft_path = path_ + ".draft";
    spool_part draft;
    auto written = draft.create(disk_, draft_path, first);
    if (written) written = draft.append(lines);
    if (written && !disk_.rename(draft_path, path_)) written = errc::storage_failed;
    if (!written) {
        static_cast<void>(disk_.remove(draft_path));
        return written;
    }
    older_ = std::move(draft);
    return {};
}

result<spool_file::piece> spool_file::read(std::size_t max_bytes) {
    if (const auto opened = open(false); !opened) return opened.error();
    if (!older_.is_open()) return piece{};
    if (older_.waiting_bytes() == 0) {
        // A crash came between the last line and the end of the file.
        if (const auto ended = done(older_.end()); !ended) return ended.error();
        if (!older_.is_open()) return piece{};
    }
    auto lines = older_.read(max_bytes);
    if (!lines) return lines.error();
    return piece{*std::move(lines), older_.first()};
}

result<> spool_file::done(position end) {
    if (!older_.is_open() || end < older_.first()) return {};  // dropped meanwhile
    if (end < older_.end()) return older_.done(end);
    if (newer_.is_open()) {
        if (const auto moved = newer_becomes_older(); !moved) return moved;
        DISTD_ASSERT(end <= older_.end());
        return end > older_.first() ? done(end) : result<>();
    }
    DISTD_ASSERT(end == older_.end());
    static_cast<void>(disk_.remove(path_));
    older_.close();
    next_ = end;
    return {};
}

result<> spool_file::open(bool create) {
    if (older_.is_open()) return {};
    if (const auto taken = older_.take_up(disk_, path_, next_); !taken) return taken;
    if (older_.is_open()) return newer_.take_up(disk_, newer_path_, older_.end());
    return create ? older_.create(disk_, path_, next_) : result<>();
}

}  // namespace distd
