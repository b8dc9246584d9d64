// The registry as a service: the routes of the protocol, and lists for everyone who reads them.
#include "base/settings/options.hpp"
#include "base/settings/setting_group.hpp"
#include "role/actor.hpp"
#include "role/address_setting.hpp"
#include "role/known_parameters.hpp"
#include "role/registry/alert_routes.hpp"
#include "role/registry/config/config_routes.hpp"
#include "role/registry/configuration_changes.hpp"
#include "role/registry/instance_routes.hpp"
#include "role/registry/registry.hpp"
#include "role/registry/registry_reads.hpp"
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
          reads_(s, registry_),
          alert_routes_(s, registry_),
          config_(
              s, registry_.board(), config,
              [this](const std::string& key, const std::string& value) { return fault_in(key, value); },
              [this](const config_change& c, const config_outcome& made) {
                  registry_.note(to_configuration_change(c, made));
                  take(made.now);
              }),
          max_(rules.max_instances_in_all) {
        for (const auto* e : config_.now().list(alerts_directory)) take(*e);
        registry_.alerting().start();
        http::route_options registrations;
        registrations.body_limit = registration_body_limit;
        registrations.warns_of_refusals = true;  // a service that nobody will find
        registrations.routine = true;
        http::route_options urls;
        urls.body_limit = url_body_limit;
        urls.warns_of_refusals = true;
        urls.routine = true;
        s.post(
            "/services", [this](http::request q) { return enroll(q); }, registrations);
        s.del(
            "/services", [this](http::request q) { return withdraw(q); }, urls);
        reads_.mount(s);
        s.get("/status",
              [this](http::request q) {
                  if (auto wrong = refuse_others(q, {})) return *std::move(wrong);
                  return http::response::json_text(200, registry_.status());
              },
              {.polled = true});
    }

private:
    // Of a value of the configuration that the registry itself reads: what is wrong with it, or empty.
    std::string fault_in(const std::string& key, const std::string& value) const {
        if (!key.starts_with(alerts_directory)) return {};
        return registry_.alerting().state().fault_in(key.substr(alerts_directory.size()), value);
    }

    void take(const config_entry& e) {
        if (!e.key.starts_with(alerts_directory)) return;
        const auto name = e.key.substr(alerts_directory.size());
        if (e.value)
            registry_.alerting().configure(name, *e.value);
        else
            registry_.alerting().remove(name);
    }

    http::handler_result enroll(http::request q) {
        json_error error;
        auto r = parse_registration(q.body(), error);
        if (!r) return not_taken(error.text);
        const url_place where(r->url);
        if (const auto wrong = registry_.problem_with(*r, where); !wrong.empty()) return not_taken(wrong);
        owner_refusal problem;
        const auto who = registry_.owners().claimant_of(q, problem);
        if (!who) return no_owner(std::move(problem));
        const auto right = registry_.owners().judge_registration(r->url, *who);
        if (right == claim::refused) return not_yours(r->url);
        auto e = std::make_shared<enrollment>();
        if (auto wrong = read_actor(q, e->what.actor)) return *std::move(wrong);
        e->what.by = registry_.owners().registrant_of(r->url, where, *who);
        e->what.that = std::move(*r);
        e->needs_proof = right == claim::needs_proof;
        return http::deferred(http::buffers::keep, [this, e](http::request, http::pending_answer answer) {
            e->answer.emplace(std::move(answer));
            prove(e);
        });
    }

    struct enrollment {
        put_change what;
        bool needs_proof = false;
        std::optional<http::pending_answer> answer;
    };

    // An owner counts once the instance has confirmed it.
    void prove(const std::shared_ptr<enrollment>& e) {
        auto& by = e->what.by;
        if (by.owner.empty() || by.has_confirmed_owner) return finish(e);
        registry_.owners().challenge(e->what.that, by.owner, [this, e](bool is_its_own) {
            e->what.by.has_confirmed_owner = is_its_own;
            if (e->needs_proof && !is_its_own) return e->answer->give(not_yours(e->what.that.url));
            finish(e);
        });
    }

    void finish(const std::shared_ptr<enrollment>& e) {
        const auto said = registry_.enroll(
            std::move(e->what), [this, e](const result<>& done) { e->answer->give(to_answer(done)); });
        if (said != source_quota::answer::granted) e->answer->give(too_much(said, e->what.by.source));
    }

    static http::response not_taken(const std::string& why) {
        return http::response::problem(400, "This registration was not taken. " + why + ".");
    }

    http::response not_yours(const std::string& url) {
        return http::response::problem(403, registry_.owners().reason_to_refuse(url));
    }

    static http::response no_owner(owner_refusal why) {
        return http::response::problem(why.status, std::move(why.sentence));
    }

    http::response to_answer(const result<>& enrolled) const {
        if (enrolled) return http::response(200);
        if (enrolled.error() == errc::overloaded) {
            auto detail = "No more registrations are taken now; there is room for " + std::to_string(max_) +
                          " instances.";
            return http::response::problem(503, std::move(detail));
        }
        return http::response::of(enrolled.error());
    }

    http::response too_much(source_quota::answer why, const std::string& source) const {
        const auto& allowed = registry_.rules().per_address;
        std::string detail = "This registration was not taken. ";
        int status = 429;
        if (why == source_quota::answer::too_many) {
            detail += source + " has registered " + std::to_string(allowed.max_instances) +
                      " instances, as many as one address may (--registry-max-per-address); withdraw some, "
                      "or register from another address.";
        } else if (why == source_quota::answer::too_large) {
            detail += "With it the registrations of " + source + " would come to more than " +
                      std::to_string(allowed.max_bytes) +
                      " bytes, as much as one address may register (--registry-max-bytes-per-address); "
                      "withdraw some, or say less in each.";
        } else {
            status = 503;
            detail += "With it all registrations would come to more than " +
                      std::to_string(allowed.max_bytes_in_all) + " bytes (--registry-max-bytes).";
        }
        return http::response::problem(status, std::move(detail));
    }

    task<http::response> withdraw(http::request q) {
        registry::instance_request wanted;
        wanted.url = q.body();
        if (auto wrong = read_actor(q, wanted.actor)) co_return *std::move(wrong);
        owner_refusal problem;
        auto who = registry_.owners().claimant_of(q, problem);
        if (!who) co_return no_owner(std::move(problem));
        if (registry_.owners().judge(wanted.url, *who) != claim::granted) co_return not_yours(wanted.url);
        wanted.who = *std::move(who);
        const auto done = co_await registry_.withdraw(std::move(wanted));
        if (done) co_return http::response(200);
        if (done.error() == errc::not_found)
            co_return http::response::problem(
                404,
                "No instance is registered with the URL in the body; it is compared as it was registered.");
        co_return http::response::of(done.error());
    }

    registry registry_;
    instance_routes instance_routes_;
    registry_reads reads_;
    alert_routes alert_routes_;
    config_routes config_;
    std::size_t max_;
};

