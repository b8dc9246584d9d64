// distd register: puts a service on the list that does not register itself.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <distd/json.hpp>
#include <utility>

#include "base/settings/options_values.hpp"
#include "client/system/context.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/verbs.hpp"
#include "http/message/registered_url.hpp"
#include "ops/answers/call_words.hpp"

namespace distd::ops::client {
namespace {

boost::json::array texts(const std::vector<std::string>& all) {
    boost::json::array out;
    for (const auto& one : all) out.push_back(boost::json::string(one));
    return out;
}

task<int> run_register(context& c) {
    const auto& name = c.given.words()[0];
    const auto& as_given = c.given.words()[1];
    boost::json::object body{{"ServiceName", name}, {"ServiceURL", as_given}};
    const std::string url(http::without_end_slashes(as_given));
    const auto& heartbeat = c.given.text("heartbeat");
    if (!heartbeat.empty()) body["HeartbeatURL"] = heartbeat.starts_with('/') ? url + heartbeat : heartbeat;
    if (const auto& needed = c.given.list("requires"); !needed.empty())
        body["RequiredServices"] = texts(needed);
    if (const auto& tags = c.given.list("tag"); !tags.empty()) body["Tags"] = texts(tags);
    const std::pair<const char*, const char*> others[]{
        {"zone", "Zone"}, {"version", "Version"}, {"ttl", "TTL"}};
    for (const auto& [option, field] : others)
        if (const auto& text = c.given.text(option); !text.empty()) body[field] = text;
    if (c.given.has("weight")) body["Weight"] = c.given.number("weight");
    auto call = c.change("POST", "/services").with_body(to_text(body), "application/json");
    const auto r = co_await c.roles.change_registry(std::move(call));
    if (r.status < 200 || r.status > 299)
        throw verb_failure(r.status == 400 ? exit_code::wrong_use : exit_code::answer_is_no,
                           "the registry: " + without_end(refusal_of(r)));
    if (c.out.is_json)
        c.print_json({{"name", name}, {"url", c.given.words()[1]}, {"done", "registered"}});
    else
        c.print(name + " " + c.given.words()[1] + " registered\n");
    if (heartbeat.empty() && !c.given.has("ttl"))
        c.say("it is not probed: --heartbeat=/PATH has the registry watch over it");
    co_return exit_code::done;
}

}  // namespace

verb describe_register() {
    verb v;
    v.name = "register";
    v.form = "NAME URL";
    v.summary = "Put a service on the list that does not register itself";
    v.details = "It stays until it is forgotten (distd forget URL), or is lost for long.";
    v.min_words = v.max_words = 2;
    v.options = {{0,
                  {.name = "heartbeat",
                   .fallback = {},
                   .help = "Where it is probed: a path at its URL, or a URL",
                   .placeholder = "PATH"}},
                 {0,
                  {.name = "requires",
                   .kind = setting_kind::texts,
                   .fallback = {},
                   .help = "The services that it requires",
                   .placeholder = "NAME,...",
                   .repeatable = true}},
                 {0,
                  {.name = "tag",
                   .kind = setting_kind::texts,
                   .fallback = {},
                   .help = "Its tags",
                   .placeholder = "TAG,...",
                   .repeatable = true}},
                 {0, {.name = "zone", .fallback = {}, .help = "Its zone"}},
                 {0, {.name = "version", .fallback = {}, .help = "Its version"}},
                 {0,
                  {.name = "weight",
                   .kind = setting_kind::integer,
                   .fallback = {},
                   .help = "Its share; 0: offered, but not chosen",
                   .max = 65535}},
                 {0,
                  {.name = "ttl",
                   .kind = setting_kind::duration,
                   .fallback = {},
                   .help = "It reports at least this often, and is not probed"}}};
    v.examples = {
        {"distd register printer http://127.0.0.1:9100 --heartbeat=/status --tag=office", "a printer"}};
    v.run = &run_register;
    return v;
}

}  // namespace distd::ops::client
