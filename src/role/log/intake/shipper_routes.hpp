// The doors that shippers know: Elasticsearch's bulk requests with what its clients ask before, Loki's pushes
// and OpenTelemetry's exports. Each is answered as its own clients expect, after the records are durable.
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
    // A route for batches in JSON, whose failures its clients understand in their own way.
    struct json_door {
        intake_counters& way;
        batch (*reader)(std::string_view body, const arrival&);
        http::response (*failure)(const boost::system::error_code&);
        const char* json_please;  // to who sends protobuf
    };
    struct taken {
        batch records;                          // stored, but for those that were refused
        std::optional<http::response> refusal;  // of all of them
    };
    [[nodiscard]] task<taken> store_json(http::request, json_door);
    [[nodiscard]] task<http::response> take_elastic(http::request);
    [[nodiscard]] task<http::response> take_loki(http::request);
    [[nodiscard]] task<http::response> take_otlp(http::request);

    service& service_;
    intake_control& gate_;
    intake_counters elastic_;
    intake_counters loki_;
    intake_counters otlp_;
};

}  // namespace distd::logs
