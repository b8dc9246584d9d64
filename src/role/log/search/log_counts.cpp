#include "role/log/search/log_counts.hpp"

#include "role/log/line/timestamp.hpp"
#include "role/log/search/log_scan.hpp"

namespace distd::logs {
namespace {

constexpr seconds max_field_scan{2};  // fields of the newest lines are as good as those of all
constexpr std::size_t values_shown = 10;

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

void close_with(std::string& out, const early_end& e) {
    out += ']';
    if (!e.reason.empty()) {
        out += ',';
        append_escaped_member(out, "incomplete", e.reason);
        out.pop_back();
    }
    if (e.after != 0) out += ",\"after\":" + std::to_string(e.after);
    out += '}';
}

std::string rendered(const tally& counts, const tally_keys& keys, const early_end& incomplete) {
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
    close_with(out, incomplete);
    return out;
}

std::string rendered(const field_tally& counts, const early_end& incomplete) {
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
    close_with(out, incomplete);
    return out;
}

}  // namespace

template <class Scan>
task<result<early_end>> log_counts::run(std::shared_ptr<Scan> scan) {
    for (;;) {
        const auto p = co_await store_.step(scan);
        if (!p) co_return p.error();
        if (const auto readable = reader_.judge(*p); !readable) co_return readable.error();
        if (p->is_end || !p->ended_by.empty()) co_return early_end{p->ended_by, p->last_seen};
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
    auto early = co_await run(scan);
    if (!early) co_return http::response::of(early.error());
    if (early->reason.empty() && scan->counts().overflowed()) early->reason = "groups";
    co_return http::response::json_text(200, rendered(scan->counts(), keys, *early));
}

task<http::response> log_counts::fields(http::request q) {
    auto query = co_await queries_.read(q, of_a_count, &parse_stats_query);
    if (query.refusal) co_return *std::move(query.refusal);
    const auto scan =
        std::make_shared<field_scan>(store_.parts(), store_.journal(), std::move(query.value->filter),
                                     search_budget(service_.time(), service_.time().now() + max_field_scan));
    auto early = co_await run(scan);
    if (!early) co_return http::response::of(early.error());
    if (early->reason.empty() && scan->counts().has_more_fields()) early->reason = "fields";
    co_return http::response::json_text(200, rendered(scan->counts(), *early));
}

}  // namespace distd::logs
