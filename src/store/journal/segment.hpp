// One file of the journal, shared by the writer and the readers. All members may be used on any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/journal/segment_scanner.hpp"
#include "store/posix_file.hpp"

namespace distd {

// What was read of some whole batches: their lines, each with its line end.
struct journal_text {
    struct stretch {
        std::uint64_t first;  // number of its first line
        std::uint64_t lines;
        std::size_t start;  // in the text
        std::size_t end;
    };
    std::string text;
    std::vector<stretch> batches;
};

class segment {
public:
    // Whole batches, some hundred KiB of them: what a reader reads at a time.
    struct block {
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::uint64_t first = 0;  // number of its first line
    };

    segment(disk& storage, std::filesystem::path file, std::uint64_t first_line)
        : storage_(storage), file_(std::move(file)), first_(first_line) {}

    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
    [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
    // Of committed batches. A segment of an earlier run is scanned on the first call.
    [[nodiscard]] std::vector<block> blocks();
    void add(block batch);

    // A cache of blocks that a reader has read and checked: the newest lines are read most. Only the segment
    // that is written to has it, so it is bounded by the size of one segment. Its last block grows with each
    // batch: of that one there may be the text of its first `bytes` only.
    struct beginning {
        std::shared_ptr<const journal_text> text;  // null: nothing of it
        std::uint64_t bytes = 0;
    };
    [[nodiscard]] beginning kept(const block&) const;
    void keep(const block&, std::shared_ptr<const journal_text>);  // all of that block
    void keep_no_more();

private:
    void find_blocks();

    disk& storage_;
    const std::filesystem::path file_;
    const std::uint64_t first_;
    mutable std::mutex mutex_;  // guards what follows
    std::vector<block> blocks_;
    std::map<std::uint64_t, beginning> kept_;  // by the block's offset
    bool keeps_ = true;
};

// A batch of a file as a reader's block: with the damaged bytes before it, which the reader will report.
// `next` is the number that was expected, and is advanced. The numbers in a damaged trailer are not trusted:
// as many are skipped as there may have been lines, so that none is ever assigned twice.
[[nodiscard]] segment::block block_of(const segment_scanner::batch&, std::uint64_t& next);

}  // namespace distd
