#include "http/client/client.hpp"

#include "http/client/client_call.hpp"
#include "http/client/client_core.hpp"

namespace distd::http {

pooled_client::pooled_client(client_setup setup, executor ex, time_source& time, metrics& m,
                             resolver::lookup look_up)
    : core_(std::make_shared<client_core>(std::move(setup), ex, time, &m, std::move(look_up))) {}

pooled_client::~pooled_client() {
    core_->stop();
    core_->counters.reset();
}

task<result<reply>> pooled_client::send(call c) { return send_call(core_, std::move(c)); }

void pooled_client::stop() { core_->stop(); }

std::size_t pooled_client::idle_connections() const noexcept { return core_->pool.idle_connections(); }

}  // namespace distd::http
