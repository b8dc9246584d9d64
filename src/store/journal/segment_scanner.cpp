#include "store/journal/segment_scanner.hpp"

#include <algorithm>

namespace distd {
namespace {

constexpr std::size_t first_window = 256 << 10;
constexpr std::size_t disk_block = 4096;

// False: some of it cannot be read, and is zeros instead.
bool reads_all(const posix_file& file, std::uint64_t offset, char* out, std::size_t size) {
    try {
        const auto got = file.read_at(offset, out, size);
        std::fill(out + got, out + size, '\0');
        return got == size;
    } catch (const store_error&) {
        std::fill(out, out + size, '\0');
        return false;
    }
}

}  // namespace

std::optional<std::string> read_first_line(const posix_file& file, std::uint64_t size) {
    std::string text;
    while (text.size() < size) {
        const auto known = text.size();
        text.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size, known + 65536)));
        if (!reads_all(file, known, text.data() + known, text.size() - known)) return std::nullopt;
        if (const auto end = text.find('\n', known); end != std::string::npos) return text.substr(0, end + 1);
    }
    return "";
}

std::uint64_t first_batch_at(const posix_file& file, std::uint64_t size) {
    const auto head = read_first_line(file, size).value_or("");
    return parse_head(head) ? head.size() : 0;
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
    read(window_start_ + known, window_.data() + known, more);
}

// Block by block around a bad place.
void segment_scanner::read(std::uint64_t offset, char* out, std::size_t size) {
    if (reads_all(file_, offset, out, size)) return;
    for (std::size_t at = 0; at < size;) {
        const auto piece =
            std::min(size - at, disk_block - static_cast<std::size_t>((offset + at) % disk_block));
        if (!reads_all(file_, offset + at, out + at, piece))
            unread_.push_back({offset + at, offset + at + piece});
        at += piece;
    }
}

bool segment_scanner::was_read(std::uint64_t from, std::uint64_t to) const noexcept {
    return std::ranges::none_of(unread_, [&](const range& r) { return r.from < to && from < r.to; });
}

void segment_scanner::add(std::uint64_t from, std::uint64_t to, const char* what,
                          std::vector<damage>& damaged) const {
    if (from >= to) return;
    damaged.push_back(
        {file_.path(), from, to - from, was_read(from, to) ? what : "cannot be read from the disk"});
}

void segment_scanner::add_damage(const batch& b, std::vector<damage>& damaged) const {
    add(b.skipped_from, b.start, "belongs to no batch", damaged);
    if (!b.sound) add(b.start, b.end, "a batch does not fit its checksum", damaged);
}

void segment_scanner::add_rest(std::vector<damage>& damaged) const {
    add(position_, to_, "belongs to no batch", damaged);
}

}  // namespace distd
