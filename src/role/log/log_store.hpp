// The role's store: one thread writes the journal with group commit, a few read it. Whoever tails the log is
// woken after each commit. Everything here is used on the loop.
#pragma once

#include <distd/result.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "role/log/search.hpp"
#include "store/blocking_pool.hpp"
#include "store/commit_queue.hpp"
#include "store/segment_journal.hpp"

namespace distd::logs {

class log_store {
public:
    // Makes the directory when there is none. Throws store_error.
    log_store(segment_journal::setup, executor loop, time_source&);
    ~log_store();

    [[nodiscard]] const segment_journal& journal() const noexcept { return journal_; }

    // Told once when writing begins to fail, with the store's words, and once when it works again.
    using outage_handler = std::function<void(bool failing, const std::string& text)>;
    void on_outage(outage_handler handler) { on_outage_ = std::move(handler); }

    // `lines` as segment_journal::append takes them. Returns once they are durable (with --log-sync=interval:
    // written).
    [[nodiscard]] task<result<segment_journal::placed>> append(std::string lines, std::uint64_t count,
                                                               std::string id = {});
    [[nodiscard]] task<result<>> sync();

    [[nodiscard]] task<result<found_lines>> step(std::shared_ptr<search>);

    // For work on a body that would hold up the loop.
    template <class Job>
    [[nodiscard]] task<std::invoke_result_t<Job&>> beside_the_loop(Job job) {
        return readers_.run(std::move(job));
    }

    [[nodiscard]] std::size_t queued_bytes() const { return writer_.queued_bytes(); }

    // Rings after each commit while it lives.
    class listener {
    public:
        listener(log_store&, executor, time_source&);
        ~listener();
        listener(const listener&) = delete;
        listener& operator=(const listener&) = delete;

        alarm_clock bell;

    private:
        log_store& store_;
    };

private:
    void set_failing(bool failing, const std::string& text);

    segment_journal journal_;
    std::set<alarm_clock*> bells_;
    outage_handler on_outage_;
    bool failing_ = false;
    commit_queue writer_;    // its thread uses the journal
    blocking_pool readers_;  // and so do these
};

}  // namespace distd::logs
