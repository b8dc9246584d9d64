#include "role/portal/gateway/gateway.hpp"

#include <algorithm>

#include "http/client/client_core.hpp"
#include "http/message/cookie.hpp"
#include "http/message/path_readings.hpp"
#include "http/message/request_origin.hpp"
#include "http/server/exchange.hpp"
#include "role/address_setting.hpp"
#include "role/gateway_routes/key_judge.hpp"
#include "role/known_parameters.hpp"
#include "role/portal/gateway/gateway_history.hpp"
#include "role/portal/gateway/gateway_settings.hpp"
#include "role/portal/gateway/gateway_status.hpp"
#include "sdk/role_services.hpp"

namespace distd::portal {
namespace {

constexpr std::string_view api_prefix = "/api/";
constexpr int max_passes = 5;  // through gateways like this one, before it is taken for a loop

http::client_setup connections(service& s) {
    http::client_setup setup;
    setup.credentials = credentials_of(s);
    setup.trust = trust_of(s);
    setup.connections_per_target = balancing::max_in_flight;
    setup.waiting_per_target = balancing::max_waiting_jobs;
    setup.names.lookups = 16'384;  // others made these names up: who looks them up knows whom to refuse
    setup.idle_per_target = 128;
    setup.idle_time = seconds(20);  // ours close at 75 s, others at 60 s, few before 30 s
    return setup;
}

int passes_of(const http::request_head& head) noexcept {
    int count = 0;
    for (const auto& f : head.fields) {
        if (f.name.size() != 3 || !http::equal_ignoring_case(f.name, "Via")) continue;
        for (auto at = f.value.find(http::via_name); at != f.value.npos;
             at = f.value.find(http::via_name, at + http::via_name.size()))
            ++count;
    }
    return count;
}

std::string_view segment_of(std::string_view path) noexcept {
    path.remove_prefix(api_prefix.size());
    return path.substr(0, path.find('/'));
}

}  // namespace

gateway::gateway(service& s, failure_page page)
    : service_(s),
      page_(std::move(page)),
      core_(std::make_shared<http::client_core>(connections(s), s.loop(), s.time(), &s.metrics(),
                                                lookup_of(s))),
      upstreams_(s, core_,
                 {s.config().list("portal-gateway-services"), s.config().text("portal-zone"),
                  addresses_in(s.config(), zone_addresses_setting),
                  addresses_in(s.config(), gateway_allow_setting)}),
      clients_(s.config(), s.metrics()),
      large_(s),
      routes_(std::make_shared<gateway_routes::route_table>()) {
    for (const auto& name : s.config().list("portal-gateway-services")) {
        const auto& needed = dependencies_of(s);
        if (std::find(needed.begin(), needed.end(), name) == needed.end()) s.depends_on(name);
    }
    auto& m = s.metrics();
    m.level_of("distd_gateway_route_errors", "Parts of the configuration that make no sense",
               [this] { return static_cast<double>(routes_->errors().size() + wrong_.size()); });
    m.level_of("distd_gateway_idle_connections", "Kept connections to instances",
               [this] { return static_cast<double>(core_->pool.idle_connections()); });
    core_->setup.may_connect = [this](const auto& where) {
        return upstreams_.permissions().may_connect(where);
    };
    routes_of(s).answer_hosts([this](std::string_view host) { return routes_->names_host(host); });
    mount();
    s.background("gateway guarded places",
                 [this] { return upstreams_.permissions().look_up_guarded_places(); });
    s.background("gateway closed places",
                 [this] { return upstreams_.permissions().look_up_closed_places(); });
    s.background("gateway instances by patches", [this] { return upstreams_.watch_patches(); });
    s.background("gateway instances by the registry", [this] { return upstreams_.list().watch(); });
    s.background("gateway connections", [this] { return hold_connections(); });
    s.configured_by("gateway", [this](const configuration& c) { configure(c); });
}

gateway::~gateway() {
    routes_of(service_).set_catch_all_hosts({});
    core_->setup.may_connect = [](const auto&) { return false; };  // calls that are still queued
    routes_of(service_).answer_hosts({});
    core_->stop();
    core_->counters.reset();
}

void gateway::mount() {
    const http::route_options streams{.body_limit = std::numeric_limits<std::size_t>::max(),
                                      .streams_body = true};
    const http::handler pass = [this](http::request q) { return this->pass(http::exchange_of(q)); };
    for (const auto method : {http::verb::get, http::verb::head, http::verb::post, http::verb::put,
                              http::verb::patch, http::verb::del, http::verb::options, http::verb::other})
        for (const auto* pattern : {"/api/{service}", "/api/{service}/{path...}", "/{path...}"})
            routes_of(service_).add({method, pattern, pass, streams, true});
    constexpr http::route_options reads{.polled = true};
    service_.get(
        "/gateway/status", [this](http::request) { return status(); }, reads);
    service_.get(
        "/gateway/history", [this](http::request q) { return history(q); }, reads);
}

// Kept connections are looked after as long as the service runs, and closed when it stops.
task<> gateway::hold_connections() {
    return http::client_core::stop_when_cancelled(core_, http::client_core::stop_mode::fail_calls);
}

std::optional<gateway_failure> gateway::find(const http::exchange& x, gateway_call& call) const {
    const auto& head = x.head;
    if (passes_of(head) >= max_passes)
        return gateway_failure{508, "The request loops between gateways.", "gateway", "loop"};
    std::string name;
    call.table = routes_;
    if (head.path.starts_with(api_prefix) && has_services_at(head.find("Host"))) {
        const auto segment = segment_of(head.path);
        name = http::percent_decode(segment).value_or(std::string());
        call.prefix = head.target.substr(0, api_prefix.size() + segment.size());
        call.target = head.target.substr(call.prefix.size());
        if (call.target.empty() || call.target.front() != '/') call.target.insert(0, 1, '/');
    } else if (auto matched = routes_->match(head.find("Host"), head.path, head.target)) {
        call.route = matched->route;
        call.target = std::move(matched->target);
        name = call.route->service;
        if (call.route->strip_prefix) call.prefix = call.route->prefix;
        if (!call.route->hash_header.empty()) call.sticky = head.find(call.route->hash_header);
        if (!call.route->hash_cookie.empty())
            call.sticky = http::cookie_value(head.find("Cookie"), call.route->hash_cookie);
    } else {
        return gateway_failure{404, "There is nothing at " + std::string(head.path) + ".", "gateway", ""};
    }
    // What an instance would take for a path outside of its own, or of what the route shows of it.
    const auto below = call.route ? head.target.substr(call.route->prefix.size()) : call.target;
    if (below.starts_with('/') && http::judge_target(below, head.method))
        return gateway_failure{400, "The path leads above the exposed prefix.", "client", "bad_path"};
    call.service = upstreams_.find(name);
    if (call.service && may_lead_elsewhere(head, call.route, name))
        return gateway_failure{400, "The path can be read in two ways, which lead to different places.",
                               "client", "bad_path"};
    if (call.service) return std::nullopt;
    if (call.route)
        return gateway_failure{503, "No instance of " + name + " is known at the moment.", "service",
                               "no_instance", seconds(5)};
    return gateway_failure{404, "No service named " + name + " is exposed here.", "gateway", "not_exposed"};
}

// An instance, or a proxy in front of it, reads the path once more. What it takes it for has to be under the
// same rules: those of another route or service would be got around. Our own pages cannot be reached like
// that: they lie above every prefix.
bool gateway::may_lead_elsewhere(const http::request_head& head, const gateway_routes::gateway_route* route,
                                 std::string_view name) const {
    const auto readings = http::other_readings(head.path);
    if (!readings) return true;
    if (readings->empty()) return false;
    const auto host = head.find("Host");
    const bool has_services = has_services_at(host);
    return std::ranges::any_of(*readings, [&](const std::string& path) {
        if (has_services && path.starts_with(api_prefix)) {
            const auto other = segment_of(path);
            return (route || other != name) && upstreams_.find(other);
        }
        const auto matched = routes_->match(host, path, path);
        return matched && matched->route != route;
    });
}

bool gateway::has_come_with_tls(const http::exchange& x) const {
    return http::equal_ignoring_case(x.head.find("X-Forwarded-Proto"), "https") && clients_.trusts(x.remote);
}

http::response gateway::fail(http::exchange& x, const gateway_failure& f) const {
    if (x.reason.empty()) x.reason = f.reason;
    auto answer = http::list_has_token(x.head.find("Accept"), "text/html")
                      ? page_(x, f.status, f.sentence)
                      : http::response::problem(
                            f.status, f.sentence,
                            {{"at", std::string(f.at)}, {"request_id", std::string(x.request_id())}});
    if (f.retry_after.count() > 0) answer.header("Retry-After", std::to_string(f.retry_after.count()));
    answer.header("Vary", "Accept");
    return answer;
}

// As registries know it.
std::string gateway::own_host() const {
    const auto where = http::split_peer_url(service_.url());
    return where ? where->host : std::string();
}

void gateway::configure(const configuration& c) {
    constexpr std::string_view routes = "routes/";
    std::map<std::string, std::string> values;
    wrong_.clear();
    for (const auto& [key, value] : c.values())
        if (key.starts_with(routes)) values[key.substr(routes.size())] = value.bytes;
    auto next = gateway_routes::route_table::from(values, *routes_, own_host());
    for (const auto& e : next->errors())
        service_.log().warn("gateway_route_refused", {{"key", e.key}, {"reason", e.what}});
    // A list that makes no sense leaves the names as they were.
    if (const auto text = c.text("services"); !text.empty()) {
        std::string fault;
        if (auto names = gateway_routes::read_exposed_names(text, fault)) {
            exposed_ = *std::move(names);
        } else {
            wrong_.push_back("gateway/services: " + fault);
            service_.log().warn("gateway_services_refused", {{"reason", fault}});
        }
    } else {
        exposed_.clear();
    }
    auto exposed = exposed_;
    // A service that a route leads to is exposed by that.
    for (const auto& r : next->routes()) exposed.insert(r.service);
    routes_ = std::move(next);
    takes_hosts_ = routes_->takes_hosts();
    routes_of(service_).set_catch_all_hosts(
        takes_hosts_ ? [this](std::string_view host) { return routes_->takes_host(host); }
                     : std::function<bool(std::string_view)>());
    upstreams_.expose(std::move(exposed));
    service_.log().info("gateway_configured", {{"routes", routes_->routes().size()},
                                               {"errors", routes_->errors().size() + wrong_.size()}});
}

http::response gateway::shown(std::string text) {
    return http::response::json_text(200, std::move(text))
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .header("Cache-Control", "no-store");
}

http::response gateway::status() const {
    return shown(
        gateway_status(upstreams_, *routes_, wrong_, certificates_of(service_), service_.time().now()));
}

http::handler_result gateway::history(const http::request& q) {
    constexpr known_parameter known[]{{"range"}, {"points"}, {"service"}};
    if (auto refused = refuse_others(q, known)) return *std::move(refused);
    history_query asked;
    if (const auto wrong =
            parse_history_query(q.query("range").value_or(""), q.query("points").value_or(""), asked);
        !wrong.empty())
        return http::response::problem(400, wrong);
    asked.service = q.query("service").value_or("");
    if (!asked.service.empty() && !upstreams_.find(asked.service))
        return http::response::problem(404, "No service '" + asked.service + "' is exposed by this gateway.");
    if (const auto wrong = problem_with(asked, upstreams_); !wrong.empty())
        return http::response::problem(400, wrong);
    const auto make = [this, asked] {
        return shown(
            gateway_history(upstreams_, asked, counts_since_, service_.time().now(), service_.time().wall()));
    };
    if (history_sums(asked, upstreams_) <= few_history_sums) return make();
    return large_.answer(q, history_bytes(asked, upstreams_), make);
}

}  // namespace distd::portal
