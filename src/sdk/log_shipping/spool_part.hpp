// One file of a spool: lines that only grow at its end and are taken from its front. Blocks on the disk. Its
// first line says how far it has been read. Mode 0600. Memory does not grow with the file.
#pragma once

#include <cstdint>
#include <distd/result.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk.hpp"

namespace distd {

class spool_part {
public:
    // A place in the endless sequence of lines that went through a spool.
    using position = std::uint64_t;

    spool_part() = default;
    spool_part(spool_part&&) noexcept;
    spool_part& operator=(spool_part&&) noexcept;

    // A new file, which takes the place of one that was there. Its first line's position is `first`.
    [[nodiscard]] result<> create(disk&, const std::filesystem::path&, position first);
    // What an earlier process left; without a file nothing is open afterwards.
    [[nodiscard]] result<> take_up(disk&, const std::filesystem::path&, position first);
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return file_ != nullptr; }

    [[nodiscard]] result<> append(std::string_view lines);                // on failure nothing was added
    [[nodiscard]] result<std::string> read(std::size_t max_bytes) const;  // whole lines, one at least
    // All before `end`, which lies in here, need not be kept.
    [[nodiscard]] result<> done(position end);
    [[nodiscard]] result<std::uint64_t> count_waiting() const;
    [[nodiscard]] result<std::string> text(std::uint64_t from, std::uint64_t to) const;

    [[nodiscard]] std::uint64_t waiting_bytes() const noexcept { return end_ - begin_; }
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return end_; }
    [[nodiscard]] position first() const noexcept { return base_ + begin_; }
    [[nodiscard]] position end() const noexcept { return base_ + end_; }
    [[nodiscard]] result<std::string> all_waiting() const { return text(begin_, end_); }

    static const std::uint64_t head_bytes;

private:
    [[nodiscard]] result<> open(disk&, const std::filesystem::path&);
    [[nodiscard]] result<> begin_anew();
    [[nodiscard]] result<std::uint64_t> find_last_end(std::uint64_t from, std::uint64_t to) const;

    std::unique_ptr<disk::file> file_;
    // Offsets in the file: lines that wait are in [begin_, end_). A position is base_ + offset.
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
    position base_ = 0;
    std::optional<std::uint64_t>
        lines_;  // that wait, unless an earlier process wrote them or some were taken
};

}  // namespace distd
