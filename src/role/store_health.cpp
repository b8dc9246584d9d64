#include "role/store_health.hpp"

#include <utility>

namespace distd {
namespace {

constexpr milliseconds pause_between_trials{1000};

}  // namespace

store_health::store_health(service& s, commit_queue& queue, const std::string& store, std::string event)
    : service_(s),
      queue_(queue),
      event_(std::move(event)),
      failures_(s.metrics().count("distd_store_failures_total",
                                  "Reads and writes of a store that its disk refused or failed",
                                  {{"store", store}})) {
    s.metrics().level_of("distd_store_closed",
                         "1 while a store takes nothing as the outcome of a commit is unknown",
                         [this] { return is_closed_ ? 1.0 : 0.0; }, {{"store", store}});
    s.health([this] {
        return is_closed_ ? std::string("its store takes nothing until its disk can be written; see the log")
                          : std::string();
    });
    queue_.on_trouble([this](errc code, const std::string& reason) { note(code, reason); });
    queue_.on_commit([this] { is_closed_ = false; });
}

void store_health::watch(blocking_pool& readers) {
    readers.on_trouble([this](errc code, const std::string& reason) { note(code, reason); });
}

void store_health::note(errc code, const std::string& reason) {
    failures_.add();
    // What fails again each second was said when it began.
    if (!is_closed_ || code == errc::outcome_unknown) service_.log().error(event_, {{"reason", reason}});
    if (code != errc::outcome_unknown) return;
    is_closed_ = true;
    if (service_.stopping()) return;  // nobody would end what is begun now
    if (!std::exchange(is_settling_, true)) service_.spawn("settling a store", [this] { return settle(); });
}

// A store settles what is unknown before it takes anything.
task<> store_health::settle() {
    while (is_closed_) {
        co_await sleep_for(service_.time(), pause_between_trials);
        auto nothing = []() -> result<> { return {}; };
        static_cast<void>(co_await queue_.submit(std::move(nothing)));
    }
    is_settling_ = false;
}

}  // namespace distd
