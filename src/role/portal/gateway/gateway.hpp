// The API gateway: forwards requests to instances of exposed services and streams their answers back.
//
// For each request: a route, or `/api/{service}/...` ► limits ► an instance ► an attempt, and retries where
// safe ► the answer, as it arrives. The instances are known in advance: nothing is looked up while a client
// waits.
#pragma once

#include <distd/service.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "role/gateway_routes/route_table.hpp"
#include "role/large_answers.hpp"
#include "role/portal/gateway/gateway_clients.hpp"
#include "role/portal/gateway/relay.hpp"
#include "role/portal/gateway/upstream_services.hpp"

namespace distd::portal {

// Renders an error page.
using failure_page =
    std::function<http::response(const http::exchange&, int status, const std::string& sentence)>;

class gateway {
public:
    gateway(service& s, failure_page page);
    ~gateway();
    gateway(const gateway&) = delete;
    gateway& operator=(const gateway&) = delete;

    // As registries list it; empty: there is none that can be relied on.
    [[nodiscard]] const std::string& console_on_this_machine() const noexcept {
        return upstreams_.list().console_on_this_machine();
    }
    // To a proxy in front that is trusted, which says so.
    [[nodiscard]] bool has_come_with_tls(const http::exchange& x) const;

private:
    class one_request;

    void mount();
    [[nodiscard]] std::optional<gateway_failure> find(const http::exchange& x, gateway_call& call) const;
    // Whether `/api/SERVICE` is there: not at a host that a route has for itself.
    [[nodiscard]] bool has_services_at(std::string_view host) const {
        return !takes_hosts_ || !routes_->takes_host(host);
    }
    [[nodiscard]] bool may_lead_elsewhere(const http::request_head&, const gateway_routes::gateway_route*,
                                          std::string_view name) const;
    [[nodiscard]] http::handler_result pass(http::exchange& x);
    [[nodiscard]] http::response fail(http::exchange& x, const gateway_failure& f) const;
    [[nodiscard]] static http::response shown(std::string text);
    [[nodiscard]] http::response status() const;
    [[nodiscard]] http::handler_result history(const http::request& q);
    void configure(const configuration& c);
    [[nodiscard]] std::string own_host() const;
    [[nodiscard]] task<> hold_connections();

    service& service_;
    failure_page page_;
    std::shared_ptr<http::client_core> core_;
    upstream_services upstreams_;
    const steady_point counts_since_ = service_.time().now();
    gateway_clients clients_;
    large_answers large_;
    std::shared_ptr<const gateway_routes::route_table> routes_;
    bool takes_hosts_ = false;        // some route has a whole host
    std::set<std::string> exposed_;   // by the configuration's list
    std::vector<std::string> wrong_;  // errors in the configuration other than routes
};

}  // namespace distd::portal
