// The wall clock as far as lines are deleted by it: what is deleted nobody gets back. A clock that jumps
// ahead while the process runs is believed once it has stayed there for some time; until then time goes on
// from where it was. A process believes what the clock shows when it starts.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <optional>

namespace distd::logs {

class retention_clock {
public:
    // Of lines that are to be kept for so long; 0: for ever.
    explicit retention_clock(std::int64_t age_ns);

    // Since 1970. To be called now and then: a jump is what the wall has gone ahead more than `now` since.
    [[nodiscard]] std::int64_t read_ns(std::int64_t wall_ns, steady_point now);

private:
    const std::int64_t patience_ns_;
    std::optional<steady_point> read_at_;
    std::int64_t believed_ns_ = 0;
    std::optional<steady_point> ahead_since_;
};

}  // namespace distd::logs
