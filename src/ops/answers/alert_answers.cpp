#include "ops/answers/alert_answers.hpp"

#include <distd/json.hpp>

#include "base/timestamp.hpp"
#include "ops/model/words.hpp"

namespace distd::ops {
namespace {

struct attempt_row {
    std::string time, service, what, reason;
    std::int64_t status = 0;
};
BOOST_DESCRIBE_STRUCT(attempt_row, (), (time, service, what, reason, status))
struct waiting_row {
    std::string service, what, reason, since;
    std::int64_t tries = 0;
};
BOOST_DESCRIBE_STRUCT(waiting_row, (), (service, what, reason, since, tries))
struct held_row {
    std::string service, since, due;
};
BOOST_DESCRIBE_STRUCT(held_row, (), (service, since, due))
struct alert_row {
    std::string name, fault, url, method, after, again, next_try;
    std::vector<std::string> on, services;
    std::int64_t delivered = 0, failed = 0, pending_count = 0;
    std::optional<attempt_row> last_delivery, failure;
    std::vector<waiting_row> pending;
    std::vector<held_row> held;
};
BOOST_DESCRIBE_STRUCT(alert_row, (),
                      (name, fault, url, method, after, again, next_try, on, services, delivered, failed,
                       pending_count, last_delivery, failure, pending, held))

std::optional<alert_attempt> attempt_of(const std::optional<attempt_row>& r) {
    if (!r) return std::nullopt;
    return alert_attempt{parse_rfc3339(r->time), r->service, r->what, r->reason, r->status};
}

alert_facts facts_of(const alert_row& r) {
    alert_facts f{r.name,
                  r.fault,
                  r.url,
                  r.method,
                  r.on,
                  r.services,
                  r.after,
                  r.again,
                  r.delivered,
                  r.failed,
                  attempt_of(r.last_delivery),
                  attempt_of(r.failure),
                  r.pending_count,
                  {},
                  {},
                  parse_rfc3339(r.next_try)};
    for (const auto& w : r.pending)
        f.pending.push_back({w.service, w.what, w.reason, parse_rfc3339(w.since), w.tries});
    for (const auto& h : r.held) f.held.push_back({h.service, parse_rfc3339(h.since), parse_rfc3339(h.due)});
    return f;
}

}  // namespace

bool alert_facts::is_failing() const noexcept {
    if (!fault.empty()) return true;
    return failure && (!last_delivery || last_delivery->at < failure->at);
}

std::optional<std::vector<alert_facts>> read_alerts(std::string_view json_text) {
    json_error ignored;
    const auto rows = from_json<std::vector<alert_row>>(json_text, ignored);
    if (!rows) return std::nullopt;
    std::vector<alert_facts> out;
    for (const auto& r : *rows) out.push_back(facts_of(r));
    return out;
}

}  // namespace distd::ops
