// The operator's console: what runs, what is sick and why, and what to do about it. It keeps no data of its
// own: each page is made of what the registry, the log service and the gateways tell. An origin of its own,
// since below the portal it would share one with whatever services answer there.
#include <distd/service.hpp>

#include "http/message/url.hpp"
#include "role/console/changes/service_changes.hpp"
#include "role/console/frame/site.hpp"
#include "role/console/pages/events_page.hpp"
#include "role/console/pages/find_page.hpp"
#include "role/console/pages/now_page.hpp"
#include "role/console/sources/sources.hpp"
#include "role/role.hpp"
#include "role/web/page_headers.hpp"

namespace distd {
namespace console {
namespace {

constexpr std::size_t last_lines = 50;

class console_role final : public role {
public:
    explicit console_role(service& s)
        : service_(s), sources_(s), site_(s), changes_(site_, sources_.registry) {
        mount();
    }

    std::string entry_path() override {
        return site_.access().asks_for_tokens() ? site_.access().make_link() : std::string();
    }

private:
    void mount();
    [[nodiscard]] task<live_page> now(service_filter);
    [[nodiscard]] task<live_page> one_service(service_view, std::string done);
    [[nodiscard]] task<live_page> events(event_query);
    [[nodiscard]] task<http::response> find(http::request);

    service& service_;
    sources sources_;
    site site_;
    service_changes changes_;
};

void console_role::mount() {
    site_.add_page({"/", "now", "now", [this](const site::visit& v) -> site::page_function {
                        return [this, f = read_filter(v.find)] { return now(f); };
                    }});
    site_.add_page(
        {"/services/{name}", "service", "now", [this](const site::visit& v) -> site::page_function {
             service_view view;
             view.name = v.find("name").value_or("");
             view.range = read_range(v.find);
             view.who = v.who;
             view.form = v.form;
             const auto done = v.find("done").value_or("");
             return [this, view, done] { return one_service(view, done); };
         }});
    site_.add_page({"/events", "events", "events", [this](const site::visit& v) -> site::page_function {
                        return [this, q = read_event_query(v.find)] { return events(q); };
                    }});
    site_.get("/find", [this](http::request q) { return find(q); });
}

task<live_page> console_role::now(service_filter f) {
    const auto seen = co_await sources_.look(f.range);
    co_return make_now_page(seen, f, service_.time().wall());
}

task<live_page> console_role::one_service(service_view v, std::string done) {
    const auto query = "service=" + http::percent_encode(v.name) + "&limit=" + std::to_string(last_lines);
    sources_.log.refresh_lines(query);
    v.all = co_await sources_.look(v.range);
    v.lines = co_await sources_.log.lines(query);
    v.gateway = co_await sources_.gateway.state();
    v.keys = co_await sources_.registry.keys(v.name + "/");
    v.notice = changes_.notice(done);
    co_return make_service_page(v, service_.time().wall());
}

task<live_page> console_role::events(event_query q) {
    const auto seen = co_await sources_.look(time_range::hour);
    co_return make_events_page(seen, q);
}

task<http::response> console_role::find(http::request q) {
    const auto asked = q.query("q").value_or("");
    if (asked.empty()) co_return web::guarded(http::response::redirect(303, "/"));
    const auto seen = co_await sources_.look(time_range::hour);
    const auto keys = co_await sources_.registry.keys("");
    if (const auto place = place_of(asked, seen, keys))
        co_return web::guarded(http::response::redirect(303, *place));
    const auto page = make_find_page(asked, seen, keys);
    co_return site_.show(q, 200, "find", "", page);
}

std::unique_ptr<role> make_console(service& s) { return std::make_unique<console_role>(s); }

}  // namespace
}  // namespace console

role_description describe_console() {
    role_description row;
    row.name = "console";
    row.service_name = "Console";
    row.default_address = "127.0.0.1:5050";
    row.summary = "the operator's console: what runs, what is sick, and why";
    row.depends_on = {"LogService", "Portald"};
    row.make = &console::make_console;
    return row;
}

}  // namespace distd
