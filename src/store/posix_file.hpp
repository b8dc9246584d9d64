// An open file with an owner, and the few calls that make bytes durable. Failures are store_error:
// storage_full for a full disk, a quota or a file size limit, storage_failed for the rest; the text names the
// file and the step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/disk.hpp"
#include "store/store_error.hpp"

namespace distd {

[[nodiscard]] store_error file_error(const std::filesystem::path&, std::string_view step, int error_number);

class posix_file {
public:
    using mode = disk::mode;
    static constexpr std::size_t direct_unit = disk::direct_unit;

    posix_file() noexcept = default;
    posix_file(disk&, std::filesystem::path, mode);

    [[nodiscard]] bool is_open() const noexcept { return file_ != nullptr; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t size() const;

    void write_all(std::string_view bytes);                       // at the end
    void write_at(std::uint64_t offset, std::string_view bytes);  // of a file that was opened in_place
    // Fills `out` up to its size, or to the end of the file; returns how many bytes came.
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const;
    void sync();  // fdatasync
    // The file at `path`, which is there.
    [[nodiscard]] static bool opens_direct(disk&, const std::filesystem::path&);
    void truncate(std::uint64_t size);
    void close() noexcept { file_.reset(); }

    // For rare operations: mapping, locks.
    [[nodiscard]] disk::file& raw() noexcept { return *file_; }

private:
    std::filesystem::path path_;
    std::unique_ptr<disk::file> file_;
};

// These throw store_error, too.
void remove_file(disk&, const std::filesystem::path&);
void rename_file(disk&, const std::filesystem::path& from, const std::filesystem::path& to);
[[nodiscard]] std::vector<std::filesystem::path> list_directory(disk&, const std::filesystem::path&);
void make_directories(disk&, const std::filesystem::path&);
// A new file's name is durable only after this. A failure is final: see disk::sync_directory.
void sync_directory(disk&, const std::filesystem::path&);
// Throws where a sync of it would fail for that reason: before work is done for a file that nothing can keep.
void refuse_lost_names(const disk&, const std::filesystem::path& directory);

}  // namespace distd
