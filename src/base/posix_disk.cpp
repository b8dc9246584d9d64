// The real disk: each call of the door is one of the system, or two. Any of them may take for ever where a
// device is gone, so each says meanwhile for which file it waits.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/disk.hpp"
#include "base/disk_wait.hpp"

namespace distd {
namespace {

namespace fs = std::filesystem;
using boost::system::error_code;

error_code code_of(int error_number) noexcept { return {error_number, boost::system::generic_category()}; }
error_code last_error() noexcept { return code_of(errno); }

// What a call says that answers 0 when it went well.
result<> outcome_of(int answer) {
    if (answer != 0) return last_error();
    return {};
}
result<> outcome_of(const std::error_code& ec) {
    if (ec) return code_of(ec.value());
    return {};
}

// Nothing is written through a link, which may lead to a file of ours elsewhere.
int flags_of(disk::mode m) noexcept {
    constexpr int written = O_RDWR | O_NOFOLLOW;
    switch (m) {
        case disk::mode::read: return O_RDONLY;
        case disk::mode::append: return written | O_APPEND | O_CREAT;
        case disk::mode::in_place: return written | O_CREAT;
        case disk::mode::direct: return written | O_DIRECT | O_DSYNC;
        case disk::mode::create_new: return written | O_APPEND | O_CREAT | O_EXCL;
    }
    return O_RDONLY;
}

disk::owner owner_of(const struct stat& s) noexcept {
    if (s.st_uid == ::geteuid()) return disk::owner::ours;
    return s.st_uid == 0 ? disk::owner::root : disk::owner::somebody;
}

// Repeats what a signal interrupted.
template <class Call>
result<std::size_t> counted(Call call) {
    for (;;) {
        const auto n = call();
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno != EINTR) return last_error();
    }
}

class posix_disk_file final : public disk::file {
public:
    posix_disk_file(disk::path p, int descriptor) noexcept : path_(std::move(p)), descriptor_(descriptor) {}
    ~posix_disk_file() override {
        const disk_wait waiting(path_);
        if (mapped_) ::munmap(mapped_, mapped_size_);
        ::close(descriptor_);
    }

