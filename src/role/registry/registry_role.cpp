// The registry as a service: the routes of the protocol, and lists for whoever looks.
#include <algorithm>

#include "role/registry/config_routes.hpp"
#include "role/registry/registry.hpp"
#include "role/role.hpp"

namespace distd {
namespace registry {
namespace {

constexpr std::size_t registration_body_limit = 512 << 10;
constexpr std::size_t url_body_limit = 4 << 10;

// Registries of our kind say so in every answer: a service may then ask whether it is known, and register as
// often as it likes. The value names the data; another one means that it was lost.
constexpr const char* kind_header = "X-Distd-Registry";

bool is_https(std::string_view url) {
    const auto same = [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); };
    return std::ranges::equal(std::string_view("https://"), url.substr(0, 8), same);
}

// What we would have to call, and cannot.
std::string problem_with(const registration& r) {
    if (is_https(r.update_url)) return "ServiceUpdateURL: patches are sent over http:// only";
    if (is_https(r.heartbeat_url)) return "HeartbeatURL: probes are sent over http:// only";
    return {};
}

class registry_role final : public role {
public:
    registry_role(service& s, registry_rules rules, config_limits config)
        : registry_(s, rules),
          most_(rules.most_instances),
          board_(s.loop(), s.time()),
          config_(s, board_, config, [this](http::response r) { return signed_by_us(std::move(r)); }) {
        s.metrics().level_of("distd_registry_parked_watchers", "Watchers that wait for a change",
                             [this] { return static_cast<double>(board_.parked()); });
        http::route_options registrations;
        registrations.body_limit = registration_body_limit;
        http::route_options urls;
        urls.body_limit = url_body_limit;
        s.post("/services", http::handler([this](http::request q) { return enroll(q); }), registrations);
        s.del("/services", http::handler([this](http::request q) { return withdraw(q); }), urls);
        s.get("/services", http::quick_handler([this](http::request) { return list(registry_.list_all()); }));
        s.get("/services/{name}",
              http::quick_handler([this](http::request q) { return show(q.param("name")); }));
        s.get("/graph", http::quick_handler([this](http::request) {
                  return http::response::json_text(200, registry_.graph());
              }));
    }

private:
    http::response signed_by_us(http::response r) const {
        r.header(kind_header, registry_.id());
        return r;
    }

    task<http::response> enroll(http::request q) {
        json_error error;
        auto r = parse_registration(q.body(), error);
        if (r && error.text.empty()) error.text = problem_with(*r);
        if (!error.text.empty())
            co_return signed_by_us(
                http::response::problem(400, "This registration was not taken. " + error.text + "."));
        const auto done = co_await registry_.enroll(std::move(*r));
        if (done) co_return signed_by_us(http::response(200));
        if (done.error() == errc::overloaded) {
            auto detail = "No more registrations are taken now; there is room for " + std::to_string(most_) +
                          " instances.";
            co_return signed_by_us(http::response::problem(503, std::move(detail)));
        }
        co_return signed_by_us(http::response::of(done.error()));
    }

    task<http::response> withdraw(http::request q) {
        const std::string url(q.body());
        const auto done = co_await registry_.withdraw(url);
        if (done) co_return signed_by_us(http::response(200));
        if (done.error() == errc::not_found)
            co_return signed_by_us(http::response::problem(
                404,
                "No instance is registered with the URL in the body; it is compared as it was registered."));
        co_return signed_by_us(http::response::of(done.error()));
    }

    http::response list(http::shared_text text) const {
        return signed_by_us(http::response::shared(200, "application/json", std::move(text)));
    }

    http::response show(const std::string& name) {
        auto text = registry_.list_named(name);
        if (text) return list(std::move(text));
        return signed_by_us(
            http::response::problem(404, "No instance of " + name.substr(0, 256) + " is registered."));
    }

    registry registry_;
    std::size_t most_;
    watch_board board_;
    config_routes config_;
};

setting row(const char* name, setting_kind kind, const char* fallback, const char* help, std::int64_t least,
            std::int64_t most) {
    return {.name = name,
            .kind = kind,
            .fallback = fallback,
            .help = help,
            .group = "Registry",
            .least = least,
            .most = most};
}

std::vector<setting> rows() {
    using enum setting_kind;
    constexpr std::int64_t day = 24 * 3600 * 1000;
    std::vector<setting> all{row("registry-deregister-after", duration, "1m",
                                 "How long an instance may be lost before it is taken out", 100, 365 * day),
                             row("registry-probe-timeout", duration, "2s",
                                 "How long a health probe waits for its answer", 10, 60'000),
                             row("registry-max-instances", integer, "100000",
                                 "How many instances may be registered at a time", 1, 10'000'000)};
    for (auto& one : config_rows()) all.push_back(std::move(one));
    return all;
}

std::unique_ptr<role> make(service& s) {
    registry_rules rules;
    rules.heartbeat_interval = s.config().duration("heartbeat-interval");
    rules.probe_timeout = s.config().duration("registry-probe-timeout");
    rules.deregister_after = s.config().duration("registry-deregister-after");
    rules.most_instances = static_cast<std::size_t>(s.config().integer("registry-max-instances"));
    return std::make_unique<registry_role>(s, rules, config_limits_of(s.config()));
}

}  // namespace
}  // namespace registry

role_description describe_registry() {
    role_description d;
    d.name = "registry";
    d.default_address = "127.0.0.1:3000";
    d.summary = "who is there: registration, health, and patches to those who require it";
    d.settings = registry::rows();
    d.make = &registry::make;
    return d;
}

}  // namespace distd
