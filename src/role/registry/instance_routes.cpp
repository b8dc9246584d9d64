#include "role/registry/instance_routes.hpp"

#include <utility>

#include "role/actor.hpp"
#include "role/known_parameters.hpp"
#include "wire/rules.hpp"

namespace distd::registry {
namespace {

constexpr std::size_t body_limit = 12 << 10;  // a URL and a reason, both with escapes

constexpr const char* unknown =
    "No instance is registered with this URL, which is compared as it was registered; register it with "
    "POST /services.";
constexpr const char* not_a_reporter =
    "This instance registered without a TTL, so it is not expected to report; register it with one.";

struct report_on_the_wire {
    std::string Health = "passing";
    std::string Reason;
};
BOOST_DESCRIBE_STRUCT(report_on_the_wire, (), (Health, Reason))

struct change_on_the_wire {
    std::string ServiceURL;  // where it is not in the path
    std::string Reason;
};
BOOST_DESCRIBE_STRUCT(change_on_the_wire, (), (ServiceURL, Reason))

// An empty body says nothing.
template <class T>
std::optional<T> read(std::string_view body, json_error& error) {
    if (body.empty()) return T();
    auto read = from_json<T>(body, error);
    if (read) error.text = wire::problem_with_text(read->Reason, wire::max_reason, "Reason");
    if (!error.text.empty()) return std::nullopt;
    return read;
}

// Empty when the instance says that it is well.
std::string failure_of(const report_on_the_wire& r) {
    if (r.Health == "passing") return {};
    return r.Reason.empty() ? "it reports that it fails" : r.Reason;
}

}  // namespace

instance_routes::instance_routes(service& s, registry& r) : registry_(r) {
    http::route_options options;
    options.body_limit = body_limit;
    http::route_options reports = options;
    reports.internal = true;
    s.put(
        "/services/{id}/heartbeat", [this](http::request q) { return hear(q); }, reports);
    s.del("/services/{id}", changing(&registry::forget), options);
    s.put("/services/{id}/drain", changing(&registry::drain), options);
    s.del("/services/{id}/drain", changing(&registry::end_drain), options);
    s.put("/drain", changing(&registry::drain), options);
    s.del("/drain", changing(&registry::end_drain), options);
}

http::response instance_routes::hear(http::request q) {
    json_error error;
    auto r = read<report_on_the_wire>(q.body(), error);
    if (r && r->Health != "passing" && r->Health != "failing")
        error.text = "Health: found '" + r->Health.substr(0, 64) + "'; passing or failing is right";
    if (!error.text.empty()) return refusal(400, "This report was not taken. " + error.text + ".");
    const auto url = q.param("id");
    claimant reporter;
    if (auto stranger = refuse_strangers(q, url, reporter)) return *std::move(stranger);
    switch (registry_.take_report(url, failure_of(*r))) {
        case directory::reporting::taken: return answer(result<>());
        case directory::reporting::has_no_ttl: return refusal(409, not_a_reporter);
        case directory::reporting::unknown: break;
    }
    return refusal(404, unknown);
}

http::handler instance_routes::changing(change_function f) {
    return [this, f](http::request q) { return change(q, f); };
}

task<http::response> instance_routes::change(http::request q, change_function f) {
    std::optional<http::response> problem;
    auto wanted = read_change(q, problem);
    if (!wanted) co_return *std::move(problem);
    const auto done = co_await (registry_.*f)(std::move(*wanted));
    co_return answer(done);
}

std::optional<registry::instance_request> instance_routes::read_change(
    const http::request& q, std::optional<http::response>& problem) const {
    registry::instance_request wanted;
    problem = refuse_others(q, {});
    if (!problem) problem = read_actor(q, wanted.actor);
    if (problem) return std::nullopt;
    json_error error;
    auto body = read<change_on_the_wire>(q.body(), error);
    wanted.url = q.param("id");
    if (body && wanted.url.empty()) wanted.url = std::move(body->ServiceURL);
    if (body && wanted.url.empty()) error.text = "ServiceURL: it is missing";
    if (!error.text.empty()) {
        problem = refusal(400, "Nothing was changed. " + error.text + ".");
        return std::nullopt;
    }
    wanted.reason = std::move(body->Reason);
    problem = refuse_strangers(q, wanted.url, wanted.who);
    if (problem) return std::nullopt;
    return wanted;
}

std::optional<http::response> instance_routes::refuse_strangers(const http::request& q,
                                                                const std::string& url, claimant& who) const {
    auto& owners = registry_.owners();
    owner_refusal problem;
    auto shown = owners.claimant_of(q, problem);
    if (!shown) return refusal(problem.status, std::move(problem.sentence));
    who = *std::move(shown);
    if (owners.judge(url, who) == claim::granted) return std::nullopt;
    return refusal(403, owners.reason_to_refuse(url));
}

http::response instance_routes::answer(const result<>& done) const {
    if (done) return http::response(200);
    if (done.error() == errc::not_found) return refusal(404, unknown);
    return http::response::of(done.error());
}

http::response instance_routes::refusal(int status, std::string sentence) const {
    return http::response::problem(status, std::move(sentence));
}

}  // namespace distd::registry
