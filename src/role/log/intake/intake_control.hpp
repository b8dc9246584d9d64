// What every way into the log goes through: who sends too much waits, compressed bodies are opened up to a
// bound, large ones are read beside the loop, and senders wait while the store is behind. What each way
// stored and refused is counted.
#pragma once

#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <distd/service.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "role/log/intake/batch.hpp"
#include "role/log/intake/inflate.hpp"
#include "role/log/intake/line_room.hpp"
#include "role/log/intake/source_rate.hpp"
#include "role/log/storage/log_store.hpp"

namespace distd::logs {

// What is counted of one way in.
struct intake_counters {
    intake_counters(metrics&, const std::string& name);

    // See arrival; holds until the next call.
    [[nodiscard]] const std::string& origin_of(const std::string& address);

    const std::string name;
    counter& stored;
    counter& refused;
    counter& repeated;
    counter& contradicting;

private:
    std::string last_address_;
    std::string last_origin_;
};

class intake_control {
public:
    intake_control(service&, log_store&);

    // Why this request is not even looked at: 429 or 415.
    [[nodiscard]] std::optional<http::response> refuse(const http::request&);

    // The body, opened, and read by `reader`. A body that cannot be opened is a malformed batch. What was
    // refused is counted, and all of it is charged to the sender.
    template <class Batch>
    [[nodiscard]] task<result<Batch>> read(http::request q, intake_counters& way,
                                           Batch (*reader)(std::string_view, const arrival&)) {
        if (is_quickly_read(q)) co_return read_at_once(q, way, reader);
        // A copy: the request may be gone before the thread is done, if this coroutine is cancelled.
        auto job = [body = std::string(q.body()), packed = is_packed(q), reader, now = now_ns(),
                    from = way.origin_of(q.remote_address())]() -> result<Batch> {
            const arrival came(now, from);
            return packed ? open_and_read(body, reader, came) : reader(body, came);
        };
        auto b = co_await store_.beside_the_loop(std::move(job));
        if (b) count(q, way, *b);
        co_return b;
    }

    // For all that `read` may make of its body; to be kept until it is stored. Waits until there is some.
    [[nodiscard]] task<line_room::share> room_for(const http::request&);
    [[nodiscard]] task<line_room::share> room_for(std::size_t line_bytes);
    // For work that would hold up the loop; on the loop when the threads have too much to do. The job owns
    // what it works on: whoever waits for it may be gone before it is done.
    template <class Job>
    [[nodiscard]] task<> do_beside_the_loop(Job job) {
        auto whole = [job]() -> result<> {
            job();
            return {};
        };
        const auto done = co_await store_.beside_the_loop(std::move(whole));
        if (!done) job();
    }

    // Waits until the store has room, then until the lines are durable.
    [[nodiscard]] task<result<segment_journal::placed>> store(intake_counters&, std::string lines,
                                                              std::uint64_t count, batch_label = {});
    // Without a coroutine, for a body that `takes_at_once`: done(result) is called when the lines are
    // durable.
    [[nodiscard]] bool takes_at_once(const http::request&) const;
    template <class Batch>
    [[nodiscard]] Batch read_at_once(const http::request& q, intake_counters& way,
                                     Batch (*reader)(std::string_view, const arrival&)) {
        Batch b = reader(q.body(), arrival(now_ns(), way.origin_of(q.remote_address())));
        count(q, way, b);
        return b;
    }
    template <class Done>
    void store(intake_counters& way, std::string lines, std::uint64_t count, batch_label label, Done done) {
        auto told = [&way, count, done = std::move(done)](result<segment_journal::placed> placed) mutable {
            count_stored(way, placed, count);
            done(std::move(placed));
        };
        store_.append(std::move(lines), count, std::move(label), std::move(told));
    }

    // While it is, further lines would only wait in memory.
    [[nodiscard]] bool store_is_behind() const;
    [[nodiscard]] task<> until_store_has_room();

    [[nodiscard]] std::int64_t now_ns() const;

private:
    template <class Batch>
    [[nodiscard]] static Batch open_and_read(std::string_view body,
                                             Batch (*reader)(std::string_view, const arrival&),
                                             const arrival& came) {
        auto opened = inflate_body(body, max_batch);
        if (opened.error.empty() && !opened.is_too_large) return reader(opened.text, came);
        Batch b;
        b.is_too_large = opened.is_too_large;
        b.malformed = opened.is_too_large ? "opened, it has more than " + std::to_string(max_batch) + " bytes"
                                          : "it is not compressed as Content-Encoding says: " + opened.error;
        return b;
    }

    [[nodiscard]] static bool is_packed(const http::request&);
    [[nodiscard]] static bool is_quickly_read(const http::request&);
    void count(const http::request&, intake_counters&, const batch&);
    static void count_stored(intake_counters&, const result<segment_journal::placed>&, std::uint64_t lines);

    service& service_;
    log_store& store_;
    const bool limits_rate_;
    source_rate rate_;
    counter& too_fast_;
    line_room room_;
};

}  // namespace distd::logs
