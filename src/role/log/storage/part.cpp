#include "role/log/storage/part.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "base/parse_number.hpp"
#include "role/log/storage/token_filter.hpp"

namespace distd::logs {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t digits = 20;
constexpr std::string_view extension = ".part";

std::string read_at(const posix_file& file, std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    bytes.resize(file.read_at(offset, bytes.data(), size));
    return bytes;
}

index_place read_end_of(const posix_file& file, std::uint64_t size) {
    if (size < part_start_bytes + part_end_bytes) throw damaged_bytes("is too short for a part");
    return read_part_end(read_at(file, size - part_end_bytes, part_end_bytes));
}

// The start has no checksum, the end has: a flipped bit up there makes no later format.
bool ends_as_we_write(const posix_file& file, std::uint64_t size) {
    try {
        static_cast<void>(read_end_of(file, size));
        return true;
    } catch (const damaged_bytes&) {
        return false;
    }
}

part_index read_index_of(const posix_file& file, std::uint64_t size) {
    const auto place = read_end_of(file, size);
    if (place.offset > size || place.packed > size - place.offset)
        throw damaged_bytes("its index lies outside of it");
    return read_index(place, read_at(file, place.offset, place.packed));
}

// The block that starts at `at`, if one does that is whole.
std::optional<placed_block> block_at(const posix_file& file, std::uint64_t at, std::uint64_t size) {
    const auto announced = read_block_start(read_at(file, at, block_start_bytes));
    if (!announced || announced->bytes > size - at) return std::nullopt;
    const auto head = read_at(file, at + block_start_bytes, announced->bytes);
    if (checksum(head) != announced->crc) return std::nullopt;
    try {
        placed_block b{at + block_start_bytes, announced->bytes, parse_block_head(head)};
        return b.body() + b.head.body_bytes <= size ? std::optional(std::move(b)) : std::nullopt;
    } catch (const damaged_bytes&) {
        return std::nullopt;
    }
}

// Where the next block may start.
std::uint64_t next_mark(const posix_file& file, std::uint64_t from, std::uint64_t size) {
    constexpr std::size_t window = 1 << 20;
    const auto mark = block_start({}).substr(0, 4);
    for (; from < size; from += window - mark.size())
        if (const auto at = read_at(file, from, window).find(mark); at != std::string::npos) return from + at;
    return size;
}

// Of a part whose index is damaged: every block that is whole, by its own head.
void find_blocks(part_index& index, const posix_file& file, std::uint64_t size,
                 std::vector<damage>& damaged) {
    std::uint64_t next_line = index.first;
    for (std::uint64_t at = part_start_bytes; at < size;) {
        auto b = block_at(file, at, size);
        const bool in_order = b && b->head.first >= next_line && b->head.last() <= index.last;
        if (!in_order) {
            const auto next = next_mark(file, at + 1, size);
            // Behind the last block lies the index, which is known to be damaged.
            if (next < size) damaged.push_back({file.path(), at, next - at, "a block cannot be read"});
            at = next;
            continue;
        }
        at = b->body() + b->head.body_bytes;
        next_line = b->head.last() + 1;
        index.line_bytes += b->head.line_bytes;
        index.blocks.push_back(*std::move(b));
    }
}

part_index rescue(disk& on, const posix_file& file, std::uint64_t size, part::range r,
                  std::vector<damage>& damaged) {
    part_index index{r.first, r.last, written_ns(on, file.path()), 0, {}};
    try {
        find_blocks(index, file, size, damaged);
    } catch (const store_error& e) {
        const auto known = index.blocks.empty()
                               ? part_start_bytes
                               : index.blocks.back().body() + index.blocks.back().head.body_bytes;
        damaged.push_back({file.path(), known, size - std::min(known, size), e.what()});
    }
    return index;
}

// Of a part that cannot even be opened: no line of it is found. When it was written may not be known either;
// it then counts as new, so that nothing is dropped for that.
std::shared_ptr<const part> unopened(disk& on, fs::path file) {
    const auto found = on.look_at(file);
    const auto range = part::range_of(file).value_or(part::range{1, UINT64_MAX});
    part_index index{range.first, range.last, found ? found->written_ns : INT64_MAX, 0, {}};
    return std::make_shared<const part>(on, std::move(file), found ? found->size : 0, std::move(index),
                                        false);
}

}  // namespace

std::int64_t written_ns(disk& on, const fs::path& file) {
    const auto found = on.look_at(file);
    if (!found) throw file_error(file, "look at", found.error().value());
    return found->written_ns;
}

