#include "ops/sources/gateway_source.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "ops/answers/call_words.hpp"

namespace distd::ops {
namespace {

constexpr auto portal_service = "Portald";
constexpr std::size_t max_portals = 8;

template <class T>
void append(std::vector<T>& into, std::vector<T> more) {
    std::ranges::move(more, std::back_inserter(into));
}

}  // namespace

gateway_source::gateway_source(service& s)
    : service_(s),
      histories_{shared_source<traffic_history>(s, "console traffic", seconds(2),
                                                [this] { return fetch_history("1h"); }),
                 shared_source<traffic_history>(s, "console traffic", seconds(10),
                                                [this] { return fetch_history("6h"); })},
      state_(s, "console routes", seconds(2), [this] { return fetch_state(); }) {}

std::vector<std::string> gateway_source::addresses() const {
    auto all = service_.providers(portal_service);
    if (all.size() > max_portals) all.resize(max_portals);
    return all;
}

task<result<http::reply>> gateway_source::read(std::string url) {
    http::call c("GET", std::move(url));
    c.deadline = c.connect_deadline = call_deadline;
    c.answer_limit = 32 << 20;
    co_return co_await service_.http().send(std::move(c));
}

task<fetched<traffic_history>> gateway_source::fetch_history(std::string range) {
    std::optional<traffic_history> all;
    std::string trouble = "no instance is registered";
    const auto portals = addresses();
    for (const auto& portal : portals) {
        const auto r = co_await read(portal + "/gateway/history?range=" + range);
        trouble = trouble_of(r);
        if (r && r->status == 404) trouble.clear();  // one that keeps no history is not away
        if (!r || r->status != 200) continue;
        auto one = read_traffic(r->body);
        if (!one)
            trouble = "its history cannot be read";
        else if (all)
            merge(*all, *one);
        else
            all = std::move(one);
    }
    if (!all) co_return fetched<traffic_history>{nullptr, std::move(trouble)};
    co_return fetched<traffic_history>{std::make_shared<const traffic_history>(*std::move(all)), {}};
}

task<fetched<gateway_state>> gateway_source::fetch_state() {
    gateway_state all;
    std::string trouble = "no instance is registered";
    bool any = false;
    const auto portals = addresses();
    for (const auto& portal : portals) {
        const auto r = co_await read(portal + "/gateway/status");
        trouble = trouble_of(r);
        auto one = trouble.empty() ? read_gateway_state(r->body) : std::nullopt;
        if (!one) continue;
        any = true;
        for (auto& route : one->routes) {
            route.gateway = portal;
            all.routes.push_back(std::move(route));
        }
        for (auto& i : one->instances) {
            i.gateway = portal;
            all.instances.push_back(std::move(i));
        }
        append(all.services, std::move(one->services));
        append(all.left_out, std::move(one->left_out));
        append(all.panicking, std::move(one->panicking));
        append(all.errors, std::move(one->errors));
        if (!one->registry_trouble.empty()) all.registry_trouble = portal + ": " + one->registry_trouble;
    }
    if (!any) co_return fetched<gateway_state>{nullptr, std::move(trouble)};
    co_return fetched<gateway_state>{std::make_shared<const gateway_state>(std::move(all)), {}};
}

}  // namespace distd::ops
