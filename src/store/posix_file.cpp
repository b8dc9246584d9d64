#include "store/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <utility>

namespace distd {
namespace {

int flags_of(posix_file::mode m) noexcept {
    switch (m) {
        case posix_file::mode::read: return O_RDONLY;
        case posix_file::mode::append: return O_RDWR | O_APPEND | O_CREAT;
        case posix_file::mode::in_place: return O_RDWR | O_CREAT;
        case posix_file::mode::direct: return O_RDWR | O_DIRECT | O_DSYNC;
        case posix_file::mode::create_new: return O_RDWR | O_APPEND | O_CREAT | O_EXCL;
    }
    return O_RDONLY;
}

}  // namespace

store_error file_error(const std::filesystem::path& path, std::string_view step, int error_number) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
    const auto reason = std::error_code(error_number, std::generic_category()).message();
    return {full ? errc::storage_full : errc::storage_failed,
            path.string() + ": cannot " + std::string(step) + ": " + reason};
}

posix_file::posix_file(std::filesystem::path path, mode m) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), flags_of(m) | O_CLOEXEC, 0600);
    if (descriptor_ < 0) throw file_error(path_, "open", errno);
}

posix_file::~posix_file() { close(); }

posix_file::posix_file(posix_file&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

posix_file& posix_file::operator=(posix_file&& other) noexcept {
    if (this != &other) {
        close();
        path_ = std::move(other.path_);
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

bool posix_file::opens_direct(const std::filesystem::path& path) noexcept {
    const int descriptor = ::open(path.c_str(), flags_of(mode::direct) | O_CLOEXEC);
    if (descriptor >= 0) ::close(descriptor);
    return descriptor >= 0;
}

std::uint64_t posix_file::size() const {
    struct stat s {};
    if (::fstat(descriptor_, &s) != 0) throw file_error(path_, "look at", errno);
    return static_cast<std::uint64_t>(s.st_size);
}

void posix_file::write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::write(descriptor_, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw file_error(path_, "write", errno);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

void posix_file::write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw file_error(path_, "write", errno);
        bytes.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
}

std::size_t posix_file::read_at(std::uint64_t offset, char* out, std::size_t size) const {
    std::size_t got = 0;
    while (got < size) {
        const auto n = ::pread(descriptor_, out + got, size - got, static_cast<off_t>(offset + got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw file_error(path_, "read", errno);
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    return got;
}

void posix_file::sync() {
    if (::fdatasync(descriptor_) != 0) throw file_error(path_, "sync", errno);
}

void posix_file::truncate(std::uint64_t size) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) throw file_error(path_, "truncate", errno);
}

void posix_file::close() noexcept {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void sync_directory(const std::filesystem::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) throw file_error(directory, "open", errno);
    const int outcome = ::fsync(descriptor);
    const int reason = errno;
    ::close(descriptor);
    if (outcome != 0) throw file_error(directory, "sync", reason);
}

}  // namespace distd
