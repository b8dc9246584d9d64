#include "store/posix_file.hpp"

#include <cerrno>
#include <utility>

namespace distd {
namespace {

// The value, or the failure of a step on the file.
template <class T>
T expect(result<T> r, const std::filesystem::path& path, std::string_view step) {
    if (!r) throw file_error(path, step, r.error().value());
    if constexpr (!std::is_void_v<T>) return *std::move(r);
}

}  // namespace

store_error file_error(const std::filesystem::path& path, std::string_view step, int error_number) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
    const auto reason = std::error_code(error_number, std::generic_category()).message();
    return {full ? errc::storage_full : errc::storage_failed,
            path.string() + ": cannot " + std::string(step) + ": " + reason};
}

posix_file::posix_file(disk& on, std::filesystem::path path, mode m) : path_(std::move(path)) {
    file_ = expect(on.open(path_, m), path_, "open");
}

bool posix_file::opens_direct(disk& on, const std::filesystem::path& path) {
    return on.open(path, mode::direct).has_value();
}

std::uint64_t posix_file::size() const { return expect(file_->size(), path_, "look at"); }

void posix_file::write_all(std::string_view bytes) {
    while (!bytes.empty()) bytes.remove_prefix(expect(file_->append(bytes), path_, "write"));
}

void posix_file::write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = expect(file_->write_at(offset, bytes), path_, "write");
        bytes.remove_prefix(n);
        offset += n;
    }
}

std::size_t posix_file::read_at(std::uint64_t offset, char* out, std::size_t size) const {
    std::size_t got = 0;
    while (got < size) {
        const auto n = expect(file_->read_at(offset + got, out + got, size - got), path_, "read");
        if (n == 0) break;
        got += n;
    }
    return got;
}

void posix_file::sync() { expect(file_->sync(), path_, "sync"); }

void posix_file::truncate(std::uint64_t size) { expect(file_->truncate(size), path_, "truncate"); }

void remove_file(disk& on, const std::filesystem::path& path) { expect(on.remove(path), path, "remove"); }

void rename_file(disk& on, const std::filesystem::path& from, const std::filesystem::path& to) {
    expect(on.rename(from, to), from, "rename");
}

std::vector<std::filesystem::path> list_directory(disk& on, const std::filesystem::path& directory) {
    return expect(on.list(directory), directory, "list");
}

void make_directories(disk& on, const std::filesystem::path& path) {
    expect(on.make_directories(path), path, "make");
}

void refuse_lost_names(const disk& on, const std::filesystem::path& directory) {
    if (!on.has_lost_names(directory)) return;
    throw store_error(errc::storage_failed,
                      directory.string() +
                          ": cannot sync: an earlier sync of this folder failed, and what it "
                          "should have covered may be lost; check the disk and restart");
}

void sync_directory(disk& on, const std::filesystem::path& directory) {
    refuse_lost_names(on, directory);
    expect(on.sync_directory(directory), directory, "sync");
}

}  // namespace distd
