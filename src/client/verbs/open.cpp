// distd open: the address of the console, or of a service's page there.
#include "client/system/context.hpp"
#include "client/system/going_wrong.hpp"
#include "client/system/names.hpp"
#include "client/verbs/verbs.hpp"
#include "http/message/url.hpp"
#include "wire/service_names.hpp"

namespace distd::ops::client {
namespace {

task<int> run_open(context& c) {
    const auto all = co_await ask_registered(c);
    const auto consoles = addresses_of(all, wire::console_service);
    if (consoles.empty())
        throw cannot_go_on(exit_code::cannot_reach,
                           "no console is registered at " + c.roles.registry_url() +
                               "\nstart one: distd run --role=console --registry=" + c.roles.registry_url());
    auto link = consoles.front() + "/";
    if (!c.given.words().empty())
        link += "services/" + http::percent_encode(find_service(service_names(all), c.given.words().front()));
    if (c.out.is_json)
        c.print_json({{"url", link}});
    else
        c.print(link + "\n");
    co_return exit_code::done;
}

}  // namespace

verb describe_open() {
    verb v;
    v.name = "open";
    v.form = "[NAME]";
    v.summary = "Print the console's link, or that of a service's page";
    v.max_words = 1;
    v.words = word_kind::service;
    v.examples = {{"distd open cart", "the page of cart"}};
    v.run = &run_open;
    return v;
}

}  // namespace distd::ops::client
