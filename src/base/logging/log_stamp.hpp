// The time of a log line. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <distd/time.hpp>
#include <limits>
#include <string_view>

namespace distd {

// RFC 3339 in UTC with milliseconds: 2026-11-21T04:05:06.123Z. Remembers the last answer, as lines come in
// bursts; the view holds until the next call.
class log_stamp {
public:
    [[nodiscard]] std::string_view of(wall_point) noexcept;

private:
    static constexpr auto never = std::numeric_limits<std::int64_t>::min();

    std::int64_t second_ = never;
    std::int64_t millisecond_ = never;
    std::array<char, 24> text_{'1', '9', '7', '0', '-', '0', '1', '-', '0', '1', 'T', '0',
                               '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
};

}  // namespace distd
