#include "role/log/intake/self_log.hpp"

#include <utility>

#include "role/log/intake/record.hpp"

namespace distd::logs {
namespace {
constexpr std::size_t gathered_limit_bytes = 1 << 20;
constexpr seconds pause_after_failure{1};
}  // namespace

self_log::self_log(std::string service, log_store& store, executor loop, time_source& time, metrics& m)
    : service_(std::move(service)),
      store_(store),
      time_(time),
      dropped_(m.count("distd_log_own_lines_dropped_total", "Own lines that could not be stored")),
      bell_(loop, time),
      from_here_(origin_member({}, "own")) {}

void self_log::push(log_level level, std::string_view text) {
    if (gathered_.size() + text.size() > gathered_limit_bytes) {
        dropped_.add();
        ++missing_;
        return;
    }
    add(level, text);
    bell_.wake();
}

void self_log::add(log_level level, std::string_view text) {
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(time_.wall().time_since_epoch());
    append_own_record(gathered_, service_, level, text.substr(0, max_line), arrival(now.count(), from_here_));
    ++count_;
}

task<> self_log::run() {
    for (;;) {
        co_await bell_.wait();
        const bool stored = co_await store_gathered();
        if (!stored) co_await sleep_for(time_, pause_after_failure);
    }
}

task<> self_log::flush() { static_cast<void>(co_await store_gathered()); }

task<bool> self_log::store_gathered() {
    if (const auto missing = std::exchange(missing_, 0); missing > 0)
        add(log_level::warn, "own_lines_dropped count=" + std::to_string(missing));
    const auto count = std::exchange(count_, 0);
    if (count == 0) co_return true;
    auto lines = std::exchange(gathered_, {});
    const auto stored = co_await store_.append(std::move(lines), count);
    if (stored) co_return true;
    dropped_.add(count);
    missing_ += count;
    co_return false;
}

}  // namespace distd::logs
