#include "role/registry/journal.hpp"

#include <algorithm>
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
      queue_("registry-store", store.database(), loop, time) {}

task<result<directory::effect>> journal::commit(change c) {
    if (waiting_.size() >= most_waiting) co_return errc::overloaded;
    const auto mine = enqueue(std::move(c), false);
    while (!mine->is_done) co_await mine->done.wait();
    co_return mine->outcome;
}

void journal::record(change c) { enqueue(std::move(c), true); }

std::shared_ptr<journal::ticket> journal::enqueue(change c, bool is_own) {
    stamp(c, last_revision_, time_.wall());
    auto t = std::make_shared<ticket>(std::move(c), is_own, loop_, time_);
    waiting_.push_back(t);
    bell_.wake();
    return t;
}

task<> journal::run() {
    for (;;) {
        while (waiting_.empty()) co_await bell_.wait();
        const auto taken = take_batch();
        std::size_t bytes = 0;
        for (const auto& t : *taken) bytes += weight_of(t->what);
        auto job = [&store = store_, taken]() -> result<> {
            std::vector<const change*> changes;
            for (const auto& t : *taken) changes.push_back(&t->what);
            store.apply(changes);
            return {};
        };
        const auto stored = co_await queue_.submit(std::move(job), bytes);
        for (const auto& t : *taken) finish(*t, stored);
        batch_under_way_ = false;
    }
}

std::shared_ptr<const journal::batch> journal::take_batch() {
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most_in_batch));
    auto taken = std::make_shared<const batch>(waiting_.begin(), waiting_.begin() + count);
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    batch_under_way_ = true;
    return taken;
}

void journal::finish(ticket& t, const result<>& stored) {
    if (stored) {
        t.outcome = apply_(t.what);
    } else if (t.is_own) {
        t.outcome = apply_(t.what);
        keep_for_later(t.what);
    } else {
        t.outcome = stored.error();
    }
    t.is_done = true;
    t.done.wake();
}

void journal::keep_for_later(const change& c) {
    if (const auto* offer = std::get_if<offer_change>(&c)) refused_.insert_or_assign(offer->url, c);
    if (const auto* removal = std::get_if<remove_change>(&c)) refused_.insert_or_assign(removal->url, c);
}

void journal::record_what_was_refused() {
    for (auto& [url, c] : std::exchange(refused_, {})) record(std::move(c));
}

}  // namespace distd::registry
