#include "role/registry/change_log.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <limits>
#include <utility>

#include "base/handler_scope.hpp"
#include "base/rarely.hpp"
#include "base/timestamp.hpp"

namespace distd::registry {
namespace {

constexpr milliseconds pause_of_hold{1000};
constexpr auto no_revision_yet = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

// Numbers the change. Its time does not go back where the clock does.
void stamp(change& c, std::uint64_t& last, std::int64_t& last_at_ms, wall_point now) {
    std::visit(
        [&](auto& one) {
            if constexpr (requires { one.revision; }) {
                one.revision = ++last;
                one.at_ms = last_at_ms = std::max(last_at_ms, unix_ms(now));
            }
        },
        c);
}

// Empty for those that are about no instance.
std::string_view url_of(const change& c) {
    return std::visit(
        [](const auto& one) -> std::string_view {
            if constexpr (requires { one.url; }) return one.url;
            if constexpr (requires { one.that.url; }) return one.that.url;
            return {};
        },
        c);
}

std::size_t weight_of(const registration_extras& e) {
    std::size_t bytes = sizeof(e);
    for (const auto& tag : e.tags) bytes += 32 + tag.size();
    for (const auto& [key, value] : e.meta) bytes += 96 + key.size() + value.size();
    return bytes;
}

std::size_t weight_of(const registration& r) {
    return sizeof(r) + r.url.size() * 4 + r.required_services.size() * 64 +
           (r.extras ? weight_of(*r.extras) : 0);
}

// So many bytes a change holds, roughly.
std::size_t weight_of(const change& c) {
    std::size_t bytes = sizeof(change) + 128;
    if (const auto* put = std::get_if<put_change>(&c)) bytes += weight_of(put->that);
    if (const auto* health = std::get_if<health_change>(&c))
        for (const auto& h : health->that->histories) bytes += 128 + h.url.size() + h.that.buckets.size();
    if (const auto* restated = std::get_if<restate_change>(&c)) {
        for (const auto& i : restated->that->present) bytes += weight_of(i.that);
        bytes += (restated->that->absent.size() + restated->that->events.size()) * sizeof(event);
    }
    return bytes;
}

}  // namespace

change_log::change_log(registry_store& store, executor loop, time_source& time, origin from,
                       apply_function apply, restate_function restate)
    : loop_(loop),
      time_(time),
      store_(store),
      apply_(std::move(apply)),
      restate_(std::move(restate)),
      last_revision_(from.revision),
      last_at_ms_(from.at_ms),
      is_unsure_(from.in_doubt),
      restate_is_due_(from.in_doubt),
      unsure_from_(from.revision),
      doubted_before_(from.in_doubt ? from.revision : 0),
      bell_(loop, time),
      queue_("registry-store", store, loop, {.gathers = false}) {}

void change_log::admit(std::unique_ptr<ticket> t) {
    if (waiting_.size() >= max_waiting_jobs) return t->on_done(errc::overloaded);
    if (is_holding_back_ || unsure_urls_.size() >= max_unsure) return t->on_done(why_refused_);
    enqueue(std::move(t));
}

void change_log::record(change c) { enqueue(std::make_unique<ticket>(std::move(c))); }

void change_log::enqueue(std::unique_ptr<ticket> t) {
    stamp(t->what, last_revision_, last_at_ms_, time_.wall());
    waiting_.push_back(std::move(t));
    if (waiting_.size() == 1) bell_.wake();
}

void change_log::restate() {
    if (!is_unsure_) return;
    restate_is_due_ = true;
    bell_.wake();
}

task<> change_log::run() {
    for (;;) {
        while (waiting_.empty() && !restate_is_due_) co_await bell_.wait();
        if (restate_is_due_) co_await write_restatement();
        if (waiting_.empty()) continue;
        auto taken = take_batch();
        const auto stored = co_await write(taken);
        if (!stored) note_refusal(*taken, stored);
        if (!stored && !store_.has_noted_doubt())
            co_await hold_back(std::move(taken));
        else
            finish_soon(std::move(taken), stored);
    }
}

// Not finished at once: what has come meanwhile is handed to the writer first, which then waits for the disk
// while these are answered.
void change_log::finish_soon(std::shared_ptr<batch> taken, const result<>& stored) {
    unfinished_.emplace_back(std::move(taken), stored);
    batch_under_way_ = false;
    boost::asio::post(loop_, [this, here = std::weak_ptr(alive_)] {
        const handler_scope scope("changes that were stored");
        if (!here.expired()) finish_next();
    });
}

// Until the disk takes our own changes, or at least the mark.
task<> change_log::hold_back(std::shared_ptr<batch> taken) {
    auto held = std::make_shared<batch>();
    is_holding_back_ = true;
    refuse_requests(*taken, *held);
    for (;;) {
        refuse_what_waits(*held);
        batch_under_way_ = restate_is_due_ = false;
        co_await sleep_for(time_, pause_of_hold);
        refuse_what_waits(*held);
        const auto stored = co_await write(held);
        if (stored || store_.has_noted_doubt()) {
            is_holding_back_ = false;
            co_return finish_soon(std::move(held), stored);
        }
        auto again = std::make_shared<batch>();  // the writer may still look at the one before
        for (const auto& t : *held) again->push_back(std::make_unique<ticket>(std::as_const(t->what)));
        held = std::move(again);
    }
}

void change_log::refuse_what_waits(batch& held) {
    while (!waiting_.empty()) {
        const auto taken = take_batch();
        note_refusal(*taken, why_refused_);
        refuse_requests(*taken, held);
    }
    keep_latest(held);
}

void change_log::refuse_requests(batch& from, batch& held) {
    for (auto& t : from) {
        if (t->on_done)
            t->on_done(why_refused_);
        else
            held.push_back(std::move(t));
    }
}

// Of each kind for a URL: a service that flaps must not fill the memory. One pass, since there may be as many
// as instances.
void change_log::keep_latest(batch& held) {
    std::set<std::pair<std::string, std::size_t>> seen;
    const auto is_overtaken = [&](const std::unique_ptr<ticket>& t) {
        const auto url = url_of(t->what);
        return !url.empty() && !seen.emplace(url, t->what.index()).second;
    };
    std::ranges::reverse(held);
    std::erase_if(held, is_overtaken);
    std::ranges::reverse(held);
}

task<result<>> change_log::write(std::shared_ptr<const batch> taken) {
    std::size_t bytes = 0;
    for (const auto& t : *taken) bytes += weight_of(t->what);
    store_.will_use(last_revision_);
    auto job = [&store = store_, taken]() -> result<> {
        std::vector<const change*> changes;
        for (const auto& t : *taken) changes.push_back(&t->what);
        store.apply(changes);
        return {};
    };
    batch_under_way_ = true;
    co_return co_await queue_.submit(std::move(job), bytes);
}

// Memory holds exactly what was stored or refused once everything that was taken is finished; what waits is
// written behind this.
task<> change_log::write_restatement() {
    while (!unfinished_.empty()) co_await boost::asio::post(loop_, use_task);
    auto now = restate_(unsure_urls_, unsure_from_);
    now.doubted_before = doubted_before_;
    auto alone = std::make_shared<batch>();
    alone->push_back(
        std::make_unique<ticket>(restate_change{std::make_shared<const restatement>(std::move(now))}));
    const auto stored = co_await write(std::move(alone));
    batch_under_way_ = restate_is_due_ = false;
    if (!stored) co_return;
    is_unsure_ = false;
    unsure_urls_.clear();
    doubted_before_ = 0;
}

// Nobody knows what is on the disk of it: a commit that failed may be there all the same.
void change_log::note_refusal(const batch& refused, const result<>& stored) {
    why_refused_ = stored.error() == errc::storage_full ? errc::storage_full : errc::storage_failed;
    if (!std::exchange(is_unsure_, true)) unsure_from_ = no_revision_yet;
    for (const auto& t : refused) {
        if (const auto url = url_of(t->what); !url.empty()) unsure_urls_.emplace(url);
        if (const auto revision = revision_of(t->what); revision > 0)
            unsure_from_ = std::min(unsure_from_, revision);
    }
}

std::shared_ptr<change_log::batch> change_log::take_batch() {
    const auto max = DISTD_RARELY("small batch") ? std::size_t{1} : max_in_batch;
    auto taken = std::make_shared<batch>();
    if (waiting_.size() <= max) {
        taken->swap(waiting_);
        return taken;
    }
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(max);
    taken->assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return taken;
}

void change_log::finish_next() {
    const auto [taken, stored] = std::move(unfinished_.front());
    for (auto& t : *taken) finish(*t, stored);
    unfinished_.pop_front();
}

void change_log::finish(ticket& t, const result<>& stored) {
    const bool is_own = !t.on_done;
    if (!stored && !is_own) return t.on_done(stored.error());
    const outcome done = apply_(t.what);
    if (!is_own) t.on_done(done);
}

}  // namespace distd::registry
