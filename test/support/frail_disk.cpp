#include "support/frail_disk.hpp"

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace distd::test {
namespace {

constexpr std::int64_t page_bytes = 4096;

struct contents {
    std::string durable;
    std::set<std::int64_t> dirty;  // pages written since the last sync
};

struct trouble {
    std::string ending;
    int count = 0;

    bool strikes(const std::string& name) { return count > 0 && name.ends_with(ending) && count-- > 0; }
};

// All there is of a disk; one at a time.
struct state {
    std::mutex mutex;
    sqlite3_vfs* real = nullptr;
    sqlite3_vfs ours{};
    std::map<std::string, contents> files;
    trouble syncs;
    trouble reads;
};

state& disk() {
    static state one;
    return one;
}

struct frail_file {
    sqlite3_file base;
    const char* name;  // null: of no interest

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    const sqlite3_io_methods& call() { return *real()->pMethods; }
};

frail_file& of(sqlite3_file* f) { return *reinterpret_cast<frail_file*>(f); }

int close(sqlite3_file* f) { return of(f).call().xClose(of(f).real()); }

int read(sqlite3_file* f, void* out, int bytes, sqlite3_int64 at) {
    if (const std::lock_guard lock(disk().mutex); of(f).name && disk().reads.strikes(of(f).name)) {
        errno = EIO;
        return SQLITE_IOERR_READ;
    }
    return of(f).call().xRead(of(f).real(), out, bytes, at);
}

int write(sqlite3_file* f, const void* from, int bytes, sqlite3_int64 at) {
    if (of(f).name) {
        const std::lock_guard lock(disk().mutex);
        auto& dirty = disk().files[of(f).name].dirty;
        for (auto page = at / page_bytes; page * page_bytes < at + bytes; ++page) dirty.insert(page);
    }
    return of(f).call().xWrite(of(f).real(), from, bytes, at);
}

int truncate(sqlite3_file* f, sqlite3_int64 size) {
    if (of(f).name) {
        const std::lock_guard lock(disk().mutex);
        auto& durable = disk().files[of(f).name].durable;
        durable.resize(std::min(durable.size(), static_cast<std::size_t>(size)));
    }
    return of(f).call().xTruncate(of(f).real(), size);
}

int sync(sqlite3_file* f, int flags) {
    if (!of(f).name) return of(f).call().xSync(of(f).real(), flags);
    const std::lock_guard lock(disk().mutex);
    auto& file = disk().files[of(f).name];
    const auto pages = std::exchange(file.dirty, {});
    if (disk().syncs.strikes(of(f).name)) {
        errno = EIO;
        return SQLITE_IOERR_FSYNC;
    }
    sqlite3_int64 size = 0;
    of(f).call().xFileSize(of(f).real(), &size);
    for (const auto page : pages) {
        const auto at = page * page_bytes;
        const auto bytes = std::min<std::int64_t>(page_bytes, size - at);
        if (bytes <= 0) continue;
        const auto end = static_cast<std::size_t>(at + bytes);
        if (file.durable.size() < end) file.durable.resize(end);
        of(f).call().xRead(of(f).real(), file.durable.data() + at, static_cast<int>(bytes), at);
    }
    return SQLITE_OK;
}

int size(sqlite3_file* f, sqlite3_int64* out) { return of(f).call().xFileSize(of(f).real(), out); }
int lock(sqlite3_file* f, int kind) { return of(f).call().xLock(of(f).real(), kind); }
int unlock(sqlite3_file* f, int kind) { return of(f).call().xUnlock(of(f).real(), kind); }
int is_reserved(sqlite3_file* f, int* out) { return of(f).call().xCheckReservedLock(of(f).real(), out); }
int control(sqlite3_file* f, int what, void* with) {
    return of(f).call().xFileControl(of(f).real(), what, with);
}
int sector(sqlite3_file* f) { return of(f).call().xSectorSize(of(f).real()); }
int device(sqlite3_file* f) { return of(f).call().xDeviceCharacteristics(of(f).real()); }
int shm_map(sqlite3_file* f, int region, int bytes, int extends, void volatile** out) {
    return of(f).call().xShmMap(of(f).real(), region, bytes, extends, out);
}
int shm_lock(sqlite3_file* f, int first, int count, int flags) {
    return of(f).call().xShmLock(of(f).real(), first, count, flags);
}
void shm_barrier(sqlite3_file* f) { of(f).call().xShmBarrier(of(f).real()); }
int shm_unmap(sqlite3_file* f, int removes) { return of(f).call().xShmUnmap(of(f).real(), removes); }

const sqlite3_io_methods calls{2,        close,       read,        write,   truncate, sync,   size,
                               lock,     unlock,      is_reserved, control, sector,   device, shm_map,
                               shm_lock, shm_barrier, shm_unmap,   nullptr, nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* out, int flags, int* out_flags) {
    auto* const file = new (out) frail_file{};
    const int code = disk().real->xOpen(disk().real, name, file->real(), flags, out_flags);
    if (!file->real()->pMethods) return code;
    file->base.pMethods = &calls;
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0) file->name = name;
    return code;
}

int remove(sqlite3_vfs*, const char* name, int is_durable) {
    const std::lock_guard lock(disk().mutex);
    disk().files.erase(name);
    return disk().real->xDelete(disk().real, name, is_durable);
}

constexpr const char* side_files[] = {"", "-wal"};

}  // namespace

frail_disk::frail_disk() {
    auto& d = disk();
    d.real = sqlite3_vfs_find(nullptr);
    REQUIRE(d.real);
    d.ours = *d.real;
    d.ours.zName = "frail";
    d.ours.szOsFile += static_cast<int>(sizeof(frail_file));
    d.ours.xOpen = &open;
    d.ours.xDelete = &remove;
    REQUIRE(sqlite3_vfs_register(&d.ours, 1) == SQLITE_OK);
}

frail_disk::~frail_disk() {
    sqlite3_vfs_unregister(&disk().ours);
    sqlite3_vfs_register(disk().real, 1);
    disk().files.clear();
    disk().syncs = disk().reads = {};
}

void frail_disk::fail_syncs(std::string ending, int count) {
    const std::lock_guard lock(disk().mutex);
    disk().syncs = {std::move(ending), count};
}

void frail_disk::fail_reads(std::string ending, int count) {
    const std::lock_guard lock(disk().mutex);
    disk().reads = {std::move(ending), count};
}

void frail_disk::copy_as_left_by_a_kill(const std::filesystem::path& from, const std::filesystem::path& to) {
    const std::lock_guard lock(disk().mutex);
    for (const auto* side : side_files) {
        if (!std::filesystem::exists(from.string() + side)) continue;
        std::filesystem::copy_file(from.string() + side, to.string() + side);
        disk().files[to.string() + side] = disk().files[from.string() + side];
    }
}

void frail_disk::copy_as_left_by_a_power_cut(const std::filesystem::path& from,
                                             const std::filesystem::path& to) {
    const std::lock_guard lock(disk().mutex);
    for (const auto* side : side_files) {
        const auto file = disk().files.find(from.string() + side);
        if (file == disk().files.end()) continue;
        std::ofstream(to.string() + side, std::ios::binary) << file->second.durable;
        disk().files[to.string() + side] = {file->second.durable, {}};
    }
}

}  // namespace distd::test
