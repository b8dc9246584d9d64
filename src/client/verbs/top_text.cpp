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
    const traffic* passed = nullptr;
};

// The busiest ones first.
std::vector<top_row> rows_of(const traffic_history& h) {
    std::vector<top_row> out;
    for (const auto& [name, t] : h.services) out.push_back({name, &t});
    std::ranges::sort(out, {},
                      [](const top_row& r) { return std::pair(-r.passed->rate.value_or(0), r.name); });
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
        const auto failed = as_percent(static_cast<double>(r.passed->recent.failures),
                                       static_cast<double>(r.passed->recent.requests));
        rows.add({{one_line(r.name, 200)},
                  {for_charset(as_rate(r.passed->rate).text(), l)},
                  {for_charset(as_latency(r.passed->recent.took.p50_us).text(), l)},
                  {for_charset(as_latency(r.passed->recent.took.p95_us).text(), l)},
                  {for_charset(failed.text(), l), r.passed->recent.failures > 0 ? tone::sick : tone::plain},
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
                       {"per_second", r.passed->rate ? boost::json::value(*r.passed->rate) : nullptr},
                       {"p50_us", number(r.passed->recent.took.p50_us)},
                       {"p95_us", number(r.passed->recent.took.p95_us)},
                       {"requests", r.passed->recent.requests},
                       {"failed", r.passed->recent.failures},
                       {"in_flight", r.passed->in_flight}});
    return out;
}

}  // namespace distd::ops::client
