// What is asked of the registry: to register an instance, or to change or report something of one.
#include <algorithm>
#include <utility>

#include "base/timestamp.hpp"
#include "role/registry/registry.hpp"

namespace distd::registry {
namespace {

constexpr seconds greeting_patience{1};  // how long a newcomer's own answer waits for its first patch

}  // namespace

source_quota::answer registry::enroll(put_change&& c, completion<result<>> on_done) {
    source_quota::share claimed{c.by.source, size_of(c.that)};
    const auto replaced = share_of(c.that.url);
    const auto said = quota_.claim(claimed, replaced ? &*replaced : nullptr);
    if (said != source_quota::answer::granted) return said;
    if (!replaced && directory_.instances().size() >= rules_.max_instances_in_all) {
        quota_.give_back(claimed);
        on_done(errc::overloaded);
        return said;
    }
    using stored = completion<change_log::outcome>;
    // Only who wants patches is waited for.
    auto subscriber = c.that.update_url.empty() ? std::string() : c.that.url;
    auto enrolled = [this, subscriber = std::move(subscriber), claimed = std::move(claimed),
                     on_done = std::move(on_done)](const change_log::outcome& done) mutable {
        if (!done) quota_.give_back(claimed);
        if (!done) return on_done(done.error());
        if (subscriber.empty() || directory_.patches().is_settled(subscriber)) return on_done(result<>());
        // From now on: a slow disk takes nothing of the patience.
        const auto deadline = service_.time().now() + greeting_patience;
        service_.spawn("greeting", [this, subscriber, deadline, on_done] {
            return greet(subscriber, deadline, on_done);
        });
    };
    change_log_->commit(std::move(c), stored::of_callback(std::move(enrolled)));
    return said;
}

task<> registry::greet(std::string url, steady_point deadline, completion<result<>> on_done) {
    co_await patches_.settled(std::move(url), deadline);
    on_done(result<>());
}

task<result<>> registry::withdraw(instance_request q) {
    static_cast<void>(stop_return(q));
    remove_change c;
    c.url = std::move(q.url);
    c.actor = std::move(q.actor);
    return remove(std::move(c));
}

task<result<>> registry::forget(instance_request q) {
    const bool was_gone = stop_return(q);
    remove_change c;
    c.url = std::move(q.url);
    c.reason = std::move(q.reason);
    c.actor = std::move(q.actor);
    c.is_forgotten = true;
    auto done = co_await remove(std::move(c));
    if (was_gone && !done && done.error() == errc::not_found) co_return result<>();
    co_return done;
}

// Of one that is gone already: true, it will not come back by itself.
bool registry::stop_return(const instance_request& q) {
    const auto* const gone = returns_.known().find(q.url);
    if (!gone || owners_.judge(gone->by, q.who) != claim::granted) return false;
    returns_.forget(q.url);
    return true;
}

task<result<>> registry::remove(remove_change c) {
    // A registration that is being made durable may be the one that is meant.
    if (!directory_.instances().find(c.url) && change_log_->is_idle()) co_return errc::not_found;
    const auto done = co_await change_log_->commit(std::move(c));
    if (!done) co_return done.error();
    if (*done == directory::effect::nothing) co_return errc::not_found;
    co_return result<>();
}

task<result<>> registry::drain(drain_change c) {
    if (!directory_.instances().find(c.url) && change_log_->is_idle()) co_return errc::not_found;
    const auto url = c.url;
    const auto done = co_await change_log_->commit(std::move(c));
    if (!done) co_return done.error();
    if (!directory_.instances().find(url)) co_return errc::not_found;
    co_return result<>();
}

task<result<>> registry::drain(instance_request q) {
    drain_change c;
    c.url = std::move(q.url);
    c.note = {std::max<std::int64_t>(unix_ms(service_.time().wall()), 1), std::move(q.reason)};
    c.actor = std::move(q.actor);
    return drain(std::move(c));
}

task<result<>> registry::end_drain(instance_request q) {
    drain_change c;
    c.url = std::move(q.url);
    c.reason = std::move(q.reason);
    c.actor = std::move(q.actor);
    return drain(std::move(c));
}

directory::reporting registry::take_report(std::string_view url, const std::string& failure) {
    auto taken = directory_.take_report(url, failure, service_.time().now());
    if (taken.asks_for) {
        change_log_->record(std::move(*taken.asks_for));
        probes_.look();
    }
    return taken.how;
}

}  // namespace distd::registry
