// Persists the batch ids of closed segments, so that retries are recognised after a restart when the segments
// have become parts: files NUMBER.ids beside them, with batches that have no lines (see segment_format.hpp).
// Used on one thread. Throws store_error.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <vector>

#include "store/journal/batch_memory.hpp"
#include "store/journal/segment_scanner.hpp"
#include "store/posix_file.hpp"

namespace distd {

class batch_id_files {
public:
    batch_id_files(disk& storage, std::filesystem::path directory);

    // All that there are, the oldest first; what cannot be read, or is not as it was written, is added to
    // `damaged`.
    [[nodiscard]] std::vector<batch_memory::dated_batch> read(std::vector<damage>& damaged);

    // Durable when it returns.
    void save(const std::vector<batch_memory::dated_batch>&);
    // Files that hold only what came earlier are deleted.
    void forget_before(std::uint64_t at);

private:
    struct id_file {
        std::filesystem::path path;
        std::uint64_t newest_at = 0;
    };

    [[nodiscard]] std::vector<batch_memory::dated_batch> read_file(const std::filesystem::path&,
                                                                   std::vector<damage>& damaged);
    void begin_file();

    disk& storage_;
    const std::filesystem::path directory_;
    std::deque<id_file> files_;  // the last one is written to, if `current_` is open
    posix_file current_;
    std::uint64_t current_bytes_ = 0;
    std::uint64_t last_number_ = 0;
};

}  // namespace distd
