#include "role/registry/alerts/alerts.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/settings/options_values.hpp"
#include "base/timestamp.hpp"
#include "http/message/url.hpp"
#include "role/registry/alerts/alert_text.hpp"

namespace distd::registry {
namespace {

constexpr std::size_t max_shown = 100;  // of what waits

std::string utc(std::int64_t ms) { return rfc3339(wall_point(milliseconds(ms)), time_digits::milliseconds); }

json::string text(std::string_view s) { return json::string(s.data(), s.size()); }

json::array list_of(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& one : texts) out.push_back(text(one));
    return out;
}

json::object about(const alert_message& m) {
    return {{"service", text(m.service)}, {"what", text(to_string(m.what))}};
}

}  // namespace

struct alerts::alert {
    std::string fault;  // of its value: it does nothing
    alert_settings rules;
    alert_watch watch;
    alert_outbox outbox;
    bool is_testing = false;
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;
    json::object last_delivery;  // empty: none since the registry's start
    json::object failure;        // the same
};

alerts::alerts(const directory& d, std::vector<alert_row> kept) : directory_(d) {
    for (auto& row : kept) kept_[row.alert].push_back(std::move(row));
}

alerts::~alerts() = default;

std::string alerts::fault_in(const std::string& name, std::string_view value) const {
    if (auto fault = fault_in_alert_name(name); !fault.empty()) return fault;
    if (!alerts_.contains(name) && alerts_.size() >= max_alerts)
        return "there are " + std::to_string(max_alerts) +
               " alerts, as many as there may be; delete one first";
    std::string fault;
    static_cast<void>(read_alert(value, fault));
    return fault;
}

void alerts::configure(const std::string& name, std::string_view value, moment now) {
    if (!alerts_.contains(name) && alerts_.size() >= max_alerts) return;
    auto& place = alerts_[name];
    if (!place) place = std::make_shared<alert>();
    auto& a = *place;
    auto rules = read_alert(value, a.fault);
    if (auto fault = fault_in_alert_name(name); !fault.empty()) a.fault = std::move(fault);
    if (!rules || !a.fault.empty()) return;
    a.rules = *std::move(rules);
    a.outbox.hurry();
    if (!is_started_) return;
    if (!losses_) rebuild(now);
    take_rules(name, a, now);
}

void alerts::take_rules(const std::string& name, alert& a, moment now) {
    for (const auto& subject : a.watch.take_rules(a.rules)) {
        a.outbox.drop(subject);
        to_store_.push_back({{name, subject}, alert_change::action::forget});
    }
    show_all(a, now);
}

void alerts::remove(const std::string& name) {
    if (alerts_.erase(name) == 0) return;
    to_store_.push_back({{name, {}}, alert_change::action::forget_alert});
    if (alerts_.empty()) losses_.reset();
}

void alerts::start(moment now) {
    is_started_ = true;
    if (!alerts_.empty()) rebuild(now);
    for (const auto& [name, rows] : std::exchange(kept_, {})) {
        const auto found = alerts_.find(name);
        if (found == alerts_.end()) {
            to_store_.push_back({{name, {}}, alert_change::action::forget_alert});
            continue;
        }
        for (const auto& row : rows) {
            found->second->watch.restore(row, now);
            if (!row.is_settled) found->second->outbox.put(row.subject, row.message, now.steady);
        }
    }
    for (const auto& [name, a] : alerts_) take_rules(name, *a, now);
}

void alerts::rebuild(moment now) {
    losses_ = std::make_unique<loss_tracker>(directory_.instances());
    losses_->restore(directory_.events().all(), now);
    seen_ = directory_.events().index();
}

void alerts::show_all(alert& a, moment now) {
    if (!a.fault.empty()) return;
    a.watch.see_guard(*losses_, a.rules, now);
    auto names = losses_->in_trouble();
    for (auto& known : a.watch.names()) names.insert(std::move(known));
    for (const auto& name : names) a.watch.see(name, losses_->of(name), a.rules, now);
}

// Of what happened while the timeline forgot more than it holds only the outcome is known.
void alerts::look(moment now) {
    const auto& events = directory_.events();
    if (seen_ < events.forgotten()) {
        rebuild(now);
        for (const auto& [name, a] : alerts_) show_all(*a, now);
        return;
    }
    if (seen_ >= events.index()) return;
    for (const auto* e : events.after(seen_, std::numeric_limits<std::size_t>::max(), {}))
        losses_->take(*e, now);
    seen_ = events.index();
    const auto changed = losses_->take_changed();
    for (const auto& [name, a] : alerts_) {
        if (!a->fault.empty()) continue;
        a->watch.see_guard(*losses_, a->rules, now);
        for (const auto& service : changed) a->watch.see(service, losses_->of(service), a->rules, now);
    }
}

std::vector<alert_change> alerts::review(moment now) {
    auto out = std::exchange(to_store_, {});
    if (!losses_ || !is_started_) return out;
    look(now);
    for (const auto& [name, a] : alerts_) {
        if (!a->fault.empty()) continue;
        const auto made = a->watch.review(*losses_, a->rules, now);
        for (const auto& d : made) out.push_back(to_change(name, *a, d, now));
    }
    return out;
}

alert_change alerts::to_change(const std::string& name, alert& a, const alert_watch::decision& d,
                               moment now) const {
    alert_change c;
    c.that.alert = name;
    c.that.subject = d.subject;
    if (!d.what) {
        a.outbox.drop(d.subject);
        c.what = alert_change::action::forget;
        return c;
    }
    auto& m = c.that.message;
    m = d.subject.empty() ? losses_->describe_guard(*d.what) : losses_->describe(d.subject, *d.what);
    m.since_ms = d.since_ms;
    m.until_ms = d.until_ms;
    m.at_ms = unix_ms(now.wall);
    if (m.what == alert_kind::back && !d.subject.empty()) m.reason = "well again after " + length_of(m);
    c.that.reported_at_ms = d.reported_at_ms;
    return c;
}

