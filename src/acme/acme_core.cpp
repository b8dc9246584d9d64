#include "acme/acme_core.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/digest.hpp"
#include "base/timestamp.hpp"

namespace distd::acme {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr wall_point never = wall_point::max();
constexpr minutes min_retry{1};  // whatever the CA says
constexpr hours max_retry{24 * 7};
constexpr minutes min_retry_while_held{20};  // CAs bear five failed validations of a name in an hour
constexpr minutes min_order_interval{1};     // also where each one succeeds
constexpr hours max_order_interval{1};
constexpr hours stopped_retry{24};
constexpr hours window_age{6};  // RFC 9773 wants a client to ask "on a regular basis"
constexpr minutes min_window_age{1};
constexpr hours max_window_age{24};
constexpr hours failed_window_age{1};

wall_point at_ms(std::int64_t since_1970) { return wall_point(milliseconds(since_1970)); }

// From 0 to 1, always the same for this certificate: those of many services do not come due together.
double share_of(const held_certificate& c) {
    const auto hash = sha256("renewal of " + c.sha256);
    return (hash[0] * 256.0 + hash[1]) / 65536.0;
}

wall_point between(wall_point a, wall_point b, double share) {
    const std::chrono::duration<double, wall_point::period> span = (b - a) * share;
    return a + std::chrono::duration_cast<wall_point::duration>(span);
}

// A tenth longer at most. `left`: of the certificate that is served meanwhile. Six hours are nothing to one
// for ninety days, and much to one for six.
milliseconds backoff_after(int failures, milliseconds left, std::uint64_t draw) {
    const auto& all = acme_core::backoff_minutes;
    const auto which = std::min(static_cast<std::size_t>(std::max(failures, 1) - 1), all.size() - 1);
    milliseconds span = minutes(all[which]);
    if (left > milliseconds(0)) span = std::min(span, std::max<milliseconds>(left / 6, min_retry_while_held));
    return span + milliseconds(draw % static_cast<std::uint64_t>(span.count() / 10 + 1));
}

}  // namespace

acme_core::acme_core(setup s, acme_record last, std::optional<held_certificate> held, wall_point now,
                     std::uint64_t draw)
    : setup_(std::move(s)), record_(std::move(last)), held_(std::move(held)) {
    if (record_.configuration != setup_.configuration) begin_record();
    if (!record_.issued_by.empty() && record_.issued_by != setup_.directory) held_.reset();
    // A clock that was far ahead when it was written stops nobody.
    record_.next_try_ms = std::min(record_.next_try_ms, unix_ms(now + max_retry));
    if (record_.order && record_.order->url.empty())
        on_failed({.sentence = "the process ended while it placed an order, whose fate is unknown"}, now,
                  draw);
    if (now >= at_ms(record_.next_try_ms)) record_.is_stopped = false;
}

void acme_core::begin_record() {
    auto issued_by = std::move(record_.issued_by);
    record_ = {};
    record_.configuration = setup_.configuration;
    record_.issued_by = std::move(issued_by);
}

std::optional<wall_point> acme_core::renewal() const {
    if (!held_) return std::nullopt;
    // Divided first: a clock of nanoseconds has no room for many times ten years.
    const auto from = std::max(held_->from, wall_point());
    const auto life = held_->until - from;
    if (life <= life.zero()) return from;
    const auto share = share_of(*held_);
    // Between 64 % and 69 % of its life.
    if (!window_) return between(from + life / 100 * 64, from + life / 100 * 69, share);
    // A CA that suggests a time in the past of every new certificate does not get an order for each of them.
    const auto earliest = from + std::min<wall_point::duration>(life / 24, hours(24));
    const auto latest = held_->until - life / 20;
    return std::clamp(between(window_->start, window_->end, share), earliest, latest);
}

step acme_core::next(wall_point now) const {
    if (waits_for_restart()) return {action::wait, never};
    const auto may_try = at_ms(record_.next_try_ms);
    if (record_.order) return now < may_try ? step{action::wait, may_try} : step{action::carry_on};
    const auto due = std::max(renewal().value_or(wall_point()), may_try);
    if (now >= due) {
        const bool is_trial = record_.failures > 0 && setup_.has_staging && !record_.is_proven;
        return {is_trial ? action::try_at_staging : action::order};
    }
    if (!held_ || !has_windows_) return {action::wait, due};
    if (now >= ask_window_at_) return {action::ask_window};
    return {action::wait, std::min(due, ask_window_at_)};
}

void acme_core::on_placing(std::string key, bool is_trial) {
    DISTD_ASSERT(!record_.order);
    record_.order = kept_order{"", std::move(key), is_trial};
}

void acme_core::on_placed(std::string url) {
    DISTD_ASSERT(record_.order && record_.order->url.empty());
    record_.order->url = std::move(url);
}

// A CA that issues what is to be renewed at once, as one whose clock is wrong does, is not asked for one
// after the other.
void acme_core::on_issued(held_certificate c, wall_point now) {
    held_ = std::move(c);
    window_.reset();
    ask_window_at_ = {};
    begin_record();
    record_.issued_by = setup_.directory;
    const auto sixth = std::chrono::duration_cast<milliseconds>(held_->until - now) / 6;
    record_.next_try_ms =
        unix_ms(now + std::clamp<milliseconds>(sixth, min_order_interval, max_order_interval));
}

void acme_core::on_trial_passed() {
    record_.order.reset();
    record_.is_proven = true;
    record_.next_try_ms = 0;
}

void acme_core::on_failed(const failure& f, wall_point now, std::uint64_t draw) {
    ++record_.failures;
    record_.last_error = f.sentence;
    record_.is_proven = f.is_of_trial && !f.is_of_name;
    if (f.order_is_lost || (record_.order && record_.order->url.empty())) record_.order.reset();
    // The CA itself has the last word.
    record_.is_stopped = f.helped_by == failure::remedy::configuration && !f.is_of_trial;
    const auto left = std::chrono::duration_cast<milliseconds>(held_ ? held_->until - now : hours(0));
    milliseconds wait = f.retry_after ? std::clamp<milliseconds>(*f.retry_after, min_retry, max_retry)
                                      : backoff_after(record_.failures, left, draw);
    if (record_.is_stopped) wait = std::max<milliseconds>(wait, stopped_retry);
    record_.next_try_ms = unix_ms(now + wait);
}

void acme_core::on_window(std::optional<renewal_window> w, std::optional<seconds> retry_after,
                          wall_point now) {
    if (w && w->start > wall_point() && w->end > w->start) window_ = w;
    const seconds age = w ? seconds(window_age) : seconds(failed_window_age);
    ask_window_at_ =
        now + std::clamp(retry_after.value_or(age), seconds(min_window_age), seconds(max_window_age));
}

void acme_core::on_no_windows() { has_windows_ = false; }

}  // namespace distd::acme
