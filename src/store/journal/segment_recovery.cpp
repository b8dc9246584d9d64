#include "store/journal/segment_recovery.hpp"

#include <algorithm>
#include <string>

namespace distd {
namespace {

constexpr std::uint64_t disk_block = 4096;

struct seen_batch {
    segment_scanner::batch batch;  // without its lines
    std::vector<damage> damaged;
    bool was_read = true;
};

struct seen_segment {
    std::optional<segment_head> head;
    std::uint64_t head_bytes = 0;
    bool head_was_read = true;
    std::vector<seen_batch> batches;
    std::vector<damage> rest;
    std::uint64_t rest_from = 0;
    bool rest_was_read = true;  // what follows the last batch
    bool is_first_format = true;
};

seen_segment look_through(const posix_file& file, segment_contents& c) {
    seen_segment s;
    const auto read = read_first_line(file, c.size);
    const auto first_line = read.value_or("");
    s.head_was_read = read.has_value();
    s.head = parse_head(first_line);
    if (s.head && !is_known_segment_format(s.head->format))
        throw store_error(errc::storage_failed, file.path().string() + ": " +
                                                    unknown_segment_format(s.head->format) +
                                                    ". Nothing was changed; use the version that wrote it");
    s.head_bytes = first_line.size();
    s.is_first_format = s.head && s.head->format == 1;
    segment_scanner scan(file, s.head ? s.head_bytes : 0, c.size);
    while (auto b = scan.next()) {
        seen_batch seen;
        scan.add_damage(*b, seen.damaged);
        seen.was_read = scan.was_read(b->skipped_from, b->end) && (s.head_was_read || b->skipped_from > 0);
        if (b->sound && b->trailer.synced) c.synced = std::max(c.synced, *b->trailer.synced);
        // Where the head is torn, the batches show the format; without a sound one nothing was committed yet.
        if (b->sound && !s.head) s.is_first_format = !b->trailer.synced;
        b->lines = {};
        seen.batch = *std::move(b);
        s.batches.push_back(std::move(seen));
    }
    scan.add_rest(s.rest);
    s.rest_from = scan.position();
    s.rest_was_read = scan.was_read(s.rest_from, c.size) && (s.head_was_read || s.rest_from > 0);
    return s;
}

void keep(segment_contents& c, seen_batch& seen, bool head_is_damaged) {
    auto& b = seen.batch;
    c.blocks.push_back(block_of(b, c.next_line));
    c.end = b.end;
    // Damage of the head is reported once, as such.
    const bool is_head = head_is_damaged && b.skipped_from == 0 && b.start > 0;
    c.damaged.insert(c.damaged.end(), seen.damaged.begin() + (is_head ? 1 : 0), seen.damaged.end());
    if (!b.sound) return;
    c.at = std::max(c.at, b.trailer.at);
    if (b.trailer.lines > 0 && b.end > c.synced) c.has_unmarked_lines = true;
    for (auto& id : b.trailer.ids) c.ids.push_back({std::move(id), b.trailer.at});
}

}  // namespace

segment_contents examine_segment(const posix_file& file, std::uint64_t first, const segment_evidence& known) {
    segment_contents c;
    c.size = file.size();
    auto seen = look_through(file, c);
    if (known.was_closed) c.synced = c.size;
    const auto may_not_be_torn = std::max(c.synced, known.committed);
    c.has_head = seen.head.has_value();
    c.next_line = first;
    if (c.has_head)
        for (auto& id : seen.head->ids) c.ids.push_back({std::move(id), 0});
    else
        c.damaged.push_back({file.path(), 0, seen.head_bytes,
                             seen.head_was_read ? "its head does not fit its checksum"
                                                : "its head cannot be read from the disk"});
    c.end = c.has_head ? seen.head_bytes : 0;

    // In format 1 only a batch that was not finished counts as torn.
    const auto may_be_torn = [&](std::uint64_t from, bool was_read) {
        return !seen.is_first_format && from >= may_not_be_torn && c.next_line >= known.next_line && was_read;
    };
    c.may_grow = !seen.is_first_format;
    for (auto& s : seen.batches) {
        const bool is_whole = s.damaged.empty();
        const auto from = s.batch.start > s.batch.skipped_from ? s.batch.skipped_from : s.batch.start;
        if (!is_whole && may_be_torn(from, s.was_read)) return c;
        keep(c, s, !c.has_head);
    }
    const bool rest_is_torn =
        c.end >= may_not_be_torn && c.next_line >= known.next_line && seen.rest_was_read;
    if (seen.rest.empty() || rest_is_torn) return c;
    c.damaged.insert(c.damaged.end(), seen.rest.begin(), seen.rest.end());
    c.blocks.push_back(
        {seen.rest_from, c.size - seen.rest_from, c.next_line});  // readers meet it, and name it
    c.next_line += c.size - seen.rest_from;
    c.end = c.size;
    c.may_grow = false;  // a batch begins at the start of a line
    return c;
}

bool is_whole(const posix_file& file, std::uint64_t from, std::uint64_t to) {
    if (from == 0 && to > 0) {
        from = first_batch_at(file, to);
        if (from == 0) return false;
    }
    segment_scanner scan(file, from, to);
    while (const auto b = scan.next())
        if (!b->sound || b->start > b->skipped_from) return false;
    return scan.position() == to;
}

void write_again(posix_file& file, std::uint64_t from, std::uint64_t to) {
    constexpr std::uint64_t piece = 256 << 10;
    std::string text;
    const auto read = [&](std::uint64_t at, std::uint64_t size) {
        text.resize(static_cast<std::size_t>(size));
        try {
            text.resize(file.read_at(at, text.data(), text.size()));
        } catch (const store_error&) {
            text.clear();
        }
    };
    std::uint64_t size = 0;
    for (auto at = from / disk_block * disk_block; at < to; at += size) {
        size = std::min(piece, to - at);
        read(at, size);
        if (text.empty()) read(at, size = std::min(disk_block, size));
        file.write_at(at, text);  // nothing of a block that cannot be read
    }
}

}  // namespace distd
