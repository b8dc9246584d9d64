#include "role/registry/instance_routes.hpp"

#include <utility>

#include "role/known_parameters.hpp"
#include "role/registry/registry_headers.hpp"
#include "wire/rules.hpp"

namespace distd::registry {
namespace {

constexpr std::size_t body_limit = 4 << 10;
constexpr std::size_t max_reason = 1024;

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

struct drain_on_the_wire {
    std::string Reason;
};
BOOST_DESCRIBE_STRUCT(drain_on_the_wire, (), (Reason))

// An empty body says nothing.
template <class T>
std::optional<T> read(std::string_view body, json_error& error) {
    if (body.empty()) return T();
    auto read = from_json<T>(body, error);
    if (read) error.text = wire::problem_with_text(read->Reason, max_reason, "Reason");
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
    s.put(
        "/services/{id}/drain", [this](http::request q) { return drain(q); }, options);
    s.del(
        "/services/{id}/drain", [this](http::request q) { return end_drain(q); }, options);
}

http::response instance_routes::hear(http::request q) {
    json_error error;
    auto r = read<report_on_the_wire>(q.body(), error);
    if (r && r->Health != "passing" && r->Health != "failing")
        error.text = "Health: found '" + r->Health.substr(0, 64) + "'; passing or failing is right";
    if (!error.text.empty()) return refusal(400, "This report was not taken. " + error.text + ".");
    const auto url = q.param("id");
    if (auto stranger = refuse_strangers(q, url)) return *std::move(stranger);
    switch (registry_.take_report(url, failure_of(*r))) {
        case directory::reporting::taken: return answer(result<>());
        case directory::reporting::has_no_ttl: return refusal(409, not_a_reporter);
        case directory::reporting::unknown: break;
    }
    return refusal(404, unknown);
}

task<http::response> instance_routes::drain(http::request q) {
    if (auto wrong = refuse_others(q, {})) co_return signed_by(registry_.id(), *std::move(wrong));
    json_error error;
    auto wanted = read<drain_on_the_wire>(q.body(), error);
    if (!wanted) co_return refusal(400, "The instance was not drained. " + error.text + ".");
    auto url = q.param("id");
    if (auto stranger = refuse_strangers(q, url)) co_return *std::move(stranger);
    const auto done = co_await registry_.drain(std::move(url), std::move(wanted->Reason));
    co_return answer(done);
}

task<http::response> instance_routes::end_drain(http::request q) {
    if (auto wrong = refuse_others(q, {})) co_return signed_by(registry_.id(), *std::move(wrong));
    auto url = q.param("id");
    if (auto stranger = refuse_strangers(q, url)) co_return *std::move(stranger);
    const auto done = co_await registry_.end_drain(std::move(url));
    co_return answer(done);
}

std::optional<http::response> instance_routes::refuse_strangers(const http::request& q,
                                                                const std::string& url) const {
    auto& owners = registry_.owners();
    owner_refusal problem;
    const auto who = owners.claimant_of(q, problem);
    if (!who) return refusal(problem.status, std::move(problem.sentence));
    if (owners.judge(url, *who) == claim::granted) return std::nullopt;
    return refusal(403, owners.reason_to_refuse(url));
}

http::response instance_routes::answer(const result<>& done) const {
    if (done) return signed_by(registry_.id(), http::response(200));
    if (done.error() == errc::not_found) return refusal(404, unknown);
    return signed_by(registry_.id(), http::response::of(done.error()));
}

http::response instance_routes::refusal(int status, std::string sentence) const {
    return signed_by(registry_.id(), http::response::problem(status, std::move(sentence)));
}

}  // namespace distd::registry
