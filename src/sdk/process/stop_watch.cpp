#include "sdk/process/stop_watch.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "base/handler_scope.hpp"
#include "base/signals_blocked.hpp"

namespace distd {
namespace {

sigset_t signals_of_stop() noexcept {
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGTERM);
    sigaddset(&both, SIGINT);
    return both;
}

}  // namespace

stop_watch::stop_watch(milliseconds patience, stop_limit::end_process end)
    : patience_(patience), end_process_(std::move(end)), signals_(loop_.get_executor(), SIGTERM, SIGINT) {
    listen();
    const auto both = signals_of_stop();
    {
        const signals_blocked others;
        thread_ = std::thread([this, both] {
            pthread_sigmask(SIG_UNBLOCK, &both, nullptr);
            loop_.run();
        });
    }
    pthread_sigmask(SIG_BLOCK, &both, &taken_before_);
}

stop_watch::~stop_watch() {
    boost::asio::post(loop_, [this] {
        const handler_scope scope("the end of a stop");
        is_over_ = true;
        boost::system::error_code ignored;
        signals_.cancel(ignored);
    });
    thread_.join();
    pthread_sigmask(SIG_SETMASK, &taken_before_, nullptr);
}

void stop_watch::begin() {
    boost::asio::post(loop_, [this] {
        const handler_scope scope("the beginning of a stop");
        if (!limit_) start_limit();
    });
}

void stop_watch::listen() {
    signals_.async_wait([this](const boost::system::error_code& failure, int number) {
        const handler_scope scope("a signal that stops");
        if (failure || is_over_) return;
        if (limit_) ::_exit(128 + number);
        start_limit();
        listen();
    });
}

void stop_watch::start_limit() { limit_.emplace(patience_, end_process_); }

}  // namespace distd
