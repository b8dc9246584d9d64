#include "role/portal/gateway/exposed_service.hpp"

namespace distd::portal {
namespace {

constexpr auto requests_name = "distd_gateway_requests_total";
constexpr auto retries_name = "distd_gateway_retries_total";
constexpr auto ejections_name = "distd_gateway_ejections_total";
constexpr auto in_flight_name = "distd_gateway_in_flight";
constexpr auto duration_name = "distd_gateway_duration_seconds";
constexpr auto answers_name = "distd_gateway_answers_total";
constexpr const char* classes[] = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};

metric_labels labels_of(const std::string& service) { return {{"service", service}}; }

metric_labels labels_of(const std::string& service, std::size_t status_class) {
    return {{"service", service}, {"status", classes[status_class]}};
}

}  // namespace

exposed_service::exposed_service(std::string service_name, std::shared_ptr<http::client_core> c,
                                 balancer_setup balancing, metrics& m)
    : core(std::move(c)),
      name(std::move(service_name)),
      balance(std::move(balancing)),
      requests(m.count(requests_name, "Requests for an exposed service", labels_of(name))),
      tried_again(m.count(retries_name, "Tries after the first one", labels_of(name))),
      ejections(m.count(ejections_name, "Instances taken out after failures", labels_of(name))),
      in_flight(m.level(in_flight_name, "Requests whose answer is not complete", labels_of(name))),
      duration(m.durations(duration_name, "From a request's head to its answer's end", labels_of(name))),
      metrics_(m) {
    for (std::size_t i = 1; i < std::size(classes); ++i)
        answered[i] = &m.count(answers_name, "Answers by class of status", labels_of(name, i));
}

exposed_service::~exposed_service() {
    for (const auto* series : {requests_name, retries_name, ejections_name, in_flight_name, duration_name})
        metrics_.remove(series, labels_of(name));
    for (std::size_t i = 1; i < std::size(classes); ++i) metrics_.remove(answers_name, labels_of(name, i));
}

}  // namespace distd::portal
