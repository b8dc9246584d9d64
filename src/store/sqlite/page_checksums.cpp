#include "store/sqlite/page_checksums.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/disk_wait.hpp"
#include "store/sqlite/log_check.hpp"
#include "store/sqlite/wal_format.hpp"

namespace distd::sqlite {
namespace {

constexpr int checksum_bytes = 8;
// SQLite leaves that much of each page; where it leaves only the checksum's own bytes the file is from before
// checksums began with the number of their page, and is kept as it is. The bytes between are of no meaning.
constexpr int room_for_checksum = 16;
constexpr int min_page_bytes = 512;
constexpr int head_bytes = 100;    // of the file; it begins the first page
constexpr int place_of_room = 20;  // in the head: how many bytes of each page are not SQLite's
constexpr std::string_view signature{"SQLite format 3\0", 16};

// What SQLite makes room for, where eight bytes divide the address; the file of the VFS below lies behind it.
struct checked_file {
    sqlite3_file base;
    int room;  // for checksums, in each page; 0: the file has none
    bool is_log;
    log_check log;
    const char* name;  // SQLite keeps it as long as the file
};
static_assert(alignof(checked_file) <= 8 && sizeof(checked_file) % 8 == 0);
checked_file& of(sqlite3_file* f) { return *reinterpret_cast<checked_file*>(f); }
sqlite3_file* below(sqlite3_file* f) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(f) + sizeof(checked_file));
}

// What is stored of a page at its end. The sum begins with the page's number and a constant, so that neither
// zeros nor a page from another place pass for sound.
std::array<std::uint32_t, 2> sum_of_page(const checked_file& f, const char* page, int bytes,
                                         sqlite3_int64 offset) noexcept {
    constexpr std::uint32_t constant = 0x64697374;
    const bool has_number = f.room == room_for_checksum;
    const auto number = static_cast<std::uint32_t>(offset / bytes) + 1;
    const auto begin = has_number ? page_sum{number, constant} : page_sum{};
    const auto sum = sum_of({page, static_cast<std::size_t>(bytes - checksum_bytes)}, begin);
    return {sum.a, sum.b};
}

bool is_page(int bytes, sqlite3_int64 offset) noexcept {
    return bytes >= min_page_bytes && std::has_single_bit(static_cast<unsigned>(bytes)) &&
           offset % bytes == 0;
}

void look_at_head(checked_file& f, const char* bytes) noexcept {
    if (std::string_view(bytes, signature.size()) != signature) return;
    const int room = bytes[place_of_room];
    f.room = room == checksum_bytes || room == room_for_checksum ? room : 0;
}

// --- what is different

int read(sqlite3_file* f, void* out, int bytes, sqlite3_int64 offset) {
    const disk_wait waiting(of(f).name);
    const int code = below(f)->pMethods->xRead(below(f), out, bytes, offset);
    if (code != SQLITE_OK) return code;
    const auto* page = static_cast<const char*>(out);
    if (of(f).is_log) return of(f).log.check(*below(f), page, bytes, offset);
    if (offset == 0 && bytes >= head_bytes) look_at_head(of(f), page);
    if (of(f).room == 0 || !is_page(bytes, offset)) return SQLITE_OK;
    const auto sum = sum_of_page(of(f), page, bytes, offset);
    return std::memcmp(sum.data(), page + bytes - checksum_bytes, sizeof sum) == 0 ? SQLITE_OK
                                                                                   : SQLITE_IOERR_DATA;
}

void put_sum(const checked_file& f, char* page, int bytes, sqlite3_int64 offset) noexcept {
    const auto sum = sum_of_page(f, page, bytes, offset);
    std::memcpy(page + bytes - checksum_bytes, sum.data(), sizeof sum);
}

