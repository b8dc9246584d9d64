#include "support/fake_time.hpp"

namespace distd::test {

void fake_time::schedule(alarm_clock& a, steady_point due) {
    if (due <= now()) return fire(a);  // before its wait begins: see alarm_clock::wait_until
    due_.emplace(due, &a);
}

void fake_time::forget(alarm_clock& a) noexcept {
    std::erase_if(due_, [&](const auto& entry) { return entry.second == &a; });
}

void fake_time::settle() {
    loop_.restart();
    // What a woken coroutine sends over loopback needs a few turns of the reactor to arrive.
    for (int idle_turns = 0; idle_turns < 3;) idle_turns = loop_.poll() == 0 ? idle_turns + 1 : 0;
}

void fake_time::advance(milliseconds span) {
    const auto target = now() + span;
    settle();
    while (!due_.empty() && due_.begin()->first <= target) {
        jump(due_.begin()->first - now());
        settle();
    }
    jump(target - now());
    settle();
}

void fake_time::jump(steady_point::duration span) {
    now_ = now() + span;
    wall_ += std::chrono::duration_cast<wall_point::duration>(span);
    while (!due_.empty() && due_.begin()->first <= now()) {
        auto* a = due_.begin()->second;
        due_.erase(due_.begin());
        fire(*a);
    }
}

}  // namespace distd::test
