#include "store/segment_scanner.hpp"

#include <algorithm>
#include <cerrno>

namespace distd {
namespace {
constexpr std::size_t first_window = 256 << 10;
}

std::string read_first_line(const posix_file& file, std::uint64_t size) {
    std::string text;
    while (text.size() < size) {
        const auto known = text.size();
        text.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size, known + 65536)));
        text.resize(known + file.read_at(known, text.data() + known, text.size() - known));
        if (const auto end = text.find('\n', known); end != std::string::npos) return text.substr(0, end + 1);
        if (text.size() == known) break;
    }
    return {};
}

segment_scanner::segment_scanner(const posix_file& file, std::uint64_t from, std::uint64_t to)
    : file_(file), to_(to), position_(from), window_start_(from) {}

std::optional<segment_scanner::batch> segment_scanner::next() {
    for (;;) {
        const auto from = static_cast<std::size_t>(position_ - window_start_);
        if (auto found = find_batch(window_, from)) {
            batch b{std::move(found->trailer),
                    position_,
                    window_start_ + found->start,
                    window_start_ + found->end,
                    found->sound,
                    std::string_view(window_).substr(found->start, found->lines_end - found->start)};
            position_ = b.end;
            return b;
        }
        if (window_start_ + window_.size() >= to_) return std::nullopt;
        read_on();
    }
}

// Doubles what is left unread, so that a large batch is searched a few times only.
void segment_scanner::read_on() {
    window_.erase(0, static_cast<std::size_t>(position_ - window_start_));
    window_start_ = position_;
    const auto known = window_.size();
    const auto left = to_ - window_start_ - known;
    const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(left, std::max(first_window, known)));
    window_.resize(known + more);
    const auto got = file_.read_at(window_start_ + known, window_.data() + known, more);
    if (got < more) throw file_error(file_.path(), "read all of", EIO);
}

}  // namespace distd
