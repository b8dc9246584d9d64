// The doors that shippers know: Elasticsearch's bulk requests with what its clients ask before, Loki's pushes
// and OpenTelemetry's exports. Each is answered as its own clients expect, after the records are durable.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>

#include "role/log/log_gate.hpp"

namespace distd::logs {

class shipper_routes {
public:
    shipper_routes(service&, log_gate&);

    // Adds its routes to the service.
    void mount();

private:
    void mount_elastic();
    [[nodiscard]] task<http::response> take_elastic(http::request);
    [[nodiscard]] task<http::response> take_loki(http::request);
    [[nodiscard]] task<http::response> take_otlp(http::request);

    service& service_;
    log_gate& gate_;
    way_in elastic_;
    way_in loki_;
    way_in otlp_;
};

}  // namespace distd::logs
