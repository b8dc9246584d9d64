// distd doctor: which roles answer, whether clocks, stores, tokens and versions are right, what is missing.
#include <algorithm>
#include <ctime>
#include <map>
#include <utility>

#include "client/system/context.hpp"
#include "client/system/going_wrong.hpp"
#include "client/verbs/findings_text.hpp"
#include "client/verbs/service_rows.hpp"
#include "client/verbs/verbs.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/model/words.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

constexpr milliseconds max_clock_difference{30'000};  // half of what proofs allow

std::optional<wall_point> date_of(const http::reply& r) {
    const std::string text(r.headers.find("Date"));
    std::tm parts{};
    if (text.empty() || !::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts)) return std::nullopt;
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

// The value of a metric without labels, or with: the first line that begins so.
std::string_view metric_line(std::string_view metrics, std::string_view name) {
    for (std::size_t at = 0; at < metrics.size();) {
        const auto line = metrics.substr(at, metrics.find('\n', at) - at);
        if (line.starts_with(name)) return line;
        at += line.size() + 1;
    }
    return {};
}

std::string version_in(std::string_view metrics) {
    const auto line = metric_line(metrics, "distd_build_info{");
    const auto begin = line.find("version=\"");
    if (begin == line.npos) return {};
    const auto text = line.substr(begin + 9);
    return std::string(text.substr(0, text.find('"')));
}

bool is_one(std::string_view line) { return line.ends_with(" 1"); }

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
    void examine_clock(const std::string& what, const http::reply& r);
    void examine_town(const registry_state& state);
    void examine_token();

    context& c_;
    std::vector<finding> found_;
    std::map<std::string, std::string> versions_;  // by role
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

void examination::examine_clock(const std::string& what, const http::reply& r) {
    const auto theirs = date_of(r);
    if (!theirs) return;
    const auto difference = std::chrono::abs(std::chrono::duration_cast<milliseconds>(c_.now() - *theirs));
    if (difference > max_clock_difference)
        add(verdict::bad, what,
            "its clock is " + as_age(difference).text() +
                " off ours: proofs of access hold for a minute only");
}

task<> examination::examine_role(std::string name, std::string base) {
    bool is_there = false;
    const auto health = co_await ask(base + "/heartbeat", &is_there, name);
    if (!is_there) co_return;
    examine_clock(name, health);
    const auto metrics = co_await ask(base + "/metrics", &is_there, name);
    if (!is_there) co_return;
    if (metrics.status == 401 || metrics.status == 403) {
        add(verdict::bad, name, base + " refused: " + without_end(refusal_of(metrics)));
        co_return;
    }
    const auto version = version_in(metrics.body);
    if (!version.empty()) versions_[name] = version;
    if (is_one(metric_line(metrics.body, "distd_store_closed")))
        add(verdict::bad, name, base + ": its disk takes no writes");
    if (health.status == 200)
        add(verdict::good, name, base + " answers" + (version.empty() ? "" : ", version " + version));
    else
        add(verdict::bad, name, base + ": " + without_end(refusal_of(health)));
}

void examination::examine_town(const registry_state& state) {
    town_facts facts;
    facts.instances = state.instances.get();
    facts.missing = state.missing.get();
    facts.events = state.events.get();
    facts.guard = state.guard.get();
    const auto t = make_town(facts, c_.now());
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
    co_await examine_role("registry", c_.roles.registry_url());
    examine_token();
    for (const auto role : {wire::log_service, wire::portal_service, wire::console_service})
        for (const auto& base : addresses_of(*state.instances, role))
            co_await examine_role(std::string(role), base);
    examine_town(state);
    std::map<std::string, std::vector<std::string>> by_version;
    for (const auto& [name, version] : versions_) by_version[version].push_back(name);
    by_version[DISTD_VERSION].push_back("this client");
    if (by_version.size() > 1) {
        std::string words;
        for (const auto& [version, names] : by_version)
            words += (words.empty() ? "" : "; ") + version + ": " + listed(names, 5);
        add(verdict::note, "versions", words);
    }
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
