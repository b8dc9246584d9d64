#include "role/portal/gateway/gateway_history.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/append_number.hpp"
#include "base/parse_number.hpp"
#include "base/timestamp.hpp"

namespace distd::portal {
namespace {

constexpr std::int64_t max_points = 360;
constexpr std::int64_t default_points = 60;
constexpr std::int64_t slots_of_minute = 60 / traffic_series::slot_span.count();
constexpr std::int64_t slots_of_hour = 3600 / traffic_series::slot_span.count();

// One figure of a sum, and its name in the answer.
struct figure {
    std::string_view name;
    void (*write)(std::string& out, const traffic_sum&);
};

template <std::uint64_t traffic_sum::*Count>
void write_count(std::string& out, const traffic_sum& t) {
    append_number(out, t.*Count);
}

template <std::uint64_t traffic_percentiles::*Which>
void write_percentile(std::string& out, const traffic_sum& t) {
    t.percentiles ? append_number(out, (*t.percentiles).*Which) : static_cast<void>(out.append("null"));
}

constexpr std::array<figure, 7> figures{{{"requests", write_count<&traffic_sum::requests>},
                                         {"failures", write_count<&traffic_sum::failures>},
                                         {"retries", write_count<&traffic_sum::retries>},
                                         {"max_in_flight", write_count<&traffic_sum::max_in_flight>},
                                         {"p50_us", write_percentile<&traffic_percentiles::p50_us>},
                                         {"p95_us", write_percentile<&traffic_percentiles::p95_us>},
                                         {"p99_us", write_percentile<&traffic_percentiles::p99_us>}}};

// Writes the text itself: a tree of values for it would take twenty times its memory.
class writer {
public:
    writer(std::string& out, const history_query& q, steady_point since, steady_point now)
        : out_(out),
          query_(q),
          end_(traffic_series::slot_of(now) + 1),
          first_(end_ - q.steps * q.slots_of_step),
          recent_end_(end_ - 1),
          recent_first_(std::max(recent_end_ - slots_of_minute, traffic_series::slot_of(since) + 1)),
          sums_(static_cast<std::size_t>(q.steps)) {}

    void write(const exposed_service& s) {
        begin("name", s.name, static_cast<std::uint64_t>(s.in_flight.value()));
        write_steps(s.traffic);
        write_total(s.traffic);
        write_recent(s.traffic);
        out_ += R"(,"instances":[)";
        bool is_first = true;
        for (const auto& i : s.balance.all()) {
            if (!std::exchange(is_first, false)) out_ += ',';
            begin("url", i->facts.url, i->in_flight);
            if (!query_.service.empty()) write_steps(i->traffic);
            write_total(i->traffic);
            out_ += '}';
        }
        out_ += "]}";
    }

private:
    void begin(std::string_view kind, std::string_view name, std::uint64_t in_flight) {
        out_.append("{\"").append(kind).append("\":");
        append_json_string(out_, name);
        out_ += R"(,"in_flight":)";
        append_number(out_, in_flight);
    }

    void write_total(const traffic_series& t) {
        out_ += R"(,"total":{)";
        write_figures(t.sum(first_, end_));
        out_ += '}';
    }

    // Of slots that are over: a rate of them neither lags by a step nor falls with each new slot.
    void write_recent(const traffic_series& t) {
        out_ += R"(,"recent":)";
        if (recent_first_ >= recent_end_) {
            out_ += "null";
            return;
        }
        out_ += R"({"seconds":)";
        const auto seconds = (recent_end_ - recent_first_) * traffic_series::slot_span.count();
        append_number(out_, static_cast<std::uint64_t>(seconds));
        out_ += ',';
        write_figures(t.sum(recent_first_, recent_end_));
        out_ += '}';
    }

    void write_figures(const traffic_sum& sum) {
        auto before = "\"";
        for (const auto& f : figures) {
            out_.append(std::exchange(before, ",\"")).append(f.name).append("\":");
            f.write(out_, sum);
        }
    }

