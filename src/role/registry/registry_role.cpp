// The registry as a service: the routes of the protocol, and lists for everyone who reads them.
#include "base/settings/options.hpp"
#include "role/actor.hpp"
#include "role/address_setting.hpp"
#include "role/known_parameters.hpp"
#include "role/registry/alert_routes.hpp"
#include "role/registry/config/config_routes.hpp"
#include "role/registry/configuration_changes.hpp"
#include "role/registry/instance_routes.hpp"
#include "role/registry/registry.hpp"
#include "role/registry/registry_reads.hpp"
#include "role/registry/registry_settings.hpp"
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
        auto give = [this, e](const result<>& done) { e->answer->give(to_answer(done)); };
        const auto granted =
            registry_.enroll(std::move(e->what), completion<result<>>::of_callback(std::move(give)));
        if (granted != source_quota::answer::granted) e->answer->give(too_much(granted, e->what.by.source));
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

std::unique_ptr<role> make(service& s) {
    return std::make_unique<registry_role>(s, rules_of(s.config()), config_limits_of(s.config()));
}

}  // namespace
}  // namespace registry

role_description describe_registry() {
    role_description d;
    d.name = "registry";
    d.default_address = "127.0.0.1:3000";
    d.summary = "services, health, configuration";
    d.settings = registry::setting_rows();
    d.make = &registry::make;
    d.check = [](const settings& s) { static_cast<void>(addresses_in(s, registry::allow_setting)); };
    return d;
}

}  // namespace distd
