#include "role/registry/journal.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace distd::registry {
namespace {

std::int64_t milliseconds_of(wall_point t) {
    return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count();
}

// Numbers the change; one that has a number was refused before and keeps it.
void stamp(change& c, std::uint64_t& last, wall_point now) {
    std::visit(
        [&](auto& one) {
            if constexpr (requires { one.revision; }) {
                if (one.revision != 0) return;
                one.revision = ++last;
                one.at_ms = milliseconds_of(now);
            }
        },
        c);
}

std::size_t weight_of(const registration_extras& e) {
    std::size_t bytes = sizeof(e);
    for (const auto& tag : e.tags) bytes += 32 + tag.size();
    for (const auto& [key, value] : e.meta) bytes += 96 + key.size() + value.size();
    return bytes;
}

// So many bytes a change holds, roughly.
std::size_t weight_of(const change& c) {
    const auto* put = std::get_if<put_change>(&c);
    if (!put) return sizeof(change) + 128;
    const auto& r = put->that;
    return sizeof(change) + r.url.size() * 4 + r.required_services.size() * 64 +
           (r.extras ? weight_of(*r.extras) : 0);
}

}  // namespace

journal::journal(registry_store& store, executor loop, time_source& time, std::uint64_t last_revision,
                 apply_function apply)
    : loop_(loop),
      time_(time),
      store_(store),
      apply_(std::move(apply)),
      last_revision_(last_revision),
      bell_(loop, time),
      queue_("registry-store", store.database(), loop, time, {.gathers = false}) {}

void journal::commit(change c, told_function told) {
    if (waiting_.size() >= most_waiting) return told(errc::overloaded);
    enqueue(std::move(c), std::move(told));
}

task<journal::outcome> journal::commit(change c) {
    struct waiter {
        waiter(executor ex, time_source& time) : done(ex, time) {}
        alarm_clock done;
        std::optional<outcome> how;
    };
    const auto mine = std::make_shared<waiter>(loop_, time_);
    commit(std::move(c), [mine](const outcome& how) {
        mine->how = how;
        mine->done.wake();
    });
    while (!mine->how) co_await mine->done.wait();
    co_return *mine->how;
}

void journal::record(change c) { enqueue(std::move(c), {}); }

void journal::enqueue(change c, told_function told) {
    stamp(c, last_revision_, time_.wall());
    waiting_.push_back({std::move(c), std::move(told)});
    if (waiting_.size() == 1) bell_.wake();
}

task<> journal::run() {
    for (;;) {
        while (waiting_.empty()) co_await bell_.wait();
        const auto taken = take_batch();
        std::size_t bytes = 0;
        for (const auto& t : *taken) bytes += weight_of(t.what);
        auto job = [&store = store_, taken]() -> result<> {
            std::vector<const change*> changes;
            for (const auto& t : *taken) changes.push_back(&t.what);
            store.apply(changes);
            return {};
        };
        const auto stored = co_await queue_.submit(std::move(job), bytes);
        // Not finished at once: what has come meanwhile is handed to the writer first, which then waits for
        // the disk while these are answered.
        batch_under_way_ = false;
        unfinished_.emplace_back(taken, stored);
        boost::asio::post(loop_, [this, here = std::weak_ptr(alive_)] {
            if (!here.expired()) finish_next();
        });
    }
}

std::shared_ptr<journal::batch> journal::take_batch() {
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most_in_batch));
    const auto end = waiting_.begin() + count;
    auto taken =
        std::make_shared<batch>(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    batch_under_way_ = true;
    return taken;
}

void journal::finish_next() {
    const auto [taken, stored] = std::move(unfinished_.front());
    for (auto& t : *taken) finish(t, stored);
    unfinished_.pop_front();
}

void journal::finish(ticket& t, const result<>& stored) {
    const bool is_own = !t.told;
    if (!stored && !is_own) return t.told(stored.error());
    const outcome done = apply_(t.what);
    if (!is_own) t.told(done);
    if (!stored) keep_for_later(t.what);
}

void journal::keep_for_later(const change& c) {
    if (const auto* offer = std::get_if<offer_change>(&c)) refused_.insert_or_assign(offer->url, c);
    if (const auto* removal = std::get_if<remove_change>(&c)) refused_.insert_or_assign(removal->url, c);
}

void journal::record_what_was_refused() {
    for (auto& [url, c] : std::exchange(refused_, {})) record(std::move(c));
}

}  // namespace distd::registry
