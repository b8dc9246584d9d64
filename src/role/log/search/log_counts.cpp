#include "role/log/search/log_counts.hpp"

#include <distd/json.hpp>
#include "role/log/line/timestamp.hpp"
#include "role/log/search/log_scan.hpp"

namespace distd::logs {
namespace {

constexpr seconds max_field_scan{2};  // fields of the newest lines are as good as those of all
constexpr std::size_t values_shown = 10;
constexpr std::size_t max_damaged_shown = 10;

// A count has no limit, order, start or format.
constexpr known_parameter of_a_count[] = {{"by"}, {"bucket"}, {"service"}, {"level"}, {"trace"},
                                          {"q"},  {"case"},   {"from"},    {"to"}};

// A text of the journal, the inside of a JSON string, as a member.
void append_escaped_member(std::string& out, const char* name, std::string_view escaped_text) {
    out += '"';
    out += name;
    out += "\":\"";
    out += escaped_text;
    out += "\",";
}

// As the service's own log names them.
void append_damaged(std::string& out, const std::vector<damage>& places) {
    out += ",\"damaged\":[";
    for (const auto& d : places) {
        out += out.back() == '[' ? R"({"file":)" : R"(,{"file":)";
        append_json_string(out, d.file.filename().string());
        out += ",\"offset\":" + std::to_string(d.offset) + ",\"bytes\":" + std::to_string(d.bytes) +
               ",\"reason\":";
        append_json_string(out, d.reason);
        out += '}';
    }
    out += ']';
}

void close_with(std::string& out, const shortfall& s) {
    out += ']';
    if (!s.reason.empty()) {
        out += ',';
        append_escaped_member(out, "incomplete", s.reason);
        out.pop_back();
    }
    if (s.after != 0) out += ",\"after\":" + std::to_string(s.after);
    if (!s.damaged.empty()) append_damaged(out, s.damaged);
    out += '}';
}

std::string rendered(const tally& counts, const tally_keys& keys, const shortfall& missing) {
    std::string out = R"({"total":)" + std::to_string(counts.total()) + R"(,"counts":[)";
    for (const auto& [group, count] : counts.groups()) {
        out += out.back() == '[' ? "{" : ",{";
        if (keys.bucket_ns > 0) {
            std::string time;
            append_timestamp(time, group.bucket);
            append_escaped_member(out, "time", time);
        }
        if (keys.level) append_escaped_member(out, "level", group.level);
        if (keys.service) append_escaped_member(out, "service", group.service);
        out += "\"count\":" + std::to_string(count) + '}';
    }
    close_with(out, missing);
    return out;
}

std::string rendered(const field_tally& counts, const shortfall& missing) {
    std::string out = R"({"lines":)" + std::to_string(counts.lines()) + R"(,"fields":[)";
    for (const auto& [name, field] : counts.fields()) {
        out += out.back() == '[' ? "{" : ",{";
        append_escaped_member(out, "name", name);
        out += "\"count\":" + std::to_string(field.count) + ",\"values\":[";
        for (const auto& v : field.most_frequent(values_shown)) {
            out += out.back() == '[' ? "" : ",";
            out += R"({"value":)" + v.value + R"(,"count":)" + std::to_string(v.count) + '}';
        }
        out += field.has_more_values || field.values.size() > values_shown ? "],\"more\":true}" : "]}";
    }
    close_with(out, missing);
    return out;
}

}  // namespace

template <class Scan>
task<result<shortfall>> log_counts::run(std::shared_ptr<Scan> scan) {
    shortfall missing;
    for (;;) {
        const auto p = co_await store_.step(scan);
        if (!p) co_return p.error();
        if (const auto readable = reader_.judge(*p); !readable) co_return readable.error();
        for (const auto& d : p->damaged)
            if (missing.damaged.size() < max_damaged_shown) missing.damaged.push_back(d);
        if (!p->is_end && p->ended_by.empty()) continue;
        missing.reason = p->ended_by;
        missing.after = p->last_seen;
        if (missing.reason.empty() && !missing.damaged.empty()) missing.reason = "damage";
        co_return missing;
    }
}

task<http::response> log_counts::stats(http::request q) {
    auto query = co_await queries_.read(q, of_a_count, &parse_stats_query);
    if (query.refusal) co_return *std::move(query.refusal);
    const auto keys = query.value->keys;
    const auto scan =
        std::make_shared<log_scan>(store_.parts(), store_.journal(), std::move(query.value->filter),
                                   search_budget(service_.time(), service_.time().now() + max_search),
                                   line_counting(store_.helper(), keys));
    auto missing = co_await run(scan);
    if (!missing) co_return http::response::of(missing.error());
    if (missing->reason.empty() && scan->counts().overflowed()) missing->reason = "groups";
    co_return http::response::json_text(200, rendered(scan->counts(), keys, *missing));
}

task<http::response> log_counts::fields(http::request q) {
    auto query = co_await queries_.read(q, of_a_count, &parse_stats_query);
    if (query.refusal) co_return *std::move(query.refusal);
    const auto scan =
        std::make_shared<field_scan>(store_.parts(), store_.journal(), std::move(query.value->filter),
                                     search_budget(service_.time(), service_.time().now() + max_field_scan));
    auto missing = co_await run(scan);
    if (!missing) co_return http::response::of(missing.error());
    if (missing->reason.empty() && scan->counts().has_more_fields()) missing->reason = "fields";
    co_return http::response::json_text(200, rendered(scan->counts(), *missing));
}

}  // namespace distd::logs
