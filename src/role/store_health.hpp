// How a role's store does, for those who run it: what fails is logged and counted, and while the store takes
// nothing because the outcome of a commit is unknown, the heartbeat says so and it is tried every second to
// settle that.
#pragma once

#include <distd/service.hpp>
#include <string>

#include "store/blocking_pool.hpp"
#include "store/commit_queue.hpp"

namespace distd {

class store_health {
public:
    // `store`: a label of the metrics; `event`: what a failure is called in the log.
    store_health(service&, commit_queue&, const std::string& store, std::string event);
    store_health(const store_health&) = delete;
    store_health& operator=(const store_health&) = delete;

    // Its failed reads, too.
    void watch(blocking_pool&);

private:
    void note(errc, const std::string& reason);
    [[nodiscard]] task<> settle();

    service& service_;
    commit_queue& queue_;
    std::string event_;
    counter& failures_;
    bool is_closed_ = false;
    bool is_settling_ = false;
};

}  // namespace distd