std::vector<setting> quota_rows() {
    using enum setting_kind;
    return in_group("Registry", {{.name = "registry-max-instances",
                                  .kind = integer,
                                  .fallback = "100000",
                                  .help = "How many instances may be registered at a time",
                                  .min = 1,
                                  .max = 10'000'000},
                                 {.name = "registry-max-per-address",
                                  .kind = integer,
                                  .fallback = "100000",
                                  .help = "How many instances may be registered from one address at a time",
                                  .min = 1,
                                  .max = 10'000'000},
                                 {.name = "registry-max-bytes-per-address",
                                  .kind = size,
                                  .fallback = "32MiB",
                                  .help = "How large all registrations from one address may be together",
                                  .min = 4096,
                                  .max = std::int64_t{1} << 40},
                                 {.name = "registry-max-bytes",
                                  .kind = size,
                                  .fallback = "64MiB",
                                  .help = "How large all registrations may be together",
                                  .min = 4096,
                                  .max = std::int64_t{1} << 40}});
}

std::vector<setting> call_rows() {
    using enum setting_kind;
    return in_group(
        "Registry",
        {{.name = "registry-max-probes-per-host",
          .kind = integer,
          .fallback = "1000",
          .help =
              "How many probes go to one host in a second at most, to this machine's loopback ten times as "
              "many; what is over it is spread over a longer time",
          .min = 1,
          .max = 1'000'000},
         {.name = allow_setting,
          .kind = texts,
          .fallback = "",
          .help = "Where a registration may make us send probes and patches: loopback, private, any, "
                  "addresses and networks such as 10.1.0.0/16; without it loopback, and private as well "
                  "when we listen beyond loopback",
          .repeatable = true}});
}

std::vector<setting> rows() {
    using enum setting_kind;
    constexpr std::int64_t day = 24 * 3600 * 1000;
    auto all = in_group(
        "Registry", {{.name = "registry-deregister-after",
                      .kind = duration,
                      .fallback = "1m",
                      .help = "How long an instance may be lost before it is taken out",
                      .min = 100,
                      .max = 365 * day},
                     {.name = "registry-probe-timeout",
                      .kind = duration,
                      .fallback = "2s",
                      .help = "How long a health probe waits for its answer",
                      .min = 10,
                      .max = 60'000},
                     {.name = "registry-guard-time",
                      .kind = duration,
                      .fallback = "1m",
                      .help = "How long nobody is taken out when most instances fail at once; 0s: not at all",
                      .max = day}});
    for (auto& one : quota_rows()) all.push_back(std::move(one));
    for (auto& one : call_rows()) all.push_back(std::move(one));
    for (auto& one : config_rows()) all.push_back(std::move(one));
    return all;
}

std::unique_ptr<role> make(service& s) {
    registry_rules rules;
    rules.heartbeat_interval = s.config().duration("heartbeat-interval");
    rules.probe_timeout = s.config().duration("registry-probe-timeout");
    rules.deregister_after = s.config().duration("registry-deregister-after");
    rules.guard_time = s.config().duration("registry-guard-time");
    const auto number = [&s](const char* name) { return static_cast<std::size_t>(s.config().integer(name)); };
    rules.max_instances_in_all = number("registry-max-instances");
    rules.per_address.max_instances = number("registry-max-per-address");
    rules.per_address.max_bytes = static_cast<std::size_t>(s.config().size("registry-max-bytes-per-address"));
    rules.per_address.max_bytes_in_all = static_cast<std::size_t>(s.config().size("registry-max-bytes"));
    rules.max_probes_per_host = number("registry-max-probes-per-host");
    rules.allowed = addresses_in(s.config(), allow_setting);
    return std::make_unique<registry_role>(s, rules, config_limits_of(s.config()));
}

}  // namespace
}  // namespace registry

role_description describe_registry() {
    role_description d;
    d.name = "registry";
    d.default_address = "127.0.0.1:3000";
    d.summary = "services, health, configuration";
    d.settings = registry::rows();
    d.make = &registry::make;
    d.check = [](const settings& s) { static_cast<void>(addresses_in(s, registry::allow_setting)); };
    return d;
}

}  // namespace distd
