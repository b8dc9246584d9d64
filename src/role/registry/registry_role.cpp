// The registry as a service: the routes of the protocol, and lists for whoever looks.
#include "base/options.hpp"
#include "role/address_setting.hpp"
#include "role/registry/answers.hpp"
#include "role/registry/config_routes.hpp"
#include "role/registry/instance_routes.hpp"
#include "role/registry/known_parameters.hpp"
#include "role/registry/registry.hpp"
#include "role/registry/registry_reads.hpp"
#include "role/registry/setting_row.hpp"
#include "role/role.hpp"

namespace distd {
namespace registry {
namespace {

constexpr std::size_t registration_body_limit = 512 << 10;
constexpr std::size_t url_body_limit = 4 << 10;

class registry_role final : public role {
public:
    registry_role(service& s, const registry_rules& rules, config_limits config)
        : registry_(s, rules),
          instance_routes_(s, registry_),
          reads_(registry_),
          config_(s, registry_.board(), config,
                  [this](http::response r) { return signed_by_us(std::move(r)); }),
          most_(rules.most_instances),
          most_per_address_(rules.most_per_address) {
        http::route_options registrations;
        registrations.body_limit = registration_body_limit;
        http::route_options urls;
        urls.body_limit = url_body_limit;
        s.post("/services", http::quick_handler([this](http::request q) { return enroll(q); }),
               registrations);
        s.del("/services", http::handler([this](http::request q) { return withdraw(q); }), urls);
        reads_.mount(s);
        s.get("/status", http::quick_handler([this](http::request q) {
                  if (auto wrong = refuse_others(q, {})) return signed_by_us(*std::move(wrong));
                  return signed_by_us(http::response::json_text(200, registry_.status()));
              }));
    }

private:
    http::response signed_by_us(http::response r) const { return signed_by(registry_.id(), std::move(r)); }

    http::response enroll(http::request q) {
        json_error error;
        auto r = parse_registration(q.body(), error);
        if (r && error.text.empty()) error.text = registry_.problem_with(*r);
        if (!error.text.empty())
            return signed_by_us(
                http::response::problem(400, "This registration was not taken. " + error.text + "."));
        const auto source = q.remote_address();
        if (!registry_.admits(*r, source)) return too_many_from(source);
        const auto taken = std::make_shared<registration>(std::move(*r));
        return http::response::soon([this, taken](http::request, http::pending_answer answer) {
            const auto mine = std::make_shared<http::pending_answer>(std::move(answer));
            registry_.enroll(std::move(*taken),
                             [this, mine](const result<>& done) { mine->give(to_answer(done)); });
        });
    }

    http::response to_answer(const result<>& enrolled) const {
        if (enrolled) return signed_by_us(http::response(200));
        if (enrolled.error() == errc::overloaded) {
            auto detail = "No more registrations are taken now; there is room for " + std::to_string(most_) +
                          " instances.";
            return signed_by_us(http::response::problem(503, std::move(detail)));
        }
        return signed_by_us(http::response::of(enrolled.error()));
    }

    http::response too_many_from(const std::string& source) const {
        return signed_by_us(http::response::problem(
            429, "This registration was not taken. " + source + " has registered " +
                     std::to_string(most_per_address_) +
                     " instances, as many as one address may (--registry-max-per-address); withdraw some, "
                     "or register from another address."));
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

    registry registry_;
    instance_routes instance_routes_;
    registry_reads reads_;
    config_routes config_;
    std::size_t most_;
    std::size_t most_per_address_;
};

std::vector<setting> rows() {
    using enum setting_kind;
    constexpr std::int64_t day = 24 * 3600 * 1000;
    std::vector<setting> all{
        row("registry-deregister-after", duration, "1m",
            "How long an instance may be lost before it is taken out", 100, 365 * day),
        row("registry-probe-timeout", duration, "2s", "How long a health probe waits for its answer", 10,
            60'000),
        row("registry-guard-time", duration, "1m",
            "How long nobody is taken out when most instances fail at once; 0s: not at all", 0, day),
        row("registry-max-instances", integer, "100000", "How many instances may be registered at a time", 1,
            10'000'000),
        row("registry-max-per-address", integer, "100000",
            "How many instances may be registered from one address at a time; those that the registry "
            "kept over its own restart count for nobody",
            1, 10'000'000),
        {.name = allow_setting,
         .kind = texts,
         .fallback = "",
         .help = "Where a registration may make us send probes and patches: loopback, private, any, "
                 "addresses and networks such as 10.1.0.0/16; without it loopback, and private as well "
                 "when we listen beyond loopback",
         .group = "Registry",
         .repeatable = true}};
    for (auto& one : config_rows()) all.push_back(std::move(one));
    return all;
}

std::unique_ptr<role> make(service& s) {
    registry_rules rules;
    rules.heartbeat_interval = s.config().duration("heartbeat-interval");
    rules.probe_timeout = s.config().duration("registry-probe-timeout");
    rules.deregister_after = s.config().duration("registry-deregister-after");
    rules.guard_time = s.config().duration("registry-guard-time");
    rules.most_instances = static_cast<std::size_t>(s.config().integer("registry-max-instances"));
    rules.most_per_address = static_cast<std::size_t>(s.config().integer("registry-max-per-address"));
    rules.allowed = addresses_in(s.config(), allow_setting);
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
    d.check = [](const settings& s) { static_cast<void>(addresses_in(s, registry::allow_setting)); };
    return d;
}

}  // namespace distd
