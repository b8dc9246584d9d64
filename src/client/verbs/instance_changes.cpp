// distd drain, undrain, forget: takes instances out of rotation, back into it, off the list.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <distd/json.hpp>
#include <utility>

#include "client/system/context.hpp"
#include "client/system/names.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/verbs.hpp"
#include "http/message/url.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/model/system_overview.hpp"
#include "ops/model/words.hpp"
#include "ops/questions/gateway_questions.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

enum class action : std::uint8_t { drain, undrain, forget };

constexpr milliseconds check_pause{300};
constexpr milliseconds watch_wait{10'000};

http::call call_for(const context& c, action what, const instance& i) {
    const auto& reason = c.given.text("reason");
    boost::json::object body;
    if (!reason.empty()) body["Reason"] = reason;
    if (what == action::forget) {
        auto call = c.change("DELETE", "/services/" + http::percent_encode(i.url));
        return reason.empty() ? call : std::move(call).with_body(to_text(body), "application/json");
    }
    body["ServiceURL"] = i.url;
    auto call = c.change(what == action::drain ? "PUT" : "DELETE", "/drain");
    return std::move(call).with_body(to_text(body), "application/json");
}

// `i`: as it was listed before.
std::string_view done_word(action what, const instance& i) {
    if (what == action::undrain && !i.is_drained) return "was not drained";
    return what == action::drain ? "drained" : what == action::undrain ? "back in rotation" : "forgotten";
}

// How many requests of the gateways are still on their way at these instances; nothing where no gateway
// tells.
task<std::optional<std::int64_t>> requests_at(context& c, std::vector<std::string> urls) {
    const auto all = co_await ask_registered(c);
    const auto portals = addresses_of(all, wire::portal_service);
    if (portals.empty()) co_return std::nullopt;
    auto send = c.roles.anywhere();
    const auto state = co_await ask_gateways(std::move(send), portals);
    if (!state.value) co_return std::nullopt;
    std::int64_t sum = 0;
    for (const auto& i : state.value->instances)
        if (std::ranges::find(urls, i.url) != urls.end()) sum += i.in_flight + i.streams;
    co_return sum;
}

task<> wait_until_idle(context& c, std::vector<std::string> urls) {
    for (bool is_said = false;;) {
        const auto left = co_await requests_at(c, urls);
        if (!left) {
            c.say("no gateway tells what is still on its way there");
            co_return;
        }
        if (*left == 0) {
            c.say("no request of a gateway is on its way there");
            co_return;
        }
        if (!std::exchange(is_said, true))
            c.say("waiting for " + counted(static_cast<std::size_t>(*left), "request", "requests"));
        co_await sleep_for(c.time, check_pause);
    }
}

bool is_finished(const std::vector<instance>& all, const std::string& url, action what) {
    const auto found = std::ranges::find(all, url, &instance::url);
    if (what == action::forget) return found == all.end();
    if (found == all.end()) return false;
    const auto s = state_of(*found);
    return s == instance_state::well || s == instance_state::unchecked;
}

// Until they are up again, or gone.
task<> wait_until_changed(context& c, action what, std::vector<std::string> urls) {
    std::uint64_t index = 0;
    for (;;) {
        index = co_await wait_for_change(c, "/services?fields=ServiceURL", index, watch_wait);
        const auto all = co_await ask_registered(c);
        if (std::ranges::all_of(urls, [&](const auto& url) { return is_finished(all, url, what); }))
            co_return;
    }
}

task<int> change_instances(context& c, action what) {
    const auto all = co_await ask_registered(c);
    std::vector<instance> chosen;
    for (const auto& word : c.given.words())
        for (auto& i : find_instances(all, word)) chosen.push_back(std::move(i));
    std::vector<std::string> done;
    boost::json::array rows;
    int code = exit_code::done;
    for (const auto& i : chosen) {
        auto call = call_for(c, what, i);
        const auto r = co_await c.roles.change_registry(std::move(call));
        if (r.status < 200 || r.status > 299) {
            c.say(i.name + " " + i.url + ": " + without_end(refusal_of(r)));
            code = exit_code::answer_is_no;
            continue;
        }
        done.push_back(i.url);
        rows.push_back({{"name", i.name}, {"url", i.url}, {"done", std::string(done_word(what, i))}});
        if (!c.out.is_json) c.print(i.name + " " + i.url + " " + std::string(done_word(what, i)) + "\n");
    }
    if (c.out.is_json) c.print_json(rows);
    if (!c.given.on("wait") || done.empty()) co_return code;
    if (what == action::drain)
        co_await wait_until_idle(c, done);
    else
        co_await wait_until_changed(c, what, done);
    co_return code;
}

task<int> run_drain(context& c) { return change_instances(c, action::drain); }
task<int> run_undrain(context& c) { return change_instances(c, action::undrain); }
task<int> run_forget(context& c) { return change_instances(c, action::forget); }

verb instance_verb(std::string name, std::string summary, std::string waits) {
    verb v;
    v.name = std::move(name);
    v.form = "URL|NAME|NAME/2...";
    v.summary = std::move(summary);
    v.min_words = 1;
    v.max_words = any_number;
    v.words = word_kind::instance;
    v.options = {
        {0, {.name = "reason", .fallback = {}, .help = "Why: shown in lists and in the events"}},
        {0, {.name = "wait", .kind = setting_kind::on_off, .fallback = {}, .help = std::move(waits)}}};
    return v;
}

}  // namespace

verb describe_drain() {
    auto v = instance_verb("drain", "Take an instance, or all of a service, out of rotation",
                           "Return when no gateway has a request on its way there");
    v.details =
        "It stays registered and is still probed; a drain survives restarts. What the registry refuses is "
        "said "
        "with its reason, and the exit code is 4.";
    v.examples = {{"distd drain cart/2 --reason 'disk swap' --wait", "one instance, by its number"},
                  {"distd drain http://127.0.0.1:8100", "by its URL"}};
    v.run = &run_drain;
    return v;
}

verb describe_undrain() {
    auto v = instance_verb("undrain", "End a drain: back into rotation", "Return when it is up");
    v.examples = {{"distd undrain cart/2", "the second instance of cart"}};
    v.run = &run_undrain;
    return v;
}

verb describe_forget() {
    auto v = instance_verb("forget", "Take an instance off the list, with its drain and its history",
                           "Return when it is off the list");
    v.details = "Its process is not told: one that still runs may register again.";
    v.examples = {{"distd forget http://127.0.0.1:8100", "one that is gone for good"}};
    v.run = &run_forget;
    return v;
}

}  // namespace distd::ops::client
