#include "role/grading/store_follower.hpp"

#include <algorithm>

#include "role/grading/core/replay.hpp"

namespace distd::grading {
namespace {

// As many as take a few milliseconds; then the loop yields to other work.
constexpr std::int64_t entries_at_once = 500;

// A process that dies between a commit and its announcement leaves unannounced changes: poll for these.
constexpr milliseconds look_pause{1000};

}  // namespace

void store_follower::begin_at(std::int64_t revision, std::uint64_t commits) {
    revision_ = revision;
    seen_commits_ = commits;
}

template <class Holds>
task<result<>> store_follower::read_until(Holds is_in_history) {
    while (!is_in_history()) {
        if (reading_) {
            co_await wait_for_reader();
            continue;
        }
        const auto done = co_await read_history();
        if (!done) co_return done;
    }
    co_return result<>();
}

task<result<>> store_follower::catch_up() {
    return read_until([this, wanted = store_.commits()] { return seen_commits_ >= wanted; });
}

bool store_follower::apply_now(const outcome& made) {
    const auto count = static_cast<std::int64_t>(made.changes.size());
    if (count == 0 || made.revision - count != revision_) return made.revision <= revision_;
    for (const auto& c : made.changes) book_.apply(c);
    revision_ = made.revision;
    return true;
}

task<result<>> store_follower::follow(std::int64_t revision) {
    return read_until([this, revision] { return revision_ >= revision; });
}

task<> store_follower::follow_others() {
    for (;;) {
        co_await sleep_for(service_.time(), look_pause);
        if (reading_) continue;
        static_cast<void>(co_await read_history());  // callers that need the result get the error themselves
    }
}

task<> store_follower::wait_for_reader() {
    announcer::listener reader(has_read_, service_.loop(), service_.time());
    co_await reader.bell.wait();
}

// One at a time. Afterwards everything committed before the call is included.
task<result<>> store_follower::read_history() {
    reading_ = true;
    const struct reader {
        store_follower& book;
        ~reader() {
            book.reading_ = false;
            book.has_read_.announce();
        }
    } self{*this};
    const auto commits = store_.commits();
    for (;;) {
        history_query next;
        next.after = revision_;
        next.limit = entries_at_once;
        const auto found = co_await store_.history(next);
        if (!found) co_return found.error();
        if (!apply(*found)) co_return make_error_code(errc::storage_failed);
        if (static_cast<std::int64_t>(found->size()) < entries_at_once) break;
    }
    seen_commits_ = std::max(seen_commits_, commits);
    co_return result<>();
}

bool store_follower::apply(const std::vector<history_entry>& entries) {
    for (const auto& e : entries) {
        if (e.id <= revision_) continue;  // of this process, and included meanwhile
        const auto c = change_of(e, book_);
        if (!c) {
            service_.log().error("history_entry_unreadable", {{"entry", e.id}, {"action", e.action}});
            return false;
        }
        book_.apply(*c);
        revision_ = e.id;
    }
    return true;
}

}  // namespace distd::grading
