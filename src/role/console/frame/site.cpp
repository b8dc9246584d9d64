#include "role/console/frame/site.hpp"

#include <utility>

#include <boost/json/object.hpp>

#include "base/timestamp.hpp"
#include "http/message/request_origin.hpp"
#include "http/message/url.hpp"
#include "http/server/exchange.hpp"
#include "ops/model/words.hpp"
#include "role/web/page_headers.hpp"
#include "role/web/template_values.hpp"
#include "sdk/role_services.hpp"
#include "wire/header_names.hpp"

namespace distd::ops::console {
namespace {

using web::text;

// Templates of whole pages and of their parts; the page's own script puts parts in place.
constexpr std::string_view page_templates[]{"now",    "service", "events", "find",    "logs",   "request",
                                            "config", "traffic", "alerts", "message", "sign_in"};
constexpr std::string_view part_templates[]{
    "headline",       "chips",         "now_row",     "happened",      "latest",
    "service_head",   "instance_row",  "outages",     "graph",         "passed",
    "last_lines",     "routes",        "alerts_head", "alert_list",    "keys",
    "timeline",       "sources",       "log_bar",     "log_histogram", "log_note",
    "log_row",        "request_head",  "waterfall",   "said",          "traffic_head",
    "traffic_errors", "traffic_row",   "charts",      "upstreams",     "left_out",
    "gateway_routes", "config_away",   "config_tree", "config_head",   "config_comparison",
    "config_value",   "config_history"};

constexpr std::size_t max_asked = 200;  // characters of what stands in the search box again
constexpr std::size_t max_actor = 64;   // characters of the name of whoever asks for a link

constexpr http::route_options open_to_all{.open = true};  // the console judges by itself: it knows cookies
constexpr http::route_options of_a_page{.routine = true, .open = true};  // what a page asks for, not a person

// Only a path of this site, so that a link cannot lead elsewhere after the sign-in.
std::string own_path(std::string path) {
    const bool is_own = path.starts_with('/') && !path.starts_with("//") && path.find('\\') == path.npos;
    return is_own ? path : "/";
}

http::response private_page(int status, std::string html) {
    return web::page(status, std::move(html))
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin");
}

live_page message_page(std::string_view heading, std::string_view sentence) {
    live_page page;
    page.title = std::string(heading) + " · distd";
    page.tone = "unknown";  // it says nothing of how the system is
    page.values["heading"] = text(heading);
    page.values["sentence"] = text(sentence);
    return page;
}

}  // namespace

site::site(service& s)
    : service_(s),
      access_(s),
      files_("console", s.config().text("web-root")),
      templates_(files_, page_templates, part_templates),
      streams_(s, templates_) {
    mount();
}

void site::mount() {
    routes_of(service_).set_error_page(
        [this](const http::exchange&, int status, const std::string& sentence) {
            return render(status, "message", "", message_page(http::reason_phrase(status), sentence), {});
        });
    service_.get(
        "/assets/{path...}", [this](http::request q) { return serve_asset(q); }, of_a_page);
    service_.get(
        "/sign-in", [this](http::request q) { return show_sign_in(q, 200, {}); }, open_to_all);
    service_.post(
        "/sign-in", [this](http::request q) { return sign_in(q); }, open_to_all);
    service_.post("/sign-in/link", [this](http::request q) { return make_link(q); });
    service_.get(
        "/live", [this](http::request q) { return live(q); }, of_a_page);
    get("/{path...}", [this](http::request q) {
        return message(q, 404, "No such page", "There is nothing at this address.");
    });
}

http::response site::serve_asset(const http::request& q) {
    auto found = web::asset(files_, q);
    return found ? *std::move(found) : message(q, 404, "No such file", "There is nothing at this address.");
}

http::response site::send_to_sign_in(const http::request& q) const {
    return web::guarded(http::response::redirect(
        303, "/sign-in?to=" + http::percent_encode(own_path(std::string(q.target())))));
}

void site::get(std::string path, http::handler show) {
    const auto handle = [this, show = std::move(show)](http::request q) -> http::handler_result {
        if (const auto secret = q.query("t"); secret && q.path() == "/") return sign_in_by_link(q);
        if (!access_.admits(q)) return send_to_sign_in(q);
        return show(q);
    };
    service_.get(std::move(path), handle, open_to_all);
}

void site::post(std::string path, http::handler change) {
    const auto handle = [this, change = std::move(change)](http::request q) -> http::handler_result {
        if (!access_.admits(q))
            return message(q, 401, "Not signed in", "Nothing was changed. Sign in, and do it again.");
        if (const auto fault = access_.csrf_fault(q); !fault.empty()) {
            service_.log().warn("change_refused", {{"path", q.path()}, {"origin", q.header("Origin")}});
            return message(q, 403, "Not from this page", fault);
        }
        return change(q);
    };
    service_.post(std::move(path), handle, open_to_all);
}

// For `distd open`. Its route is not open to all: the server has seen a token or a proof of one. A gateway
// proves in its own name what any of its visitors asks for, so what came through one gets no link, and
// neither does a page, which has no reason to ask.
http::response site::make_link(const http::request& q) {
    if (http::is_from_page(q) || http::is_through_gateway(q))
        return http::response::problem(403, "Links that sign in are for the command line, at this address.");
    if (!access_.asks_for_tokens()) return http::response::json(200, boost::json::object{{"Path", "/"}});
    auto who = one_line(q.header(wire::actor_header), max_actor);
    service_.log().info("sign_in_link_made", {{"who", who}, {"remote", q.remote_address()}});
    constexpr auto age = sessions::asked_link_age;
    return http::response::json(201, boost::json::object{{"Path", access_.make_link(std::move(who), age)},
                                                         {"ValidMs", age.count()}})
        .header("Cache-Control", "no-store");
}

// The link that the start or `distd open` printed. It works once; a reload of the page behind it is of no use
// to anybody else.
http::response site::sign_in_by_link(const http::request& q) {
    auto answer = web::guarded(http::response::redirect(303, own_path(q.query("to").value_or("/"))));
    if (auto cookie = access_.sign_in_by_link(q.query("t").value_or("")))
        answer.header("Set-Cookie", *std::move(cookie));
    return answer;
}

http::response site::show_sign_in(const http::request& q, int status, std::string_view fault) {
    if (!access_.asks_for_tokens()) return web::guarded(http::response::redirect(303, "/"));
    live_page page;
    page.title = "Sign in · distd";
    page.tone = "unknown";
    page.values["fault"] = web::unless_empty(fault);
    page.values["to"] = text(own_path(q.query("to").value_or(q.form("to").value_or("/"))));
    return show(q, status, "sign_in", "", page);
}

http::response site::sign_in(const http::request& q) {
    if (!http::is_from_same_origin(q)) return show_sign_in(q, 403, "That was not sent from here.");
    auto cookie = access_.sign_in(q.form("token").value_or(""), q.form("who").value_or(""));
    if (!cookie) return show_sign_in(q, 403, "That is not one of the access tokens.");
    return web::guarded(http::response::redirect(303, own_path(q.form("to").value_or("/"))))
        .header("Set-Cookie", *std::move(cookie));
}

void site::add_stream(std::string name, page_factory make) {
    pages_.insert_or_assign(name, page_kind{{}, name, {}, std::move(make)});
}

void site::add_page(page_kind kind) {
    const auto& kept = pages_[kind.name] = std::move(kind);
    get(kept.path, [this, &kept](http::request q) { return show_page(&kept, q); });
}

site::visit site::visit_of(const http::request& q) {
    const auto find = [q](std::string_view name) -> std::optional<std::string> {
        if (auto in_path = q.param(name); !in_path.empty()) return in_path;
        return q.query(name);
    };
    return {find, access_.name_of(q), access_.csrf_token()};
}

task<http::response> site::show_page(const page_kind* kind, http::request q) {
    const auto make = kind->make(visit_of(q));
    const auto page = co_await make();
    co_return show(q, page.status, kind->name, kind->nav, page);
}

// Pages of other sites may not follow one either: they could not read it, but would take streams away.
http::handler_result site::live(http::request q) {
    if (!access_.admits(q)) return http::response::problem(401, "Sign in first.");
    if (http::is_from_other_site(q))
        return http::response::problem(403, "Only pages of the console follow one.");
    const auto found = pages_.find(q.query("page").value_or(""));
    if (found == pages_.end()) return http::response::problem(404, "There is no page of that name.");
    return streams_.open(found->second.make(visit_of(q)), q.query("seen").value_or(""), q.remote_address());
}

http::response site::show(const http::request& q, int status, std::string_view name, std::string_view nav,
                          const live_page& page) {
    const auto asked = name == "find" ? q.query("q").value_or("") : std::string();
    return render(status, name, nav, page, one_line(asked, max_asked));
}

http::response site::render(int status, std::string_view name, std::string_view nav, const live_page& page,
                            const std::string& asked) {
    const auto now = service_.time().wall();
    auto values = page.values;
    values["title"] = text(page.title);
    values["icon_url"] = text(files_.url_of("assets/icon-" + std::string(page.tone) + ".svg"));
    values["style_url"] = text(files_.url_of("assets/style.css"));
    values["script_url"] = text(files_.url_of("assets/console.js"));
    for (const auto* entry : {"now", "logs", "config", "traffic", "events", "alerts"})
        values["in_" + std::string(entry)] = nav == entry;
    values["form"] = text(access_.csrf_token());
    values["asked"] = text(asked);
    values["rendered_at"] = text(rfc3339(now));
    values["rendered_clock"] = text(clock_of(now));
    values["live_url"] = page.live.empty() ? boost::json::value(nullptr)
                                           : text("/live?" + page.live + "&seen=" + streams_.remember(page));
    return private_page(status, templates_.render(name, values));
}

http::response site::message(const http::request& q, int status, std::string_view heading,
                             std::string_view sentence) {
    return show(q, status, "message", "", message_page(heading, sentence));
}

}  // namespace distd::ops::console
