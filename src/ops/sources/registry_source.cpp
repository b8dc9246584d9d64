#include "ops/sources/registry_source.hpp"

#include <utility>

#include "http/message/url.hpp"
#include "ops/answers/call_words.hpp"
#include "ops/answers/registry_answers.hpp"
#include "sdk/role_services.hpp"

namespace distd::ops {
namespace {

constexpr milliseconds state_age{250};
constexpr milliseconds rest_age{2000};
constexpr std::size_t answer_limit = 32 << 20;  // of a hundred thousand instances

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
    if (all.size() > registry_source::max_events)
        all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(registry_source::max_events));
    return std::make_shared<const std::vector<event>>(std::move(all));
}

}  // namespace

registry_source::registry_source(service& s)
    : service_(s),
      state_(s, "console registry", state_age, [this] { return fetch_state(); }),
      histories_{
          shared_source<health_bars>(s, "console health", seconds(5),
                                     [this] { return fetch_history(time_range::hour); }),
          shared_source<health_bars>(s, "console health", seconds(15),
                                     [this] { return fetch_history(time_range::day); }),
          shared_source<health_bars>(s, "console health", seconds(60),
                                     [this] { return fetch_history(time_range::month); }),
      },
      details_(s, "console probes", seconds(1),
               [this](std::string name) { return fetch_details(std::move(name)); }),
      keys_(s, "console keys", seconds(2),
            [this](std::string directory) { return fetch_keys(std::move(directory)); }) {}

std::string registry_source::address() const {
    const auto& all = registries_of(service_);
    return all.empty() ? std::string() : all[preferred_ % all.size()];
}

task<result<http::reply>> registry_source::send_to_one(http::call c) {
    const auto& all = registries_of(service_);
    const auto path = c.url;
    for (std::size_t tried = 0; tried < all.size(); ++tried) {
        c.url = all[preferred_ % all.size()] + path;
        auto copy = c;
        auto r = co_await service_.http().send(std::move(copy));
        if (r || tried + 1 == all.size()) co_return r;
        ++preferred_;
    }
    co_return errc::no_provider;
}

task<result<http::reply>> registry_source::read(std::string path, std::string etag) {
    http::call c("GET", std::move(path));
    c.deadline = c.connect_deadline = call_deadline;
    c.answer_limit = answer_limit;
    if (!etag.empty()) c.headers.set("If-None-Match", std::move(etag));
    co_return co_await send_to_one(std::move(c));
}

task<result<http::reply>> registry_source::send(http::call c) {
    auto r = co_await send_to_one(std::move(c));
    state_.make_stale();
    rest_asked_at_ = {};
    co_return r;
}

// Returns what is wrong, in words.
task<std::string> registry_source::fetch_instances(registry_state* next) {
    const auto r = co_await read("/services", next->instances_tag);
    if (r && r->status == 304) co_return std::string();
    if (auto trouble = trouble_of(r); !trouble.empty()) co_return trouble;
    auto list = shared(read_instances(r->body));
    if (!list) co_return std::string("its list of services cannot be read");
    next->instances = std::move(list);
    next->instances_tag = std::string(r->headers.find("ETag"));
    const auto id = r->headers.find("X-Distd-Registry");
    if (id != next->id) next->events = nullptr;  // another registry's
    next->id = std::string(id);
    co_return std::string();
}

task<> registry_source::fetch_events(registry_state* next) {
    std::string path = "/events?limit=" + std::to_string(max_events);
    if (next->events && !next->events->empty())
        path += "&after=" + std::to_string(next->events->back().index);
    const auto r = co_await read(std::move(path));
    auto more = r && r->status == 200 ? read_events(r->body) : std::nullopt;
    if (more) next->events = appended(next->events, *std::move(more));
}

// The list decides whether the registry is there; what else a foreign one does not know stays unknown. While
// the list is the same the rest is asked for less often: each request is a line in the registry's log.
task<fetched<registry_state>> registry_source::fetch_state() {
    registry_state next;
    if (const auto& known = state_.known().good) next = *known;
    const auto before = next.instances;
    auto trouble = co_await fetch_instances(&next);
    if (!trouble.empty()) co_return fetched<registry_state>{nullptr, std::move(trouble)};
    const auto now = service_.time().now();
    if (next.instances != before || now - rest_asked_at_ >= rest_age) {
        rest_asked_at_ = now;
        const auto status = co_await read("/status");
        next.guard = status && status->status == 200 ? shared(read_guard(status->body)) : nullptr;
        const auto graph = co_await read("/graph");
        next.missing = graph && graph->status == 200 ? shared(read_missing(graph->body)) : nullptr;
        co_await fetch_events(&next);
    }
    co_return fetched<registry_state>{std::make_shared<const registry_state>(std::move(next)), {}};
}

task<fetched<health_bars>> registry_source::fetch_history(time_range range) {
    const auto r = co_await read("/health-history?range=" + std::string(to_string(range)));
    if (r && r->status == 404) co_return fetched<health_bars>{};  // it keeps none
    if (auto trouble = trouble_of(r); !trouble.empty())
        co_return fetched<health_bars>{nullptr, std::move(trouble)};
    auto bars = shared(read_health_history(r->body));
    co_return fetched<health_bars>{bars, bars ? "" : "its history of health cannot be read"};
}

task<std::vector<instance>> registry_source::details(std::string name) {
    const auto known = co_await details_.current(std::move(name));
    co_return known.good ? *known.good : std::vector<instance>();
}

task<fetched<std::vector<instance>>> registry_source::fetch_details(std::string name) {
    using list = std::vector<instance>;
    const auto r = co_await read("/services/" + http::percent_encode(name) + "?details=1");
    if (r && r->status == 404) co_return fetched<list>{std::make_shared<const list>(), {}};
    if (auto trouble = trouble_of(r); !trouble.empty()) co_return fetched<list>{nullptr, std::move(trouble)};
    auto found = shared(read_instances(r->body));
    co_return fetched<list>{found, found ? "" : "its list of instances cannot be read"};
}

task<std::vector<std::string>> registry_source::keys(std::string directory) {
    const auto known = co_await keys_.current(std::move(directory));
    co_return known.good ? *known.good : std::vector<std::string>();
}

task<fetched<std::vector<std::string>>> registry_source::fetch_keys(std::string directory) {
    using names = std::vector<std::string>;
    std::string path = "/config";
    if (!directory.empty()) {
        directory.pop_back();
        path += "/" + http::percent_encode(directory) + "/";
    }
    const auto r = co_await read(std::move(path));
    if (auto trouble = trouble_of(r); !trouble.empty()) co_return fetched<names>{nullptr, std::move(trouble)};
    auto list = read_keys(r->body);
    if (!list) co_return fetched<names>{nullptr, "its configuration cannot be read"};
    co_return fetched<names>{std::make_shared<const names>(*std::move(list)), {}};
}

}  // namespace distd::ops
