#include "base/line_writer.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

namespace distd {
namespace {

bool is_regular_file(int descriptor) noexcept {
    struct stat about {};
    return ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
}

}  // namespace

line_writer::line_writer(int descriptor) noexcept
    : descriptor_(descriptor), is_file_(is_regular_file(descriptor)) {}

std::uint64_t line_writer::write(std::string_view lines) noexcept {
    while (!lines.empty()) {
        const auto piece = next_piece(lines);
        if (!is_file_ && !wait_for_room()) break;
        const auto n = ::write(descriptor_, piece.data(), piece.size());
        if (n >= 0) {
            lines.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno != EINTR && errno != EAGAIN) {
            break;
        }
    }
    return static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
}

// In slices, to notice `give_up_at`: a blocked write could not be called back. Errors are left for the write
// to find.
bool line_writer::wait_for_room() const noexcept {
    constexpr int slice_ms = 50;
    if (descriptor_ < 0) return true;  // poll would ignore it
    for (;;) {
        const bool gives_up = std::chrono::steady_clock::now().time_since_epoch().count() >= end_;
        pollfd p{descriptor_, POLLOUT, 0};
        const int ready = ::poll(&p, 1, gives_up ? 0 : slice_ms);
        if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
        if (gives_up) return false;
    }
}

std::string_view line_writer::next_piece(std::string_view lines) const noexcept {
    if (is_file_ || lines.size() <= PIPE_BUF) return lines;
    const auto last_end = lines.rfind('\n', PIPE_BUF - 1);
    return lines.substr(0, last_end == lines.npos ? PIPE_BUF : last_end + 1);
}

void write_last_words(std::string_view lines) noexcept {
    line_writer errors(STDERR_FILENO);
    errors.give_up_at(std::chrono::steady_clock::now() + seconds(1));
    static_cast<void>(errors.write(lines));
}

}  // namespace distd
