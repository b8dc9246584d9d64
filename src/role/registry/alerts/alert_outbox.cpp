#include "role/registry/alerts/alert_outbox.hpp"

#include <algorithm>
#include <utility>

#include "base/backoff.hpp"

namespace distd::registry {

void alert_outbox::put(const std::string& subject, alert_message m, steady_point now) {
    auto& w = waiting_[subject];
    in_order_.erase(w.number);
    w.message = std::move(m);
    w.number = ++last_number_;
    w.put_at = now;
    w.tries = 0;
    w.is_dropped = false;
    if (!w.is_under_way) in_order_.emplace(w.number, subject);
}

void alert_outbox::drop(const std::string& subject) {
    const auto found = waiting_.find(subject);
    if (found == waiting_.end()) return;
    found->second.is_dropped = true;
    if (!found->second.is_under_way) erase(found);
}

void alert_outbox::erase(place p) {
    in_order_.erase(p->second.number);
    waiting_.erase(p);
}

std::optional<alert_outbox::delivery> alert_outbox::take(steady_point now) {
    const auto max = failures_ > 0 ? 1 : max_under_way;
    if (under_way_ >= max || in_order_.empty() || now < next_try_) return std::nullopt;
    const auto subject = in_order_.begin()->second;
    in_order_.erase(in_order_.begin());
    auto& w = waiting_.at(subject);
    w.is_under_way = true;
    ++w.tries;
    ++under_way_;
    return delivery{subject, w.number, w.message};
}

alert_outbox::end alert_outbox::finish(const delivery& d, bool is_delivered, steady_point now,
                                       std::uint64_t draw) {
    --under_way_;
    failures_ = is_delivered ? 0 : std::min(failures_ + 1, 20U);
    next_try_ = steady_point::min();
    if (failures_ > 0) next_try_ = now + backoff(failures_, first_pause, max_pause, draw);
    const auto found = waiting_.find(d.subject);
    auto& w = found->second;
    w.is_under_way = false;
    if (w.is_dropped) {
        erase(found);
        return end::overtaken;
    }
    if (w.number != d.number) {
        in_order_.emplace(w.number, d.subject);
        return end::overtaken;
    }
    const bool is_given_up = !is_delivered && now - w.put_at >= given_up_after;
    if (is_delivered || is_given_up) {
        erase(found);
        return is_delivered ? end::delivered : end::given_up;
    }
    in_order_.emplace(w.number, d.subject);
    return end::fails_on;
}

void alert_outbox::hurry() noexcept {
    failures_ = 0;
    next_try_ = steady_point::min();
}

steady_point alert_outbox::next_due() const noexcept {
    const auto max = failures_ > 0 ? 1 : max_under_way;
    if (in_order_.empty() || under_way_ >= max) return steady_point::max();
    return next_try_;
}

}  // namespace distd::registry
