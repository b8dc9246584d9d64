// Writes a part, so that after a crash it is there as a whole or not at all: under another name, made
// durable, then renamed. Throws store_error; what was not finished is removed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "role/log/storage/part.hpp"
#include "role/log/storage/part_format.hpp"

namespace distd::logs {

class part_writer {
public:
    part_writer(disk&, std::filesystem::path directory, std::uint64_t first, std::uint64_t last);
    ~part_writer();
    part_writer(const part_writer&) = delete;
    part_writer& operator=(const part_writer&) = delete;

    // Lines in the order of their numbers, each without its line end; blocks of another part between them.
    void add(std::uint64_t seq, std::string_view line);
    void add(const part_input&, std::size_t block);

    [[nodiscard]] std::shared_ptr<const part> finish(std::int64_t arrived_ns);

    // What a part is called while it is not finished.
    static constexpr std::string_view unfinished = ".tmp";

private:
    void write_block();
    void write(std::string_view head, std::string_view body, block_head parsed);

    disk& storage_;
    const std::filesystem::path directory_;
    const std::filesystem::path name_;
    const std::filesystem::path temporary_;
    posix_file file_;
    std::uint64_t size_ = 0;
    part_index index_;
    block_builder builder_;
    bool finished_ = false;
};

}  // namespace distd::logs
