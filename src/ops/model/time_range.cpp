#include "ops/model/time_range.hpp"

namespace distd::ops {

std::string_view label_of(time_range r) noexcept {
    constexpr std::string_view names[]{"1\u00a0h", "24\u00a0h", "30\u00a0d"};
    return names[static_cast<std::size_t>(r)];
}

std::string_view words_of(time_range r) noexcept {
    constexpr std::string_view names[]{"last hour", "last 24 hours", "last 30 days"};
    return names[static_cast<std::size_t>(r)];
}

milliseconds span_of(time_range r) noexcept {
    constexpr std::chrono::hours spans[]{std::chrono::hours(1), std::chrono::hours(24),
                                         std::chrono::hours(720)};
    return spans[static_cast<std::size_t>(r)];
}

}  // namespace distd::ops
