// A bounded file of lines, first in, first out, that outlives its process: log lines wait here for a log
// service. Blocks on the disk: to be used on a thread that may. Lines written survive a kill of the process,
// not a loss of power. Mode 0600. The first line says how far the file has been read; when all has been,
// there is no file.
#pragma once

#include <cstdint>
#include <distd/result.hpp>
#include <string>
#include <string_view>

namespace distd {

class spool_file {
public:
    // A place in the endless sequence of lines that went through the file; stays right when the file is
    // rewritten.
    using position = std::uint64_t;

    struct piece {
        std::string lines;  // whole lines; empty when nothing waits
        position begin = 0;
    };

    // Touches nothing yet.
    spool_file(std::string path, std::uint64_t limit_bytes);
    ~spool_file();
    spool_file(const spool_file&) = delete;
    spool_file& operator=(const spool_file&) = delete;

    // Adds lines behind what is there, or before it. A full file makes room by dropping the oldest; returns
    // how many lines went. On failure nothing was added.
    [[nodiscard]] result<std::uint64_t> append(std::string_view lines);
    [[nodiscard]] result<std::uint64_t> put_back(std::string_view lines);

    // The oldest lines, which stay until they are `done`: at most so many bytes of them, but one line at
    // least.
    [[nodiscard]] result<piece> read(std::size_t most_bytes);
    // All before `end` need not be kept.
    [[nodiscard]] result<> done(position end);

    [[nodiscard]] std::uint64_t bytes() const noexcept { return end_ - begin_; }

private:
    [[nodiscard]] result<> open(bool create);
    [[nodiscard]] result<> take_up();
    [[nodiscard]] result<std::string> text(std::uint64_t from, std::uint64_t to) const;
    [[nodiscard]] result<std::uint64_t> rewrite(std::string lines, position first);
    void forget() noexcept;

    std::string path_;
    std::uint64_t limit_;
    int descriptor_ = -1;
    // Offsets in the file: lines that wait are in [begin_, end_).
    std::uint64_t begin_;
    std::uint64_t end_;
    position base_;  // position = base_ + offset
};

}  // namespace distd