fs::path part::name(std::uint64_t first, std::uint64_t last) {
    std::array<char, 2 * digits + 8> text;
    std::snprintf(text.data(), text.size(), "%020llu-%020llu", static_cast<unsigned long long>(first),
                  static_cast<unsigned long long>(last));
    return std::string(text.data()) + std::string(extension);
}

std::optional<part::range> part::range_of(const fs::path& file) {
    const auto text = file.filename().string();
    if (text.size() != 2 * digits + 1 + extension.size() || !text.ends_with(extension)) return std::nullopt;
    const std::string_view name = text;
    using number = decltype(range::first);
    const auto first = parse_number<number>(name.substr(0, digits));
    const auto last = parse_number<number>(name.substr(digits + 1, digits));
    if (!first || !last || name[digits] != '-' || *first == 0 || *last < *first) return std::nullopt;
    return range{*first, *last};
}

bool part::is_on_bad_place(disk& on, const fs::path& file) {
    const auto opened = on.open(file, disk::mode::read);
    return !opened && opened.error().value() == EIO;
}

std::shared_ptr<const part> part::open(disk& on, fs::path file, std::vector<damage>& damaged) {
    posix_file in;
    std::uint64_t size = 0;
    try {
        in = posix_file(on, file, posix_file::mode::read);
        size = in.size();
    } catch (const store_error& e) {
        if (!is_on_bad_place(on, file)) throw;
        damaged.push_back({file, 0, 0, e.what()});
        return unopened(on, std::move(file));
    }
    const auto damaged_before = damaged.size();
    bool is_start = false;
    try {
        is_start = is_part_start(read_at(in, 0, part_start_bytes));
    } catch (const store_error&) {
        is_start = false;  // a bad place of the disk
    } catch (const damaged_bytes& e) {
        if (!ends_as_we_write(in, size))
            throw store_error(
                errc::storage_failed,
                file.string() + ": " + e.what() + ". Nothing was changed; use the version that wrote it");
    }
    if (!is_start) damaged.push_back({file, 0, part_start_bytes, "does not start like a part"});
    const auto range = range_of(file).value_or(part::range{1, UINT64_MAX});
    part_index index;
    try {
        index = read_index_of(in, size);
    } catch (const std::runtime_error& e) {  // damaged, or of a bad place of the disk
        damaged.push_back({file, 0, size, e.what()});
        index = rescue(on, in, size, range, damaged);
    }
    const bool is_sound = damaged.size() == damaged_before;
    return std::make_shared<const part>(on, std::move(file), size, std::move(index), is_sound);
}

std::uint64_t part::missing() const noexcept {
    auto left = last() - first() + 1;
    for (const auto& b : index_.blocks) left -= std::min<std::uint64_t>(left, b.head.rows);
    return left;
}

part_input::part_input(std::shared_ptr<const part> p)
    : part_(std::move(p)), file_(part_->storage(), part_->file(), posix_file::mode::read) {}

std::string part_input::read(std::uint64_t offset, std::size_t size) const {
    try {
        return read_at(file_, offset, size);
    } catch (const store_error& e) {
        throw damaged_bytes(e.what());
    }
}

piece_source part_input::source(std::size_t i) const {
    return [this, body = block(i).body()](const piece& p) { return read(body + p.offset, p.packed); };
}

std::string part_input::body(std::size_t i) const {
    const auto size = block(i).head.body_bytes;
    auto bytes = read(block(i).body(), size);
    if (bytes.size() < size) throw damaged_bytes("a block ends before it should");
    return bytes;
}

bool part_input::may_have(std::size_t i, const std::vector<std::uint64_t>& tokens) const {
    const auto& b = block(i);
    std::array<char, token_filter::line_bytes> line;
    const auto may_have_one = [&](std::uint64_t token) {
        const auto n = token_filter::line_of(token, b.head.filter_lines);
        const auto at = b.body() + b.head.filter_offset + n * line.size();
        return file_.read_at(at, line.data(), line.size()) < line.size() ||
               token_filter::may_have({line.data(), line.size()}, token);
    };
    try {
        return std::ranges::all_of(tokens, may_have_one);
    } catch (const store_error&) {
        return true;  // what cannot be read is not known
    }
}

damage part_input::damage_of(std::size_t i, const std::string& reason) const {
    const auto& b = block(i);
    return {part_->file(), b.offset, b.head_bytes + b.head.body_bytes, reason};
}

}  // namespace distd::logs
