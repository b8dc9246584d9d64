// A few threads for work that would block the loop. Each job completes by itself, as soon as it is done.
// Jobs of one turn are begun in the order in which they came; while several turns have jobs waiting, each
// gets every second or third one that is begun, so that none starves. Bounded: over the limit of waiting jobs
// of its turn, errc::overloaded at once. A job whose caller was cancelled is not begun any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/result.hpp>
#include <distd/task.hpp>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "base/completion.hpp"
#include "store/worker_job.hpp"

namespace distd {

// Short work is to come `soon`, what may take longer `later`. Of jobs of `one_at_a_time` no two run at once:
// however many and long they are, they leave all threads but one to the others.
enum class turn : std::uint8_t { soon, later, one_at_a_time };

struct blocking_pool_options {
    std::size_t waiting_limit = 1024;  // jobs of each turn
    int niceness = 0;                  // of the threads, see setpriority(2)
};

class blocking_pool {
public:
    using trouble_handler = std::function<void(errc, const std::string& text)>;

    blocking_pool(std::string thread_name, std::size_t threads, executor loop, blocking_pool_options = {});
    ~blocking_pool();  // stops
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;

    // Runs `job`, which returns a result<T>, on a thread of the pool, and completes with that result. A job
    // that throws gives storage_failed, or the code of the store_error. A callback is called at once when the
    // job is refused, and never when pool or loop end before.
    template <class Job, class Token = use_task_t>
    auto run(Job job, turn when = turn::soon, Token token = {}) {
        using outcome = std::invoke_result_t<Job&>;
        auto start = [this, job = std::move(job), when](completion<outcome> on_done) mutable {
            enqueue(std::make_shared<worker_job_of<Job>>(std::move(job), 0, std::move(on_done)), when);
        };
        return initiate<outcome>(std::move(token), std::move(start));
    }

    // Called on the loop for each job that threw, before its completion.
    void on_trouble(trouble_handler);

    // Finishes what is queued, then ends the threads: blocks that long.
    void stop();

private:
    struct impl;

    void enqueue(std::shared_ptr<worker_job>, turn);

    std::unique_ptr<impl> impl_;
};

}  // namespace distd
