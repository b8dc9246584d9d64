// The disk's side of the log shipper: a spool file and a thread of its own, so that a slow disk never holds
// up the loop. Jobs are done in the order they were asked for. All members are used on the loop; the
// destructor waits until what was asked for is done.
#pragma once

#include <cstdint>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <memory>
#include <optional>
#include <string>

#include "sdk/log_shipping/spool_file.hpp"
#include "store/blocking_pool.hpp"

namespace distd {

class spool_worker {
public:
    // Over `backlog_limit_bytes` of lines that the disk has not taken yet, more of them are lost.
    spool_worker(disk&, std::string path, std::uint64_t limit_bytes, std::size_t backlog_limit_bytes,
                 executor, time_source&);

    void append(std::string lines);
    void put_back(std::string lines);
    // As put_back, for lines that stay in memory as well: when there is no room for all of them, or the disk
    // fails, none is kept and none is lost.
    struct copy {
        copy(executor loop, time_source& time) : done(loop, time) {}

        alarm_clock done;
        std::optional<spool_file::position> begin;  // where it lies; nothing: it is not kept
    };
    [[nodiscard]] std::shared_ptr<copy> keep_copy(std::string lines);
    void done(spool_file::position end);
    // Nothing when nothing waits, or the disk fails.
    [[nodiscard]] task<spool_file::piece> read(std::size_t max_bytes);
    // When all that was asked for before is done.
    [[nodiscard]] task<> settled();

    // Memory of lines that were written, to be filled again: to get it anew costs more than to fill it.
    [[nodiscard]] std::string take_room() { return std::exchange(room_, {}); }

    // Lines lost since the last call: dropped to make room, or not written because the disk fails or is too
    // slow.
    [[nodiscard]] std::uint64_t take_losses() noexcept { return std::exchange(losses_, 0); }

private:
    executor loop_;
    time_source& time_;
    std::size_t backlog_limit_;
    std::size_t backlog_ = 0;
    std::uint64_t losses_ = 0;
    std::string room_;
    spool_file file_;  // touched on the thread only
    blocking_pool thread_;
};

}  // namespace distd
