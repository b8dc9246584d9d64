// A bounded store of lines on disk, first in, first out, that outlives its process: log lines wait here for a
// log service. Blocks on the disk: to be used on a thread that may. Lines written survive a kill of the
// process, not a loss of power. Two files, of half the room each: what is read lies in `path`, what comes
// behind a full one lies in `path` + ".next". So room is made by a rename: a flood of lines, of which most
// will be dropped, costs no more than their writing. When all has been read there is no file.
#pragma once

#include <cstdint>
#include <distd/result.hpp>
#include <string>
#include <string_view>

#include "sdk/log_shipping/spool_part.hpp"

namespace distd {

class spool_file {
public:
    using position = spool_part::position;  // stays right whatever is dropped

    struct piece {
        std::string lines;  // whole lines; empty when nothing waits
        position begin = 0;
    };

    // Touches nothing yet.
    spool_file(disk&, std::string path, std::uint64_t limit_bytes);

    // Adds lines behind what is there, or before it. A full spool makes room by dropping the oldest, up to
    // half of all at a time; returns how many lines went. On failure nothing was added.
    [[nodiscard]] result<std::uint64_t> append(std::string_view lines);
    [[nodiscard]] result<std::uint64_t> put_back(std::string_view lines);
    // Before what is there, all of them or none; returns where they begin.
    [[nodiscard]] result<position> put_in_front(std::string_view lines);

    // The oldest lines, which stay until they are `done`: at most so many bytes of them, but one line at
    // least.
    [[nodiscard]] result<piece> read(std::size_t max_bytes);
    // All before `end` need not be kept.
    [[nodiscard]] result<> done(position end);

    [[nodiscard]] std::uint64_t bytes() const noexcept {
        return older_.waiting_bytes() + newer_.waiting_bytes();
    }

private:
    [[nodiscard]] result<> open(bool create);
    [[nodiscard]] result<> make_room();
    [[nodiscard]] result<> newer_becomes_older();
    [[nodiscard]] result<std::uint64_t> keep_newest_of(std::string_view lines);
    [[nodiscard]] result<> rewrite_older(std::string_view lines, position first);
    [[nodiscard]] std::uint64_t room() const noexcept { return limit_ / 2 - spool_part::head_bytes; }
    [[nodiscard]] std::uint64_t room_in_older() const noexcept {
        return limit_ - newer_.waiting_bytes() - 2 * spool_part::head_bytes;
    }

    disk& disk_;
    std::string path_;
    std::string newer_path_;
    std::uint64_t limit_;
    spool_part older_;
    spool_part newer_;           // only while there is an older one
    position next_;              // of the first line when nothing is open
    std::uint64_t dropped_ = 0;  // since `append` returned the last time
};

}  // namespace distd
