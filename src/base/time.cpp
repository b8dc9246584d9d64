#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <distd/time.hpp>
#include <utility>

namespace distd {
namespace {
using loop_timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, executor>;
}

struct alarm_clock::impl {
    impl(executor ex, time_source& source) : timer(ex), time(source) {}

    loop_timer timer;
    time_source& time;
    bool woken = false;
    bool fired = false;
};

// Follows the machine: the Asio timer itself is the schedule.
class system_time final : public time_source {
public:
    steady_point now() const noexcept override { return std::chrono::steady_clock::now(); }
    wall_point wall() const noexcept override { return std::chrono::system_clock::now(); }

private:
    void schedule(alarm_clock& a, steady_point due) override { a.impl_->timer.expires_at(due); }
    void forget(alarm_clock&) noexcept override {}
};

time_source& real_time() noexcept {
    static system_time source;
    return source;
}

void time_source::fire(alarm_clock& a) noexcept {
    a.impl_->fired = true;
    a.impl_->timer.cancel();
}

alarm_clock::alarm_clock(executor ex, time_source& time) : impl_(std::make_unique<impl>(ex, time)) {}

alarm_clock::~alarm_clock() { impl_->time.forget(*this); }

task<bool> alarm_clock::wait_until(steady_point due) {
    if (std::exchange(impl_->woken, false)) co_return false;
    impl_->fired = false;
    impl_->timer.expires_at(steady_point::max());
    impl_->time.schedule(*this, due);
    if (impl_->fired) co_return true;  // was due already
    auto [ec] = co_await impl_->timer.async_wait(as_result);
    impl_->time.forget(*this);
    if (std::exchange(impl_->woken, false)) co_return false;
    if (ec && !impl_->fired) throw boost::system::system_error(ec);
    co_return true;
}

task<bool> alarm_clock::wait_for(milliseconds span) { return wait_until(impl_->time.now() + span); }

task<> alarm_clock::wait() {
    while (co_await wait_until(steady_point::max())) {}
}

void alarm_clock::wake() noexcept {
    impl_->woken = true;
    impl_->timer.cancel();
}

time_source& alarm_clock::time() const noexcept { return impl_->time; }

task<> sleep_for(time_source& time, milliseconds span) {
    auto ex = co_await boost::asio::this_coro::executor;
    alarm_clock bell(ex, time);
    co_await bell.wait_for(span);
}

}  // namespace distd
