// A file descriptor with an owner, and the few calls that make bytes durable. Failures are store_error:
// storage_full for a full disk, a quota or a file size limit, storage_failed for the rest; the text names the
// file and the step. Files are made with mode 0600.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "store/store_error.hpp"

namespace distd {

[[nodiscard]] store_error file_error(const std::filesystem::path&, std::string_view step, int error_number);

class posix_file {
public:
    enum class mode : std::uint8_t { read, append, create_new, in_place, direct };
    // `direct`: as in_place, past the page cache and durable when a write returns. Memory, offsets and sizes
    // are multiples of `direct_unit`. Not every file system has it: see `opens_direct`.
    static constexpr std::size_t direct_unit = 4096;

    posix_file() noexcept = default;
    posix_file(std::filesystem::path, mode);
    ~posix_file();
    posix_file(posix_file&&) noexcept;
    posix_file& operator=(posix_file&&) noexcept;

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t size() const;

    void write_all(std::string_view bytes);                       // at the end
    void write_at(std::uint64_t offset, std::string_view bytes);  // of a file that was opened in_place
    // Fills `out` up to its size, or to the end of the file; returns how many bytes came.
    [[nodiscard]] std::size_t read_at(std::uint64_t offset, char* out, std::size_t size) const;
    void sync();  // fdatasync
    // The file at `path`, which is there.
    [[nodiscard]] static bool opens_direct(const std::filesystem::path&) noexcept;
    void truncate(std::uint64_t size);
    void close() noexcept;

private:
    std::filesystem::path path_;
    int descriptor_ = -1;
};

// A new file's name is durable only after this.
void sync_directory(const std::filesystem::path&);

}  // namespace distd