    // One array for each figure, oldest step first.
    void write_steps(const traffic_series& t) {
        auto from = first_;
        for (auto& sum : sums_) {
            sum = t.sum(from, from + query_.slots_of_step);
            from += query_.slots_of_step;
        }
        for (const auto& f : figures) {
            out_.append(",\"").append(f.name).append("\"");
            auto before = ":[";
            for (const auto& sum : sums_) {
                out_ += std::exchange(before, ",");
                f.write(out_, sum);
            }
            out_ += ']';
        }
    }

    std::string& out_;
    const history_query& query_;
    std::int64_t end_;
    std::int64_t first_;
    std::int64_t recent_end_;
    std::int64_t recent_first_;
    std::vector<traffic_sum> sums_;
};

}  // namespace

std::string parse_history_query(std::string_view range, std::string_view points, history_query& into) {
    if (!range.empty() && range != "1h" && range != "6h")
        return "range: expected 1h or 6h, not '" + std::string(range) + "': six hours are kept.";
    into.range = range == "6h" ? "6h" : "1h";
    std::int64_t wanted = default_points;
    if (!points.empty()) {
        wanted = parse_number<std::int64_t>(points).value_or(0);
        if (wanted < 1 || wanted > max_points)
            return "points: expected a number from 1 to " + std::to_string(max_points) + ", not '" +
                   std::string(points) + "'.";
    }
    const auto slots = (into.range == "6h" ? 6 : 1) * slots_of_hour;
    into.slots_of_step = (slots + wanted - 1) / wanted;
    into.steps = (slots + into.slots_of_step - 1) / into.slots_of_step;
    return {};
}

namespace {

struct history_size {
    std::int64_t rows = 0;    // with a value for each step
    std::int64_t totals = 0;  // with their sums only
};

history_size size_of(const history_query& q, const upstream_services& all) {
    history_size size;
    for (const auto& [name, s] : all.all()) {
        if (!q.service.empty() && q.service != name) continue;
        const auto instances = static_cast<std::int64_t>(s->balance.all().size());
        size.rows += q.service.empty() ? 1 : 1 + instances;
        size.totals += instances + 2;
    }
    return size;
}

}  // namespace

std::int64_t history_sums(const history_query& q, const upstream_services& all) {
    const auto size = size_of(q, all);
    return size.rows * q.steps + size.totals;
}

std::size_t history_bytes(const history_query& q, const upstream_services& all) {
    constexpr std::size_t bytes_of_sum = 32;
    constexpr std::size_t bytes_of_name = 256;
    const auto [rows, totals] = size_of(q, all);
    return static_cast<std::size_t>(rows * q.steps + totals) * bytes_of_sum +
           static_cast<std::size_t>(totals) * bytes_of_name;
}

std::string problem_with(const history_query& q, const upstream_services& all) {
    const auto [rows, totals] = size_of(q, all);
    if (rows * q.steps + totals <= max_history_sums) return {};
    const auto points = rows == 0 ? 0 : (max_history_sums - totals) / rows;
    const auto too_many = "That is more than " + std::to_string(max_history_sums) + " sums: ";
    return too_many + (points > 0 ? "ask for points=" + std::to_string(points) + " or fewer."
                                  : "ask for one service=NAME.");
}

std::string gateway_history(const upstream_services& all, const history_query& q, steady_point since,
                            steady_point now, wall_point wall) {
    std::string out(R"({"range":")");
    out.reserve(history_bytes(q, all));
    out.append(q.range).append(R"(","step_seconds":)");
    append_number(out, static_cast<std::uint64_t>(q.slots_of_step * traffic_series::slot_span.count()));
    out.append(R"(,"until":")").append(rfc3339(wall)).append(R"(","services":[)");
    writer w(out, q, since, now);
    bool is_first = true;
    for (const auto& [name, s] : all.all()) {
        if (!q.service.empty() && q.service != name) continue;
        if (!std::exchange(is_first, false)) out += ',';
        w.write(*s);
    }
    return out += "]}";
}

}  // namespace distd::portal