    result<std::size_t> append(std::string_view bytes) override {
        const disk_wait waiting(path_);
        return counted([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    }
    result<std::size_t> write_at(std::uint64_t offset, std::string_view bytes) override {
        const disk_wait waiting(path_);
        return counted(
            [&] { return ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    }
    result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override {
        const disk_wait waiting(path_);
        return counted([&] { return ::pread(descriptor_, out, size, static_cast<off_t>(offset)); });
    }
    result<std::uint64_t> size() override {
        const disk_wait waiting(path_);
        struct stat s {};
        if (::fstat(descriptor_, &s) != 0) return last_error();
        return static_cast<std::uint64_t>(s.st_size);
    }
    result<> sync() override {
        const disk_wait waiting(path_);
        return outcome_of(::fdatasync(descriptor_));
    }
    result<> truncate(std::uint64_t size) override {
        const disk_wait waiting(path_);
        return outcome_of(::ftruncate(descriptor_, static_cast<off_t>(size)));
    }
    result<> allocate(std::uint64_t size) override {
        const disk_wait waiting(path_);
        if (const int reason = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(size)); reason != 0)
            return code_of(reason);
        return {};
    }
    // Waits for other processes, and for no disk.
    result<> lock(disk::patience p) override {
        const int how = LOCK_EX | (p == disk::patience::does_not_wait ? LOCK_NB : 0);
        while (::flock(descriptor_, how) != 0)
            if (errno != EINTR) return last_error();
        return {};
    }
    void unlock() noexcept override { ::flock(descriptor_, LOCK_UN); }
    result<void*> map(std::size_t size) override {
        void* place = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
        if (place == MAP_FAILED) return last_error();
        mapped_ = place;
        mapped_size_ = size;
        return place;
    }

private:
    const disk::path path_;
    const int descriptor_;
    void* mapped_ = nullptr;
    std::size_t mapped_size_ = 0;
};

class posix_disk final : public disk {
public:
    result<std::unique_ptr<file>> open(const path& p, mode m) override {
        const disk_wait waiting(p);
        // A pipe in a file's place would keep who opens it waiting for its other end.
        const int descriptor = ::open(p.c_str(), flags_of(m) | O_CLOEXEC | O_NONBLOCK, 0600);
        if (descriptor < 0) return last_error();
        return std::unique_ptr<file>(std::make_unique<posix_disk_file>(p, descriptor));
    }
    bool exists(const path& p) override {
        const disk_wait waiting(p);
        std::error_code unknown;
        return fs::symlink_status(p, unknown).type() != fs::file_type::not_found;
    }
    result<status> look_at(const path& p) override {
        const disk_wait waiting(p);
        struct stat s {};
        if (::stat(p.c_str(), &s) != 0) return last_error();
        const auto at = std::chrono::seconds(s.st_mtim.tv_sec) + std::chrono::nanoseconds(s.st_mtim.tv_nsec);
        return status{static_cast<std::uint64_t>(s.st_size), std::chrono::nanoseconds(at).count()};
    }
    result<rights> rights_of(const path& p, links l) override {
        const disk_wait waiting(p);
        struct stat s {};
        const int done = l == links::are_followed ? ::stat(p.c_str(), &s) : ::lstat(p.c_str(), &s);
        if (done != 0) return last_error();
        return rights{owner_of(s),
                      (s.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !S_ISLNK(s.st_mode),
                      (s.st_mode & S_ISVTX) != 0,
                      S_ISLNK(s.st_mode),
                      S_ISREG(s.st_mode) && s.st_nlink > 1,
                      S_ISREG(s.st_mode),
                      (s.st_mode & (S_IRGRP | S_IROTH)) != 0};
    }
    result<> remove(const path& p) override {
        const disk_wait waiting(p);
        std::error_code ec;
        fs::remove(p, ec);
        return outcome_of(ec);
    }
    result<> rename(const path& from, const path& to) override {
        const disk_wait waiting(from);
        return outcome_of(::rename(from.c_str(), to.c_str()));
    }
    result<> link(const path& from, const path& to) override {
        const disk_wait waiting(from);
        return outcome_of(::link(from.c_str(), to.c_str()));
    }
    result<std::vector<path>> list(const path& directory) override {
        const disk_wait waiting(directory);
        std::vector<path> names;
        std::error_code ec;
        for (fs::directory_iterator it(directory, ec), end; !ec && it != end; it.increment(ec))
            names.push_back(it->path());
        if (ec) return code_of(ec.value());
        return names;
    }
    result<> make_directory(const path& p, unsigned mode) override {
        const disk_wait waiting(p);
        if (::mkdir(p.c_str(), mode) == 0) return {};
        const auto failure = last_error();
        if (failure.value() != EEXIST) return failure;
        struct stat s {};
        if (::stat(p.c_str(), &s) != 0) return last_error();
        if (!S_ISDIR(s.st_mode)) return code_of(ENOTDIR);
        return {};
    }
    result<> flush_directory(const path& p) override {
        const disk_wait waiting(p);
        const int descriptor = ::open(p.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) return last_error();
        auto synced = outcome_of(::fsync(descriptor));
        ::close(descriptor);
        return synced;
    }
    result<room> space(const path& p) override {
        const disk_wait waiting(p);
        std::error_code ec;
        const auto s = fs::space(p, ec);
        if (ec) return code_of(ec.value());
        return room{s.capacity, s.available};
    }
    [[nodiscard]] const char* sqlite_vfs() const noexcept override { return nullptr; }
};

}  // namespace

disk& real_disk() noexcept {
    static auto& of_this_machine = *new posix_disk;  // a thread may wait for it when the process ends
    return of_this_machine;
}

}  // namespace distd
