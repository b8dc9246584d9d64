// Which name is looked up next, on few threads that a slow zone must not take from everybody else. Pure. A
// name whose last answer came soon is quick; one whose last answer took long, or that lies in a zone where
// another one does, is slow; any other is new. Slow ones get few of the threads, new ones most, and some are
// there for quick ones only. A look-up that runs for too long counts as slow from then on. New ones and slow
// ones have their turns by zone.
//
// Bounds: new ones that wait, and slow ones (full: one of those zones that have the most is refused); quick
// ones are no more than are remembered (full: the older half goes), and are never refused.
#pragma once

#include <cstddef>
#include <deque>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "http/client/zone_queue.hpp"

namespace distd::http {

class lookup_schedule {
public:
    struct limits {
        std::size_t max_running = 8;
        std::size_t kept_for_quick = 2;  // of these
        std::size_t max_new = 4;         // that have not run for long
        std::size_t max_slow = 2;        // with those that have a slow one is not begun
        std::size_t max_waiting = 4096;  // that are new; and as many that are slow
        std::size_t max_remembered = 16'384;
        milliseconds slow_after{1000};
        milliseconds slow_for{60'000};  // how long a zone stays slow
    };

    lookup_schedule() = default;
    explicit lookup_schedule(limits l) : limits_(l) {}

    // The caller asks once for each name until it is `done` or refused.
    void add(std::string name, steady_point now);
    // Those that too many others wait with, since the last call: for after `add` and `take`.
    [[nodiscard]] std::vector<std::string> take_refused() { return std::exchange(refused_, {}); }
    // The next one to look up, which runs from now on.
    [[nodiscard]] std::optional<std::string> take(steady_point now);
    void done(const std::string& name, steady_point now);
    // When `take` may give another one without one being added or done.
    [[nodiscard]] steady_point next_change() const;

    [[nodiscard]] std::size_t running() const noexcept { return running_.size(); }
    [[nodiscard]] std::size_t waiting() const noexcept { return quick_.size() + new_.size() + slow_.size(); }

private:
    enum class standing : std::uint8_t { fresh, quick, slow };
    struct run {
        standing as;
        steady_point began;
        bool is_late = false;
    };
    // Two generations: a look at both, and the older one goes as a whole.
    class memory {
    public:
        [[nodiscard]] const steady_point* find(const std::string& key) const;
        void put(const std::string& key, steady_point value, std::size_t bound);
        void erase(const std::string& key);

    private:
        std::unordered_map<std::string, steady_point> young_;
        std::unordered_map<std::string, steady_point> old_;
    };

    [[nodiscard]] standing standing_of(const std::string& name, steady_point now) const;
    void note_late(steady_point now);
    void remember_slow(const std::string& name, steady_point now);
    template <class Condition>
    [[nodiscard]] std::size_t running_that(Condition holds) const;
    void wait_in(zone_queue&, std::string name);
    [[nodiscard]] std::string start(std::string name, standing as, steady_point now);

    limits limits_;
    std::deque<std::string> quick_;
    zone_queue new_;
    zone_queue slow_;
    std::vector<std::string> refused_;
    std::unordered_map<std::string, run> running_;
    memory was_quick_;
    memory slow_until_;  // names and zones
};

}  // namespace distd::http
