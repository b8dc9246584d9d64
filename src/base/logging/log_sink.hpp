// Where log lines of a process go: one place per process, shared by its services. Lines are formatted on the
// loop, gathered and handed over in batches to Boost.Log's asynchronous sink, whose queue is bounded: when it
// is full, lines are dropped and counted, and the loop never waits. All but the writing itself happens on the
// loop's thread. The destructor waits for what is under way, one second at most for a reader that does not
// read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/logger.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/logging/log_records.hpp"
#include "base/logging/terminal_lines.hpp"

namespace distd {

class log_sink {
public:
    struct setup {
        log_format format = log_format::text;
        log_level min = log_level::info;
        bool access_lines = true;
        int descriptor = 2;  // where lines are written
        // For the form `terminal`: what is behind the descriptor, and the time of day there.
        std::function<terminal()> screen{};
        seconds (*time_offset)(wall_point) = nullptr;
    };
    static constexpr std::size_t queue_batches = 128;  // of at most 64 KiB each, or one line

    log_sink(setup, time_source&);
    ~log_sink();
    log_sink(const log_sink&) = delete;
    log_sink& operator=(const log_sink&) = delete;

    [[nodiscard]] bool wants(log_level l) const noexcept { return l >= setup_.min; }
    void write(const log_record&);
    void access(const access_record&);

    // Whether a person reads along on a terminal. For them only: what has changed, in words, and how they
    // know the services of this process. Without a terminal both do nothing.
    [[nodiscard]] bool has_reader() const noexcept { return setup_.format == log_format::terminal; }
    void tell(const state_change&);
    void introduce(const std::string& source, const std::string& role, const std::vector<std::string>& urls);

    [[nodiscard]] wall_point now() const noexcept { return time_.wall(); }

    // Hands over what has been gathered, unless many batches wait already. The host calls it each 100 ms and
    // when it stops; warnings, errors and the first lines of a process hand over at once.
    void flush();
    // Returns when all that was handed over has been written. Blocks: for the end of the process and for
    // tests.
    void drain();

    // Lines dropped because the queue was full or the descriptor failed. The former are logged, too.
    [[nodiscard]] std::uint64_t dropped_lines() const noexcept;

    // Called for each record of `source` that is to reach the log service, in its form for that (see
    // base/logging/shipped_record.hpp), on the loop: from info on, whatever is written here, and without
    // requests of internal routes. `instance`: the URL that its records name. One tap per source; an empty
    // function takes it away. A tap does not log, and does not change taps.
    using record_taker = std::function<void(log_level, std::string_view record)>;
    void tap(const std::string& source, record_taker take, std::string_view instance = {});

private:
    struct impl;
    setup setup_;
    time_source& time_;
    std::unique_ptr<impl> impl_;
};

}  // namespace distd
