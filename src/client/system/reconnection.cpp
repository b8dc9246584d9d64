#include "client/system/reconnection.hpp"

#include <utility>

#include "base/backoff.hpp"
#include "base/random.hpp"

namespace distd::ops::client {
namespace {

constexpr milliseconds first_pause{200};
constexpr milliseconds max_pause{4000};

}  // namespace

void reconnection::found(std::string_view detail) {
    if (std::exchange(failures_, 0) > 0) c_.say(whom_ + " is back" + std::string(detail));
}

task<> reconnection::lost(std::string detail) {
    if (failures_++ == 0) c_.say("lost " + whom_ + detail + "; waiting for it");
    co_await sleep_for(c_.time, backoff(failures_, first_pause, max_pause, random_u64()));
}

}  // namespace distd::ops::client
