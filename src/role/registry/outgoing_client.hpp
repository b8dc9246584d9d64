// The connections for one kind of the registry's calls to others: calls under way are dropped when it ends.
#pragma once

#include <distd/service.hpp>
#include <memory>

#include "http/client/client_core.hpp"
#include "sdk/role_services.hpp"

namespace distd::registry {

class outgoing_client {
public:
    outgoing_client(service& s, http::client_setup setup)
        : core_(std::make_shared<http::client_core>(std::move(setup), s.loop(), s.time(), &s.metrics(),
                                                    lookup_of(s))) {}
    ~outgoing_client() { core_->stop(http::client_core::stop_mode::drop_calls); }
    outgoing_client(const outgoing_client&) = delete;
    outgoing_client& operator=(const outgoing_client&) = delete;

    [[nodiscard]] const std::shared_ptr<http::client_core>& core() const noexcept { return core_; }
    [[nodiscard]] task<> run() {  // until cancelled
        return http::client_core::stop_when_cancelled(core_, http::client_core::stop_mode::drop_calls);
    }

private:
    std::shared_ptr<http::client_core> core_;
};

}  // namespace distd::registry
