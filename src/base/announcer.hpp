// Broadcast event for coroutines of one loop, such as "a patch has come". A listener lives in the frame of
// the coroutine that waits, and is woken by each announcement of its lifetime, also by those between two
// waits.
#pragma once

#include <boost/intrusive/list.hpp>
#include <distd/time.hpp>

namespace distd {

class announcer {
    using hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

public:
    class listener : public hook {
    public:
        listener(announcer& who, executor loop, time_source& time) : bell(loop, time) {
            who.listeners_.push_back(*this);
        }
        alarm_clock bell;  // woken by each announcement: what came while nobody waited ends the next wait
    };

    void announce() noexcept {
        for (auto& l : listeners_) l.bell.wake();
    }

private:
    boost::intrusive::list<listener, boost::intrusive::base_hook<hook>,
                           boost::intrusive::constant_time_size<false>>
        listeners_;
};

}  // namespace distd
