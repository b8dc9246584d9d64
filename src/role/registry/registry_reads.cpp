#include "role/registry/registry_reads.hpp"

#include <algorithm>
#include <utility>

#include "base/parse_number.hpp"
#include "role/known_parameters.hpp"
#include "role/registry/core/history_listing.hpp"
#include "role/registry/list_query.hpp"
#include "role/registry/watch/topics.hpp"
#include "wire/header_names.hpp"

namespace distd::registry {
namespace {

constexpr std::size_t default_events = 1'000;
constexpr std::size_t events_at_once = 256;       // on a stream, before it looks whether more have come
constexpr std::size_t max_to_compress = 1 << 20;  // it is done on the loop
constexpr milliseconds list_gap{100};             // a stream of everything says it ten times a second at most
constexpr seconds silence_on_a_stream{15};

constexpr known_parameter list_parameters[] = {{"name"},   {"tag", true}, {"zone"},  {"health"}, {"offered"},
                                               {"fields"}, {"details"},   {"index"}, {"wait"}};
constexpr known_parameter of_histories[] = {{"range"}};
constexpr std::span<const known_parameter> of_all = list_parameters;
constexpr auto of_a_name = of_all.subspan(1);
constexpr auto of_the_graph = of_all.last(2);
constexpr auto of_targets = of_all.first(1);
constexpr known_parameter of_events[] = {{"after"}, {"limit"}, {"name"}, {"type"}, {"index"}, {"wait"}};

std::optional<http::response> read_query(const http::request& q, std::span<const known_parameter> known,
                                         watch_query& watch, list_filter& filter) {
    if (auto wrong = refuse_others(q, known)) return wrong;
    if (auto wrong = read_watch_query(q, watch)) return wrong;
    if (q.query_text().empty()) return std::nullopt;
    if (const auto problem = read_list_filter(q.query_text(), filter); !problem.empty())
        return wrong_parameter(problem);
    return std::nullopt;
}

std::string names_of_event_types() {
    std::string all;
    for (std::size_t i = 0; i < event_types; ++i) {
        if (i > 0) all += i + 1 < event_types ? ", " : " and ";
        all += to_string(static_cast<event_type>(i));
    }
    return all;
}

std::string topic_of(const event_filter& f) {
    return f.name.empty() ? std::string(topics::anything) : topics::of_name(f.name);
}

std::string what_was_missed(std::uint64_t after, const timeline& t) {
    return R"({"After":)" + std::to_string(after) + R"(,"Forgotten":)" + std::to_string(t.forgotten()) + "}";
}

}  // namespace

void registry_reads::mount(service& s) {
    mount(s, "/services", &registry_reads::list);
    mount(s, "/services/{name}", &registry_reads::show);
    mount(s, "/graph", &registry_reads::graph);
    mount(s, "/events", &registry_reads::events);
    mount(s, "/health-history", &registry_reads::histories);
    mount(s, "/sd/prometheus", &registry_reads::targets, {.routine = true});
}

void registry_reads::mount(service& s, const char* path, read_function read, http::route_options o) {
    o.polled = true;
    s.get(
        path, [this, read](http::request q) { return (this->*read)(q); }, o);
}

// ---- lists

http::handler_result registry_reads::list(const http::request& q) {
    watch_query watch;
    list_filter filter;
    if (auto wrong = read_query(q, of_all, watch, filter)) return std::move(*wrong);
    if (!watch.waits()) return with_index(list_of(filter), index_of(filter));
    const auto wanted = std::make_shared<const list_filter>(std::move(filter));
    watched w;
    w.topic = wanted->name.empty() ? std::string(topics::anything) : topics::of_name(wanted->name);
    w.index = [this, wanted] { return index_of(*wanted); };
    w.answer = [this, wanted] { return list_of(*wanted); };
    w.event = [this, wanted] { return text_of(*wanted); };
    w.min_gap = list_gap;
    return serve_watched(registry_.board(), watch, std::move(w));
}

http::handler_result registry_reads::show(const http::request& q) {
    watch_query watch;
    list_filter filter;
    if (auto wrong = read_query(q, of_a_name, watch, filter)) return std::move(*wrong);
    filter.name = q.param("name");
    if (!watch.waits()) return with_index(instances_of(filter), index_of(filter));
    const auto wanted = std::make_shared<const list_filter>(std::move(filter));
    watched w;
    w.topic = topics::of_name(wanted->name);
    w.index = [this, wanted] { return index_of(*wanted); };
    w.answer = [this, wanted] { return instances_of(*wanted); };
    w.event = [this, wanted] { return instances_text(*wanted); };
    return serve_watched(registry_.board(), watch, std::move(w));
}

http::handler_result registry_reads::graph(const http::request& q) {
    watch_query watch;
    if (auto wrong = refuse_others(q, of_the_graph)) return std::move(*wrong);
    if (auto wrong = read_watch_query(q, watch)) return std::move(*wrong);
    watched w;
    w.topic = topics::anything;
    w.index = [this] { return registry_.state().names().of_all(); };
    w.answer = [this] { return text_answer(registry_.texts().graph()); };
    w.event = [this] { return registry_.texts().graph().text; };
    w.min_gap = list_gap;
    return serve_watched(registry_.board(), watch, std::move(w));
}

std::uint64_t registry_reads::index_of(const list_filter& filter) const {
    const auto& names = registry_.state().names();
    return filter.name.empty() ? names.of_all() : names.of(filter.name);
}

http::response registry_reads::list_of(const list_filter& filter) {
    if (filter.is_empty()) return text_answer(registry_.texts().all(registry_.now()));
    return http::response::shared(200, "application/json", text_of(filter));
}

http::shared_text registry_reads::text_of(const list_filter& filter) {
    if (filter.is_empty()) return registry_.texts().all(registry_.now()).text;
    return registry_.texts().filtered(filter, registry_.now());
}

http::response registry_reads::instances_of(const list_filter& filter) {
    const auto* all = registry_.texts().named(filter.name, registry_.now());
    if (!all)
        return http::response::problem(404,
                                       "No instance of " + filter.name.substr(0, 256) + " is registered.");
    if (filter.is_name_alone()) return text_answer(*all);
    return http::response::shared(200, "application/json",
                                  registry_.texts().filtered(filter, registry_.now()));
}

http::shared_text registry_reads::instances_text(const list_filter& filter) {
    if (filter.is_name_alone())
        if (const auto* all = registry_.texts().named(filter.name, registry_.now())) return all->text;
    return registry_.texts().filtered(filter, registry_.now());
}

http::response registry_reads::text_answer(const tagged_text& t) const {
    auto r = http::response::shared(200, "application/json", t.text).etag(t.etag);
    if (t.text->size() <= max_to_compress) return std::move(r).compressible();
    return r;
}

http::handler_result registry_reads::histories(const http::request& q) {
    if (auto wrong = refuse_others(q, of_histories)) return std::move(*wrong);
    const auto range = wire::to_time_range(q.query("range").value_or("1h"));
    if (!range) return wrong_parameter("range must be one of 1h, 24h and 30d");
    return text_answer(registry_.texts().histories(*range, registry_.now().steady));
}

http::handler_result registry_reads::targets(const http::request& q) {
    if (auto wrong = refuse_others(q, of_targets)) return std::move(*wrong);
    const auto name = q.query("name").value_or(std::string());
    return http::response::json_text(200, registry_.texts().targets(name));
}

// ---- the timeline

http::handler_result registry_reads::events(const http::request& q) {
    auto e = std::make_shared<events_query>();
    if (auto wrong = read_events_query(q, *e)) return std::move(*wrong);
    if (e->watch.as_stream) {
        auto r = http::response::events([this, e](http::body_writer out) { return send_events(out, e); });
        return with_index(std::move(r), registry_.state().events().index());
    }
    if (has_news(*e) || e->watch.wait <= milliseconds(0)) return answer_events(q, e);
    auto& board = registry_.board();
    const auto deadline = board.time().now() + e->watch.wait;
    const watch_board::parked_read read{[this, e] { return has_news(*e); },
                                        [this, e](http::request asked) { return answer_events(asked, e); }};
    auto wait = [e, deadline, &board, read](http::request, http::pending_answer answer) {
        board.park(topic_of(e->filter), deadline, read, std::move(answer));
    };
    return http::deferred(http::buffers::release, std::move(wait));
}

// An event that the reader has not seen. An index beyond ours belongs to a registry that lost its data since.
bool registry_reads::has_news(const events_query& e) const {
    if (!e.watch.seen) return true;
    const auto& all = registry_.state().events();
    return *e.watch.seen > all.index() || !all.after(*e.watch.seen, 1, e.filter).empty();
}

http::handler_result registry_reads::answer_events(const http::request& q,
                                                   const std::shared_ptr<const events_query>& e) {
    const auto found = find(*e);
    if (found.size() <= default_events) return events_now(found);
    return large_.answer(q, bytes_as_json(found), [this, e] { return events_now(find(*e)); });
}

std::vector<const event*> registry_reads::find(const events_query& e) const {
    const auto& all = registry_.state().events();
    return e.from_the_end ? all.newest(e.limit, e.filter) : all.after(e.after, e.limit, e.filter);
}

http::response registry_reads::events_now(const std::vector<const event*>& found) const {
    auto r = http::response::json_text(200, events_as_json(found));
    r.header(wire::index_header, std::to_string(registry_.state().events().index()));
    return r;
}

std::optional<http::response> registry_reads::read_events_query(const http::request& q, events_query& out) {
    if (auto wrong = refuse_others(q, of_events)) return wrong;
    if (auto wrong = read_watch_query(q, out.watch)) return wrong;
    out.filter.name = q.query("name").value_or(std::string());
    if (const auto type = q.query("type"); type && !type->empty()) {
        out.filter.type = to_event_type(*type);
        if (!out.filter.type) return wrong_parameter("type must be one of " + names_of_event_types());
    }
    std::int64_t limit = default_events;
    if (auto wrong = read_number(q, "limit", 1, timeline::max_events, limit)) return wrong;
    out.limit = static_cast<std::size_t>(limit);
    const auto after = q.query("after");
    if (after) {
        const auto index = parse_number<std::uint64_t>(*after);
        if (!index) return wrong_parameter("after must be the decimal Index of an event");
        out.after = *index;
    }
    // A reader of a stream comes back to the same address: what it has received counts, not where it began.
    const bool resumes = out.watch.as_stream && !q.header("Last-Event-ID").empty();
    if (resumes || !after) out.after = out.watch.seen.value_or(0);
    if (!after && out.after > registry_.state().events().index()) out.after = 0;  // of data that was lost
    out.from_the_end = !after && !out.watch.seen && !resumes;
    return std::nullopt;
}

task<> registry_reads::send_events(http::body_writer out, std::shared_ptr<const events_query> e) {
    const auto& all = registry_.state().events();
    const auto topic = topic_of(e->filter);
    auto seen = e->from_the_end ? all.index() : e->after;
    if (seen > all.index()) seen = 0;  // an id of a registry that lost its data since
    for (result<> sent; sent;) {
        if (seen != 0 && seen < all.forgotten()) {
            const auto missed_up_to = all.forgotten();
            auto text = what_was_missed(seen, all);
            // With an id, so that a reader that reconnects does not get it again.
            sent = co_await out.event(std::move(text), std::to_string(missed_up_to), "missed");
            seen = missed_up_to;
            continue;
        }
        // Copied: while they are sent, others may be forgotten.
        std::vector<std::pair<std::uint64_t, std::string>> batch;
        std::size_t bytes = 0;
        for (const auto* one : all.after(seen, events_at_once, e->filter)) {
            batch.emplace_back(one->index, event_as_json(*one));
            bytes += batch.back().second.capacity();
        }
        if (!out.holding(bytes)) co_return;
        for (auto& [index, text] : batch) {
            sent = co_await out.event(std::move(text), std::to_string(index));
            if (!sent) co_return;
            seen = index;
        }
        if (!batch.empty()) continue;
        const auto until = registry_.board().time().now() + silence_on_a_stream;
        const bool touched = co_await registry_.board().wait(topic, until);
        if (!touched) sent = co_await out.comment("still here");
    }
}

}  // namespace distd::registry
