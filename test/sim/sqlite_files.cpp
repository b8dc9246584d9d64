#include "sim/sqlite_files.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>

#include "sim/page_disk.hpp"

namespace distd::sim {
namespace {

using shared = sqlite_files::shared;

sqlite_files& files_of(sqlite3_vfs* vfs) { return *static_cast<sqlite_files*>(vfs->pAppData); }

struct open_file {
    sqlite_files& files;
    std::unique_ptr<disk::file> on_disk;
    std::string path;
    std::shared_ptr<shared> with_others;  // of a main file
    bool syncs_directory = false;         // at its first sync: its name may be new
    bool is_attached = false;             // to the shared memory
    int level = SQLITE_LOCK_NONE;

    template <class T>
    int code(const result<T>& r, int failed) {
        if (r) return SQLITE_OK;
        files.note(r.error().value());
        return failed;
    }
};

// What SQLite makes room for.
struct slot {
    sqlite3_file base;
    open_file* that;
};
open_file& of(sqlite3_file* f) { return *reinterpret_cast<slot*>(f)->that; }

// --- bytes

int close(sqlite3_file* f) {
    auto& s = *reinterpret_cast<slot*>(f);
    if (s.that->with_others) s.that->with_others->levels.erase(s.that);
    delete s.that;
    s.that = nullptr;
    return SQLITE_OK;
}

int read(sqlite3_file* f, void* out, int size, sqlite3_int64 offset) {
    auto* const to = static_cast<char*>(out);
    const auto wanted = static_cast<std::size_t>(size);
    std::size_t got = 0;
    while (got < wanted) {
        const auto n =
            of(f).on_disk->read_at(static_cast<std::uint64_t>(offset) + got, to + got, wanted - got);
        if (!n) return of(f).code(n, SQLITE_IOERR_READ);
        if (*n == 0) break;
        got += *n;
    }
    if (got == wanted) return SQLITE_OK;
    std::memset(to + got, 0, wanted - got);
    return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* f, const void* bytes, int size, sqlite3_int64 offset) {
    std::string_view left(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    auto at = static_cast<std::uint64_t>(offset);
    while (!left.empty()) {
        const auto n = of(f).on_disk->write_at(at, left);
        if (!n) return of(f).code(n, n.error().value() == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE);
        left.remove_prefix(*n);
        at += *n;
    }
    return SQLITE_OK;
}

int truncate(sqlite3_file* f, sqlite3_int64 size) {
    return of(f).code(of(f).on_disk->truncate(static_cast<std::uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
}

int sync(sqlite3_file* f, int) {
    auto& file = of(f);
    if (const auto synced = file.on_disk->sync(); !synced) {
        file.files.note(synced.error().value());
        return SQLITE_IOERR_FSYNC;  // as on Unix: SQLITE_FULL is said of writes only
    }
    if (!file.syncs_directory) return SQLITE_OK;
    // SQLite takes no notice of a failure of this one. It may: Linux's file systems make the name of a new
    // file durable with its first sync. So here it does not fail.
    file.files.on().keep_names_of(std::filesystem::path(file.path).parent_path());
    file.syncs_directory = false;
    return SQLITE_OK;
}

int file_size(sqlite3_file* f, sqlite3_int64* size) {
    const auto n = of(f).on_disk->size();
    if (n) *size = static_cast<sqlite3_int64>(*n);
    return of(f).code(n, SQLITE_IOERR_FSTAT);
}

// --- locks

int lock(sqlite3_file* f, int wanted) {
    auto& file = of(f);
    for (const auto& [other, level] : file.with_others->levels) {
        if (other == &file) continue;
        const bool stands_in_the_way = wanted == SQLITE_LOCK_SHARED      ? level >= SQLITE_LOCK_PENDING
                                       : wanted == SQLITE_LOCK_EXCLUSIVE ? level >= SQLITE_LOCK_SHARED
                                                                         : level >= SQLITE_LOCK_RESERVED;
        if (stands_in_the_way) return SQLITE_BUSY;
    }
    file.level = wanted;
    file.with_others->levels[&file] = wanted;
    return SQLITE_OK;
}

int unlock(sqlite3_file* f, int level) {
    auto& file = of(f);
    file.level = level;
    file.with_others->levels[&file] = level;
    return SQLITE_OK;
}

int is_reserved(sqlite3_file* f, int* out) {
    *out = 0;
    for (const auto& [other, level] : of(f).with_others->levels)
        if (level >= SQLITE_LOCK_RESERVED) *out = 1;
    return SQLITE_OK;
}

int control(sqlite3_file* f, int what, void* out) {
    if (what != SQLITE_FCNTL_LAST_ERRNO) return SQLITE_NOTFOUND;
    *static_cast<int*>(out) = of(f).files.last_error();
    return SQLITE_OK;
}
int sector_size(sqlite3_file*) { return 4096; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

// --- shared memory

int shm_map(sqlite3_file* f, int region, int size, int extend, void volatile** out) {
    auto& file = of(f);
    auto& regions = file.with_others->regions;
    if (!file.is_attached) {
        file.is_attached = true;
        ++file.with_others->attached;
    }
    *out = nullptr;
    const auto i = static_cast<std::size_t>(region);
    if (i >= regions.size() && extend == 0) return SQLITE_OK;
    while (regions.size() <= i)
        regions.push_back(std::make_unique<std::string>(static_cast<std::size_t>(size), '\0'));
    *out = regions[i]->data();
    return SQLITE_OK;
}

int shm_lock(sqlite3_file* f, int first, int count, int flags) {
    auto& file = of(f);
    auto& s = *file.with_others;
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        for (int i = first; i < first + count; ++i) {
            if (exclusive && s.writer[i] == &file) s.writer[i] = nullptr;
            if (!exclusive && s.readers[i] > 0) --s.readers[i];
        }
        return SQLITE_OK;
    }
    for (int i = first; i < first + count; ++i)
        if (s.writer[i] || (exclusive && s.readers[i] > 0)) return SQLITE_BUSY;
    for (int i = first; i < first + count; ++i) {
        if (exclusive)
            s.writer[i] = &file;
        else
            ++s.readers[i];
    }
    return SQLITE_OK;
}

void shm_barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

int shm_unmap(sqlite3_file* f, int) {
    auto& file = of(f);
    if (!file.is_attached) return SQLITE_OK;
    file.is_attached = false;
    // The last one takes it along.
    if (--file.with_others->attached == 0) file.with_others->regions.clear();
    return SQLITE_OK;
}

constexpr sqlite3_io_methods methods{
    2,          &close,       &read,    &write,       &truncate,        &sync,    &file_size, &lock,
    &unlock,    &is_reserved, &control, &sector_size, &characteristics, &shm_map, &shm_lock,  &shm_barrier,
    &shm_unmap, nullptr,      nullptr};

// --- files

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* out_flags) {
    auto& s = *reinterpret_cast<slot*>(f);
    s.base.pMethods = nullptr;
    auto& files = files_of(vfs);
    const std::string path = name ? name : "/nameless-" + std::to_string(files.draws().draw());
    const bool creates = (flags & SQLITE_OPEN_CREATE) != 0;
    const bool was_there = files.on().exists(path);
    auto made = files.on().open(path, creates || was_there ? disk::mode::in_place : disk::mode::read);
    if (!made) {
        files.note(made.error().value());
        return SQLITE_CANTOPEN;
    }
    if (!name) files.on().remove(path);
    constexpr int journals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    auto that = std::make_unique<open_file>(open_file{files, *std::move(made), path, files.shared_of(path)});
    that->syncs_directory = creates && (flags & journals) != 0;
    s.that = that.release();
    s.base.pMethods = &methods;
    if (out_flags) *out_flags = flags;
    return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int syncs_directory) {
    auto& files = files_of(vfs);
    if (!files.on().exists(name)) return SQLITE_IOERR_DELETE_NOENT;
    if (const auto removed = files.on().remove(name); !removed) {
        files.note(removed.error().value());
        return SQLITE_IOERR_DELETE;
    }
    if (syncs_directory == 0) return SQLITE_OK;
    const auto synced = files.on().sync_directory(std::filesystem::path(name).parent_path());
    return synced ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

int access(sqlite3_vfs* vfs, const char* name, int, int* out) {
    auto& on = files_of(vfs).on();
    // An empty journal counts as none.
    const auto found = on.look_at(name);
    *out = found && found->size > 0 ? 1 : 0;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    if (std::strlen(name) >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(out, name, std::strlen(name) + 1);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(files_of(vfs).draws().draw());
    return size;
}

// Nobody else goes on meanwhile: whoever waits for a lock waits in vain, and is told so at the end.
int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int now(sqlite3_vfs*, double* days) {
    *days = 2'461'374.0;
    return SQLITE_OK;
}
int now_ms(sqlite3_vfs*, sqlite3_int64* ms) {
    *ms = static_cast<sqlite3_int64>(2'461'374) * 86'400'000;
    return SQLITE_OK;
}
int error_before(sqlite3_vfs* vfs, int, char*) { return files_of(vfs).last_error(); }

}  // namespace

sqlite_files::sqlite_files(page_disk& on, std::uint64_t seed) : disk_(on), chance_(seed) {
    static std::atomic<int> count = 0;
    name_ = "distd-simulated-" + std::to_string(++count);
    sqlite3_initialize();
    vfs_.iVersion = 2;
    vfs_.szOsFile = sizeof(slot);
    vfs_.mxPathname = 1024;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = &open;
    vfs_.xDelete = &remove;
    vfs_.xAccess = &access;
    vfs_.xFullPathname = &full_path;
    vfs_.xRandomness = &randomness;
    vfs_.xSleep = &sleep;
    vfs_.xCurrentTime = &now;
    vfs_.xGetLastError = &error_before;
    vfs_.xCurrentTimeInt64 = &now_ms;
    sqlite3_vfs_register(&vfs_, 0);
    // SQLite has one generator for the process.
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed % 0x7fffffff + 1), nullptr);
    sqlite3_randomness(0, nullptr);
}

sqlite_files::~sqlite_files() { sqlite3_vfs_unregister(&vfs_); }

void sqlite_files::forget() { shared_.clear(); }

std::shared_ptr<sqlite_files::shared> sqlite_files::shared_of(const std::string& file) {
    auto& s = shared_[file];
    if (!s) s = std::make_shared<shared>();
    return s;
}

}  // namespace distd::sim
