// Reads a segment file batch by batch, in large pieces. What the disk fails to read is taken for zeros, which
// are no batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/journal/damage.hpp"
#include "store/journal/segment_format.hpp"
#include "store/posix_file.hpp"

namespace distd {

// The head with its line end; empty when there is no whole line. Nothing: the disk failed to read it, and
// what there is of it is unknown.
[[nodiscard]] std::optional<std::string> read_first_line(const posix_file&, std::uint64_t size);
// Where a segment's batches begin: behind its head. 0: that is damaged, so it is looked at like the rest.
[[nodiscard]] std::uint64_t first_batch_at(const posix_file&, std::uint64_t size);

class segment_scanner {
public:
    struct batch {
        batch_trailer trailer;
        std::uint64_t skipped_from;  // what lies between there and `start` is damaged
        std::uint64_t start;
        std::uint64_t end;
        bool sound;
        std::string_view lines;  // holds until the next call
    };

    // `from` is the start of a line; nothing from `to` on is looked at. The file outlives the scanner.
    segment_scanner(const posix_file&, std::uint64_t from, std::uint64_t to);

    [[nodiscard]] std::optional<batch> next();
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }  // the end of the last batch

    // Reports what is not a sound batch, from the end of the one before to the end of this one.
    void add_damage(const batch&, std::vector<damage>&) const;
    // Reports what follows the last one.
    void add_rest(std::vector<damage>&) const;
    // False: the disk failed to read some of it.
    [[nodiscard]] bool was_read(std::uint64_t from, std::uint64_t to) const noexcept;

private:
    struct range {
        std::uint64_t from;
        std::uint64_t to;
    };

    void read_on();
    void read(std::uint64_t offset, char* out, std::size_t size);
    void add(std::uint64_t from, std::uint64_t to, const char* what, std::vector<damage>&) const;

    const posix_file& file_;
    const std::uint64_t to_;
    std::uint64_t position_;
    std::uint64_t window_start_;
    std::string window_;
    std::vector<range> unread_;  // what the disk failed to read
};

}  // namespace distd
