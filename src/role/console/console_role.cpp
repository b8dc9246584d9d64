// The operator's console: what runs, what is sick and why, and what to do about it. It keeps no data of its
// own: each page is made of what the registry, the log service and the gateways tell. An origin of its own,
// since below the portal it would share one with whatever services answer there.
#include <distd/service.hpp>

#include "http/message/url.hpp"
#include "ops/sources/sources.hpp"
#include "role/console/changes/alert_changes.hpp"
#include "role/console/changes/config_changes.hpp"
#include "role/console/changes/service_changes.hpp"
#include "role/console/frame/site.hpp"
#include "role/console/pages/alerts_page.hpp"
#include "role/console/pages/common_values.hpp"
#include "role/console/pages/events_page.hpp"
#include "role/console/pages/find_page.hpp"
#include "role/console/pages/logs_page.hpp"
#include "role/console/pages/now_page.hpp"
#include "role/console/pages/request_page.hpp"
#include "role/console/pages/traffic_page.hpp"
#include "role/role.hpp"
#include "role/web/page_headers.hpp"
#include "wire/service_names.hpp"

namespace distd {
namespace ops::console {
namespace {

constexpr std::size_t last_lines = 50;
constexpr std::size_t max_title = 200;

class console_role final : public role {
public:
    explicit console_role(service& s)
        : service_(s),
          sources_(s),
          site_(s),
          changes_(site_, sources_.registry),
          alert_changes_(site_, sources_.registry),
          config_(site_, sources_) {
        mount();
    }

    std::string entry_path() override {
        return site_.access().asks_for_tokens() ? site_.access().make_link({}, sessions::start_link_age)
                                                : "/";
    }

private:
    void mount();
    [[nodiscard]] task<live_page> now(service_filter);
    [[nodiscard]] task<live_page> tab(std::string title);
    [[nodiscard]] live_page with_state(live_page, const page_snapshot&) const;
    [[nodiscard]] task<live_page> one_service(service_view, std::string done);
    [[nodiscard]] task<live_page> events(event_query);
    [[nodiscard]] task<live_page> logs(log_query);
    [[nodiscard]] task<live_page> one_request(std::string id);
    [[nodiscard]] task<live_page> traffic(std::string service, bool shows_six_hours);
    [[nodiscard]] task<live_page> alerts(std::string form);
    [[nodiscard]] task<http::response> find(http::request);

