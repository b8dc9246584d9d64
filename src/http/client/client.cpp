#include "http/client/client.hpp"

#include "http/client/client_call.hpp"
#include "http/client/client_core.hpp"

namespace distd::http {

struct pooled_client::impl final : client_core {
    using client_core::client_core;
};

namespace {

task<result<reply>> perform(std::shared_ptr<client_core> core, call c) {
    client_call under_way(std::move(core), std::move(c));
    co_return co_await under_way.run();
}

}  // namespace

pooled_client::pooled_client(client_setup setup, executor ex, time_source& time, metrics& m,
                             resolver::lookup look_up)
    : impl_(std::make_shared<impl>(std::move(setup), ex, time, m, std::move(look_up))) {}

// Calls that are still awaited hold the core, and find themselves stopped when the loop runs next.
pooled_client::~pooled_client() {
    impl_->stop();
    impl_->counters.reset();
}

task<result<reply>> pooled_client::send(call c) { return perform(impl_, std::move(c)); }

void pooled_client::stop() { impl_->stop(); }

std::size_t pooled_client::idle_connections() const noexcept { return impl_->pool.idle_connections(); }

}  // namespace distd::http
