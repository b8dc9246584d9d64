#include "role/registry/core/failure_guard.hpp"

namespace distd::registry {

void failure_guard::lost(std::string_view url, steady_point until) {
    forget(url);
    recent_.emplace(url, until);
    by_age_.emplace(until, url);
}

void failure_guard::forget(std::string_view url) {
    const auto found = recent_.find(url);
    if (found == recent_.end()) return;
    by_age_.erase({found->second, found->first});
    recent_.erase(found);
}

void failure_guard::forget_old_losses(steady_point now) {
    while (!by_age_.empty() && by_age_.begin()->first < now) {
        recent_.erase(by_age_.begin()->second);
        by_age_.erase(by_age_.begin());
    }
}

failure_guard::turn failure_guard::review(std::size_t watched, std::size_t lost, steady_point now) {
    forget_old_losses(now);
    const bool is_well = lost * 3 < watched || watched == 0;
    if (is_on_) {
        if (!is_well && now < until_) return turn::none;
        is_on_ = false;
        is_spent_ = !is_well;
        reason_ = is_well ? few_are_lost : "its time is over: the losses are real";
        return turn::off;
    }
    if (is_well) is_spent_ = false;
    const bool max_fail = watched >= rules_.min_watched && recent_.size() * 2 > watched;
    if (!max_fail || is_spent_ || rules_.max_duration == milliseconds(0)) return turn::none;
    is_on_ = true;
    since_ = now;
    until_ = now + rules_.max_duration;
    reason_ = std::to_string(recent_.size()) + " of " + std::to_string(watched) +
              " watched instances were lost at once: the fault may be ours";
    return turn::on;
}

}  // namespace distd::registry
