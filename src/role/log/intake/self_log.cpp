#include "role/log/intake/self_log.hpp"

#include <utility>

#include "base/logging/shipped_record.hpp"

namespace distd::logs {
namespace {
constexpr std::size_t gathered_limit_bytes = 1 << 20;
constexpr seconds pause_after_failure{1};
}  // namespace

self_log::self_log(service& s, log_store& store)
    : service_(s),
      store_(store),
      dropped_(s.metrics().count("distd_log_own_lines_dropped_total", "Own lines that could not be stored")),
      bell_(s.loop(), s.time()),
      from_here_(origin_member({}, "own")) {}

void self_log::push(std::string_view record) {
    if (gathered_.size() + record.size() > gathered_limit_bytes) {
        dropped_.add();
        ++missing_;
        return;
    }
    add(record);
    bell_.wake();
}

void self_log::add(std::string_view record) {
    const auto now =
        std::chrono::duration_cast<std::chrono::nanoseconds>(service_.time().wall().time_since_epoch());
    // What we write ourselves is never refused, but for a service's name that is too long for any line.
    if (reader_.append(gathered_, record, arrival(now.count(), from_here_))) return dropped_.add();
    ++count_;
}

void self_log::report_missing() {
    const auto missing = std::exchange(missing_, 0);
    if (missing == 0) return;
    std::string record;
    log_stamp stamp;
    append_shipped_record(record, stamp, shipped_origin(service_.name(), service_.url()),
                          {service_.time().wall(),
                           log_level::warn,
                           service_.name(),
                           "own_lines_dropped",
                           {{"count", missing}}});
    add(record);
}

task<> self_log::run() {
    for (;;) {
        co_await bell_.wait();
        const bool stored = co_await store_gathered();
        if (!stored) co_await sleep_for(service_.time(), pause_after_failure);
    }
}

task<> self_log::flush() { static_cast<void>(co_await store_gathered()); }

task<bool> self_log::store_gathered() {
    report_missing();
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
