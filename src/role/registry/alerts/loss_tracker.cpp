#include "role/registry/alerts/loss_tracker.hpp"

#include <algorithm>

#include "base/timestamp.hpp"
#include "http/message/registered_url.hpp"
#include "role/registry/core/failure_guard.hpp"

namespace distd::registry {
namespace {

constexpr std::size_t max_reason = 300;
constexpr std::size_t max_link = 1024;
constexpr std::string_view console_service = "Console";
constexpr std::string_view own_name = "registry";  // whom the guard is about

// When that was on the clock that is never set.
loss_tracker::start start_at(std::int64_t at_ms, moment now) {
    const milliseconds ago(std::max<std::int64_t>(unix_ms(now.wall) - at_ms, 0));
    return {now.steady - ago, at_ms};
}

// At the beginning of a character.
std::string cut(std::string text, std::size_t max) {
    if (text.size() <= max) return text;
    while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xc0) == 0x80) --max;
    text.resize(max);
    return text + "…";
}

std::string and_more(std::size_t count) {
    return count == 0 ? std::string() : " and " + std::to_string(count) + " more";
}

}  // namespace

void loss_tracker::restore(const std::deque<event>& timeline, moment now) {
    for (const auto& e : timeline) note(e, now);
    guard_ = {};  // a restart ends it
    for (const auto* i : catalog_.all()) {
        const auto& url = i->that.url;
        const bool is_lost = !i->healthy && !i->drain.holds();
        if (!is_lost) settle(url, false);
        if (is_lost && !losses_.contains(url)) {
            event e;
            e.name = i->that.name;
            e.url = url;
            lose(e, {now.steady, unix_ms(now.wall)}, false);
        }
    }
    missing_.clear();
    for (const auto& [name, requiring] : catalog_.by_requirement()) look_for_missing(name, now);
    changed_.clear();
}

void loss_tracker::take(const event& e, moment now) {
    note(e, now);
    if (e.url.empty() || is_of_configuration(e.type)) return;
    changed_.insert(e.name);
    look_for_missing_around(e, now);
}

void loss_tracker::note(const event& e, moment now) {
    const auto begin = start_at(e.at_ms, now);
    const auto* const i = catalog_.find(e.url);
    const bool is_drained = i && i->drain.holds();
    switch (e.type) {
        case event_type::lost:
            if (!is_drained) lose(e, begin, false);
            break;
        case event_type::gone: lose(e, begin, true); break;
        case event_type::back:
        case event_type::replaced: settle(e.url, false); break;
        case event_type::registered:
            if (losses_.contains(e.url))
                settle(e.url, false);
            else
                fill_place(e.name);
            break;
        case event_type::deregistered:
        case event_type::forgotten:
        case event_type::drained: settle(e.url, true); break;
        case event_type::undrained:
            if (i && !i->healthy) lose(e, begin, false);
            break;
        case event_type::guard_on:
            guard_ = begin;
            guard_reason_ = e.reason;
            break;
        case event_type::guard_off:
            guard_ = {};
            guard_reason_ = e.reason;
            break;
        default: break;
    }
}

void loss_tracker::lose(const event& e, start begin, bool is_gone) {
    auto [found, is_new] = losses_.try_emplace(e.url, loss{e.name, e.reason, begin, is_gone});
    if (is_new) {
        if (services_.size() > losses_.size() + max_idle)
            std::erase_if(services_, [](const auto& s) { return s.second.urls.empty(); });
        services_[e.name].urls.insert(e.url);
    }
    if (!is_new && !e.reason.empty()) found->second.reason = e.reason;
    if (!is_gone) return;
    found->second.is_gone = true;
    gone_.push_back(e.url);
    if (gone_.size() <= max_gone) return;
    const auto oldest = losses_.find(gone_.front());
    if (oldest != losses_.end() && oldest->second.is_gone) settle(std::string(oldest->first), true);
    gone_.pop_front();
}

void loss_tracker::settle(const std::string& url, bool was_given_up) {
    const auto found = losses_.find(url);
    if (found == losses_.end()) return;
    const auto service = services_.find(found->second.service);
    service->second.urls.erase(url);
    service->second.was_given_up = was_given_up;
    changed_.insert(service->first);
    losses_.erase(found);
}

// A newcomer stands in for one that is gone, as where a process gets another port with each start.
void loss_tracker::fill_place(const std::string& service) {
    const auto found = services_.find(service);
    if (found == services_.end()) return;
    for (const auto& url : found->second.urls)
        if (losses_.at(url).is_gone) return settle(std::string(url), false);
}

