#include "sdk/log_shipping/spool_part.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

errc errc_of(int error_number) noexcept {
    const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
    return full ? errc::storage_full : errc::storage_failed;
}

std::string head(std::uint64_t next) {
    auto digits = std::to_string(next);
    digits.insert(0, head_digits - digits.size(), '0');
    return std::string(head_front) + digits + std::string(head_back);
}

result<> write_at(int descriptor, std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errc_of(errno);
        bytes.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

int open_file(const std::string& path, int flags) noexcept {
    return ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
}

}  // namespace

const std::uint64_t spool_part::head_bytes = head_size;

spool_part::spool_part(spool_part&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)),
      base_(other.base_),
      lines_(std::exchange(other.lines_, std::nullopt)) {}

spool_part& spool_part::operator=(spool_part&& other) noexcept {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    base_ = other.base_;
    lines_ = std::exchange(other.lines_, std::nullopt);
    return *this;
}

void spool_part::close() noexcept {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
    begin_ = end_ = 0;
    lines_.reset();
}

result<> spool_part::create(const std::string& path, position first) {
    close();
    descriptor_ = open_file(path, O_CREAT | O_TRUNC);
    if (descriptor_ < 0) return errc_of(errno);
    base_ = first - head_size;
    const auto begun = begin_anew();
    if (!begun) close();
    return begun;
}

result<> spool_part::begin_anew() {
    if (::ftruncate(descriptor_, 0) != 0) return errc_of(errno);
    begin_ = end_ = head_size;
    lines_ = 0;
    return write_at(descriptor_, 0, head(head_size));
}

// Its last line may be cut short, and so may the first one.
result<> spool_part::take_up(const std::string& path, position first) {
    close();
    descriptor_ = open_file(path, 0);
    if (descriptor_ < 0) return errno == ENOENT ? result<>() : errc_of(errno);
    const auto taken_up = [&]() -> result<> {
        struct stat about {};
        if (::fstat(descriptor_, &about) != 0) return errc_of(errno);
        const auto size = static_cast<std::uint64_t>(about.st_size);
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
        if (end_ < size && ::ftruncate(descriptor_, static_cast<off_t>(end_)) != 0) return errc_of(errno);
        return {};
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
    const auto written = write_at(descriptor_, end_, lines);
    if (!written) {  // what cannot be cut off here is cut off when the file is taken up
        (void)::ftruncate(descriptor_, static_cast<off_t>(end_));
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
    return write_at(descriptor_, head_front.size(), head(begin_).substr(head_front.size(), head_digits));
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
        const auto n =
            ::pread(descriptor_, out.data() + have, out.size() - have, static_cast<off_t>(from + have));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errc_of(errno);
        if (n == 0) return errc::storage_failed;  // somebody cut the file
        have += static_cast<std::size_t>(n);
    }
    return out;
}

}  // namespace distd
