#include "base/local_time.hpp"

#include <ctime>

namespace distd {

seconds local_time_offset(wall_point t) noexcept {
    const std::time_t since_1970 = std::chrono::floor<seconds>(t.time_since_epoch()).count();
    std::tm local{};
    return seconds(::localtime_r(&since_1970, &local) == nullptr ? 0 : local.tm_gmtoff);
}

}  // namespace distd
