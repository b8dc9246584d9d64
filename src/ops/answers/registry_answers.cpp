#include "ops/answers/registry_answers.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/timestamp.hpp"
#include "ops/model/words.hpp"
#include "wire/time_range.hpp"

namespace distd::ops {
namespace {

struct listed_instance {
    std::string service_name;
    std::string service_url;
    std::vector<std::string> required_services;
    std::vector<std::string> tags;
    std::optional<std::int64_t> weight;
    std::string zone;
    std::string version;
    std::string health;
    std::string since;
    std::string reason;
    bool guarded = false;
    bool drained = false;
    std::string drained_since;
    std::string drain_reason;
    std::string registered_at;
    std::optional<double> probe_ms;
    std::string failure_answer;
};
BOOST_DESCRIBE_STRUCT(listed_instance, (),
                      (service_name, service_url, required_services, tags, weight, zone, version, health,
                       since, reason, guarded, drained, drained_since, drain_reason, registered_at, probe_ms,
                       failure_answer))

struct listed_event {
    std::int64_t index = 0;
    std::string time;
    std::string type;
    std::string name;
    std::string url;
    std::string reason;
    std::string actor;
    std::string key;
    std::optional<std::int64_t> version;
    std::optional<std::int64_t> was;
};
BOOST_DESCRIBE_STRUCT(listed_event, (), (index, time, type, name, url, reason, actor, key, version, was))

struct listed_missing {
    std::string name;
    std::vector<std::string> required_by;
};
BOOST_DESCRIBE_STRUCT(listed_missing, (), (name, required_by))
struct listed_graph {
    std::vector<listed_missing> missing;
};
BOOST_DESCRIBE_STRUCT(listed_graph, (), (missing))

struct listed_guard {
    bool active = false;
    std::string until;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(listed_guard, (), (active, until, reason))
struct listed_status {
    listed_guard guard;
};
BOOST_DESCRIBE_STRUCT(listed_status, (), (guard))

struct listed_history {
    std::string service_url;
    std::string health;
};
BOOST_DESCRIBE_STRUCT(listed_history, (), (service_url, health))

struct listed_key {
    std::string key;
};
BOOST_DESCRIBE_STRUCT(listed_key, (), (key))

instance to_instance(listed_instance&& from) {
    instance i;
    i.machine = host_of(from.service_url);
    i.name = std::move(from.service_name);
    i.url = std::move(from.service_url);
    i.version = std::move(from.version);
    i.zone = std::move(from.zone);
    i.weight = from.weight.value_or(1);
    i.tags = std::move(from.tags);
    i.required = std::move(from.required_services);
    i.health = std::move(from.health);
    i.since = parse_rfc3339(from.since);
    i.reason = std::move(from.reason);
    i.failure_answer = std::move(from.failure_answer);
    i.is_guarded = from.guarded;
    i.is_drained = from.drained;
    i.drained_since = parse_rfc3339(from.drained_since);
    i.drain_reason = std::move(from.drain_reason);
    i.registered_at = parse_rfc3339(from.registered_at);
    i.probe_ms = from.probe_ms;
    return i;
}

std::optional<event> to_event(listed_event&& from) {
    const auto at = parse_rfc3339(from.time);
    if (!at) return std::nullopt;
    return event{static_cast<std::uint64_t>(from.index),
                 *at,
                 std::move(from.type),
                 std::move(from.name),
                 std::move(from.url),
                 std::move(from.reason),
                 std::move(from.actor),
                 std::move(from.key),
                 from.version,
                 from.was};
}

// The elements of a list that can be read as T.
template <class T>
std::vector<T> readable(const json::array& list) {
    std::vector<T> out;
    json_error ignored;
    for (const auto& element : list)
        if (auto read = from_json<T>(element, ignored)) out.push_back(*std::move(read));
    return out;
}

std::optional<json::array> read_list(std::string_view text) {
    json_error ignored;
    auto read = parse_json(text, ignored);
    if (!read || !read->is_array()) return std::nullopt;
    return std::move(read->get_array());
}

health_cell cell_of(char letter) {
    switch (letter) {
        case 'w': return health_cell::well;
        case 'd': return health_cell::drained;
        case 'l': return health_cell::lost;
        default: return health_cell::unknown;
    }
}

}  // namespace

std::optional<std::vector<instance>> read_instances(std::string_view json_text) {
    const auto list = read_list(json_text);
    if (!list) return std::nullopt;
    std::vector<instance> out;
    for (auto& i : readable<listed_instance>(*list)) out.push_back(to_instance(std::move(i)));
    return out;
}

std::optional<std::vector<missing_service>> read_missing(std::string_view json_text) {
    json_error ignored;
    auto graph = from_json<listed_graph>(json_text, ignored);
    if (!graph) return std::nullopt;
    std::vector<missing_service> out;
    for (auto& m : graph->missing) out.push_back({std::move(m.name), std::move(m.required_by)});
    return out;
}

std::optional<failure_guard> read_guard(std::string_view json_text) {
    json_error ignored;
    auto status = from_json<listed_status>(json_text, ignored);
    if (!status) return std::nullopt;
    return failure_guard{status->guard.active, parse_rfc3339(status->guard.until),
                         std::move(status->guard.reason)};
}

std::optional<std::vector<event>> read_events(std::string_view json_text) {
    const auto list = read_list(json_text);
    if (!list) return std::nullopt;
    std::vector<event> out;
    for (auto& e : readable<listed_event>(*list))
        if (auto read = to_event(std::move(e))) out.push_back(*std::move(read));
    return out;
}

std::optional<health_bars> read_health_history(std::string_view json_text) {
    json_error ignored;
    const auto read = parse_json(json_text, ignored);
    if (!read || !read->is_object()) return std::nullopt;
    const auto* const rows = find_field(read->get_object(), "Instances");
    const auto* const range = find_field(read->get_object(), "Range");
    if (!rows || !rows->is_array() || !range || !range->is_string()) return std::nullopt;
    const auto name = std::string_view(range->get_string());
    const auto buckets = buckets_in(wire::to_time_range(name).value_or(wire::time_range::hour));
    health_bars out;
    for (const auto& row : readable<listed_history>(rows->get_array()))
        add_runs(out[row.service_url], row.health, buckets);
    return out;
}

std::optional<std::vector<std::string>> read_keys(std::string_view json_text) {
    const auto list = read_list(json_text);
    if (!list) return std::nullopt;
    std::vector<std::string> out;
    for (auto& k : readable<listed_key>(*list)) out.push_back(std::move(k.key));
    return out;
}

void add_runs(health_bar& bar, std::string_view runs, std::size_t buckets) {
    std::size_t at = 0;
    std::size_t count = 0;
    for (const char c : runs) {
        if (ascii::is_digit(c)) {
            count = std::min(count * 10 + static_cast<std::size_t>(c - '0'), buckets);
            continue;
        }
        if (!ascii::is_letter(c)) return;
        const auto end = std::min(at + count, buckets);
        const auto cell = cell_of(c);
        if (end > at)
            for (auto i = at * bar_cells / buckets; i <= (end - 1) * bar_cells / buckets; ++i)
                bar[i] = std::max(bar[i], cell);
        at = end;
        count = 0;
    }
}

}  // namespace distd::ops