    service& service_;
    sources sources_;
    site site_;
    service_changes changes_;
    alert_changes alert_changes_;
    config_changes config_;
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
    site_.add_page({"/logs", "logs", "logs", [this](const site::visit& v) -> site::page_function {
                        return [this, q = read_log_query(v.find)] { return logs(q); };
                    }});
    site_.add_page({"/requests/{id}", "request", "logs", [this](const site::visit& v) -> site::page_function {
                        return [this, id = v.find("id").value_or("")] { return one_request(id); };
                    }});
    site_.add_page({"/traffic", "traffic", "traffic", [this](const site::visit& v) -> site::page_function {
                        const auto service = v.find("service").value_or("");
                        const bool six = v.find("range") == "6h";
                        return [this, service, six] { return traffic(service, six); };
                    }});
    site_.add_page({"/alerts", "alerts", "alerts", [this](const site::visit& v) -> site::page_function {
                        return [this, form = v.form] { return alerts(form); };
                    }});
    site_.add_stream(tab_stream, [this](const site::visit& v) -> site::page_function {
        return [this, title = one_line(v.find("title").value_or(""), max_title)] { return tab(title); };
    });
    site_.get("/find", [this](http::request q) { return find(q); });
}

task<live_page> console_role::now(service_filter f) {
    const auto seen = co_await sources_.take_snapshot(f.range);
    co_return make_now_page(seen, f, service_.time().wall());
}

task<live_page> console_role::tab(std::string title) {
    const auto seen = co_await sources_.take_snapshot(time_range::hour);
    live_page page;
    page.title = std::move(title);
    co_return with_state(std::move(page), seen);
}

live_page console_role::with_state(live_page page, const page_snapshot& seen) const {
    show_state_in_tab(page, seen, service_.time().wall());
    return page;
}

// Of all that a page is made of nothing is waited for after the patience for the first: a source that hangs
// is on the page in time only when it does not delay it once for each of its answers.
task<live_page> console_role::one_service(service_view v, std::string done) {
    const auto query =
        "/log?service=" + http::percent_encode(v.name) + "&limit=" + std::to_string(last_lines);
    const auto asked = service_.time().now();
    sources_.log.refresh_lines(query);
    v.all = co_await sources_.take_snapshot(v.range);
    v.lines = co_await sources_.log.lines(query, asked);
    v.gateway = co_await sources_.gateway.state(asked);
    v.details = co_await sources_.registry.details(v.name, asked);
    v.keys = co_await sources_.registry.keys(v.name + "/", asked);
    v.notice = changes_.notice(done);
    co_return with_state(make_service_page(v, service_.time().wall()), v.all);
}

task<live_page> console_role::events(event_query q) {
    const auto seen = co_await sources_.take_snapshot(time_range::hour);
    co_return with_state(make_events_page(seen, q), seen);
}

task<live_page> console_role::logs(log_query q) {
    const auto now = service_.time().wall();
    const auto lines = lines_request(q, now);
    const auto counts = counts_request(q, now);
    const auto asked = service_.time().now();
    sources_.log.refresh_lines(lines);
    sources_.log.refresh_counts(counts);
    logs_view v{q};
    v.all = co_await sources_.take_snapshot(time_range::hour);
    v.lines = co_await sources_.log.lines(lines, asked);
    v.counts = co_await sources_.log.counts(counts, asked);
    if (q.line > 0) v.line = co_await sources_.log.line(q.line);
    co_return with_state(make_logs_page(v, now), v.all);
}

// A request id leads to its trace by a line that has both.
task<live_page> console_role::one_request(std::string id) {
    request_view v{id, is_trace_id(id) ? id : std::string()};
    v.all = co_await sources_.take_snapshot(time_range::hour);
    if (v.trace.empty()) {
        v.lines = co_await sources_.log.lines(request_id_request(id));
        if (v.lines.good && !v.lines.good->empty()) v.trace = v.lines.good->front().trace;
    }
    if (!v.trace.empty()) v.lines = co_await sources_.log.lines(trace_request(v.trace));
    co_return with_state(make_request_page(v), v.all);
}

task<live_page> console_role::traffic(std::string service, bool shows_six_hours) {
    traffic_view v{service, shows_six_hours};
    const auto asked = service_.time().now();
    v.all = co_await sources_.take_snapshot(time_range::hour);
    v.gateway = co_await sources_.gateway.state(asked);
    v.history =
        co_await sources_.gateway.history(shows_six_hours ? time_range::day : time_range::hour, asked);
    co_return with_state(make_traffic_page(v, service_.time().wall()), v.all);
}

task<live_page> console_role::alerts(std::string form) {
    alerts_view v;
    v.form = std::move(form);
    v.alerts = co_await sources_.registry.alerts();
    v.all = co_await sources_.take_snapshot(time_range::hour);
    co_return with_state(make_alerts_page(v), v.all);
}

task<http::response> console_role::find(http::request q) {
    const auto asked = q.query("q").value_or("");
    if (asked.empty()) co_return web::guarded(http::response::redirect(303, "/"));
    const auto seen = co_await sources_.take_snapshot(time_range::hour);
    const auto keys = co_await sources_.registry.keys("");
    if (const auto place = place_of(asked, seen, keys))
        co_return web::guarded(http::response::redirect(303, *place));
    const auto page = with_state(make_find_page(asked, seen, keys), seen);
    co_return site_.show(q, 200, "find", "", page);
}

std::unique_ptr<role> make_console(service& s) { return std::make_unique<console_role>(s); }

}  // namespace
}  // namespace ops::console

role_description describe_console() {
    role_description row;
    row.name = "console";
    row.service_name = "Console";
    row.default_address = "127.0.0.1:5050";
    row.summary = "what runs, what is sick, and why";
    row.depends_on = {std::string(wire::log_service), "Portald"};
    row.settings = {
        {.name = "console-operator-secret",
         .kind = setting_kind::path,
         .fallback = "",
         .help =
             "The registry's operator.secret, with which the console changes what has an owner; by default "
             "that below --data-dir",
         .group = "Console",
         .placeholder = "FILE"}};
    row.make = &ops::console::make_console;
    return row;
}

}  // namespace distd
