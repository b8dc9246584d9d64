// Keeps the histories of health over the registry's own end: those that have changed are stored once an hour,
// some at a time, and at a stop. The clock comes last, as it was when they began: what a crash leaves is
// right up to that minute, and unknown from there on.
#pragma once

#include <distd/service.hpp>
#include <memory>
#include <string>

#include "role/registry/change_log.hpp"
#include "role/registry/core/directory.hpp"

namespace distd::registry {

class health_keeper {
public:
    health_keeper(directory&, change_log&, time_source&);
    health_keeper(const health_keeper&) = delete;
    health_keeper& operator=(const health_keeper&) = delete;

    void step();    // to be called several times a second
    void finish();  // hands all that is left to the change log

private:
    struct progress {  // of what the change log has
        bool is_under_way = false;
        bool was_refused = false;  // so it has to be stored again, before a clock that covers it
    };

    void start_round();
    void save(std::size_t max_instances);

    directory& directory_;
    change_log& change_log_;
    time_source& time_;
    steady_point due_;  // of the next round
    bool is_in_round_ = false;
    bool even_saved_ = false;
    std::string after_;  // the instance that was looked at last
    health_clock::kept clock_;
    std::shared_ptr<progress> progress_ = std::make_shared<progress>();
};

}  // namespace distd::registry
