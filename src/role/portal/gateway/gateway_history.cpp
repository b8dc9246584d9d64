#include "role/portal/gateway/gateway_history.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "base/timestamp.hpp"

namespace distd::portal {
namespace {

constexpr std::int64_t max_points = 360;
constexpr std::int64_t default_points = 60;
constexpr std::int64_t slots_of_hour = 3600 / traffic_series::slot_span.count();

json::value or_null(const traffic_sum& t, std::uint64_t traffic_percentiles::*which) {
    if (!t.percentiles) return nullptr;
    return (*t.percentiles).*which;
}

json::object as_json(const traffic_sum& t) {
    return {{"requests", t.requests},
            {"failures", t.failures},
            {"retries", t.retries},
            {"max_in_flight", t.max_in_flight},
            {"p50_us", or_null(t, &traffic_percentiles::p50_us)},
            {"p95_us", or_null(t, &traffic_percentiles::p95_us)},
            {"p99_us", or_null(t, &traffic_percentiles::p99_us)}};
}

class renderer {
public:
    renderer(const history_query& q, steady_point now)
        : query_(q), end_(traffic_series::slot_of(now) + 1), first_(end_ - q.steps * q.slots_of_step) {}

    void add_total(json::object& o, const traffic_series& t) const {
        o["total"] = as_json(t.sum(first_, end_));
    }

    // One array for each figure, oldest step first.
    void add_steps(json::object& o, const traffic_series& t) const {
        std::map<std::string, json::array> columns;
        for (std::int64_t i = 0; i < query_.steps; ++i) {
            const auto from = first_ + i * query_.slots_of_step;
            for (auto& [name, value] : as_json(t.sum(from, from + query_.slots_of_step)))
                columns[std::string(name)].push_back(std::move(value));
        }
        for (auto& [name, values] : columns) o[name] = std::move(values);
    }

    [[nodiscard]] json::object of(const exposed_service& s) const {
        json::object row{{"name", s.name}, {"in_flight", static_cast<std::size_t>(s.in_flight.value())}};
        add_steps(row, s.traffic);
        add_total(row, s.traffic);
        json::array instances;
        for (const auto& i : s.balance.all()) {
            json::object one{{"url", i->facts.url}, {"in_flight", i->in_flight}};
            if (!query_.service.empty()) add_steps(one, i->traffic);
            add_total(one, i->traffic);
            instances.push_back(std::move(one));
        }
        row["instances"] = std::move(instances);
        return row;
    }

private:
    const history_query& query_;
    std::int64_t end_;
    std::int64_t first_;
};

}  // namespace

std::string parse_history_query(std::string_view range, std::string_view points, history_query& into) {
    if (!range.empty() && range != "1h" && range != "6h")
        return "range: expected 1h or 6h, not '" + std::string(range) + "': six hours are kept.";
    into.range = range == "6h" ? "6h" : "1h";
    std::int64_t wanted = default_points;
    if (!points.empty()) {
        const auto [end, ec] = std::from_chars(points.data(), points.data() + points.size(), wanted);
        if (ec != std::errc() || end != points.data() + points.size() || wanted < 1 || wanted > max_points)
            return "points: expected a number from 1 to " + std::to_string(max_points) + ", not '" +
                   std::string(points) + "'.";
    }
    const auto slots = (into.range == "6h" ? 6 : 1) * slots_of_hour;
    into.slots_of_step = (slots + wanted - 1) / wanted;
    into.steps = (slots + into.slots_of_step - 1) / into.slots_of_step;
    return {};
}

std::string gateway_history(const upstream_services& all, const history_query& q, steady_point now,
                            wall_point wall) {
    const renderer r(q, now);
    json::array services;
    for (const auto& [name, s] : all.all())
        if (q.service.empty() || q.service == name) services.push_back(r.of(*s));
    return to_text(json::object{{"range", q.range},
                                {"step_seconds", q.slots_of_step * traffic_series::slot_span.count()},
                                {"until", rfc3339(wall)},
                                {"services", std::move(services)}});
}

}  // namespace distd::portal
