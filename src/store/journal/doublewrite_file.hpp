// The doublewrite file: a preallocated file of a fixed size to which a journal writes its commits a second
// time, as long as its own file is not synced. A sync of it costs half of the processor time and of the wait
// that a sync of a file that has grown does, as the file system has no metadata to write. Where the file
// system supports it, it is written with O_DIRECT, which saves as much again. At the next start the journal
// copies the entries to where they belong, in case they did not get there.
//
// An entry is a head of 40 bytes (magic, CRC-32 of the rest, round, file, offset, size; little-endian), the
// bytes, and zeros up to a multiple of 4,096. Entries follow one another from the front. The list ends where
// no further one is of the first one's round: an earlier round left what follows, or a crash interrupted it.
// An entry is written when the one before it is durable. So one that does not fit its checksum, between
// others of a round, was damaged by the disk.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "store/posix_file.hpp"

namespace distd {

class doublewrite_file {
public:
    struct entry {
        std::uint64_t file = 0;  // an id of the owner's: the journal uses the segment's first line
        std::uint64_t offset = 0;
        std::string bytes;
        std::uint64_t position = 0;  // in the doublewrite file
        std::uint64_t damaged = 0;   // so many bytes of it, right before this entry
    };

    // The entries of the current round, in order. None where there is no such file.
    [[nodiscard]] static std::vector<entry> left_on(const std::filesystem::path&, disk& = real_disk());
    [[nodiscard]] static std::vector<entry> entries_in(std::string_view text);  // of such a file's content

    // Durably without entries; false: it cannot be told. The file is there.
    [[nodiscard]] static bool empty(const std::filesystem::path&, disk&) noexcept;

    // Creates the file and writes all of it, which takes some milliseconds; entries of an earlier one of that
    // name are void. `may_be_direct`: with O_DIRECT, if the file system has that. Throws store_error.
    doublewrite_file(std::filesystem::path, std::uint64_t bytes, bool may_be_direct = true,
                     disk& = real_disk());

    // Durable when it returns; false: there is no room in this round. Throws store_error.
    [[nodiscard]] bool put(std::uint64_t file, std::uint64_t offset, std::string_view bytes);
    // Begins a new round, without a write: to be called when all entries are durable elsewhere.
    void clear();
    [[nodiscard]] bool is_empty() const noexcept { return position_ == 0; }

private:
    using unit = std::array<char, posix_file::direct_unit>;
    struct alignas(posix_file::direct_unit) aligned_unit : unit {};

    posix_file file_;
    bool is_direct_ = false;
    const std::uint64_t bytes_;
    std::uint64_t position_ = 0;
    std::uint64_t round_ = 0;  // random: entries of earlier rounds do not have it
    std::vector<aligned_unit> out_;
};

}  // namespace distd
