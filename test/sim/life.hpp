// The life that a store leads in a history: work, sickness, death, and the next start.
#pragma once

#include <string>

#include "sim/history.hpp"
#include "store/store_error.hpp"

namespace distd::sim::stores {

// What the answer to a failure says of what was to be stored.
[[nodiscard]] bool says_that_nothing_was_stored(const boost::system::error_code&);

// Opens it, as often as it takes: on a sick disk a start may fail, on a well one it may not.
template <class Store>
void open_again(history& h, Store& s) {
    for (;;) {
        try {
            s.open();
            return;
        } catch (const store_error& e) {
            s.close();
            h.promise(h.may_fail(), std::string("the start fails: ") + e.what());
            h.promise(!h.has_only_rotted() || (!Store::starts_in_any_case && h.names_what_rotted(e.what())),
                      std::string("the start fails on changed bytes: ") + e.what());
            h.note(std::string("the start fails: ") + e.what());
        }
        h.begin_next_life();
        if (h.draws.one_in(2)) h.get_well();
    }
}

// Until its end: work, sickness, death and restarts, as they are drawn; at last all must be well again.
template <class Store, class Work>
void live(history& h, Store& s, Work work) {
    h.disk.settle();
    open_again(h, s);
    const auto steps = h.draws.between(5, 60);
    for (std::uint64_t i = 0; i < steps; ++i) {
        const auto what = h.draws.below(30);
        if (what == 8) h.may_rot();
        if (what == 0) h.fall_sick();
        if (what <= 2 && what > 0) h.get_well();
        if (what == 3 || what == 4) h.die_soon();
        if (what == 5) {
            h.note("closed, and opened again");
            s.close();
            if (h.is_alive()) open_again(h, s);
        }
        if (what == 6 || what == 7) h.disk.kill();
        try {
            if (h.is_alive()) work();
        } catch (const store_error& e) {
            h.promise(!h.is_alive(), e.what());
        }
        if (h.is_alive()) continue;
        s.close();
        h.begin_next_life();
        if (h.draws.one_in(2)) h.get_well();
        if (h.draws.one_in(6)) h.die_soon();
        open_again(h, s);
    }
    h.disk.kill();
    s.close();
    h.begin_next_life();
    h.get_well();
    open_again(h, s);
    s.must_work();
    h.disk.kill();
    s.close();
    h.note("the end");
    h.begin_next_life();
    open_again(h, s);
    s.close();
}

}  // namespace distd::sim::stores