// A requirement appears and vanishes with whoever requires it; of one that has left, or requires something
// else now, nobody knows any more what it required.
void loss_tracker::look_for_missing_around(const event& e, moment now) {
    std::set<std::string> names{e.name};
    const auto* const i = catalog_.find(e.url);
    if (i) names.insert(i->that.required_services.begin(), i->that.required_services.end());
    if (!i || e.type == event_type::replaced)
        for (const auto& [name, since] : missing_) names.insert(name);
    for (const auto& name : names) look_for_missing(name, now);
}

void loss_tracker::look_for_missing(const std::string& service, moment now) {
    const bool is = is_missing(service);
    if (is == missing_.contains(service)) return;
    if (is)
        missing_[service] = {now.steady, unix_ms(now.wall)};
    else
        missing_.erase(service);
    changed_.insert(service);
}

bool loss_tracker::is_missing(std::string_view service) const {
    if (catalog_.requiring(service).empty()) return false;
    const auto is_there = [](const auto& one) { return one.second->offered || one.second->drain.holds(); };
    return std::ranges::none_of(catalog_.named(service), is_there);
}

loss_tracker::state loss_tracker::of(std::string_view service) const {
    state s;
    if (const auto found = missing_.find(service); found != missing_.end()) {
        s.is_missing = s.is_listed = true;
        s.missing = found->second;
    }
    const auto found = services_.find(service);
    if (found == services_.end()) return s;
    for (const auto& url : found->second.urls) {
        const auto& l = losses_.at(url);
        s.is_lost = true;
        s.is_listed = s.is_listed || !l.is_gone;
        if (l.begin.since < s.lost.since) s.lost = l.begin;
    }
    return s;
}

bool loss_tracker::guard_ended_well() const noexcept {
    return !is_guarded() && guard_reason_ == failure_guard::few_are_lost;
}

bool loss_tracker::is_back(std::string_view service) const {
    const auto found = services_.find(service);
    if (found != services_.end() && found->second.was_given_up) return false;
    return std::ranges::any_of(catalog_.named(service), [](const auto& one) { return one.second->offered; });
}

std::set<std::string> loss_tracker::in_trouble() const {
    std::set<std::string> names;
    for (const auto& [name, losses] : services_)
        if (!losses.urls.empty()) names.insert(name);
    for (const auto& [name, since] : missing_) names.insert(name);
    return names;
}

alert_message loss_tracker::describe(std::string_view service, alert_kind what) const {
    alert_message m;
    m.what = what;
    m.service = std::string(service);
    const auto found = services_.find(service);
    const auto lost = found == services_.end() ? 0 : found->second.urls.size();
    const auto& listed = catalog_.named(service);
    std::size_t gone = 0;
    if (found != services_.end())
        for (const auto& url : found->second.urls) gone += losses_.at(url).is_gone ? 1 : 0;
    const auto count = what == alert_kind::lost ? lost : listed.size() + gone - lost;
    m.instances = std::to_string(count) + " of " + std::to_string(listed.size() + gone);
    if (what == alert_kind::lost && lost > 0) m.reason = reason_of_loss(found->second);
    if (what == alert_kind::missing) m.reason = reason_of_lack(service);
    m.reason = cut(std::move(m.reason), max_reason);
    return m;
}

alert_message loss_tracker::describe_guard(alert_kind what) const {
    alert_message m;
    m.what = what;
    m.service = own_name;
    m.reason = cut(guard_reason_, max_reason);
    return m;
}

std::string loss_tracker::reason_of_loss(const service_losses& s) const {
    const auto& url = *s.urls.begin();
    const auto& l = losses_.at(url);
    auto out = cut(url, max_reason / 2) + and_more(s.urls.size() - 1);
    return l.reason.empty() ? out : out + ": " + l.reason;
}

std::string loss_tracker::reason_of_lack(std::string_view service) const {
    std::set<std::string_view> names;
    for (const auto& [url, i] : catalog_.requiring(service)) names.insert(i->that.name);
    if (names.empty()) return {};
    return "nobody offers it, and " + cut(std::string(*names.begin()), max_reason / 2) +
           and_more(names.size() - 1) + (names.size() == 1 ? " requires it" : " require it");
}

std::string loss_tracker::console_page(std::string_view path) const {
    for (const auto& [url, i] : catalog_.named(console_service)) {
        if (!i->offered) continue;
        auto page = http::base_url_of(url).append(path);
        if (page.size() <= max_link) return page;
    }
    return {};
}

}  // namespace distd::registry
