// Writes lines to a descriptor that others made: a terminal, a file, a pipe whose reader is slow, stuck or
// gone. Used by one thread, which has SIGPIPE blocked; only `give_up_at` may be called from another. On
// anything but a file, writes end at the end of a line where that is possible and are small enough to be
// atomic on a pipe, so that lines of several processes do not mix.
#pragma once

#include <atomic>
#include <cstdint>
#include <distd/time.hpp>
#include <string_view>

namespace distd {

class line_writer {
public:
    explicit line_writer(int descriptor) noexcept;

    // Waits as long as the reader needs. Returns how many lines were not written (entirely) because the
    // descriptor fails.
    [[nodiscard]] std::uint64_t write(std::string_view lines) noexcept;

    // From then on a reader that does not read is not waited for any more.
    void give_up_at(steady_point t) noexcept { end_ = t.time_since_epoch().count(); }

private:
    [[nodiscard]] bool wait_for_room() const noexcept;
    [[nodiscard]] std::string_view next_piece(std::string_view lines) const noexcept;

    int descriptor_;
    bool is_file_;
    std::atomic<steady_point::rep> end_ = steady_point::max().time_since_epoch().count();
};

// The last words of a process on standard error: a reader that does not read is waited for a second at most.
void write_last_words(std::string_view lines) noexcept;

}  // namespace distd
