// A few bytes beside a database that can be written when the disk is full: the file has
// had its size from the beginning, and is written in place and synced. They say two things that must hold
// even where the database cannot be written, or is lost:
//
// - a ceiling: no revision above it was ever given out, so whoever numbers on from there repeats none;
// - a doubt: the database may differ from what subscribers and readers were sent.
//
// Survives kills, power cuts and full disks. Not a disk that refuses even to overwrite (one that may only be
// read, or a file system that writes each block to a new place). Blocks and throws store_error; used by one
// thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>

#include "store/posix_file.hpp"

namespace distd {

class store_mark {
public:
    // Of the same name, with the ending ".mark".
    [[nodiscard]] static std::filesystem::path beside(std::filesystem::path database) {
        return database.replace_extension(".mark");
    }

    // Reads what is there. A file that makes no sense is a doubt, and has no ceiling.
    explicit store_mark(std::filesystem::path, disk& = real_disk());

    [[nodiscard]] bool was_there() const noexcept { return was_there_; }
    [[nodiscard]] bool was_readable() const noexcept { return was_readable_; }
    [[nodiscard]] std::uint64_t ceiling() const noexcept { return ceiling_; }
    [[nodiscard]] bool in_doubt() const noexcept { return in_doubt_; }

    // To be called once before anything else is written: makes the file, with its full size, if it has to.
    void open(std::uint64_t min_ceiling);

    // Durable when they return. What is so already is not written again.
    void raise(std::uint64_t ceiling);
    // With a ceiling of at least that: what the database did not take may be shown.
    void doubt(std::uint64_t min_ceiling);
    // When it cannot be written the next start doubts once more than it had to.
    void clear() noexcept;

private:
    void read();
    void write(std::uint64_t ceiling, bool in_doubt);

    disk& disk_;
    posix_file file_;
    std::filesystem::path path_;
    bool was_there_ = false;
    bool was_readable_ = true;
    std::uint64_t ceiling_ = 0;
    bool in_doubt_ = false;
};

}  // namespace distd