// A copy by `VACUUM INTO` that does not fit into memory gets pages before its first one, whose head says that
// there is room for sums. They get theirs with it.
int put_sums_behind_first(sqlite3_file* f, int bytes) {
    sqlite3_int64 size = 0;
    const auto& call = *below(f)->pMethods;
    if (const int code = call.xFileSize(below(f), &size); code != SQLITE_OK) return code;
    const std::unique_ptr<char[]> page(new (std::nothrow) char[static_cast<std::size_t>(bytes)]);
    if (!page) return SQLITE_IOERR_NOMEM;  // no exception passes SQLite's C
    for (sqlite3_int64 at = bytes; at + bytes <= size; at += bytes) {
        if (const int code = call.xRead(below(f), page.get(), bytes, at); code != SQLITE_OK) return code;
        put_sum(of(f), page.get(), bytes, at);
        if (const int code = call.xWrite(below(f), page.get(), bytes, at); code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

int write(sqlite3_file* f, const void* in, int bytes, sqlite3_int64 offset) {
    const disk_wait waiting(of(f).name);
    const auto* page = static_cast<const char*>(in);
    if (of(f).is_log) of(f).log.note_write(page, bytes, offset);
    if (!of(f).is_log && offset == 0 && bytes >= head_bytes) {
        const bool had_none = of(f).room == 0;
        look_at_head(of(f), page);
        if (had_none && of(f).room > 0)
            if (const int code = put_sums_behind_first(f, bytes); code != SQLITE_OK) return code;
    }
    // The room at the end is nobody else's: SQLite neither looks at it nor keeps it from us.
    if (of(f).room > 0 && is_page(bytes, offset)) put_sum(of(f), const_cast<char*>(page), bytes, offset);
    return below(f)->pMethods->xWrite(below(f), in, bytes, offset);
}

// --- what is passed on

int close(sqlite3_file* f) {
    const int code = below(f)->pMethods->xClose(below(f));
    f->pMethods = nullptr;
    return code;
}
int truncate(sqlite3_file* f, sqlite3_int64 size) { return below(f)->pMethods->xTruncate(below(f), size); }
int sync(sqlite3_file* f, int flags) { return below(f)->pMethods->xSync(below(f), flags); }
int file_size(sqlite3_file* f, sqlite3_int64* size) { return below(f)->pMethods->xFileSize(below(f), size); }
int lock(sqlite3_file* f, int level) { return below(f)->pMethods->xLock(below(f), level); }
int unlock(sqlite3_file* f, int level) { return below(f)->pMethods->xUnlock(below(f), level); }
int is_reserved(sqlite3_file* f, int* out) { return below(f)->pMethods->xCheckReservedLock(below(f), out); }
int control(sqlite3_file* f, int what, void* arg) {
    return below(f)->pMethods->xFileControl(below(f), what, arg);
}
int sector_size(sqlite3_file* f) { return below(f)->pMethods->xSectorSize(below(f)); }
int characteristics(sqlite3_file* f) { return below(f)->pMethods->xDeviceCharacteristics(below(f)); }
int shm_map(sqlite3_file* f, int region, int size, int extend, void volatile** out) {
    return below(f)->pMethods->xShmMap(below(f), region, size, extend, out);
}
int shm_lock(sqlite3_file* f, int first, int count, int flags) {
    return below(f)->pMethods->xShmLock(below(f), first, count, flags);
}
void shm_barrier(sqlite3_file* f) { below(f)->pMethods->xShmBarrier(below(f)); }
int shm_unmap(sqlite3_file* f, int removes) { return below(f)->pMethods->xShmUnmap(below(f), removes); }

// Version 2: pages are never mapped into memory, where nobody would look at them.
constexpr sqlite3_io_methods methods{
    2,          &close,       &read,    &write,       &truncate,        &sync,    &file_size, &lock,
    &unlock,    &is_reserved, &control, &sector_size, &characteristics, &shm_map, &shm_lock,  &shm_barrier,
    &shm_unmap, nullptr,      nullptr};

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* out_flags) {
    sqlite3_vfs* const under = reinterpret_cast<page_checksums::layer*>(vfs)->below;
    const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    // Rollback journals have checksums of their own, and are looked at whole.
    if (!is_log && (flags & SQLITE_OPEN_MAIN_DB) == 0) return under->xOpen(under, name, f, flags, out_flags);
    const disk_wait waiting(name);
    f->pMethods = nullptr;
    std::memset(below(f), 0, static_cast<std::size_t>(under->szOsFile));
    const int code = under->xOpen(under, name, below(f), flags, out_flags);
    if (code != SQLITE_OK) return code;
    of(f).room = 0;  // until the first page says so
    of(f).is_log = is_log;
    of(f).log = {};
    of(f).name = name;
    f->pMethods = &methods;
    if (is_log) return SQLITE_OK;
    std::array<char, head_bytes> head{};
    sqlite3_int64 size = 0;
    const auto& call = *below(f)->pMethods;
    if (call.xFileSize(below(f), &size) == SQLITE_OK && size >= head_bytes &&
        call.xRead(below(f), head.data(), head_bytes, 0) == SQLITE_OK)
        look_at_head(of(f), head.data());
    return SQLITE_OK;
}

}  // namespace

page_checksums::page_checksums(const char* below) {
    static std::atomic<int> count = 0;
    name_ = "distd-checksums-" + std::to_string(++count);
    sqlite3_initialize();
    layer_.below = sqlite3_vfs_find(below);
    DISTD_ASSERT(layer_.below != nullptr);
    // What is not about open files goes on to the VFS below: its functions find what is theirs in `pAppData`.
    layer_.vfs = *layer_.below;
    layer_.vfs.pNext = nullptr;
    layer_.vfs.zName = name_.c_str();
    layer_.vfs.szOsFile += static_cast<int>(sizeof(checked_file));
    layer_.vfs.xOpen = &open;
    sqlite3_vfs_register(&layer_.vfs, 0);
}

page_checksums::~page_checksums() { sqlite3_vfs_unregister(&layer_.vfs); }

void page_checksums::ask_for_room(sqlite3* database) noexcept {
    int bytes = room_for_checksum;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}

}  // namespace distd::sqlite
