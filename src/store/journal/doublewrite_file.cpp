#include "store/journal/doublewrite_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "base/random.hpp"
#include "base/rarely.hpp"

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

    static constexpr std::uint32_t expected_magic = 0x32444150;  // "PAD2"
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

std::size_t units_for(std::size_t bytes) noexcept {
    return (sizeof(entry_head) + bytes + posix_file::direct_unit - 1) / posix_file::direct_unit;
}

}  // namespace

std::vector<doublewrite_file::entry> doublewrite_file::left_on(const std::filesystem::path& path, disk& on) {
    if (!on.exists(path)) return {};
    const posix_file file(on, path, posix_file::mode::read);
    std::string text(file.size(), '\0');
    text.resize(file.read_at(0, text.data(), text.size()));
    return entries_in(text);
}

std::vector<doublewrite_file::entry> doublewrite_file::entries_in(std::string_view text) {
    std::vector<entry> found;
    // One that is not whole may be the first of a round, torn, with another round's entries behind it.
    const auto first = head_at(text);
    if (!first) return found;
    std::size_t damaged = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto here = text.substr(at);
        const auto h = head_at(here);
        if (!h || h->round != first->round) {
            damaged += posix_file::direct_unit;
            at += posix_file::direct_unit;
            continue;
        }
        found.push_back({h->file, h->offset, std::string(here.substr(sizeof *h, h->size)), at,
                         std::exchange(damaged, 0)});
        at += units_for(h->size) * posix_file::direct_unit;
    }
    return found;
}

bool doublewrite_file::empty(const std::filesystem::path& path, disk& on) noexcept {
    try {
        posix_file file(on, path, posix_file::mode::in_place);
        file.truncate(0);
        file.sync();
        return true;
    } catch (const store_error&) {
        return false;
    }
}

doublewrite_file::doublewrite_file(std::filesystem::path path, std::uint64_t bytes, bool may_be_direct,
                                   disk& on)
    : file_(on, std::move(path), posix_file::mode::in_place), bytes_(bytes), round_(random_u64()) {
    file_.truncate(bytes);
    file_.write_at(0, std::string(bytes, '\0'));
    file_.sync();
    sync_directory(on, file_.path().parent_path());
    is_direct_ = may_be_direct && posix_file::opens_direct(on, file_.path());
    if (is_direct_) file_ = posix_file(on, file_.path(), posix_file::mode::direct);
}

bool doublewrite_file::put(std::uint64_t file, std::uint64_t offset, std::string_view bytes) {
    const auto units = units_for(bytes.size());
    if (units * posix_file::direct_unit > bytes_ - position_ || DISTD_RARELY("pad full")) return false;
    entry_head h;
    h.round = round_;
    h.file = file;
    h.offset = offset;
    h.size = bytes.size();
    if (out_.size() < units) out_.resize(units);
    auto* const out = out_.front().data();
    const auto size = sizeof h + bytes.size();
    std::memcpy(out, &h, sizeof h);
    std::memcpy(out + sizeof h, bytes.data(), bytes.size());
    h.crc = crc_of({out, size});
    std::memcpy(out, &h, sizeof h);
    const auto whole = units * posix_file::direct_unit;
    std::memset(out + size, 0, whole - size);
    file_.write_at(position_, {out, whole});
    if (!is_direct_) file_.sync();
    position_ += whole;
    return true;
}

void doublewrite_file::clear() {
    position_ = 0;
    round_ = random_u64();
}

}  // namespace distd
