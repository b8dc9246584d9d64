#include "role/registry/alert_routes.hpp"

#include <distd/json.hpp>
#include <memory>
#include <utility>

#include "role/actor.hpp"
#include "role/known_parameters.hpp"

namespace distd::registry {
namespace {

http::response outcome_of(const alerts::attempt& how) {
    json::object out{{"delivered", how.failure.empty()}};
    if (how.status > 0) out["status"] = how.status;
    if (how.failure.empty()) return http::response::json(200, out);
    return http::response::problem(502, "The webhook did not take the message: " + how.failure + ".",
                                   std::move(out));
}

}  // namespace

alert_routes::alert_routes(service& s, registry& r) : registry_(r) {
    s.get("/alerts", [this](http::request q) { return list(q); }, {.polled = true});
    s.post("/alerts/{name}/test", [this](http::request q) { return test(q); });
}

http::handler_result alert_routes::list(const http::request& q) const {
    if (auto wrong = refuse_others(q, {})) return *std::move(wrong);
    return http::response::json_text(200, registry_.alerting().as_json());
}

http::handler_result alert_routes::test(const http::request& q) {
    if (auto wrong = refuse_others(q, {})) return *std::move(wrong);
    std::string who;
    if (auto wrong = read_actor(q, who)) return *std::move(wrong);
    const auto name = q.param("name");
    if (!registry_.alerting().state().has(name))
        return http::response::problem(404, "There is no configuration at alerts/" + name + ".");
    auto send = [this, name, who](http::request, http::pending_answer answer) {
        const auto kept = std::make_shared<http::pending_answer>(std::move(answer));
        const bool is_sent = registry_.alerting().test(
            name, who, [kept](const alerts::attempt& how) { kept->give(outcome_of(how)); });
        if (!is_sent)
            kept->give(http::response::problem(
                409,
                "Nothing was sent: this alert's value is wrong, as GET /alerts says, or a test of it is "
                "under way."));
    };
    return http::deferred(http::buffers::release, std::move(send));
}

}  // namespace distd::registry
