#include "store/commit_pad.hpp"

#include <zlib.h>

#include <bit>
#include <cstring>
#include <optional>

#include "base/random.hpp"

namespace distd {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

struct entry_head {
    std::uint32_t magic = expected_magic;
    std::uint32_t crc = 0;
    std::uint64_t round = 0;
    std::uint64_t file = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;

    static constexpr std::uint32_t expected_magic = 0x31444150;  // "PAD1"
};
constexpr std::size_t uncovered = sizeof(entry_head::magic) + sizeof(entry_head::crc);

std::uint32_t crc_of(std::string_view head_and_bytes) {
    const auto covered = head_and_bytes.substr(uncovered);
    return static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size()));
}

std::optional<entry_head> head_at(std::string_view text) {
    if (text.size() < sizeof(entry_head)) return std::nullopt;
    entry_head h;
    std::memcpy(&h, text.data(), sizeof h);
    if (h.magic != entry_head::expected_magic || h.size > text.size() - sizeof h) return std::nullopt;
    if (h.crc != crc_of(text.substr(0, sizeof h + h.size))) return std::nullopt;
    return h;
}

}  // namespace

std::vector<commit_pad::entry> commit_pad::left_on(const std::filesystem::path& path) {
    if (!std::filesystem::exists(path)) return {};
    const posix_file file(path, posix_file::mode::read);
    std::string text(file.size(), '\0');
    text.resize(file.read_at(0, text.data(), text.size()));
    return entries_in(text);
}

std::vector<commit_pad::entry> commit_pad::entries_in(std::string_view text) {
    std::vector<entry> found;
    std::optional<std::uint64_t> round;
    while (const auto h = head_at(text)) {
        if (h->round != round.value_or(h->round)) break;
        round = h->round;
        found.push_back({h->file, h->offset, std::string(text.substr(sizeof *h, h->size))});
        text.remove_prefix(sizeof *h + h->size);
    }
    return found;
}

commit_pad::commit_pad(std::filesystem::path path, std::uint64_t bytes)
    : file_(std::move(path), posix_file::mode::in_place), bytes_(bytes), round_(random_u64()) {
    file_.truncate(bytes);
    file_.write_at(0, std::string(bytes, '\0'));
    file_.sync();
    sync_directory(file_.path().parent_path());
}

bool commit_pad::put(std::uint64_t file, std::uint64_t offset, std::string_view bytes) {
    if (sizeof(entry_head) + bytes.size() > bytes_ - position_) return false;
    entry_head h;
    h.round = round_;
    h.file = file;
    h.offset = offset;
    h.size = bytes.size();
    out_.assign(reinterpret_cast<const char*>(&h), sizeof h).append(bytes);
    h.crc = crc_of(out_);
    std::memcpy(out_.data(), &h, sizeof h);
    file_.write_at(position_, out_);
    file_.sync();
    position_ += out_.size();
    return true;
}

void commit_pad::begin_anew() {
    position_ = 0;
    round_ = random_u64();
}

}  // namespace distd
