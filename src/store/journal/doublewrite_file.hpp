// A file of a fixed size that was written through once. What is put on it is durable for half of the
// processor and of the wait that it takes to sync a file that has grown: the file system has nothing to
// note. Where the file system lets us, it is written past the page cache, which saves as much again. A
// journal puts its commits there as long as its own file is not synced; whoever opens the journal next writes
// them to where they belong, in case they did not get there.
//
// An entry is a head of 40 bytes (magic, CRC-32 of the rest, round, file, offset, size; little-endian), the
// bytes, and zeros up to a multiple of 4,096. Entries follow one another from the front; one of another
// round, or that does not fit its checksum, is what an earlier round left, or what a dying machine did not
// finish.
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
        std::uint64_t file = 0;  // whatever its owner knows it by
        std::uint64_t offset = 0;
        std::string bytes;
    };

    // What was put there since it was last begun anew, in order. Nothing where there is no such file.
    [[nodiscard]] static std::vector<entry> left_on(const std::filesystem::path&, disk& = real_disk());
    [[nodiscard]] static std::vector<entry> entries_in(std::string_view text);  // of such a file

    // Makes the file; nothing that was in one of that name counts any more. Writes all of it: a matter of
    // milliseconds. `may_be_direct`: past the page cache, if the file system has that. Throws store_error.
    doublewrite_file(std::filesystem::path, std::uint64_t bytes, bool may_be_direct = true,
                     disk& = real_disk());

    // Durable when it returns; false: it does not fit before `begin_anew`. Throws store_error.
    [[nodiscard]] bool put(std::uint64_t file, std::uint64_t offset, std::string_view bytes);
    // What was put so far is durable elsewhere.
    void begin_anew();
    [[nodiscard]] bool is_empty() const noexcept { return position_ == 0; }  // since it was begun

private:
    using unit = std::array<char, posix_file::direct_unit>;
    struct alignas(posix_file::direct_unit) aligned_unit : unit {};

    posix_file file_;
    bool is_direct_ = false;
    const std::uint64_t bytes_;
    std::uint64_t position_ = 0;
    std::uint64_t round_ = 0;
    std::vector<aligned_unit> out_;
};

}  // namespace distd
