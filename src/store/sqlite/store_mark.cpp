#include "store/sqlite/store_mark.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace distd {
namespace {

// What counts lies in the first sector, which disks write whole or not at all.
constexpr std::size_t size_of_file = 4096;
constexpr std::string_view kind = "distd registry mark 1";

std::string checksum_of(std::string_view text) {
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
    return std::to_string(crc);
}

//     distd registry mark 1
//     ceiling 1795262465536
//     in_doubt 0
//     crc32 3405691582
std::string text_of(std::uint64_t ceiling, bool in_doubt) {
    auto text = std::string(kind) + "\nceiling " + std::to_string(ceiling) + "\nin_doubt " +
                (in_doubt ? "1" : "0") + "\n";
    text += "crc32 " + checksum_of(text) + "\n";
    text.resize(size_of_file, '\0');
    return text;
}

// The value behind `key`, up to the end of its line; leaves the rest in `text`.
std::string_view take_line(std::string_view& text, std::string_view key) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || !text.starts_with(key)) return {};
    const auto value = text.substr(key.size(), end - key.size());
    text.remove_prefix(end + 1);
    return value;
}

}  // namespace

store_mark::store_mark(std::filesystem::path path, disk& on) : disk_(on), path_(std::move(path)) {
    was_there_ = disk_.exists(path_);
    if (was_there_) read();
}

void store_mark::read() {
    std::array<char, size_of_file> bytes{};
    const auto size = posix_file(disk_, path_, posix_file::mode::read).read_at(0, bytes.data(), bytes.size());
    const std::string_view text(bytes.data(), size);
    auto rest = text;
    const bool is_ours = take_line(rest, kind).empty() && rest.size() < text.size();
    const auto ceiling = take_line(rest, "ceiling ");
    const auto doubt = take_line(rest, "in_doubt ");
    const auto said = text.substr(0, text.size() - rest.size());
    const auto* const end = ceiling.data() + ceiling.size();
    const bool is_number = std::from_chars(ceiling.data(), end, ceiling_).ptr == end && !ceiling.empty();
    was_readable_ = is_ours && is_number && take_line(rest, "crc32 ") == checksum_of(said);
    in_doubt_ = !was_readable_ || doubt != "0";
    if (!was_readable_) ceiling_ = 0;
}

void store_mark::open(std::uint64_t min_ceiling) {
    file_ = posix_file(disk_, path_, posix_file::mode::in_place);
    // Also where it says so already: a process that was killed may have written that without a sync, and what
    // is built upon here must survive a power cut.
    write(std::max(ceiling_, min_ceiling), in_doubt_);
    try {
        sync_directory(disk_, path_.has_parent_path() ? path_.parent_path() : ".");
    } catch (const store_error&) {
        if (!was_there_) disk_.remove(path_);  // or the next process would rely on a name that is lost
        throw;
    }
}

void store_mark::write(std::uint64_t ceiling, bool in_doubt) {
    file_.write_at(0, text_of(ceiling, in_doubt));
    file_.sync();
    ceiling_ = ceiling;
    in_doubt_ = in_doubt;
}

void store_mark::raise(std::uint64_t ceiling) {
    if (ceiling > ceiling_) write(ceiling, in_doubt_);
}

void store_mark::doubt(std::uint64_t min_ceiling) {
    if (!in_doubt_ || min_ceiling > ceiling_) write(std::max(ceiling_, min_ceiling), true);
}

void store_mark::clear() noexcept {
    if (!std::exchange(in_doubt_, false)) return;
    try {
        write(ceiling_, false);
    } catch (const store_error&) {
        // It says so again at the next failure, or is doubted at the next start.
    }
}

}  // namespace distd
