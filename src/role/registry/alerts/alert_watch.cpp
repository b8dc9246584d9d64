#include "role/registry/alerts/alert_watch.hpp"

#include <algorithm>

#include "base/timestamp.hpp"

namespace distd::registry {
namespace {

constexpr std::chrono::minutes until_next_look{1};  // where as many are reported as may be

// None: the alert is not about what is wrong.
std::optional<alert_kind> kind_of(const loss_tracker::state& s, const alert_settings& rules) {
    if (s.is_lost && rules.is_about(alert_kind::lost)) return alert_kind::lost;
    if (s.is_missing && rules.is_about(alert_kind::missing)) return alert_kind::missing;
    return std::nullopt;
}

}  // namespace

void alert_watch::restore(const alert_row& row, moment now) {
    auto& one = *subjects_.try_emplace(row.subject).first;
    auto& s = one.second;
    const milliseconds ago(std::max<std::int64_t>(unix_ms(now.wall) - row.reported_at_ms, 0));
    s.reported_at_ms = row.reported_at_ms;
    s.reported_at = now.steady - ago;
    s.begin = {now.steady, row.message.since_ms};
    s.well_since = now.steady;  // unless `see` says something else
    s.well_since_ms = unix_ms(now.wall);
    if (row.message.what == alert_kind::back) return;
    s.what = row.message.what;
    set_phase(s, phase::reported);
}

void alert_watch::see(const std::string& service, const loss_tracker::state& s, const alert_settings& rules,
                      moment now) {
    if (!rules.names(service)) return;
    const auto kind = kind_of(s, rules);
    const auto& begin = kind == alert_kind::missing ? s.missing : s.lost;
    note(service, kind.has_value(), kind.value_or(alert_kind::lost), s.is_listed, begin, rules, now);
}

void alert_watch::see_guard(const loss_tracker& book, const alert_settings& rules, moment now) {
    if (rules.is_about(alert_kind::guard))
        note({}, book.is_guarded(), alert_kind::guard, false, book.guard(), rules, now);
    if (std::exchange(is_frozen_, book.is_guarded()) == book.is_guarded()) return;
    for (auto& one : subjects_) plan(one, rules);
}

void alert_watch::note(const std::string& name, bool is_bad, alert_kind what, bool is_listed,
                       const loss_tracker::start& begin, const alert_settings& rules, moment now) {
    const auto found = subjects_.find(name);
    if (found == subjects_.end() && !is_bad) return;
    auto& one = found == subjects_.end() ? *subjects_.try_emplace(name).first : *found;
    auto& s = one.second;
    if (is_bad) {
        s.what = what;
        s.is_listed = is_listed;
        if (s.now == phase::quiet) {
            s.begin = begin;
            set_phase(s, phase::suspected);
        }
    } else if (s.is_bad) {
        s.well_since = now.steady;
        s.well_since_ms = unix_ms(now.wall);
    }
    s.is_bad = is_bad;
    plan(one, rules);
}

std::vector<std::string> alert_watch::take_rules(const alert_settings& rules) {
    std::vector<std::string> dropped;
    for (auto one = subjects_.begin(); one != subjects_.end();) {
        auto& s = one->second;
        const bool is_named =
            one->first.empty() ? rules.is_about(alert_kind::guard) : rules.names(one->first);
        if (is_named) {
            plan(*one++, rules);
            continue;
        }
        due_.erase({s.due, one->first});
        set_phase(s, phase::quiet);
        dropped.push_back(one->first);
        one = subjects_.erase(one);
    }
    return dropped;
}

void alert_watch::set_phase(subject& s, phase p) {
    reported_ -= s.now == phase::reported ? 1 : 0;
    reported_ += p == phase::reported ? 1 : 0;
    s.now = p;
}

// When something is to be decided of it, unless something happens before.
void alert_watch::plan(subjects::value_type& one, const alert_settings& rules) {
    auto& s = one.second;
    const bool is_guard = one.first.empty();
    const auto after = is_guard ? milliseconds(0) : rules.after;
    const bool was_reported = s.reported_at != steady_point::min();
    const auto next_report = !was_reported                    ? steady_point::min()
                             : rules.again == milliseconds(0) ? steady_point::max()
                                                              : s.reported_at + rules.again;
    due_.erase({s.due, one.first});
    s.due = steady_point::max();
    if (s.now == phase::quiet)
        s.due = rules.again == milliseconds(0) ? steady_point::min() : next_report;  // to be forgotten
    else if (!s.is_bad)
        s.due = s.well_since + after;
    else if (s.now == phase::suspected)
        s.due = std::max(s.begin.since + after,
                         rules.again == milliseconds(0) ? steady_point::min() : next_report);
    else if (s.is_listed)
        s.due = next_report;
    if (is_frozen_ && !is_guard) s.due = steady_point::max();
    if (s.due != steady_point::max()) due_.emplace(s.due, one.first);
}

std::vector<alert_watch::decision> alert_watch::review(const loss_tracker& book, const alert_settings& rules,
                                                       moment now) {
    std::vector<decision> made;
    while (!due_.empty() && due_.begin()->first <= now.steady) {
        const auto found = subjects_.find(due_.begin()->second);
        auto& s = found->second;
        if (s.now == phase::quiet) {
            due_.erase(due_.begin());
            if (s.reported_at != steady_point::min()) made.push_back({found->first, std::nullopt});
            subjects_.erase(found);
            continue;
        }
        if (s.is_bad && s.now == phase::suspected && reported_ >= max_reported) {
            due_.erase(due_.begin());
            s.due = now.steady + until_next_look;
            due_.emplace(s.due, found->first);
            continue;
        }
        if (auto d = decide(*found, book, rules, now)) made.push_back(std::move(*d));
        plan(*found, rules);
    }
    return made;
}

std::optional<alert_watch::decision> alert_watch::decide(subjects::value_type& one, const loss_tracker& book,
                                                         const alert_settings& rules, moment now) {
    if (one.second.is_bad) return report(one, now);
    return end(one, book, rules);
}

alert_watch::decision alert_watch::report(subjects::value_type& one, moment now) {
    auto& s = one.second;
    set_phase(s, phase::reported);
    s.reported_at = now.steady;
    s.reported_at_ms = unix_ms(now.wall);
    return {one.first, s.what, s.begin.since_ms, 0, s.reported_at_ms};
}

// It is over. Where an operator took out what was lost, or nobody is left, that is no return.
std::optional<alert_watch::decision> alert_watch::end(subjects::value_type& one, const loss_tracker& book,
                                                      const alert_settings& rules) {
    auto& s = one.second;
    const bool was_reported = s.now == phase::reported;
    set_phase(s, phase::quiet);
    if (!was_reported) return std::nullopt;
    const bool is_back = one.first.empty() ? book.guard_ended_well() : book.is_back(one.first);
    decision d{one.first, std::nullopt, s.begin.since_ms, s.well_since_ms, s.reported_at_ms};
    if (is_back && rules.is_about(alert_kind::back)) d.what = alert_kind::back;
    return d;
}

steady_point alert_watch::next_due() const noexcept {
    return due_.empty() ? steady_point::max() : due_.begin()->first;
}

std::vector<std::string> alert_watch::names() const {
    std::vector<std::string> out;
    for (const auto& [name, s] : subjects_)
        if (!name.empty()) out.push_back(name);
    return out;
}

std::optional<std::int64_t> alert_watch::reported_at_ms(const std::string& subject) const {
    const auto found = subjects_.find(subject);
    return found == subjects_.end() ? std::nullopt : std::optional(found->second.reported_at_ms);
}

std::vector<alert_watch::held> alert_watch::waiting() const {
    std::vector<held> out;
    for (const auto& [name, s] : subjects_)
        if (s.now == phase::suspected && s.is_bad) out.push_back({name, s.begin.since_ms, s.due});
    return out;
}

}  // namespace distd::registry
