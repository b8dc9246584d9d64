#include "sdk/log_shipping/spool_part.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "sdk/log_shipping/line_queue.hpp"

namespace distd {
namespace {

// The first line, of fixed length, so that it can be written over:
// {"distd_spool":1,"next":"00000000000000000041"}
constexpr std::string_view head_front = R"({"distd_spool":1,"next":")";
constexpr std::string_view head_back = "\"}\n";
constexpr std::size_t head_digits = 20;
constexpr std::size_t head_size = head_front.size() + head_digits + head_back.size();
constexpr std::uint64_t step_bytes = 64 << 10;  // of a file that is looked through

errc errc_of(const boost::system::error_code& why) noexcept {
    const int n = why.value();
    return n == ENOSPC || n == EDQUOT || n == EFBIG ? errc::storage_full : errc::storage_failed;
}

std::string head(std::uint64_t next) {
    auto digits = std::to_string(next);
    digits.insert(0, head_digits - digits.size(), '0');
    return std::string(head_front) + digits + std::string(head_back);
}

result<> write_at(disk::file& file, std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = file.write_at(offset, bytes);
        if (!n) return errc_of(n.error());
        bytes.remove_prefix(*n);
        offset += *n;
    }
    return {};
}

result<> cut(disk::file& file, std::uint64_t size) {
    const auto done = file.truncate(size);
    return done ? result<>() : errc_of(done.error());
}

}  // namespace

const std::uint64_t spool_part::head_bytes = head_size;

spool_part::spool_part(spool_part&& other) noexcept { *this = std::move(other); }

spool_part& spool_part::operator=(spool_part&& other) noexcept {
    file_ = std::move(other.file_);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    base_ = other.base_;
    lines_ = std::exchange(other.lines_, std::nullopt);
    return *this;
}

void spool_part::close() noexcept { *this = spool_part(); }

result<> spool_part::open(disk& on, const std::filesystem::path& path) {
    close();
    auto opened = on.open(path, disk::mode::in_place);
    if (!opened) return errc_of(opened.error());
    file_ = *std::move(opened);
    return {};
}

result<> spool_part::create(disk& on, const std::filesystem::path& path, position first) {
    if (const auto opened = open(on, path); !opened) return opened;
    base_ = first - head_size;
    const auto begun = begin_anew();
    if (!begun) close();
    return begun;
}

result<> spool_part::begin_anew() {
    if (const auto emptied = cut(*file_, 0); !emptied) return emptied;
    begin_ = end_ = head_size;
    lines_ = 0;
    return write_at(*file_, 0, head(head_size));
}

// Its last line may be cut short, and so may the first one.
result<> spool_part::take_up(disk& on, const std::filesystem::path& path, position first) {
    close();
    if (!on.exists(path)) return {};
    if (const auto opened = open(on, path); !opened) return opened;
    const auto taken_up = [&]() -> result<> {
        const auto found = file_->size();
        if (!found) return errc_of(found.error());
        const auto size = *found;
        base_ = first - head_size;
        lines_.reset();
        const auto line = text(0, std::min<std::uint64_t>(size, head_size));
        if (!line) return line.error();
        const bool has_head =
            line->size() == head_size && line->starts_with(head_front) && line->ends_with(head_back);
        if (!has_head) return begin_anew();
        std::uint64_t next = 0;
        const auto* digits = line->data() + head_front.size();
        std::from_chars(digits, digits + head_digits, next);
        begin_ = std::clamp<std::uint64_t>(next, head_size, size);
        const auto last = find_last_end(begin_, size);
        if (!last) return last.error();
        end_ = *last;
        base_ = first - begin_;
        return end_ < size ? cut(*file_, end_) : result<>();
    }();
    if (!taken_up) close();
    return taken_up;
}

// Behind the last newline; `from` when there is none.
result<std::uint64_t> spool_part::find_last_end(std::uint64_t from, std::uint64_t to) const {
    while (to > from) {
        const auto begin = to - std::min(step_bytes, to - from);
        const auto piece = text(begin, to);
        if (!piece) return piece.error();
        if (const auto at = piece->rfind('\n'); at != std::string::npos) return begin + at + 1;
        to = begin;
    }
    return from;
}

result<> spool_part::append(std::string_view lines) {
    const auto written = write_at(*file_, end_, lines);
    if (!written) {  // what cannot be cut off here is cut off when the file is taken up
        static_cast<void>(cut(*file_, end_));
        return written;
    }
    end_ += lines.size();
    if (lines_) *lines_ += count_lines(lines);
    return written;
}

result<std::string> spool_part::read(std::size_t max_bytes) const {
    for (std::uint64_t size = max_bytes;; size *= 2) {
        const auto to = std::min(end_, begin_ + size);
        auto found = text(begin_, to);
        if (!found || to == end_) return found;
        const auto last = found->rfind('\n');
        if (last == std::string::npos) continue;  // a line that is longer
        found->resize(last + 1);
        return found;
    }
}

result<> spool_part::done(position end) {
    begin_ = end - base_;
    lines_.reset();
    return write_at(*file_, head_front.size(), head(begin_).substr(head_front.size(), head_digits));
}

result<std::uint64_t> spool_part::count_waiting() const {
    if (lines_) return *lines_;
    std::uint64_t lines = 0;
    for (auto at = begin_; at < end_; at += step_bytes) {
        const auto piece = text(at, std::min(end_, at + step_bytes));
        if (!piece) return piece.error();
        lines += count_lines(*piece);
    }
    return lines;
}

result<std::string> spool_part::text(std::uint64_t from, std::uint64_t to) const {
    std::string out(to - from, '\0');
    std::size_t have = 0;
    while (have < out.size()) {
        const auto n = file_->read_at(from + have, out.data() + have, out.size() - have);
        if (!n) return errc_of(n.error());
        if (*n == 0) return errc::storage_failed;  // somebody cut the file
        have += *n;
    }
    return out;
}

}  // namespace distd