void alerts::stored(const alert_change& c, steady_point now) {
    const auto found = alerts_.find(c.that.alert);
    if (c.what != alert_change::action::keep || found == alerts_.end()) return;
    found->second->outbox.put(c.that.subject, c.that.message, now);
}

std::optional<alerts::delivery> alerts::take(steady_point now) {
    for (const auto& [name, a] : alerts_) {
        if (!a->fault.empty()) continue;
        auto next = a->outbox.take(now);
        if (!next) continue;
        const auto& m = next->message;
        next->message.console = losses_->console_page(
            next->subject.empty() ? "/" : "/services/" + http::percent_encode(m.service));
        return delivery{a, name, a->rules, *std::move(next)};
    }
    return std::nullopt;
}

std::optional<alerts::delivery> alerts::take_test(const std::string& name, const std::string& who,
                                                  moment now) {
    const auto found = alerts_.find(name);
    if (found == alerts_.end() || !found->second->fault.empty() || found->second->is_testing)
        return std::nullopt;
    auto& a = *found->second;
    a.is_testing = true;
    delivery d{found->second, name, a.rules, {}, true};
    auto& m = d.what.message;
    m.what = alert_kind::test;
    m.service = "registry";
    m.reason = "sent by " + who + " to see whether it arrives";
    m.at_ms = unix_ms(now.wall);
    m.console = losses_->console_page("/alerts");
    return d;
}

alert_outbox::end alerts::finish(const delivery& d, const attempt& how, moment now, std::uint64_t draw,
                                 std::vector<alert_change>& out) {
    auto& a = *d.whose;
    const bool has_arrived = how.failure.empty();
    auto seen = about(d.what.message);
    seen["time"] = text(utc(unix_ms(now.wall)));
    if (how.status > 0) seen["status"] = how.status;
    if (!has_arrived) seen["reason"] = text(how.failure);
    (has_arrived ? a.last_delivery : a.failure) = std::move(seen);
    ++(has_arrived ? a.delivered : a.failed);
    if (d.is_test) {
        a.is_testing = false;
        return has_arrived ? alert_outbox::end::delivered : alert_outbox::end::given_up;
    }
    const auto end = a.outbox.finish(d.what, has_arrived, now.steady, draw);
    const bool is_settled = end == alert_outbox::end::delivered || end == alert_outbox::end::given_up;
    const auto current = alerts_.find(d.alert_name);
    const auto reported_at_ms = a.watch.reported_at_ms(d.what.subject);
    if (is_settled && reported_at_ms && current != alerts_.end() && current->second == d.whose)
        out.push_back({{d.alert_name, d.what.subject, d.what.message, *reported_at_ms, true}});
    return end;
}

std::size_t alerts::pending() const noexcept {
    std::size_t count = 0;
    for (const auto& [name, a] : alerts_) count += a->outbox.size();
    return count;
}

steady_point alerts::next_due() const noexcept {
    if (!to_store_.empty()) return steady_point::min();
    auto due = steady_point::max();
    for (const auto& [name, a] : alerts_)
        if (a->fault.empty()) due = std::min({due, a->watch.next_due(), a->outbox.next_due()});
    return due;
}

json::object alerts::to_json(const std::string& name, const alert& a, moment now) const {
    json::object out{{"name", text(name)}};
    if (!a.fault.empty()) {
        out["fault"] = text(a.fault);
        return out;
    }
    const auto wall_of = [now](steady_point t) {
        return text(rfc3339(now.wall + std::chrono::duration_cast<wall_point::duration>(t - now.steady)));
    };
    std::vector<std::string> kinds;
    for (const auto k : {alert_kind::lost, alert_kind::back, alert_kind::missing, alert_kind::guard})
        if (a.rules.is_about(k)) kinds.emplace_back(to_string(k));
    out["url"] = text(shown_url(a.rules.url));
    out["method"] = text(a.rules.method);
    out["on"] = list_of(kinds);
    out["services"] = list_of(a.rules.services);
    out["after"] = text(duration_text(a.rules.after.count()));
    out["again"] = text(duration_text(a.rules.again.count()));
    out["delivered"] = a.delivered;
    out["failed"] = a.failed;
    if (!a.last_delivery.empty()) out["last_delivery"] = a.last_delivery;
    if (!a.failure.empty()) out["failure"] = a.failure;
    json::array waiting;
    for (const auto& [subject, w] : a.outbox.all()) {
        if (waiting.size() == max_shown) break;
        auto one = about(w.message);
        one["reason"] = text(w.message.reason);
        one["since"] = text(utc(w.message.since_ms));
        one["tries"] = w.tries;
        waiting.push_back(std::move(one));
    }
    out["pending_count"] = a.outbox.size();
    out["pending"] = std::move(waiting);
    if (a.outbox.paused_until() > now.steady) out["next_try"] = wall_of(a.outbox.paused_until());
    json::array held;
    for (const auto& h : a.watch.waiting()) {
        if (held.size() == max_shown) break;
        json::object one{{"service", text(h.subject)}, {"since", text(utc(h.since_ms))}};
        if (h.due != steady_point::max()) one["due"] = wall_of(h.due);
        held.push_back(std::move(one));
    }
    out["held"] = std::move(held);
    return out;
}

std::string alerts::as_json(moment now) const {
    json::array out;
    for (const auto& [name, a] : alerts_) out.push_back(to_json(name, *a, now));
    return to_text(out);
}

}  // namespace distd::registry
