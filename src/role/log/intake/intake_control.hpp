// Admission control for every intake API of the log: rate limits, bounded decompression, bounded memory and
// back-pressure while the store is behind; large bodies are parsed off the loop. What each API stored and
// refused is counted.
#pragma once

#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <distd/service.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/rate_limit.hpp"
#include "role/log/intake/batch.hpp"
#include "role/log/intake/inflate.hpp"
#include "role/log/intake/memory_budget.hpp"
#include "role/log/storage/log_store.hpp"

namespace distd::logs {

// The counters of one intake API.
struct intake_counters {
    intake_counters(metrics&, const std::string& name);

    // See arrival; valid until the next call. `authorization`: the field that let the sender in; empty: it
    // needed none.
    [[nodiscard]] const std::string& origin_of(const std::string& address,
                                               std::string_view authorization = {});

    const std::string name;
    counter& stored;
    counter& refused;
    counter& repeated;
    counter& contradicting;

private:
    std::string last_address_;
    std::string last_key_;
    std::string last_origin_;
};

class intake_control {
public:
    intake_control(service&, log_store&);

    // The answer to a request that is refused by its head alone: 429 or 415.
    [[nodiscard]] std::optional<http::response> refuse(const http::request&);

    // The body, opened, and read by `reader`. A body that cannot be opened is a malformed batch. What was
    // refused is counted, and all of it is charged to the sender.
    template <class Batch>
    [[nodiscard]] task<result<Batch>> read(http::request q, intake_counters& counters,
                                           Batch (*reader)(std::string_view, const arrival&)) {
        if (is_quickly_read(q)) co_return read_at_once(q, counters, reader);
        // A copy: the request may be gone before the thread is done, if this coroutine is cancelled.
        auto job = [body = std::string(q.body()), packed = is_packed(q), reader, now = now_ns(),
                    from = origin_of(q, counters)](std::stop_token gone) -> result<Batch> {
            const arrival came(now, from, std::move(gone));
            try {
                came.check_still_wanted();
                return packed ? open_and_read(body, reader, came) : reader(body, came);
            } catch (const reading_ended&) {
                return errc::stopped;
            }
        };
        auto b = co_await store_.run_off_loop_while_wanted(std::move(job));
        if (b) count(q, counters, *b);
        co_return b;
    }

    // Reserves memory for all that `read` may make of the body, to be held until it is stored. Waits until
    // there is enough.
    [[nodiscard]] task<memory_budget::reservation> room_for(const http::request&);
    [[nodiscard]] task<memory_budget::reservation> room_for(std::size_t line_bytes);
    // Runs a job off the loop, or on it when the pool's queue is full. The job owns what it works on: its
    // caller may be cancelled before it is done.
    template <class Job>
    [[nodiscard]] task<> run_off_loop(Job job) {
        auto whole = [job]() -> result<> {
            job();
            return {};
        };
        const auto done = co_await store_.run_off_loop(std::move(whole));
        if (!done) job();
    }

    // Completes when the lines are durable. To be called when the store has room.
    template <class Token = use_task_t>
    auto store(intake_counters& counters, std::string lines, std::uint64_t count, batch_label label = {},
               Token token = {}) {
        auto start = [this, &counters, lines = std::move(lines), count,
                      label = std::move(label)](completion<log_store::stored> on_done) mutable {
            auto count_it = [&counters, count,
                             on_done = std::move(on_done)](log_store::stored placed) mutable {
                if (placed && placed->repeated) counters.repeated.add();
                if (placed && placed->contradicts) counters.contradicting.add();
                if (placed && placed->is_new()) counters.stored.add(count);
                on_done(std::move(placed));
            };
            store_.append(std::move(lines), count, std::move(label), std::move(count_it));
        };
        return initiate<log_store::stored>(std::move(token), std::move(start));
    }

    // The body is read and its lines are stored without waiting for anything but the disk.
    [[nodiscard]] bool takes_at_once(const http::request&) const;
    template <class Batch>
    [[nodiscard]] Batch read_at_once(const http::request& q, intake_counters& counters,
                                     Batch (*reader)(std::string_view, const arrival&)) {
        Batch b = reader(q.body(), arrival(now_ns(), origin_of(q, counters)));
        count(q, counters, b);
        return b;
    }

    // While the store is behind, further lines would only wait in memory.
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

    [[nodiscard]] const std::string& origin_of(const http::request&, intake_counters& counters) const;
    [[nodiscard]] static bool is_packed(const http::request&);
    [[nodiscard]] static bool is_quickly_read(const http::request&);
    void count(const http::request&, intake_counters&, const batch&);
    [[nodiscard]] bool store_is_behind() const;

    service& service_;
    log_store& store_;
    const bool has_tokens_;  // who got here has shown one
    rate_limit rate_;        // lines of each source, see source_name.hpp
    counter& too_fast_;
    memory_budget room_;
};

}  // namespace distd::logs
