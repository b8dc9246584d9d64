#include "role/console/changes/service_changes.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <utility>

#include "http/message/url.hpp"
#include "ops/answers/call_words.hpp"
#include "role/console/changes/asked_reason.hpp"
#include "role/console/pages/common_values.hpp"
#include "role/web/page_headers.hpp"
#include "wire/header_names.hpp"
#include "wire/registration_list.hpp"

namespace distd::ops::console {
namespace {

std::string drain_path(std::string_view url) { return "/services/" + http::percent_encode(url) + "/drain"; }

std::string reason_body(std::string_view reason) {
    return reason.empty() ? std::string() : to_text(boost::json::object{{"Reason", text(reason)}});
}

std::string asked_url(const http::request& q) { return q.form("url").value_or(""); }

// What is to be set so that the registry takes a change for its operator's.
std::string way_to_operate(const registry_source& r) {
    const auto file = r.missing_secret_file();
    if (file.empty()) return {};
    return " This console is not known to be the operator's, since it cannot read " + file +
           ": start it with the registry's --data-dir and as the same user, name that file by "
           "--console-operator-secret, or give both of them an --access-token-file.";
}

http::call call_of(const change_step& step) {
    http::call c(step.method, step.path);
    if (!step.body.empty()) std::move(c).with_body(step.body, "application/json");
    return c;
}

// Puts it back into the drain that the registry lists, with the reason of that, not of its end.
std::optional<change_step> drain_as_listed(const boost::json::object& listed, std::string_view url) {
    const auto* const drained = find_field(listed, "Drained");
    if (!drained || !drained->is_bool() || !drained->get_bool()) return std::nullopt;
    const auto* const reason = find_field(listed, "DrainReason");
    const auto words = reason && reason->is_string() ? std::string_view(reason->get_string()) : "";
    return change_step{"PUT", drain_path(url), reason_body(words)};
}

}  // namespace

service_changes::service_changes(site& s, registry_source& r) : site_(s), registry_(r) {
    site_.post("/services/{name}/drain", [this](http::request q) { return drain(q); });
    site_.post("/services/{name}/end-drain", [this](http::request q) { return end_drain(q); });
    site_.post("/services/{name}/forget", [this](http::request q) { return forget(q); });
    site_.post("/undo", [this](http::request q) { return undo(q); });
}

std::optional<change_notice> service_changes::notice(std::string_view word) const {
    const auto* const done = undo_.find(word, site_.own().time().now());
    if (!done) return std::nullopt;
    return change_notice{done->steps.empty() ? std::string() : std::string(word), done->words};
}

task<http::response> service_changes::drain(http::request q) {
    const auto url = asked_url(q);
    undo_call back{{{"DELETE", drain_path(url), {}}}, q.param("name"), url + " is drained."};
    return change(q, {{"PUT", drain_path(url), reason_body(asked_reason(q))}}, std::move(back));
}

task<http::response> service_changes::end_drain(http::request q) {
    const auto url = asked_url(q);
    const auto name = q.param("name");
    const auto listed = co_await listed_instance(name, url);
    undo_call back{{}, name, url + " is back in rotation."};
    if (listed)
        if (auto drain = drain_as_listed(*listed, url)) back.steps.push_back(*std::move(drain));
    std::vector<change_step> steps{{"DELETE", drain_path(url), reason_body(asked_reason(q))}};
    co_return co_await change(q, std::move(steps), std::move(back));
}

// The way back is the registration as the registry lists it, and its drain.
task<http::response> service_changes::forget(http::request q) {
    const auto url = asked_url(q);
    const auto name = q.param("name");
    const auto listed = co_await listed_instance(name, url);
    undo_call back{{}, name, url + " is forgotten."};
    if (listed) {
        back.steps.push_back({"POST", "/services", to_text(*listed)});
        if (auto drain = drain_as_listed(*listed, url)) back.steps.push_back(*std::move(drain));
    }
    std::vector<change_step> steps{
        {"DELETE", "/services/" + http::percent_encode(url), reason_body(asked_reason(q))}};
    co_return co_await change(q, std::move(steps), std::move(back));
}

task<std::optional<boost::json::object>> service_changes::listed_instance(std::string service,
                                                                          std::string url) {
    const auto r = co_await registry_.read("/services/" + http::percent_encode(service));
    if (!r || r->status != 200) co_return std::nullopt;
    co_return wire::find_registration(r->body, url);
}

task<http::response> service_changes::undo(http::request q) {
    auto back = undo_.take(q.form("undo").value_or(""), site_.own().time().now());
    if (!back || back->steps.empty())
        co_return site_.message(q, 409, "Too late", "That change can no longer be undone from here.");
    const bool registers = back->steps.front().method == "POST";
    undo_call none{
        {}, back->service, registers ? "It is on the list again; its history begins anew." : "It is undone."};
    co_return co_await change(q, std::move(back->steps), std::move(none));
}

task<http::response> service_changes::change(http::request q, std::vector<change_step> steps,
                                             undo_call way_back) {
    for (const auto& step : steps) {
        auto call = call_of(step).caused_by(q);
        call.headers.set(wire::actor_header, site_.access().actor(q));
        const auto r = co_await registry_.send(std::move(call));
        if (const auto trouble = trouble_of(r); !trouble.empty()) {
            site_.own().log().warn("change_failed", {{"path", q.path()}, {"reason", trouble}});
            co_return site_.message(q, r ? 409 : 502, "The registry did not do this",
                                    trouble + (r && r->status == 403 ? way_to_operate(registry_) : ""));
        }
    }
    const auto who = q.form("who").value_or("");
    const auto service = way_back.service;
    const auto word = undo_.add(std::move(way_back), undo_call::age, site_.own().time().now());
    auto answer = http::response::redirect(303, url_of_service(service) + "?done=" + word);
    if (!who.empty()) answer.header("Set-Cookie", page_access::remember_name(who));
    co_return web::guarded(std::move(answer));
}

}  // namespace distd::ops::console
