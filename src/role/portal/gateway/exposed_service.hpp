// A service exposed by the gateway: its instances and metrics. The metrics are removed with it, so that names
// that come and go leave nothing behind.
#pragma once

#include <distd/metrics.hpp>
#include <map>
#include <memory>
#include <string>

#include "http/client/call_target.hpp"
#include "http/client/client_core.hpp"
#include "http/server/source_shares.hpp"
#include "role/portal/gateway/gateway_balancer.hpp"
#include "role/portal/gateway/traffic_series.hpp"

namespace distd::portal {

struct exposed_service {
    exposed_service(std::string service_name, std::shared_ptr<http::client_core> c, balancer_setup balancing,
                    metrics& m);
    ~exposed_service();
    exposed_service(const exposed_service&) = delete;
    exposed_service& operator=(const exposed_service&) = delete;

    std::shared_ptr<http::client_core> core;  // owner of the connection pools of its addresses
    std::string name;
    balancer balance;
    retry_budget retries;
    traffic_series traffic;  // each request until its answer's end
    // Shared by all its instances. The total number of requests is limited per instance.
    http::source_shares requests_by_source{http::source_shares::bounds()};
    http::source_shares streams{http::source_shares::bounds()};
    std::map<std::string, std::shared_ptr<const http::call_target>, std::less<>>
        addresses;                                // by URL of the instance
    std::map<std::string, std::string> left_out;  // unusable instances by URL, and the reason

    counter& requests;
    counter& tried_again;
    counter& ejections;
    counter* answered[6] = {};  // by status class
    gauge& in_flight;
    duration_histogram& duration;

private:
    metrics& metrics_;
};

}  // namespace distd::portal
