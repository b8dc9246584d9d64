// distd doctor: which roles answer, whether clocks, stores, tokens and versions are right, what is missing.
#include <algorithm>
#include <utility>

#include "client/system/context.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/findings_text.hpp"
#include "client/verbs/role_findings.hpp"
#include "client/verbs/service_rows.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/model/words.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

class examination {
public:
    explicit examination(context& c) : c_(c) {}

    task<int> run();

private:
    void add(verdict how, std::string what, std::string words) {
        found_.push_back({how, std::move(what), std::move(words)});
    }
    task<http::reply> ask(std::string url, bool* is_there, std::string what);
    task<> examine_role(std::string name, std::string base);
    void examine_services(const registry_state& state);
    void examine_token();

    context& c_;
    std::vector<finding> found_;
    names_by_version versions_;
};

// An empty reply where there is none; what is wrong is noted.
task<http::reply> examination::ask(std::string url, bool* is_there, std::string what) {
    auto question = make_question(url);
    auto r = co_await c_.roles.send(std::move(question));
    *is_there = r.has_value();
    if (r) co_return *std::move(r);
    add(verdict::bad, what, unreachable("it", url, without_end(trouble_of(r))));
    co_return http::reply{};
}

task<> examination::examine_role(std::string name, std::string base) {
    role_answers role{name, base, {}, {}};
    bool is_there = false;
    role.health = co_await ask(base + "/heartbeat", &is_there, name);
    if (is_there) role.metrics = co_await ask(base + "/metrics", &is_there, name);
    if (!is_there) co_return;
    for (auto& f : findings_of(role, c_.now())) found_.push_back(std::move(f));
    if (auto version = version_in(role.metrics.body); !version.empty()) versions_[version].insert(name);
}

void examination::examine_services(const registry_state& state) {
    overview_input facts;
    facts.instances = state.instances.get();
    facts.missing = state.missing.get();
    facts.events = state.events.get();
    facts.guard = state.guard.get();
    const auto t = make_overview(facts, c_.now());
    if (t.guard.is_active)
        add(verdict::bad, "guard", "the guard against mass failures is on: " + t.guard.reason);
    for (const auto& s : t.services) {
        if (s.state == service_state::sick) add(verdict::bad, s.name, why_of(s, t, c_.now()));
        if (s.state == service_state::drained) add(verdict::note, s.name, why_of(s, t, c_.now()));
        if (s.state == service_state::well)
            if (const auto lack = why_of(s, t, c_.now()); !lack.empty()) add(verdict::bad, s.name, lack);
    }
    for (const auto role : {wire::log_service, wire::portal_service, wire::console_service})
        if (!t.find(role)) add(verdict::note, std::string(role), "not registered");
}

void examination::examine_token() {
    const auto& where = c_.roles.where();
    if (where.token.empty())
        add(verdict::good, "token", "none is set, and the registry asks for none");
    else
        add(verdict::good, "token", "of " + where.token_from);
}

task<int> examination::run() {
    const auto state = co_await ask_registry_state(c_);
    for (const auto& base : c_.roles.where().registries) co_await examine_role("registry", base);
    examine_token();
    for (const auto role :
         {wire::log_service, wire::portal_service, wire::console_service, wire::grading_service})
        for (const auto& base : addresses_of(*state.instances, role))
            co_await examine_role(std::string(role), base);
    examine_services(state);
    versions_[DISTD_VERSION].insert("this client");
    if (auto versions = finding_of_versions(versions_)) found_.push_back(*std::move(versions));
    if (c_.out.is_json)
        c_.print_json(findings_json(found_));
    else
        c_.print(findings_text(found_, c_.out));
    const auto bad = std::ranges::count_if(found_, [](const auto& f) { return f.how == verdict::bad; });
    c_.say(bad == 0 ? "nothing is wrong" : counted(static_cast<std::size_t>(bad), "finding", "findings"));
    co_return bad == 0 ? exit_code::done : exit_code::answer_is_no;
}

task<int> run_doctor(context& c) {
    examination e(c);
    co_return co_await e.run();
}

}  // namespace

verb describe_doctor() {
    verb v;
    v.name = "doctor";
    v.summary = "Which roles answer, and what is wrong: clocks, disks, tokens, versions, what is missing";
    v.details = "Exit code 4 when something is wrong.";
    v.examples = {{"distd doctor", "all of it"}};
    v.run = &run_doctor;
    return v;
}

}  // namespace distd::ops::client
