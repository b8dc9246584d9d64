#include "http/client/lookup_schedule.hpp"

#include <algorithm>
#include <utility>

namespace distd::http {
namespace {

// What a slow server of names is in charge of, as far as can be seen. Empty: a name of one part.
std::string zone_of(const std::string& name) {
    const auto dot = name.find('.');
    return dot == std::string::npos ? std::string() : name.substr(dot);  // with its dot: no name is one
}

}  // namespace

const steady_point* lookup_schedule::memory::find(const std::string& key) const {
    for (const auto* generation : {&young_, &old_})
        if (const auto found = generation->find(key); found != generation->end()) return &found->second;
    return nullptr;
}

void lookup_schedule::memory::put(const std::string& key, steady_point value, std::size_t bound) {
    if (young_.size() >= bound / 2) old_ = std::exchange(young_, {});
    young_[key] = value;
}

void lookup_schedule::memory::erase(const std::string& key) {
    young_.erase(key);
    old_.erase(key);
}

void lookup_schedule::add(std::string name, steady_point now) {
    switch (standing_of(name, now)) {
        case standing::quick: return quick_.push_back(std::move(name));
        case standing::fresh: return wait_in(new_, std::move(name));
        case standing::slow: return wait_in(slow_, std::move(name));
    }
}

void lookup_schedule::wait_in(zone_queue& queue, std::string name) {
    if (auto refused = queue.push(std::move(name), limits_.max_waiting))
        refused_.push_back(*std::move(refused));
}

template <class Condition>
std::size_t lookup_schedule::running_that(Condition holds) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(running_, [&](const auto& r) { return holds(r.second); }));
}

std::optional<std::string> lookup_schedule::take(steady_point now) {
    note_late(now);
    if (running_.size() >= limits_.max_running) return std::nullopt;
    if (!quick_.empty()) {
        auto name = std::move(quick_.front());
        quick_.pop_front();
        return start(std::move(name), standing::quick, now);
    }
    if (running_.size() + limits_.kept_for_quick >= limits_.max_running) return std::nullopt;
    const auto slow = running_that([](const run& r) { return r.is_late || r.as == standing::slow; });
    const auto fresh = running_that([](const run& r) { return !r.is_late && r.as == standing::fresh; });
    while (!new_.empty() && fresh < limits_.max_new) {
        auto name = new_.pop();
        if (standing_of(name, now) != standing::slow) return start(std::move(name), standing::fresh, now);
        wait_in(slow_, std::move(name));  // its zone has become slow since it was asked for
    }
    if (!slow_.empty() && slow < limits_.max_slow) return start(slow_.pop(), standing::slow, now);
    return std::nullopt;
}

std::string lookup_schedule::start(std::string name, standing as, steady_point now) {
    running_[name] = run{as, now};
    return name;
}

void lookup_schedule::done(const std::string& name, steady_point now) {
    note_late(now);
    const auto found = running_.find(name);
    if (found == running_.end()) return;
    const auto was_late = found->second.is_late;
    running_.erase(found);
    if (was_late) return remember_slow(name, now);
    slow_until_.erase(name);
    was_quick_.put(name, now, limits_.max_remembered);
}

steady_point lookup_schedule::next_change() const {
    auto next = steady_point::max();
    if (new_.empty()) return next;
    for (const auto& [name, r] : running_)
        if (!r.is_late) next = std::min(next, r.began + limits_.slow_after);
    return next;
}

lookup_schedule::standing lookup_schedule::standing_of(const std::string& name, steady_point now) const {
    const auto is_slow = [&](const std::string& key) {
        const auto* until = slow_until_.find(key);
        return until != nullptr && *until > now;
    };
    if (is_slow(name)) return standing::slow;
    if (was_quick_.find(name) != nullptr) return standing::quick;
    return is_slow(zone_of(name)) ? standing::slow : standing::fresh;
}

void lookup_schedule::note_late(steady_point now) {
    for (auto& [name, r] : running_) {
        if (r.is_late || now - r.began < limits_.slow_after) continue;
        r.is_late = true;
        remember_slow(name, now);
    }
}

void lookup_schedule::remember_slow(const std::string& name, steady_point now) {
    was_quick_.erase(name);
    slow_until_.put(name, now + limits_.slow_for, limits_.max_remembered);
    const auto zone = zone_of(name);
    if (!zone.empty()) slow_until_.put(zone, now + limits_.slow_for, limits_.max_remembered);
}

}  // namespace distd::http
