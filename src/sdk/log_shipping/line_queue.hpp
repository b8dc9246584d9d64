// Lines one after the other in one string, each with its newline: what is sent, spooled or dropped is a piece
// of it. Pure. Bounded by its owner, who asks for `bytes` after each line.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace distd {

[[nodiscard]] inline std::uint64_t count_lines(std::string_view lines) noexcept {
    return static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
}

// The first whole lines of `lines`, at most so many bytes of them, but one line at least.
[[nodiscard]] inline std::string_view first_lines(std::string_view lines, std::size_t max_bytes) noexcept {
    if (lines.size() <= max_bytes) return lines;
    auto last = max_bytes == 0 ? lines.npos : lines.rfind('\n', max_bytes - 1);
    if (last == lines.npos) last = lines.find('\n');
    return lines.substr(0, last == lines.npos ? lines.size() : last + 1);
}

// What has to go from the front of `lines`, line by line, so that no more than so many bytes remain.
[[nodiscard]] inline std::string_view lines_over(std::string_view lines, std::size_t max_bytes) noexcept {
    if (lines.size() <= max_bytes) return {};
    const auto end = lines.find('\n', lines.size() - max_bytes - 1);
    return lines.substr(0, end == lines.npos ? lines.size() : end + 1);
}

class line_queue {
public:
    [[nodiscard]] std::size_t bytes() const noexcept { return text_.size() - begin_; }
    [[nodiscard]] bool empty() const noexcept { return bytes() == 0; }
    [[nodiscard]] std::string_view lines() const noexcept { return std::string_view(text_).substr(begin_); }

    // Where the next line is to be appended, newline and all.
    [[nodiscard]] std::string& tail() noexcept { return text_; }

    void drop(std::size_t n) {
        begin_ += n;
        if (begin_ < text_.size() / 2) return;  // moving the rest is paid for by what went
        text_.erase(0, begin_);
        begin_ = 0;
    }
    [[nodiscard]] std::string take(std::size_t max_bytes) {
        std::string taken(first_lines(lines(), max_bytes));
        drop(taken.size());
        return taken;
    }
    // `room`: memory for the lines to come.
    [[nodiscard]] std::string take_all(std::string room = {}) {
        drop(0);
        text_.erase(0, std::exchange(begin_, 0));
        room.clear();
        return std::exchange(text_, std::move(room));
    }

private:
    std::string text_;
    std::size_t begin_ = 0;
};

}  // namespace distd
