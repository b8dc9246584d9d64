// Where requests go: the routes of the gateway, made from the central configuration and swapped as a whole.
// Pure. A table is never changed; who holds one goes on with it.
//
// A route is one JSON value under `gateway/routes/NAME`. One that makes no sense is named in `errors`, and
// the route stays as it was before, if it was there; the others hold. Without any route `/api/{service}/...`
// leads to each exposed service.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/proxy/forwarded_head.hpp"

namespace distd::portal {

struct gateway_route {
    std::string name;
    std::string service;
    std::string host;    // lower case, without a port; empty: any
    std::string prefix;  // "/shop": matches /shop and /shop/...; empty: all of the host
    bool strip_prefix = false;
    std::string add_prefix;               // in front of what is left
    std::map<std::string, int> versions;  // shares
    std::string hash_header;              // or
    std::string hash_cookie;              // requests with the same value go to the same instance
    http::field_rules request_headers;
    http::field_rules response_headers;
    bool allow_get_bodies = false;  // of GET and HEAD
    bool allow_cross_site = false;  // what pages of other sites change, and their upgrades
};

struct route_error {
    std::string key;
    std::string what;
};

struct matched_route {
    const gateway_route* route = nullptr;
    std::string target;  // path and query as the instance shall see them
};

class route_table {
public:
    // By key without `routes/`, the values' texts; and the table that held until now. All of `own_host`
    // nobody gets: registries find the portal there.
    [[nodiscard]] static std::shared_ptr<const route_table> from(
        const std::map<std::string, std::string>& values, const route_table& before,
        std::string_view own_host = {});

    // The route of the longest prefix, one with a host before one without.
    [[nodiscard]] std::optional<matched_route> match(std::string_view host, std::string_view path,
                                                     std::string_view target) const;

    // Whether a route has all of that host, the portal's own paths included.
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

    std::vector<gateway_route> routes_;  // in the order in which they are looked at
    std::vector<route_error> errors_;
};

// The value of one cookie among those of a Cookie field.
[[nodiscard]] std::string_view cookie_value(std::string_view cookies, std::string_view name) noexcept;

}  // namespace distd::portal
