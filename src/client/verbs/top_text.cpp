#include "client/verbs/top_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "client/output/table.hpp"
#include "ops/model/system_overview.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

struct top_row {
    std::string name;
    double rate = 0;
    const traffic* passed = nullptr;
    traffic_step last;  // the newest whole step
};

std::vector<top_row> rows_of(const traffic_history& h) {
    std::vector<top_row> out;
    for (const auto& [name, t] : h.services) {
        top_row r{name, rate_of(t, h.step_seconds), &t, {}};
        if (!t.steps.empty()) r.last = t.steps[t.steps.size() > 1 ? t.steps.size() - 2 : 0];
        out.push_back(std::move(r));
    }
    std::ranges::sort(out, [](const auto& a, const auto& b) {
        return std::pair(-a.rate, a.name) < std::pair(-b.rate, b.name);
    });
    return out;
}

}  // namespace

std::string top_text(const traffic_history& h, const output_style& l) {
    table rows({{.title = "SERVICE", .may_shrink = true},
                {.title = "RATE", .is_number = true},
                {.title = "P50", .is_number = true},
                {.title = "P95", .is_number = true},
                {.title = "FAILED", .is_number = true},
                {.title = "IN FLIGHT", .is_number = true},
                {.title = "LAST HOUR", .is_number = true}});
    for (const auto& r : rows_of(h)) {
        const auto failed =
            as_percent(static_cast<double>(r.last.failures), static_cast<double>(r.last.requests));
        rows.add({{one_line(r.name, 200)},
                  {for_charset(as_rate(r.rate).text(), l)},
                  {for_charset(as_latency(r.last.took.p50_us).text(), l)},
                  {for_charset(as_latency(r.last.took.p95_us).text(), l)},
                  {for_charset(failed.text(), l), r.last.failures > 0 ? tone::sick : tone::plain},
                  {std::to_string(r.passed->in_flight)},
                  {for_charset(grouped(r.passed->total.requests), l)}});
    }
    return rows.text(l);
}

boost::json::array top_json(const traffic_history& h) {
    boost::json::array out;
    const auto number = [](std::optional<std::int64_t> n) {
        return n ? boost::json::value(*n) : boost::json::value(nullptr);
    };
    for (const auto& r : rows_of(h))
        out.push_back({{"name", r.name},
                       {"per_second", r.rate},
                       {"p50_us", number(r.last.took.p50_us)},
                       {"p95_us", number(r.last.took.p95_us)},
                       {"requests", r.last.requests},
                       {"failed", r.last.failures},
                       {"in_flight", r.passed->in_flight}});
    return out;
}

}  // namespace distd::ops::client
