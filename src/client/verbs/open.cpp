// distd open: the address of the console, or of a service's page there.
#include <algorithm>
#include <distd/json.hpp>
#include <optional>
#include <utility>

#include "client/system/context.hpp"
#include "client/system/names.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/verbs.hpp"
#include "http/message/url.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/model/words.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

// What the console answers to whoever asks for a link that signs in.
struct link_answer {
    std::string path;
    std::int64_t valid_ms = 0;  // 0: the console asks nobody to sign in
};

// Whoever registers as a console is asked, so the answer is judged before it is printed.
std::optional<link_answer> read_link(std::string_view body) {
    json_error ignored;
    const auto document = parse_json(body, ignored);
    if (!document || !document->is_object()) return std::nullopt;
    const auto* const path = find_field(document->get_object(), "Path");
    const auto* const valid = find_field(document->get_object(), "ValidMs");
    if (!path || !path->is_string()) return std::nullopt;
    link_answer a{std::string(path->get_string()), valid && valid->is_int64() ? valid->get_int64() : 0};
    const bool is_visible = std::ranges::all_of(
        a.path, [](char ch) { return ch > ' ' && static_cast<unsigned char>(ch) < 0x7F; });
    return a.path.starts_with('/') && is_visible ? std::optional(std::move(a)) : std::nullopt;
}

// The token itself never goes to the console, which anybody may have registered: the call proves that this
// user has it, and is of no use elsewhere.
task<link_answer> ask_for_link(context& c, std::string console) {
    auto call = c.change("POST", console + "/sign-in/link");
    const auto r = co_await c.roles.send(std::move(call));
    if (r) c.roles.expect_access("the console", console, *r);
    if (!r || r->status >= 300) throw away(c, "the console", wire::console_service, console, trouble_of(r));
    auto link = read_link(r->body);
    if (!link) throw verb_failure(exit_code::cannot_reach, "the console at " + console + " gave no link");
    co_return *std::move(link);
}

task<int> run_open(context& c) {
    const auto all = co_await ask_registered(c);
    const auto console = console_among(c, all);
    std::string page = "/";
    if (!c.given.words().empty())
        page += "services/" + http::percent_encode(find_service(service_names(all), c.given.words().front()));
    link_answer link;
    if (!c.roles.where().token.empty()) link = co_await ask_for_link(c, console);
    const bool signs_in = link.valid_ms > 0;
    const auto url =
        console + (!signs_in ? page : link.path + (page == "/" ? "" : "&to=" + http::percent_encode(page)));
    if (c.out.is_json)
        c.print_json({{"url", url}});
    else
        c.print(url + "\n");
    if (signs_in)
        c.say("it signs in once, within " +
              counted(static_cast<std::size_t>(link.valid_ms / 60'000), "minute", "minutes"));
    co_return exit_code::done;
}

}  // namespace

verb describe_open() {
    verb v;
    v.name = "open";
    v.form = "[NAME]";
    v.summary = "Print the console's link, or that of a service's page";
    v.details = "With an access token it is a link that signs in once, within two minutes.";
    v.max_words = 1;
    v.words = word_kind::service;
    v.examples = {{"distd open", "the console's first page"}, {"distd open cart", "the page of cart"}};
    v.run = &run_open;
    return v;
}

}  // namespace distd::ops::client
