// A service that the gateway passes requests on to: its instances, and what is counted of it. Its metrics go
// with it, so that names which come and go leave nothing behind.
#pragma once

#include <distd/metrics.hpp>
#include <map>
#include <memory>
#include <string>

#include "http/client/call_target.hpp"
#include "http/client/client_core.hpp"
#include "http/server/source_shares.hpp"
#include "role/portal/gateway/gateway_balancer.hpp"

namespace distd::portal {

struct exposed_service {
    exposed_service(std::string service_name, std::shared_ptr<http::client_core> c, std::string own_zone,
                    metrics& m);
    ~exposed_service();
    exposed_service(const exposed_service&) = delete;
    exposed_service& operator=(const exposed_service&) = delete;

    std::shared_ptr<http::client_core> core;  // where its addresses have their places
    std::string name;
    balancer balance;
    retry_budget retries;
    // Of all its instances. How many requests there are in all is bounded at each instance.
    http::source_shares requests_by_source{1, 1};
    http::source_shares streams{1, 1};
    std::map<std::string, std::shared_ptr<const http::call_target>, std::less<>>
        addresses;                                // by the URL of the instance
    std::map<std::string, std::string> left_out;  // instances by URL that cannot be used, and why

    counter& requests;
    counter& tried_again;
    counter& ejections;
    counter* answered[6] = {};  // by class
    gauge& in_flight;
    duration_histogram& duration;

private:
    metrics& metrics_;
};

}  // namespace distd::portal
