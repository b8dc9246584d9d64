#include "ops/sources/gateway_source.hpp"

#include <utility>

#include "ops/questions/gateway_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops {
namespace {

constexpr std::size_t max_portals = 8;

}  // namespace

gateway_source::gateway_source(service& s)
    : service_(s),
      histories_{shared_source<traffic_history>(s, "console traffic", seconds(2),
                                                [this] { return ask_traffic(sender(), addresses(), "1h"); }),
                 shared_source<traffic_history>(s, "console traffic", seconds(10),
                                                [this] { return ask_traffic(sender(), addresses(), "6h"); })},
      state_(s, "console routes", seconds(2), [this] { return ask_gateways(sender(), addresses()); }) {}

std::vector<std::string> gateway_source::addresses() const {
    auto all = service_.providers(wire::portal_service);
    if (all.size() > max_portals) all.resize(max_portals);
    return all;
}

send_function gateway_source::sender() {
    return [this](http::call c) { return service_.http().send(std::move(c)); };
}

}  // namespace distd::ops
