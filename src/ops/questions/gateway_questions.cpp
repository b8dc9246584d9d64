#include "ops/questions/gateway_questions.hpp"
#include "ops/model/source_view.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "ops/answers/call_words.hpp"

namespace distd::ops {
namespace {

template <class T>
void append(std::vector<T>& into, std::vector<T> more) {
    std::ranges::move(more, std::back_inserter(into));
}

}  // namespace

task<fetched<traffic_history>> ask_traffic(send_function send, std::vector<std::string> portals,
                                           std::string range) {
    std::optional<traffic_history> all;
    std::string trouble(no_instance);
    for (const auto& portal : portals) {
        auto question = make_question(portal + "/gateway/history?range=" + range);
        const auto r = co_await send(std::move(question));
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

task<fetched<gateway_state>> ask_gateways(send_function send, std::vector<std::string> portals) {
    gateway_state all;
    std::string trouble(no_instance);
    bool any = false;
    for (const auto& portal : portals) {
        auto question = make_question(portal + "/gateway/status");
        const auto r = co_await send(std::move(question));
        trouble = trouble_of(r);
        auto one = trouble.empty() ? read_gateway_state(r->body) : std::nullopt;
        if (!one) {
            if (trouble.empty()) trouble = "its state cannot be read";
            all.silent.push_back({portal, trouble});
            continue;
        }
        any = true;
        for (auto& route : one->routes) {
            route.gateway = portal;
            all.routes.push_back(std::move(route));
        }
        for (auto& i : one->instances) {
            i.gateway = portal;
            all.instances.push_back(std::move(i));
        }
        for (auto& c : one->certificates) {
            c.gateway = portal;
            all.certificates.push_back(std::move(c));
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
