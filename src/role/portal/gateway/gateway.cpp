#include "role/portal/gateway/gateway.hpp"

#include <algorithm>

#include "base/settings/options.hpp"
#include "http/client/client_core.hpp"
#include "http/message/cookie.hpp"
#include "http/message/request_origin.hpp"
#include "http/message/token.hpp"
#include "http/server/exchange.hpp"
#include "role/address_setting.hpp"
#include "role/gateway_routes/key_judge.hpp"
#include "role/known_parameters.hpp"
#include "role/portal/gateway/gateway_history.hpp"
#include "role/portal/gateway/gateway_status.hpp"
#include "role/portal/gateway/request_kinds.hpp"
#include "sdk/role_services.hpp"

namespace distd::portal {
namespace {

constexpr auto zone_addresses_setting = "portal-zone-addresses";
constexpr auto proxies_setting = "portal-gateway-trusted-proxies";
constexpr std::string_view api_prefix = "/api/";
constexpr int max_passes = 5;  // through gateways like this one, before it is taken for a loop

http::client_setup connections(service& s) {
    http::client_setup setup;
    setup.credentials = credentials_of(s);
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

std::string key_header_in(const settings& config) {
    constexpr auto setting_name = "portal-gateway-key-header";
    auto header = config.text(setting_name);
    if (!header.empty() && !http::is_token(header))
        throw settings_error(value_place(setting_name, header, config.origin(setting_name)) +
                             ": expected the name of a header field, such as X-Api-Key");
    return header;
}

std::string_view segment_of(std::string_view path) noexcept {
    path.remove_prefix(api_prefix.size());
    return path.substr(0, path.find('/'));
}

struct counted_request {
    counted_request(std::shared_ptr<exposed_service> s, steady_point now) : of(std::move(s)), began(now) {
        of->requests.add();
        of->in_flight.add(1);
    }
    counted_request(const counted_request&) = delete;
    ~counted_request() { of->in_flight.add(-1); }
    void answered(int status, int tries, steady_point now) {
        if (status >= 100 && status < 600) of->answered[status / 100]->add();
        of->traffic.add(now, {.took = now - began,
                              .has_failed = status >= 500,
                              .retries = std::max(tries - 1, 0),
                              .in_flight = static_cast<std::size_t>(of->in_flight.value())});
        of->duration.observe_ns(static_cast<std::uint64_t>((now - began).count()));
    }
    std::shared_ptr<exposed_service> of;
    steady_point began;
};

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
      rate_(static_cast<double>(s.config().integer("portal-gateway-rate")),
            static_cast<double>(std::max(s.config().integer("portal-gateway-burst"),
                                         s.config().integer("portal-gateway-rate")))),
      key_header_(key_header_in(s.config())),
      trusted_(addresses_in(s.config(), proxies_setting)),
      routes_(std::make_shared<route_table>()),
      limited_(s.metrics().count("distd_gateway_limited_total", "Requests over their client's rate")) {
    for (const auto& name : s.config().list("portal-gateway-services")) {
        const auto& needed = dependencies_of(s);
        if (std::find(needed.begin(), needed.end(), name) == needed.end()) s.depends_on(name);
    }
    auto& m = s.metrics();
    m.level_of("distd_gateway_route_errors", "Parts of the configuration that make no sense",
               [this] { return static_cast<double>(routes_->errors().size() + wrong_.size()); });
    m.level_of("distd_gateway_idle_connections", "Kept connections to instances",
               [this] { return static_cast<double>(core_->pool.idle_connections()); });
    core_->setup.may_connect = [this](const auto& where) { return upstreams_.may_connect(where); };
    routes_of(s).answer_hosts([this](std::string_view host) { return routes_->names_host(host); });
    mount();
    s.background("gateway guarded places", [this] { return upstreams_.look_up_guarded_places(); });
    s.background("gateway closed places", [this] { return upstreams_.look_up_closed_places(); });
    s.background("gateway instances by patches", [this] { return upstreams_.watch_patches(); });
    s.background("gateway instances by the registry", [this] { return upstreams_.watch_registry(); });
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

// A request that is passed on: counted, bounded, and carried by its `relay`. It belongs to whoever waits with
// it: the client's connection, or its own coroutine.
class gateway::one_request final : public relay_listener,
                                   public std::enable_shared_from_this<gateway::one_request> {
public:
    one_request(gateway& g, http::exchange& x) : gateway_(g), x_(x) {
        gateway_call call;
        refused_ = g.find(x, call);
        if (refused_) return;
        counted_.emplace(call.service, x.began);
        refused_ = judge_kind(x, call.route);
        if (!refused_) refused_ = g.judge_limits(x, x.began);
        call.client = g.address_of(x);
        if (!refused_) relay_.emplace(g.core_, x, std::move(call), g.trusts(x.remote), g.service_.time());
    }

    http::handler_result start() {
        auto self = shared_from_this();
        if (refused_ || x_.head.has_body()) return run(std::move(self));
        return http::deferred(
            http::buffers::keep,
            [self = std::move(self)](http::request, http::pending_answer a) { self->begin(std::move(a)); });
    }

private:
    void begin(http::pending_answer a) {
        if (!relay_->begin(weak_from_this())) return a.go_on(to_run());
        answer_.emplace(std::move(a));
        answer_->on_gone([self = shared_from_this()] {});  // it is kept while somebody waits, and no longer
    }

    void on_answer() override {
        auto answer = *std::move(answer_);
        bool is_passed_on = false;
        try {
            is_passed_on = relay_->ends_at_once();
        } catch (const std::exception& e) {
            return answer.fail(e.what());
        }
        if (!is_passed_on) return answer.go_on(to_run());
        answer.give(passed_on());
    }

    http::handler to_run() {
        return [self = shared_from_this()](http::request) { return run(self); };
    }

    static task<http::response> run(std::shared_ptr<one_request> self) {
        auto& refused = self->refused_;
        if (!refused) refused = co_await self->relay_->run();
        if (!refused) co_return self->passed_on();
        auto& g = self->gateway_;
        if (self->counted_)
            self->counted_->answered(refused->status, self->x_.tries, g.service_.time().now());
        co_return g.fail(self->x_, *refused);
    }

    http::response passed_on() {
        counted_->answered(x_.relayed_status, x_.tries, relay_->ended());
        counted_.reset();
        x_.relayed_whole = relay_->was_whole();
        return http::response(x_.relayed_status);
    }

    gateway& gateway_;
    http::exchange& x_;
    std::optional<gateway_failure> refused_;
    std::optional<counted_request> counted_;
    std::optional<relay> relay_;
    std::optional<http::pending_answer> answer_;
};

void gateway::mount() {
    const http::route_options streams{.body_limit = std::numeric_limits<std::size_t>::max(),
                                      .streams_body = true};
    const http::handler pass = [this](http::request q) {
        return std::make_shared<one_request>(*this, http::exchange_of(q))->start();
    };
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
    const bool is_ours = !takes_hosts_ || !routes_->takes_host(head.find("Host"));
    if (head.path.starts_with(api_prefix) && is_ours) {
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
    if (call.service) return std::nullopt;
    if (call.route)
        return gateway_failure{503, "No instance of " + name + " is known at the moment.", "service",
                               "no_instance", seconds(5)};
    return gateway_failure{404, "No service named " + name + " is exposed here.", "gateway", "not_exposed"};
}

bool gateway::trusts(std::string_view peer) const {
    if (!trusted_) return false;
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(std::string(peer), ec);
    return !ec && trusted_->allows(address);
}

std::string_view gateway::client_of(const http::exchange& x) const {
    if (!key_header_.empty())
        if (const auto key = x.head.find(key_header_); !key.empty()) return key;
    return address_of(x);
}

std::string_view gateway::address_of(const http::exchange& x) const {
    if (!trusts(x.remote)) return x.remote;
    // A proxy may add a line of its own to what its client sent: the last one is its word.
    std::string_view chain;
    for (const auto& f : x.head.fields)
        if (http::equal_ignoring_case(f.name, "X-Forwarded-For")) chain = f.value;
    const auto comma = chain.rfind(',');
    auto last = comma == chain.npos ? chain : chain.substr(comma + 1);
    last.remove_prefix(std::min(last.find_first_not_of(' '), last.size()));
    return last.empty() ? x.remote : last;
}

std::optional<gateway_failure> gateway::judge_limits(const http::exchange& x, steady_point now) {
    if (!rate_.is_on()) return std::nullopt;
    const auto wait = rate_.take(client_of(x), now);
    if (!wait) return std::nullopt;
    limited_.add();
    return gateway_failure{429, "This client exceeds its rate limit.", "client", "rate_limited", *wait};
}

http::response gateway::fail(http::exchange& x, const gateway_failure& f) const {
    if (x.reason.empty()) x.reason = f.reason;
    auto answer =
        http::list_has_token(x.head.find("Accept"), "text/html")
            ? page_(f.status, std::string(http::reason_phrase(f.status)), f.sentence, x.request_id())
            : http::response::problem(
                  f.status, f.sentence,
                  {{"at", std::string(f.at)}, {"request_id", std::string(x.request_id())}});
    if (f.retry_after.count() > 0) answer.header("Retry-After", std::to_string(f.retry_after.count()));
    answer.header("Vary", "Accept");
    return answer;
}

// As registries know it.
std::string gateway::own_host() const {
    http::url_error ignored;
    const auto where = http::split_peer_url(service_.url(), ignored);
    return where ? where->host : std::string();
}

void gateway::configure(const configuration& c) {
    constexpr std::string_view routes = "routes/";
    std::map<std::string, std::string> values;
    wrong_.clear();
    for (const auto& [key, value] : c.values())
        if (key.starts_with(routes)) values[key.substr(routes.size())] = value.bytes;
    auto next = route_table::from(values, *routes_, own_host());
    for (const auto& e : next->errors())
        service_.log().warn("gateway_route_refused", {{"key", e.key}, {"reason", e.what}});
    // A list that makes no sense leaves the names as they were.
    if (const auto text = c.text("services"); !text.empty()) {
        std::string fault;
        if (auto names = read_exposed_names(text, fault)) {
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
    return shown(gateway_status(upstreams_, *routes_, wrong_, service_.time().now()));
}

http::response gateway::history(const http::request& q) const {
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
    return shown(gateway_history(upstreams_, asked, service_.time().now(), service_.time().wall()));
}

std::vector<setting> gateway_settings() {
    using enum setting_kind;
    return {
        {.name = "portal-gateway-services",
         .kind = texts,
         .fallback = "",
         .help = "Services that /api/NAME/ leads to, besides those that are registered with the tag gateway",
         .placeholder = "NAME,..."},
        {.name = "portal-gateway-rate",
         .kind = integer,
         .fallback = "0",
         .help = "Requests a second that each client may send through the gateway; 0: any number",
         .max = 1'000'000},
        {.name = "portal-gateway-burst",
         .kind = integer,
         .fallback = "0",
         .help = "Requests that a client may send at once; 0: as many as in a second",
         .max = 1'000'000},
        {.name = "portal-gateway-key-header",
         .fallback = "",
         .help = "The header that tells clients of the gateway apart; without one it is their address",
         .placeholder = "NAME"},
        {.name = proxies_setting,
         .kind = texts,
         .fallback = "",
         .help =
             "Proxies in front whose X-Forwarded-For and Forwarded are believed: addresses, networks such "
             "as 10.1.0.0/16, loopback or private",
         .placeholder = "ADDRESS,..."},
        {.name = gateway_allow_setting,
         .kind = texts,
         .fallback = "",
         .help =
             "Where instances may be that requests are passed on to: loopback, private, any, addresses or "
             "networks; without it loopback, and private too once other machines are involved",
         .placeholder = "ADDRESS,..."},
        {.name = "portal-zone",
         .fallback = "",
         .help = "The zone of this portal: the gateway prefers instances of the same one",
         .placeholder = "NAME"},
        {.name = zone_addresses_setting,
         .kind = texts,
         .fallback = "",
         .help = "Where that zone is: loopback, private, addresses or networks; without it instances are "
                 "believed, as far as they are among equals",
         .placeholder = "ADDRESS,..."},
    };
}

void check_gateway_settings(const settings& config) {
    static_cast<void>(addresses_in(config, proxies_setting));
    static_cast<void>(addresses_in(config, gateway_allow_setting));
    static_cast<void>(addresses_in(config, zone_addresses_setting));
    static_cast<void>(key_header_in(config));
}

}  // namespace distd::portal
