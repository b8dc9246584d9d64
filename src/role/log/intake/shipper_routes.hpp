// The intake APIs of other log systems: Elasticsearch's bulk requests with the probes that its clients send
// first, Loki's pushes and OpenTelemetry's exports. Each is answered as its own clients expect, after the
// records are durable.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>
#include <optional>
#include <string_view>

#include "role/log/intake/intake_control.hpp"

namespace distd::logs {

class shipper_routes {
public:
    shipper_routes(service&, intake_control&);

    // Adds its routes to the service.
    void mount();

private:
    void mount_elastic();
    // An API that takes batches in JSON, and the status codes that its clients expect on failures.
    struct json_api {
        intake_counters& counters;
        batch (*reader)(std::string_view body, const arrival&);
        http::response (*failure)(const boost::system::error_code&);
        const char* protobuf_refused;  // detail of the 415
    };
    struct taken {
        batch records;                          // stored, but for those that were refused
        std::optional<http::response> refusal;  // of all of them
    };
    [[nodiscard]] task<taken> store_json(http::request, json_api);
    [[nodiscard]] task<http::response> take_elastic(http::request);
    [[nodiscard]] task<http::response> take_loki(http::request);
    [[nodiscard]] task<http::response> take_otlp(http::request);

    service& service_;
    intake_control& control_;
    intake_counters elastic_;
    intake_counters loki_;
    intake_counters otlp_;
};

}  // namespace distd::logs
