// One part on disk: an immutable file of columns. A part is shared by all its readers and holds its index;
// the file is opened to read bytes of it. Throws store_error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "role/log/storage/block_reader.hpp"
#include "role/log/storage/part_format.hpp"
#include "store/journal/segment_journal.hpp"
#include "store/posix_file.hpp"

namespace distd::logs {

// When the file was last written: nothing in it arrived later.
[[nodiscard]] std::int64_t written_ns(disk&, const std::filesystem::path&);

class part {
public:
    // Reads the index. When that is damaged, or cannot be read, the blocks are looked for one by one, and
    // what was wrong is added to `damaged`; its lines then count as having arrived when the file was written.
    // One that cannot be opened has no blocks.
    [[nodiscard]] static std::shared_ptr<const part> open(disk&, std::filesystem::path,
                                                          std::vector<damage>& damaged);
    // The disk cannot open it; and not that there are too many open files, or that rights are missing.
    [[nodiscard]] static bool is_on_bad_place(disk&, const std::filesystem::path&);
    // Of a file that was just written, or whose index is known.
    part(disk& storage, std::filesystem::path file, std::uint64_t bytes, part_index index,
         bool is_sound = true)
        : storage_(storage),
          file_(std::move(file)),
          bytes_(bytes),
          index_(std::move(index)),
          is_sound_(is_sound) {}

    [[nodiscard]] disk& storage() const noexcept { return storage_; }
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] const part_index& index() const noexcept { return index_; }
    // False: something of it could not be read when it was opened.
    [[nodiscard]] bool is_sound() const noexcept { return is_sound_; }
    // So many of its numbers are in no block: lines that were lost with one, if it is not sound.
    [[nodiscard]] std::uint64_t missing() const noexcept;
    [[nodiscard]] std::uint64_t first() const noexcept { return index_.first; }
    [[nodiscard]] std::uint64_t last() const noexcept { return index_.last; }

    // The name of a part that stands for these lines, and the other way round.
    [[nodiscard]] static std::filesystem::path name(std::uint64_t first, std::uint64_t last);
    struct range {
        std::uint64_t first;
        std::uint64_t last;
    };
    [[nodiscard]] static std::optional<range> range_of(const std::filesystem::path&);

private:
    disk& storage_;
    const std::filesystem::path file_;
    const std::uint64_t bytes_;
    const part_index index_;
    const bool is_sound_;
};

// An open part. May be used on several threads at once.
class part_input {
public:
    explicit part_input(std::shared_ptr<const part>);

    [[nodiscard]] const part& of() const noexcept { return *part_; }
    [[nodiscard]] const placed_block& block(std::size_t i) const { return part_->index().blocks[i]; }
    [[nodiscard]] piece_source source(std::size_t block) const;
    [[nodiscard]] std::string body(std::size_t block) const;  // whole, otherwise unchecked
    // False: no line of the block has all of these tokens.
    [[nodiscard]] bool may_have(std::size_t block, const std::vector<std::uint64_t>& tokens) const;
    [[nodiscard]] damage damage_of(std::size_t block, const std::string& reason) const;

private:
    [[nodiscard]] std::string read(std::uint64_t offset, std::size_t size) const;

    const std::shared_ptr<const part> part_;
    const posix_file file_;
};

}  // namespace distd::logs
