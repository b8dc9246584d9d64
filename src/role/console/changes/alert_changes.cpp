#include "role/console/changes/alert_changes.hpp"

#include <utility>

#include "http/message/url.hpp"
#include "ops/answers/call_words.hpp"
#include "role/web/page_headers.hpp"
#include "wire/header_names.hpp"

namespace distd::ops::console {
namespace {

constexpr seconds patience{15};  // beyond the registry's own with the webhook
constexpr int webhook_failed = 502;

}  // namespace

alert_changes::alert_changes(site& s, registry_source& r) : site_(s), registry_(r) {
    site_.post("/alerts/{name}/test", [this](http::request q) { return test(q); });
}

task<http::response> alert_changes::test(http::request q) {
    http::call c("POST", "/alerts/" + http::percent_encode(q.param("name")) + "/test");
    c.headers.set(wire::actor_header, site_.access().actor(q));
    auto call = std::move(c).within(patience).caused_by(q);
    const auto r = co_await registry_.send(std::move(call));
    const auto trouble = trouble_of(r);
    if (trouble.empty() || (r && r->status == webhook_failed))
        co_return web::guarded(http::response::redirect(303, "/alerts"));
    site_.own().log().warn("change_failed", {{"path", q.path()}, {"reason", trouble}});
    co_return site_.message(q, r ? 409 : 502, "The registry did not do this", trouble);
}

}  // namespace distd::ops::console
