// A few threads for reads that would block the loop. Each job is settled by itself, as soon as it is done.
// Jobs are begun in the order in which they came, those that may come later behind the others; but while both
// kinds wait they take turns, so that neither waits for ever. Bounded: over the limit of waiting jobs,
// errc::overloaded at once. The job of a cancelled waiter is not begun any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/result.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/assert.hpp"
#include "store/handed_job.hpp"

namespace distd {

enum class turn : std::uint8_t { soon, later };

class blocking_pool {
public:
    using trouble_handler = std::function<void(errc, const std::string& text)>;

    blocking_pool(std::string thread_name, std::size_t threads, executor loop, time_source&,
                  std::size_t waiting_limit = 1024);
    ~blocking_pool();  // stops
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;

    // Runs `job`, which returns a result<T>, on a thread of the pool. A job that throws gives storage_failed,
    // or the code of the store_error.
    template <class Job>
    [[nodiscard]] task<std::invoke_result_t<Job&>> run(Job job, turn when = turn::soon) {
        using outcome = std::invoke_result_t<Job&>;
        auto j = std::make_shared<typed_job<Job, outcome>>(loop_, time_, std::move(job), 0);
        if (const auto refused = enqueue(j, when)) co_return outcome(*refused);
        const waiter here(*j);
        co_await j->settled.wait();
        DISTD_ASSERT(j->value);
        co_return std::move(*j->value);
    }

    // Told on the loop of each job that threw, before whoever waits for it.
    void on_trouble(trouble_handler);

    // Finishes what is queued, then ends the threads: blocks that long.
    void stop();

private:
    struct impl;
    struct waiter {
        explicit waiter(handed_job& j) : job(j) {}
        ~waiter() { job.is_wanted = false; }
        waiter(const waiter&) = delete;
        waiter& operator=(const waiter&) = delete;
        handed_job& job;
    };

    [[nodiscard]] std::optional<boost::system::error_code> enqueue(std::shared_ptr<handed_job>, turn);

    executor loop_;
    time_source& time_;
    std::unique_ptr<impl> impl_;
};

}  // namespace distd
