#include "ops/sources/gateway_source.hpp"

#include <utility>

#include "ops/answers/call_words.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops {
namespace {

constexpr std::size_t max_portals = 8;

}  // namespace

gateway_source::gateway_source(service& s)
    : service_(s),
      presence_(s, "console gateway", presence_age, [this] { return look_for_them(); }),
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

// One of them is enough.
task<fetched<bool>> gateway_source::look_for_them() {
    std::string trouble(no_instance);
    const auto portals = addresses();
    for (const auto& portal : portals) {
        auto question = make_question(portal + "/heartbeat");
        const auto r = co_await service_.http().send(std::move(question));
        trouble = r ? std::string() : trouble_of(r);
        if (r) break;
    }
    co_return fetched<bool>{std::make_shared<const bool>(true), std::move(trouble)};
}

send_function gateway_source::sender() {
    return [this](http::call c) { return service_.http().send(std::move(c)); };
}

}  // namespace distd::ops
