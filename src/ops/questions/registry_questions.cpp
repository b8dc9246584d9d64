#include "ops/questions/registry_questions.hpp"

#include <iterator>
#include <utility>

#include "http/message/url.hpp"
#include "ops/answers/registry_answers.hpp"
#include "ops/questions/ask.hpp"
#include "ops/questions/config_questions.hpp"
#include "wire/header_names.hpp"

namespace distd::ops {
namespace {

template <class T>
std::shared_ptr<const T> shared(std::optional<T> value) {
    return value ? std::make_shared<const T>(*std::move(value)) : nullptr;
}

// Those that are known already and those that came after them, the newest of all.
std::shared_ptr<const std::vector<event>> appended(const std::shared_ptr<const std::vector<event>>& known,
                                                   std::vector<event> more) {
    if (!known || known->empty()) return std::make_shared<const std::vector<event>>(std::move(more));
    if (more.empty()) return known;
    auto all = *known;
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    if (all.size() > max_events) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(max_events));
    return std::make_shared<const std::vector<event>>(std::move(all));
}

task<> ask_events(send_function send, registry_state* next) {
    std::string path = "/events?limit=" + std::to_string(max_events);
    if (next->events && !next->events->empty())
        path += "&after=" + std::to_string(next->events->back().index);
    auto question = make_question(std::move(path));
    const auto r = co_await send(std::move(question));
    auto more = r && r->status == 200 ? read_events(r->body) : std::nullopt;
    if (more) next->events = appended(next->events, *std::move(more));
}

}  // namespace

task<std::string> ask_instances(send_function send, registry_state* next, std::string path) {
    auto question = make_question(std::move(path));
    if (!next->instances_tag.empty()) question.headers.set("If-None-Match", next->instances_tag);
    const auto r = co_await send(std::move(question));
    if (r && r->status == 304) co_return std::string();
    if (auto trouble = trouble_of(r); !trouble.empty()) co_return trouble;
    auto list = shared(read_instances(r->body));
    if (!list) co_return std::string("its list of services cannot be read");
    next->instances = std::move(list);
    next->instances_tag = std::string(r->headers.find("ETag"));
    const auto id = r->headers.find(wire::registry_id_header);
    if (id != next->id) next->events = nullptr;  // another registry's
    next->id = std::string(id);
    co_return std::string();
}

task<> ask_rest(send_function send, registry_state* next) {
    auto guard_question = make_question("/status");
    const auto status = co_await send(std::move(guard_question));
    next->guard = status && status->status == 200 ? shared(read_guard(status->body)) : nullptr;
    auto graph_question = make_question("/graph");
    const auto graph = co_await send(std::move(graph_question));
    next->missing = graph && graph->status == 200 ? shared(read_missing(graph->body)) : nullptr;
    co_await ask_events(std::move(send), next);
}

task<fetched<health_bars>> ask_health(send_function send, time_range range) {
    return ask<health_bars>(std::move(send), "/health-history?range=" + std::string(to_string(range)),
                            &read_health_history, "its history of health cannot be read",
                            fetched<health_bars>{});  // 404: it keeps none
}

task<fetched<std::vector<instance>>> ask_details(send_function send, std::string name) {
    using list = std::vector<instance>;
    return ask<list>(std::move(send), "/services/" + http::percent_encode(name) + "?details=1",
                     &read_instances, "its list of instances cannot be read",
                     fetched<list>{std::make_shared<const list>(), {}});
}

task<fetched<std::vector<std::string>>> ask_keys(send_function send, std::string directory) {
    return ask<std::vector<std::string>>(std::move(send), config_list_path(directory), &read_keys,
                                         "its configuration cannot be read");
}

task<fetched<std::vector<alert_facts>>> ask_alerts(send_function send) {
    using list = std::vector<alert_facts>;
    return ask<list>(std::move(send), "/alerts", &read_alerts, "its list of alerts cannot be read",
                     fetched<list>{std::make_shared<const list>(), {}});  // 404: it sends none
}

}  // namespace distd::ops
