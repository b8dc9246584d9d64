#include "sdk/spool_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <utility>

#include "base/assert.hpp"
#include "sdk/line_queue.hpp"

namespace distd {
namespace {

// The first line, of fixed length, so that it can be written over:
// {"distd_spool":1,"next":"00000000000000000041"}
constexpr std::string_view head_front = R"({"distd_spool":1,"next":")";
constexpr std::string_view head_back = "\"}\n";
constexpr std::size_t head_digits = 20;
constexpr std::size_t head_size = head_front.size() + head_digits + head_back.size();
// Far from zero: lines that are put back in front have a position, too.
constexpr spool_file::position first_base = spool_file::position{1} << 40;

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

spool_file::spool_file(std::string path, std::uint64_t limit_bytes)
    : path_(std::move(path)), limit_(limit_bytes), begin_(head_size), end_(head_size), base_(first_base) {
    DISTD_ASSERT(limit_ > 8 * head_size);
}

spool_file::~spool_file() { forget(); }

result<std::uint64_t> spool_file::append(std::string_view lines) {
    if (const auto opened = open(true); !opened) return opened.error();
    if (end_ + lines.size() > limit_) {
        auto all = text(begin_, end_);
        if (!all) return all.error();
        return rewrite(*all += lines, base_ + begin_);
    }
    const auto written = write_at(descriptor_, end_, lines);
    if (!written) {
        (void)::ftruncate(descriptor_,
                          static_cast<off_t>(end_));  // else what was cut is cut when it is taken up
        return written.error();
    }
    end_ += lines.size();
    return 0;
}

result<std::uint64_t> spool_file::put_back(std::string_view lines) {
    if (const auto opened = open(true); !opened) return opened.error();
    const auto waiting = text(begin_, end_);
    if (!waiting) return waiting.error();
    return rewrite(std::string(lines) += *waiting, base_ + begin_ - lines.size());
}

result<spool_file::piece> spool_file::read(std::size_t most_bytes) {
    if (const auto opened = open(false); !opened) return opened.error();
    for (std::uint64_t size = most_bytes;; size *= 2) {
        const auto to = std::min(end_, begin_ + size);
        auto found = text(begin_, to);
        if (!found) return found.error();
        const bool whole = found->find('\n') != std::string::npos;
        if (!whole && to < end_) continue;  // a line that is longer
        const auto lines = first_lines(*found, to == end_ ? found->size() : found->rfind('\n') + 1);
        return piece{std::string(lines), base_ + begin_};
    }
}

result<> spool_file::done(position end) {
    if (descriptor_ < 0 || end <= base_ + begin_) return {};  // dropped meanwhile
    DISTD_ASSERT(end <= base_ + end_);
    begin_ = end - base_;
    if (begin_ < end_)
        return write_at(descriptor_, head_front.size(), head(begin_).substr(head_front.size(), head_digits));
    ::unlink(path_.c_str());
    forget();
    base_ = end - head_size;  // the next line's position follows
    begin_ = end_ = head_size;
    return {};
}

result<> spool_file::open(bool create) {
    if (descriptor_ >= 0) return {};
    descriptor_ = open_file(path_, create ? O_CREAT : 0);
    if (descriptor_ < 0) {
        if (errno == ENOENT && !create) return {};
        return errc_of(errno);
    }
    const auto taken_up = take_up();
    if (!taken_up) forget();
    return taken_up;
}

// What an earlier process left: its last line may be cut short, and so may the first one.
result<> spool_file::take_up() {
    struct stat about {};
    if (::fstat(descriptor_, &about) != 0) return errc_of(errno);
    const auto size = static_cast<std::uint64_t>(about.st_size);
    begin_ = end_ = head_size;
    std::string first(head_size, '\0');
    const bool has_head =
        ::pread(descriptor_, first.data(), head_size, 0) == static_cast<ssize_t>(head_size) &&
        first.starts_with(head_front) && first.ends_with(head_back);
    if (!has_head) {
        if (::ftruncate(descriptor_, 0) != 0) return errc_of(errno);
        return write_at(descriptor_, 0, head(head_size));
    }
    std::uint64_t next = 0;
    const auto* digits = first.data() + head_front.size();
    std::from_chars(digits, digits + head_digits, next);
    begin_ = std::clamp<std::uint64_t>(next, head_size, size);
    const auto waiting = text(begin_, size);
    if (!waiting) return waiting.error();
    end_ = begin_ + (waiting->rfind('\n') + 1);  // npos + 1: nothing whole is there
    if (end_ < size && ::ftruncate(descriptor_, static_cast<off_t>(end_)) != 0) return errc_of(errno);
    return {};
}

result<std::string> spool_file::text(std::uint64_t from, std::uint64_t to) const {
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

// A new file in the place of the old one, so that there is a whole one at any time. With some room left when
// lines have to go, or each line from then on would cost a rewrite.
result<std::uint64_t> spool_file::rewrite(std::string lines, position first) {
    const auto room = limit_ - head_size;
    const auto gone = lines.size() <= room ? std::string_view{} : lines_over(lines, room - room / 8);
    const auto dropped = count_lines(gone);
    const auto kept = std::string_view(lines).substr(gone.size());
    const auto new_path = path_ + ".new";
    const int fresh = open_file(new_path, O_CREAT | O_TRUNC);
    if (fresh < 0) return errc_of(errno);
    auto written = write_at(fresh, 0, head(head_size));
    if (written) written = write_at(fresh, head_size, kept);
    if (written && ::rename(new_path.c_str(), path_.c_str()) != 0) written = errc_of(errno);
    if (!written) {
        ::close(fresh);
        ::unlink(new_path.c_str());
        return written.error();
    }
    forget();
    descriptor_ = fresh;
    base_ = first + gone.size() - head_size;
    begin_ = head_size;
    end_ = head_size + kept.size();
    return dropped;
}

void spool_file::forget() noexcept {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

}  // namespace distd
