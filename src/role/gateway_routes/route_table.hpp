// The routing table of the gateway, by which the console judges a route before it is saved, too: built from
// the central configuration and replaced as a whole. Pure. Immutable: requests in flight keep the table they
// started with.
//
// A route is one JSON value under `gateway/routes/NAME`. An invalid one is reported in `errors`, and its
// previous version, if any, stays in use; other routes are not affected. Without any route
// `/api/{service}/...` leads to each exposed service.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/proxy/forwarded_head.hpp"

namespace distd::gateway_routes {

struct gateway_route {
    std::string name;
    std::string service;
    std::string host;    // lower case, without a port; empty: any
    std::string prefix;  // "/shop": matches /shop and /shop/...; empty: all of the host
    bool strip_prefix = false;
    std::string add_prefix;               // prepended to the rest
    std::map<std::string, int> versions;  // shares
    std::string hash_header;              // or
    std::string hash_cookie;              // requests with the same value go to the same instance
    http::field_rules request_headers;
    http::field_rules response_headers;
    bool allow_get_bodies = false;  // of GET and HEAD
    bool allow_cross_site = false;  // requests with side effects and upgrades from pages of other sites
};

struct route_error {
    std::string key;
    std::string what;
};

struct matched_route {
    const gateway_route* route = nullptr;
    std::string target;  // path and query for the instance
};

class route_table {
public:
    // `values`: JSON texts by key without `routes/`; `before`: the current table. No route may have all of
    // `own_host`: registries reach the portal there.
    [[nodiscard]] static std::shared_ptr<const route_table> from(
        const std::map<std::string, std::string>& values, const route_table& before,
        std::string_view own_host = {});

    // The route with the longest prefix; one with a host takes precedence.
    [[nodiscard]] std::optional<matched_route> match(std::string_view host, std::string_view path,
                                                     std::string_view target) const;

    // Whether a route has the whole host, including the portal's own paths.
    [[nodiscard]] bool takes_host(std::string_view host) const noexcept;
    [[nodiscard]] bool takes_hosts() const noexcept;
    // Whether any route is for that host.
    [[nodiscard]] bool names_host(std::string_view host) const noexcept;

    [[nodiscard]] const std::vector<gateway_route>& routes() const noexcept { return routes_; }
    [[nodiscard]] const std::vector<route_error>& errors() const noexcept { return errors_; }

private:
    [[nodiscard]] const gateway_route* called(std::string_view name) const noexcept;
    [[nodiscard]] const gateway_route* at_place_of(const gateway_route& r) const noexcept;
    void add(gateway_route r, const gateway_route* former);
    void note(const std::string& name, const std::string& fault);

    std::vector<gateway_route> routes_;  // in matching order
    std::vector<route_error> errors_;
};

}  // namespace distd::gateway_routes
